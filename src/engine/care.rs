//! Care: whom water, food, health care and protection reach today.
//!
//! A care reaches so many of the people of its groups who are on the move at a place, all of them alike. Two of the same kind that
//! know nothing of each other reach some people twice, as if each drew its own by lot; where they coordinate, each reaches those whom
//! the others leave.

use crate::scenario::world::{CareKind, Risk, World};

use super::counts::{Cared, Counts};
use super::schedule::Today;

/// Share of the people at each place whom each care reaches today: `cares x places x groups`, 0-1.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    shares: Vec<f64>,
    places: usize,
    groups: usize,
}

impl Reach {
    /// Nobody is reached.
    pub fn new(world: &World) -> Self {
        let (places, groups) = (world.places.len(), world.groups.len());
        Self { shares: vec![0.0; world.response.cares.len() * places * groups], places, groups }
    }

    fn at(&self, care: usize, place: usize, group: usize) -> f64 {
        self.shares[(care * self.places + place) * self.groups + group]
    }

    /// Everybody at the places of each care is cared for as far as its persons a day and its money go. `pay` is asked for USD and
    /// gives what it has; where that is less, so many fewer are reached. Counts who is reached.
    pub fn provide(&mut self, world: &World, today: &mut Today, counts: &mut Counts, mut pay: impl FnMut(f64) -> f64) {
        self.shares.fill(0.0);
        for (index, care) in world.response.cares.iter().enumerate() {
            let strength = today.care[index];
            if strength <= 0.0 {
                continue;
            }
            let mut reached = 0.0;
            for place in care.places.iter().copied() {
                let present = |group: usize| f64::from(counts.present[place * self.groups + group]);
                let meant = || (0..self.groups).filter(|group| care.groups[*group]);
                let persons: f64 = meant().map(present).sum();
                let wanted = care.persons.map_or(1.0, |most| (most / persons.max(1.0)).min(1.0)) * strength;
                for group in meant() {
                    let left =
                        if today.coordinated[place] { 1.0 - self.together(world, index, place, group) } else { 1.0 };
                    let share = wanted.min(left.max(0.0));
                    self.shares[(index * self.places + place) * self.groups + group] = share;
                    reached += share * present(group);
                }
            }
            let usd = reached * care.cost_per_person_day * f64::from(world.scale);
            if usd > 0.0 {
                let paid = pay(usd);
                counts.care_usd += paid as u64;
                today.care[index] *= paid / usd;
                let shares =
                    &mut self.shares[index * self.places * self.groups..(index + 1) * self.places * self.groups];
                shares.iter_mut().for_each(|share| *share *= paid / usd);
            }
        }
        self.count(world, today, counts);
    }

    /// Sum of what cares of the kind of care number `index` before it reach, as a share.
    fn together(&self, world: &World, index: usize, place: usize, group: usize) -> f64 {
        let cares = &world.response.cares;
        (0..index)
            .filter(|other| cares[*other].kind == cares[index].kind)
            .map(|other| self.at(other, place, group))
            .sum()
    }

    /// Publishes who is reached by each kind of care, how many could have been, and who is reached twice.
    fn count(&self, world: &World, today: &Today, counts: &mut Counts) {
        if world.response.cares.is_empty() {
            return;
        }
        for place in 0..self.places {
            let mut reached = [[0.0; CareKind::COUNT]; 2];
            let mut places = [0.0; CareKind::COUNT];
            for group in 0..self.groups {
                let present = f64::from(counts.present[place * self.groups + group]);
                let [mut contacts, mut missed] = [[0.0; CareKind::COUNT], [1.0; CareKind::COUNT]];
                for (index, care) in world.response.cares.iter().enumerate() {
                    let share = self.at(index, place, group);
                    contacts[care.kind as usize] += share;
                    missed[care.kind as usize] *= 1.0 - share;
                }
                for kind in 0..CareKind::COUNT {
                    let once = if today.coordinated[place] { contacts[kind] } else { 1.0 - missed[kind] };
                    reached[0][kind] += once * present;
                    reached[1][kind] += (contacts[kind] - once) * present;
                }
            }
            for (index, care) in world.response.cares.iter().enumerate().filter(|(_, c)| c.places.contains(&place)) {
                places[care.kind as usize] += today.care[index] * care.persons.unwrap_or(f64::INFINITY);
            }
            for kind in 0..CareKind::COUNT {
                // More than any number of persons is no limit.
                let whole = |persons: f64| persons.round().clamp(0.0, f64::from(u32::MAX)) as u32;
                counts.cared[place * CareKind::COUNT + kind] = Cared {
                    reached: whole(reached[0][kind]),
                    twice: whole(reached[1][kind]),
                    places: whole(places[kind]),
                };
            }
        }
    }

    /// By how much the care at `place` weakens each hazard to people of `group`: factors 0-1 by [`Risk`].
    pub fn eased(&self, world: &World, today: &Today, place: usize, group: usize) -> [f64; Risk::COUNT] {
        let mut eased = [[0.0; Risk::COUNT]; CareKind::COUNT];
        for (index, care) in world.response.cares.iter().enumerate() {
            let reached = self.at(index, place, group);
            for (sum, share) in eased[care.kind as usize].iter_mut().zip(care.share) {
                let more = share * reached;
                *sum += if today.coordinated[place] { more } else { more - *sum * more };
            }
        }
        let mut left = [1.0; Risk::COUNT];
        eased.iter().for_each(|kind| left.iter_mut().zip(kind).for_each(|(left, eased)| *left *= 1.0 - eased));
        left
    }

    /// What firewalls at `place` leave of the danger of detention to people of `group` on ways from there.
    pub fn firewall(world: &World, today: &Today, place: usize, group: usize) -> f64 {
        let cares = world.response.cares.iter().zip(&today.care);
        let here = cares.filter(|(care, strength)| {
            care.kind == CareKind::Firewall && **strength > 0.0 && care.places.contains(&place) && care.groups[group]
        });
        here.map(|(care, strength)| 1.0 - care.share[Risk::Detention as usize] * strength).product()
    }
}
