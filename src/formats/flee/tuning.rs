//! `--rules corridor`: one set of numbers for all crises. People know of all camps that they can reach and go to one of them by the
//! shortest way, drawn by its size, the room left in it and the distance; there they stay. A closure that would shut people in
//! conflict off from every camp does not hold. How this was found is in `docs/validation.md`.

use super::FleeCase;
use crate::scenario::world::{Barrier, Day, Movement, PlaceKind, World};

/// The numbers of `--rules corridor`; all else is as the case says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// km added to every distance (`choice.distance_offset`): near camps differ little.
    pub distance_offset: f64,
    /// Power of the distance (`choice.distance_power`).
    pub distance_power: f64,
    /// Power of a camp's capacity in its score; a camp without stated capacity counts as one of the mean capacity.
    pub capacity_power: f64,
    /// Share of the capacity from which on a camp looks less attractive (`choice.capacity_buffer`).
    pub capacity_buffer: f64,
    /// Room that even a full camp has (`choice.overflow`).
    pub overflow: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { distance_offset: 400.0, distance_power: 1.0, capacity_power: 0.5, capacity_buffer: 0.5, overflow: 0.01 }
    }
}

impl Tuning {
    /// Puts the rules in place of Flee's in the `world` of `case`. A case without camps keeps Flee's.
    pub fn apply(&self, case: &FleeCase, world: &mut World) {
        let is_camp = |place: usize| case.locations[place].kind.is_camp();
        if case.settings.flood_driven() || !(0..case.locations.len()).any(is_camp) {
            return;
        }
        let choice = &mut world.parameters.choice;
        choice.camps_only = 1.0;
        choice.weight_offset = 0.0;
        choice.weight_power = 1.0;
        choice.camp_weight = 1.0;
        choice.foreign_weight = 1.0;
        choice.conflict_weight = 1.0;
        choice.distance_offset = self.distance_offset;
        choice.distance_power = self.distance_power;
        choice.capacity_scaling = 1.0;
        choice.capacity_buffer = self.capacity_buffer;
        choice.overflow = self.overflow;
        choice.least_room = 0.0;
        choice.pruning = 0.0;
        world.movement = Movement::of(&world.parameters);
        let capacity = |place: usize| Some(case.locations[place].capacity(world.scale) as f64).filter(|c| *c >= 1.0);
        let stated: Vec<f64> = (0..world.places.len()).filter(|p| is_camp(*p)).filter_map(capacity).collect();
        let mean = stated.iter().sum::<f64>() / stated.len().max(1) as f64;
        for (index, place) in world.places.iter_mut().enumerate().filter(|(index, _)| is_camp(*index)) {
            place.capacity = capacity(index);
            place.score *= place.capacity.map_or(1.0, |capacity| libm::pow(capacity / mean, self.capacity_power));
            place.move_chance =
                place.move_chance.map(|chance| if place.kind == PlaceKind::Camp { 0.0 } else { chance });
        }
        for conversion in world.conversions.iter_mut().filter(|conversion| conversion.kind == PlaceKind::Camp) {
            conversion.move_chance = Some(0.0);
        }
        world.barriers = without_lifted(&world.barriers, &lifted(world));
    }
}

/// By day: the links that are open although barriers close them. The people to be placed are those whom the record has in camps,
/// so they did get out; where no open way leads from a place in conflict to any camp, all closed links at the rim of what can be
/// reached from it are open, and so on until a camp is reached.
fn lifted(world: &World) -> Vec<Vec<bool>> {
    let mut kinds: Vec<PlaceKind> = world.places.iter().map(|place| place.kind).collect();
    let mut by_day: Vec<Vec<bool>> = Vec::new();
    let mut before = None;
    for day in 0..world.days {
        for conversion in world.conversions.iter().filter(|conversion| conversion.day == day) {
            kinds[conversion.place] = conversion.kind;
        }
        let mut closed = vec![false; world.links.len()];
        let holds = |barrier: &&Barrier| (barrier.start..=barrier.end).contains(&day);
        world.barriers.iter().filter(holds).for_each(|barrier| closed[barrier.link] = true);
        let conflict = world.conflict.on(day);
        let origins: Vec<usize> =
            (0..kinds.len()).filter(|place| conflict.get(*place).is_some_and(|c| *c > 0.0)).collect();
        let camps: Vec<bool> = kinds.iter().map(|kind| *kind == PlaceKind::Camp).collect();
        let now = (closed, origins, camps);
        let open = match by_day.last() {
            Some(last) if before.as_ref() == Some(&now) => last.clone(),
            _ => {
                let (closed, origins, camps) = &now;
                let mut open = vec![false; world.links.len()];
                origins.iter().for_each(|origin| find_way(world, *origin, closed, camps, &mut open));
                open
            }
        };
        by_day.push(open);
        before = Some(now);
    }
    by_day
}

/// Opens closed links in rings around what can be reached from `origin` until one of `camps` is in it.
fn find_way(world: &World, origin: usize, closed: &[bool], camps: &[bool], open: &mut [bool]) {
    let mut reached = vec![false; world.places.len()];
    reached[origin] = true;
    loop {
        while let Some(link) = (0..closed.len()).find(|link| {
            let (from, to) = (world.links[*link].from, world.links[*link].to);
            reached[from] && !reached[to] && (!closed[*link] || open[*link])
        }) {
            reached[world.links[link].to] = true;
        }
        let rim: Vec<usize> = (0..closed.len())
            .filter(|link| reached[world.links[*link].from] && !reached[world.links[*link].to])
            .collect();
        if rim.is_empty() || reached.iter().zip(camps).any(|(reached, camp)| *reached && *camp) {
            return;
        }
        rim.into_iter().for_each(|link| open[link] = true);
    }
}

/// `barriers` but for the days on which their links are in `lifted`.
fn without_lifted(barriers: &[Barrier], lifted: &[Vec<bool>]) -> Vec<Barrier> {
    let mut left = Vec::new();
    for barrier in barriers {
        let mut start = barrier.start;
        for day in barrier.start..=barrier.end.min(lifted.len() as Day) {
            let is_lifted = |day: Day| lifted.get(usize::from(day)).is_some_and(|open| open[barrier.link]);
            if is_lifted(day) {
                if start < day {
                    left.push(Barrier { start, end: day - 1, ..barrier.clone() });
                }
                start = day + 1;
            }
        }
        if start <= barrier.end {
            left.push(Barrier { start, ..barrier.clone() });
        }
    }
    left
}
