//! Corridor's own rules for a Flee case: one set of numbers for all crises, whatever the settings of the case say.

use super::FleeCase;
use crate::scenario::world::{PlaceKind, World};

/// The numbers of `--rules corridor`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// Hops that people look ahead.
    pub horizon: f64,
    /// Factor of the score of a camp.
    pub camp_weight: f64,
    /// Factor of the score of a place in full conflict.
    pub conflict_weight: f64,
    /// Factor of the score of a place abroad.
    pub foreign_weight: f64,
    /// km added to every distance.
    pub distance_offset: f64,
    /// Power of the distance.
    pub distance_power: f64,
    /// Power of a camp's capacity in its score.
    pub capacity_power: f64,
    /// Power of the people in a camp (plus `crowd_offset`) in its score.
    pub crowd: f64,
    /// Added to the people in a camp.
    pub crowd_offset: f64,
    /// Daily chance of going on from a town.
    pub move_chance_town: f64,
    /// Daily chance of going on from a camp.
    pub move_chance_camp: f64,
    /// Factor of capacities.
    pub capacity_scaling: f64,
    /// Share of the day-0 record that is taken off capacities (Flee: 1).
    pub day0_off: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            horizon: 5.0,
            camp_weight: 0.8,
            conflict_weight: 0.53,
            foreign_weight: 0.54,
            distance_offset: 4.0,
            distance_power: 1.8,
            capacity_power: 0.32,
            crowd: 0.3,
            crowd_offset: 300.0,
            move_chance_town: 0.77,
            move_chance_camp: 0.001,
            capacity_scaling: 0.85,
            day0_off: 0.0,
        }
    }
}

impl Tuning {
    /// Puts the numbers in place of the settings of `case`.
    pub fn apply(&self, case: &FleeCase, world: &mut World) {
        let parameters = &mut world.parameters;
        parameters.choice.horizon = self.horizon;
        parameters.choice.weight_offset = 0.0;
        parameters.choice.weight_power = 1.0;
        parameters.choice.camp_weight = self.camp_weight;
        parameters.choice.conflict_weight = self.conflict_weight;
        parameters.choice.foreign_weight = self.foreign_weight;
        parameters.choice.distance_offset = self.distance_offset;
        parameters.choice.distance_power = self.distance_power;
        parameters.choice.capacity_scaling = self.capacity_scaling;
        parameters.choice.capacity_buffer = 0.9;
        parameters.choice.crowd = self.crowd;
        parameters.choice.crowd_offset = self.crowd_offset;
        parameters.travel.move_chance_camp = self.move_chance_camp;
        parameters.travel.move_chance_town = self.move_chance_town;
        parameters.travel.move_chance_conflict = 1.0;
        parameters.travel.range_km = 400.0;
        parameters.travel.avoid_short_stints = 0.0;
        parameters.travel.start_on_foot = 0.0;
        world.movement = crate::scenario::world::Movement::of(parameters);
        let moves = &case.settings.moves;
        let data = case.data(world.scale);
        let capacities: Vec<f64> =
            world.places.iter().filter_map(|place| place.capacity).filter(|c| *c >= 1.0).collect();
        let usual = capacities.iter().sum::<f64>() / (capacities.len().max(1)) as f64;
        for (index, place) in world.places.iter_mut().enumerate() {
            place.move_chance = place.move_chance.map(|chance| self.chance(moves, chance));
            if case.locations[index].kind.is_camp() {
                let whole = case.locations[index].capacity(world.scale) as f64;
                let day0 = case.record_of(index).map_or(0, |record| data.on_day_zero(record)) as f64;
                let capacity = whole - day0 * self.day0_off;
                place.capacity = (whole >= 1.0).then_some(capacity.max(1.0));
                let size = if whole >= 1.0 { whole / usual } else { 1.0 };
                place.score *= libm::pow(size.max(1e-3), self.capacity_power);
            }
        }
        for conversion in &mut world.conversions {
            conversion.move_chance = conversion.move_chance.map(|chance| self.chance(moves, chance));
        }
        debug_assert!(world.places.iter().all(|place| place.kind != PlaceKind::Hub));
    }

    /// The chance of going on that stands for the one of the settings.
    fn chance(&self, moves: &super::MoveRules, chance: f64) -> f64 {
        if chance == moves.default_movechance {
            self.move_chance_town
        } else if chance == moves.camp_movechance || chance == moves.idpcamp_movechance {
            self.move_chance_camp
        } else {
            chance
        }
    }
}
