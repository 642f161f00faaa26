//! Scene: who went where and waited where in one run, for maps.

use crate::engine::Counts;
use crate::scenario::world::World;

use super::Outcome;

/// Who went where and waited where in one run, in people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    /// Persons who set out over each link.
    pub entered: Vec<f64>,
    /// The day (from 0) on which most people waited; `None`: nobody ever waited.
    pub busiest: Option<usize>,
    /// Persons at each place: waiting on that day, else present on the last day.
    pub here: Vec<f64>,
}

impl Scene {
    /// What `outcome` shows.
    pub fn of(world: &World, outcome: &Outcome) -> Self {
        let scale = f64::from(world.scale);
        let waiting = |counts: &Counts| counts.waiting.iter().map(|n| u64::from(*n)).sum::<u64>();
        let most = (0..outcome.days.len()).rev().max_by_key(|day| waiting(&outcome.days[*day]));
        let busiest = most.filter(|day| waiting(&outcome.days[*day]) > 0);
        let here = |place: usize| match (busiest, outcome.days.last()) {
            (Some(day), _) => f64::from(outcome.days[day].waiting[place]),
            (None, Some(last)) => f64::from(last.present_at(place)),
            _ => 0.0,
        };
        let entered = |link: usize| outcome.days.iter().map(|counts| f64::from(counts.entered[link])).sum::<f64>();
        Self {
            entered: (0..world.links.len()).map(|link| scale * entered(link)).collect(),
            busiest,
            here: (0..world.places.len()).map(|place| scale * here(place)).collect(),
        }
    }
}
