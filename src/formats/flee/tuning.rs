//! `--rules corridor`: one set of numbers for all crises. People know of all camps that they can reach and go to one of them by the
//! shortest way, drawn by its size, the room left in it and the distance. How it was found is in `docs/validation.md`.

use super::FleeCase;
use crate::scenario::world::{Movement, PlaceKind, World};

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
        Self {
            distance_offset: 400.0,
            distance_power: 1.0,
            capacity_power: 0.5,
            capacity_buffer: 0.5,
            overflow: 0.01,
        }
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
            place.move_chance = place.move_chance.map(|chance| if place.kind == PlaceKind::Camp { 0.0 } else { chance });
        }
        for conversion in world.conversions.iter_mut().filter(|conversion| conversion.kind == PlaceKind::Camp) {
            conversion.move_chance = Some(0.0);
        }
    }
}
