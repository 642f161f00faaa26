//! Tally: what moving changed, summed over agents in integers, so that it does not matter who was summed first.

use crate::scenario::world::World;

use super::agents::State;
use super::counts::{Counts, Incident};
use super::roads::Leg;
use super::travel::Walker;

/// What a round changed: sums over agents, in integers.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    /// Number of groups.
    pub(super) groups: usize,
    /// Change of the persons present, by place and group.
    pub(super) present: Vec<i32>,
    /// Change of the persons in each state, by group and state.
    pub(super) state: Vec<i32>,
    /// Persons who entered each link.
    pub(super) entered: Vec<u32>,
    /// Persons who crossed, by border link and group.
    pub(super) crossed: Vec<u32>,
    /// Persons who arrived at each place.
    pub(super) arrived: Vec<u32>,
    /// What happened on the way, as (place, kind, group, persons).
    pub(super) incidents: Vec<(u16, Incident, u16, u32)>,
    /// Deaths on each link.
    pub(super) deaths: Vec<u32>,
    /// Rows of those who wait from now on.
    pub(super) waiting: Vec<u32>,
    /// Rows of those who wait and whose review day has come.
    pub(super) reviews: Vec<u32>,
    /// Room to work in: those who arrive in the morning with range left, and those who go on within a piece.
    pub(super) arriving: Vec<Walker>,
    pub(super) walkers: Vec<Walker>,
}

impl Tally {
    /// Nothing has changed.
    pub(super) fn new(world: &World, counts: &Counts) -> Self {
        let (places, groups, links) = (world.places.len(), world.groups.len(), world.links.len());
        Self {
            groups,
            present: vec![0; places * groups],
            state: vec![0; groups * State::COUNT],
            entered: vec![0; links],
            crossed: vec![0; counts.crossed.len()],
            arrived: vec![0; places],
            incidents: Vec::new(),
            deaths: vec![0; links],
            waiting: Vec::new(),
            reviews: Vec::new(),
            arriving: Vec::new(),
            walkers: Vec::new(),
        }
    }

    /// What two tallies hold together.
    pub(super) fn and(mut self, mut other: Tally) -> Tally {
        fn add<T: Copy + std::ops::AddAssign>(mine: &mut [T], theirs: &[T]) {
            mine.iter_mut().zip(theirs).for_each(|(m, t)| *m += *t);
        }
        add(&mut self.present, &other.present);
        add(&mut self.state, &other.state);
        add(&mut self.entered, &other.entered);
        add(&mut self.crossed, &other.crossed);
        add(&mut self.arrived, &other.arrived);
        add(&mut self.deaths, &other.deaths);
        self.incidents.append(&mut other.incidents);
        self.waiting.append(&mut other.waiting);
        self.reviews.append(&mut other.reviews);
        self
    }

    /// Adds what has changed to the `counts`.
    pub(super) fn publish(&self, world: &World, counts: &mut Counts) {
        let shift = |stock: &mut [u32], change: &[i32]| {
            stock.iter_mut().zip(change).for_each(|(s, c)| *s = s.wrapping_add_signed(*c));
        };
        let add = |flow: &mut [u32], more: &[u32]| flow.iter_mut().zip(more).for_each(|(f, m)| *f += m);
        shift(&mut counts.present, &self.present);
        shift(&mut counts.state, &self.state);
        add(&mut counts.entered, &self.entered);
        add(&mut counts.crossed, &self.crossed);
        add(&mut counts.arrived, &self.arrived);
        for (link, persons) in world.links.iter().zip(&self.entered) {
            counts.departed[link.from] += persons;
        }
        add(&mut counts.deaths_on_link, &self.deaths);
        for (place, kind, group, persons) in &self.incidents {
            counts.incident(usize::from(*place), *kind, usize::from(*group), *persons);
        }
    }

    /// So many `persons` of `group`, one of `groups`, set out on `leg`, the link of that number.
    #[inline(always)]
    pub(super) fn set_out(&mut self, link: usize, leg: &Leg, groups: usize, group: usize, persons: u32) {
        self.present[usize::from(leg.from) * groups + group] -= persons as i32;
        self.entered[link] += persons;
        if leg.border != u32::MAX {
            self.crossed[leg.border as usize * groups + group] += persons;
        }
    }

    /// So many `persons` of `group`, one of `groups`, come to `place` and are there.
    #[inline(always)]
    pub(super) fn arrive(&mut self, place: u16, groups: usize, group: usize, persons: u32) {
        self.arrived[usize::from(place)] += persons;
        self.present[usize::from(place) * groups + group] += persons as i32;
    }

    /// So many `persons` of `group` pass from one state into another.
    #[inline(always)]
    pub(super) fn change(&mut self, group: usize, from: State, to: State, persons: i32) {
        self.state[group * State::COUNT + from as usize] -= persons;
        self.state[group * State::COUNT + to as usize] += persons;
    }
}
