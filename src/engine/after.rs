//! After: when it calms, people in refuge go back to where they lived, each on a day of its own; where danger comes again, people
//! who have just found a place lose it.

use crate::scenario::world::{Aim, Day, NEVER, PlaceKind, World};

use super::agents::{Agents, State};
use super::draws::{Draws, Purpose};
use super::schedule::{Rest, Today};

/// Classes in refuge whose place of origin has been calm for `after.calm_days`.
pub fn returning(world: &World, today: &Today) -> Vec<bool> {
    let calm_days = world.parameters.after.calm_days;
    let is_calm = |place: usize| f64::from(today.calm_days[place]) >= calm_days && today.day > 0;
    let threatened = |place: usize| {
        (0..=today.day).any(|day| world.hazard.at(day, place) > 0.0 || world.conflict.at(day, place) > 0.0)
    };
    world
        .classes
        .iter()
        .map(|class| class.aim == Aim::Refuge && class.origin.is_some_and(|place| is_calm(place) && threatened(place)))
        .collect()
}

/// Gives everybody of `class` who rests in refuge the day of setting out: one trial a day with chance `after.return_chance`.
/// Gives their rows.
pub fn set_out(world: &World, draws: &Draws, today: Day, class: usize, agents: &mut Agents) -> Vec<usize> {
    let rest = Rest::new(world.parameters.after.return_chance);
    let mut rows = Vec::new();
    for row in 0..agents.len() {
        if usize::from(agents.class[row]) == class && is_settled(agents, row) {
            let word = draws.words(agents.person[row], today, Purpose::Rest, 9)[0];
            agents.next[row] = today.saturating_add(rest.failures(word));
            rows.push(row);
        }
    }
    rows
}

/// Whether the party in `row` rests until further notice: people who look for refuge and have found it.
fn is_settled(agents: &Agents, row: usize) -> bool {
    agents.state(row) == State::Resting && agents.next[row] == NEVER
}

/// Days in which a place that has been found must stay safe: who loses it sooner is displaced again (M35).
const SETTLING_DAYS: Day = 90;

/// Adds to `persons`, by group, those who must move again: in refuge, in a camp, or back home for at most [`SETTLING_DAYS`], at places
/// that have become dangerous today.
pub fn uprooted_again(world: &World, today: &Today, agents: &Agents, persons: &mut [u32]) {
    let lost: Vec<bool> = today.alarmed.iter().zip(&today.safe).map(|(turned, safe)| *turned && !*safe).collect();
    if today.day == 0 || !lost.contains(&true) {
        return;
    }
    for row in 0..agents.len() {
        let place = usize::from(agents.place[row]);
        if !lost[place] || today.day.saturating_sub(agents.since[row]) > SETTLING_DAYS {
            continue;
        }
        let class = &world.classes[usize::from(agents.class[row])];
        let found = match (agents.state(row), class.aim) {
            (State::Arrived, _) => true,
            (_, Aim::Refuge) => is_settled(agents, row),
            (State::Resting, Aim::Safety) => today.kind[place] == PlaceKind::Camp,
            _ => false,
        };
        if found {
            persons[class.group] += world.size(agents.composition[row]);
        }
    }
}
