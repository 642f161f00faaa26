//! Look: what people who look for safety see from a place, and how they weigh it.

use crate::scenario::world::{PlaceKind, World};

use super::choose::{Row, Weighing};
use super::paths::{Candidate, Paths};
use super::roads::Roads;
use super::schedule::Today;

/// What somebody who looks for safety sees from a place.
#[derive(Debug, Clone, Default)]
pub(super) struct Sight {
    pub(super) candidates: Vec<Candidate>,
    /// Part of the weight of each that does not change while ways do not.
    pub(super) factors: Vec<f64>,
}

/// What somebody who looks for safety weighs.
pub(super) struct Lookout<'a> {
    world: &'a World,
    today: &'a Today,
    paths: &'a Paths,
    sights: &'a [Sight],
    room: &'a [f64],
    barred_apart: bool,
    weighing: Weighing,
    is_camp: Vec<bool>,
}

impl<'a> Lookout<'a> {
    /// On what holds `today`, the `sights` by place, and the `room` that was published.
    pub(super) fn new(
        world: &'a World,
        today: &'a Today,
        roads: &Roads,
        paths: &'a Paths,
        sights: &'a [Sight],
        room: &'a [f64],
    ) -> Self {
        let is_camp = today.kind.iter().map(|kind| *kind == PlaceKind::Camp).collect();
        let (barred_apart, weighing) = (roads.barred_apart, Weighing::of(world));
        Self { world, today, paths, sights, room, barred_apart, weighing, is_camp }
    }

    /// Camps that people on a planned path do not enter today.
    pub(super) fn full(&self) -> Vec<bool> {
        let least = self.weighing.least_room;
        self.room.iter().zip(&self.is_camp).map(|(room, camp)| *camp && *room < least).collect()
    }

    /// The choice of somebody of `class` who is free at `place`.
    pub(super) fn row(&self, place: usize, class: usize) -> Row {
        let Sight { candidates, factors } = &self.sights[place];
        let taste = self.world.conditions.tastes.get(class);
        let score = |end| taste.map_or(self.today.score[end], |taste| self.today.score_for(taste, end));
        if !self.barred_apart {
            return self.weighing.row(candidates, factors, score, self.room, &self.is_camp);
        }
        let may = |c: &Candidate| self.paths.links(c.path).all(|link| !self.today.barred[link].contains(class));
        let seen = candidates.iter().zip(factors).filter(|(candidate, _)| may(candidate));
        let (candidates, factors): (Vec<Candidate>, Vec<f64>) = seen.unzip();
        self.weighing.row(&candidates, &factors, score, self.room, &self.is_camp)
    }
}
