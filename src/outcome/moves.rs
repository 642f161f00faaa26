//! Who moved, and where to: M01.

use crate::engine::agents::State;
use crate::scenario::world::PlaceKind;

use super::metrics::{Facts, Value};

/// M01_left (persons): all who left the place where they had lived, and those displaced from the first day.
pub(super) fn left_home(facts: &Facts<'_>) -> Value {
    facts.people(&facts.left)
}

/// M01_out (persons): all who entered a link from inside the country of the crisis to abroad.
pub(super) fn out_of_country(facts: &Facts<'_>) -> Value {
    let world = facts.world;
    let leads_out = |link: usize| {
        let link = &world.links[link];
        !world.places[link.from].foreign && world.places[link.to].foreign
    };
    let out: f64 = facts
        .outcome
        .days
        .iter()
        .flat_map(|counts| counts.entered.iter().enumerate())
        .filter(|(link, _)| leads_out(*link))
        .map(|(_, persons)| f64::from(*persons))
        .sum();
    let has_abroad = world.places.iter().any(|p| p.foreign);
    Value::of(has_abroad.then_some(out * facts.scale))
}

/// M01_crossed (persons): all who came over a border out of the country of the crisis, over land or by boat.
pub(super) fn crossed(facts: &Facts<'_>) -> Value {
    let links = &facts.world.links;
    facts.people(&facts.total(|counts, group| {
        let counted = counts.border_links.iter().enumerate().filter(|(_, link)| links[**link].border);
        counted.map(|(border, _)| counts.crossed[border * counts.groups + group]).sum()
    }))
}

/// M01_home (persons): whose journey has ended at the end of the run. None where nobody heads for a home.
pub(super) fn arrived(facts: &Facts<'_>) -> Value {
    let arrived = arrived_by_group(facts);
    facts.for_each_cohort(|groups| {
        has_home(facts, groups).then(|| facts.scale * groups.iter().map(|g| arrived[*g]).sum::<f64>())
    })
}

/// Whether anybody of `groups` heads for a home.
pub(super) fn has_home(facts: &Facts<'_>, groups: &[usize]) -> bool {
    let homeward = |c: &crate::scenario::world::Class| c.aim != crate::scenario::world::Aim::Safety;
    facts.world.classes.iter().any(|c| homeward(c) && groups.contains(&c.group))
}

/// Simulated persons who have arrived, by group.
pub(super) fn arrived_by_group(facts: &Facts<'_>) -> Vec<f64> {
    (0..facts.groups).map(|g| facts.last().map_or(0.0, |last| f64::from(last.in_state(g, State::Arrived)))).collect()
}

/// M01_safe (persons): arrived, or on the move and at a place abroad or a camp that is below the danger threshold.
pub(super) fn in_safety(facts: &Facts<'_>) -> Value {
    let world = facts.world;
    let mut safe = arrived_by_group(facts);
    if let Some((day, counts)) = facts.days().last() {
        for (place, spot) in world.places.iter().enumerate() {
            let calm = facts.intensity(day, place) < world.parameters.stranding.danger_threshold;
            if calm && (spot.foreign || spot.kind == PlaceKind::Camp) {
                let present = &counts.present[place * facts.groups..(place + 1) * facts.groups];
                safe.iter_mut().zip(present).for_each(|(sum, persons)| *sum += f64::from(*persons));
            }
        }
    }
    facts.people(&safe)
}
