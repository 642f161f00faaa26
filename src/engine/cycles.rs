//! Cycles: moves that are planned for a season (herders who follow the grass, workers who follow the harvest), kept, late or missed.
//! They are counted, but not followed one by one.

use std::collections::VecDeque;

use crate::scenario::world::{Cycle, Day, World};

use super::counts::Counts;
use super::schedule::Today;
use super::strand::intensity;

/// Those who would have set out by now.
#[derive(Debug)]
pub struct Cycles {
    /// By cycle: day planned and persons, the earliest first.
    held_up: Vec<VecDeque<(Day, u32)>>,
}

impl Cycles {
    /// Before the first day.
    pub fn new(world: &World) -> Self {
        Self { held_up: vec![VecDeque::new(); world.cycles.len()] }
    }

    /// The day's plans: where all the way is passable, everybody who waits for it sets out; where it is not, those miss their
    /// season for whom the days of grace are over.
    pub fn set_out(&mut self, world: &World, today: &Today, counts: &mut Counts) {
        for (index, (cycle, held_up)) in world.cycles.iter().zip(&mut self.held_up).enumerate() {
            let planned = cycle.planned.get(usize::from(today.day)).copied().unwrap_or(0);
            if planned > 0 {
                held_up.push_back((today.day, planned));
            }
            if held_up.is_empty() {
                continue;
            }
            if is_passable(world, today, cycle) {
                let late = held_up.drain(..).map(|(day, persons)| (index, today.day - day, persons));
                counts.cycles_kept.extend(late);
            } else {
                let over = held_up.partition_point(|(day, _)| today.day - *day >= cycle.grace_days);
                counts.cycles_missed[index] += held_up.drain(..over).map(|(_, persons)| persons).sum::<u32>();
            }
        }
    }
}

/// Whether on every stage of `cycle` some way is open to somebody of its group, and neither end of it, with what makes the way
/// safer taken off, is above the danger threshold.
fn is_passable(world: &World, today: &Today, cycle: &Cycle) -> bool {
    let threshold = world.parameters.stranding.danger_threshold;
    let open = |link: usize| {
        let mut classes = (0..world.classes.len()).filter(|class| world.classes[*class].group == cycle.group);
        classes.any(|class| !today.barred[link].contains(class))
    };
    let safe = |link: usize| {
        let ends = [world.links[link].from, world.links[link].to];
        let left = f64::from(today.danger[link]);
        ends.iter().all(|place| intensity(world, today.day, *place) * left < threshold)
    };
    cycle.stages.iter().all(|ways| ways.iter().any(|link| open(*link) && safe(*link)))
}
