//! Look: what people who look for safety see from a place, and how they weigh it.

use crate::scenario::world::World;

use super::choose::{Row, Weighing};
use super::paths::{Candidate, Paths};
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
    pub(super) world: &'a World,
    pub(super) today: &'a Today,
    pub(super) sights: &'a [Sight],
    pub(super) paths: &'a Paths,
    pub(super) barred_apart: bool,
    pub(super) weighing: Weighing,
    pub(super) room: &'a [f64],
    pub(super) is_camp: &'a [bool],
}

impl Lookout<'_> {
    /// The choice of somebody of `class` who is free at `place`.
    pub(super) fn row(&self, place: usize, class: usize) -> Row {
        let Sight { candidates, factors } = &self.sights[place];
        let taste = self.world.conditions.tastes.get(class);
        let score = |end| taste.map_or(self.today.score[end], |taste| self.today.score_for(taste, end));
        if !self.barred_apart {
            return self.weighing.row(candidates, factors, score, self.room, self.is_camp);
        }
        let may = |c: &Candidate| self.paths.links(c.path).all(|link| !self.today.barred[link].contains(class));
        let seen = candidates.iter().zip(factors).filter(|(candidate, _)| may(candidate));
        let (candidates, factors): (Vec<Candidate>, Vec<f64>) = seen.unzip();
        self.weighing.row(&candidates, &factors, score, self.room, self.is_camp)
    }
}
