//! Who moved, and where to: M01.

use crate::engine::agents::State;
use crate::scenario::world::{Aim, Class, Day, Link, PlaceKind};

use super::metrics::{Facts, Value};

/// M01_left (persons): all who left the place where they had lived, and those displaced from the first day.
pub(super) fn left_home(facts: &Facts<'_>) -> Value {
    facts.people(&facts.left)
}

/// M01_out (persons): all who set out over a link from inside the country of the crisis to abroad.
pub(super) fn out_of_country(facts: &Facts<'_>) -> Value {
    let places = &facts.world.places;
    let has_abroad = places.iter().any(|p| p.foreign);
    if has_abroad {
        over_links(facts, |link| !places[link.from].foreign && places[link.to].foreign)
    } else {
        Value::default()
    }
}

/// M01_crossed (persons): all who came over a border link, over land or by boat without a seat.
pub(super) fn crossed(facts: &Facts<'_>) -> Value {
    over_links(facts, |link| link.border)
}

/// All who set out over a link between two countries that is `such`.
fn over_links(facts: &Facts<'_>, such: impl Fn(&Link) -> bool) -> Value {
    let links = facts.outcome.days.first().map_or(&[][..], |counts| &counts.border_links[..]);
    let counted = links.iter().enumerate().filter(|(_, link)| such(&facts.world.links[**link]));
    let borders: Vec<usize> = counted.map(|(border, _)| border).collect();
    let by_group = facts.total(|counts, group| borders.iter().map(|b| counts.crossed[b * counts.groups + group]).sum());
    facts.people(&by_group)
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
    let homeward = |c: &Class| c.aim != Aim::Safety;
    facts.world.classes.iter().any(|c| homeward(c) && groups.contains(&c.group))
}

/// Simulated persons who have arrived, by group.
pub(super) fn arrived_by_group(facts: &Facts<'_>) -> Vec<f64> {
    (0..facts.groups).map(|g| facts.last().map_or(0.0, |last| f64::from(last.in_state(g, State::Arrived)))).collect()
}

/// M01_safe (persons): arrived, or on the move and at a place abroad or a camp that is below the danger threshold.
pub(super) fn in_safety(facts: &Facts<'_>) -> Value {
    facts.people(&safe_by_group(facts))
}

/// Whether `place` is abroad or a camp, and below the danger threshold on `day`.
pub(super) fn is_safe(facts: &Facts<'_>, day: Day, place: usize) -> bool {
    let spot = &facts.world.places[place];
    let calm = facts.intensity(day, place) < facts.world.parameters.stranding.danger_threshold;
    calm && (spot.foreign || facts.world.kind_on(place, day) == PlaceKind::Camp)
}

/// Simulated persons of M01_safe, by group.
pub(super) fn safe_by_group(facts: &Facts<'_>) -> Vec<f64> {
    let mut safe = arrived_by_group(facts);
    if let Some((day, counts)) = facts.days().last() {
        for place in (0..facts.world.places.len()).filter(|place| is_safe(facts, day, *place)) {
            let present = &counts.present[place * facts.groups..(place + 1) * facts.groups];
            safe.iter_mut().zip(present).for_each(|(sum, persons)| *sum += f64::from(*persons));
        }
    }
    safe
}
