//! Where people stay meanwhile: shelter (M20, M21, M32), what sites need (M22), pressure on hosts and tension (M24, M26).

use crate::engine::Counts;
use crate::scenario::world::{CareKind, Day, PlaceKind, World};

use super::metrics::{Facts, Value, share};

/// Litres of water for a person and day (Sphere Handbook).
const LITRES: f64 = 15.0;
/// Persons for each toilet (Sphere Handbook).
const PERSONS_PER_TOILET: f64 = 20.0;

/// Covered square metres for a person (Sphere Handbook).
const SQUARE_METRES: f64 = 3.5;

/// Whether people on the move need shelter at `place`: where they wait or are lodged together, not in towns. What becomes a camp counts
/// as a site from the first day.
pub(super) fn is_site(world: &World, place: usize) -> bool {
    let site = |kind| matches!(kind, PlaceKind::Camp | PlaceKind::Crossing | PlaceKind::Port | PlaceKind::Airport);
    site(world.places[place].kind)
        || world.conversions.iter().any(|c| c.place == place && site(c.kind))
        || world.shelters.iter().any(|s| s.place == place)
}

fn sites(world: &World) -> Vec<usize> {
    (0..world.places.len()).filter(|place| is_site(world, *place)).collect()
}

/// Shelter places at `place` on the day of `counts`: those of the strategy, or those that stand there from the start if more.
pub(super) fn shelter_places(world: &World, counts: &Counts, place: usize) -> f64 {
    let here = world.shelters.iter().zip(&counts.shelter_open).filter(|(s, _)| s.place == place);
    let built: f64 = here.map(|(_, open)| f64::from(*open)).sum();
    built.max(standing(world, place))
}

/// Shelter places that stand at `place` from the start.
fn standing(world: &World, place: usize) -> f64 {
    world.places[place].capacity.filter(|_| !world.cells.is_empty()).unwrap_or(0.0)
}

/// Simulated persons at `sites` without a roof, on each day. None where the world states no shelter at all.
pub(super) fn unsheltered(facts: &Facts<'_>) -> Option<Vec<f64>> {
    let sites = sites(facts.world);
    let stated = !facts.world.shelters.is_empty() || sites.iter().any(|s| standing(facts.world, *s) > 0.0);
    stated.then(|| facts.outcome.days.iter().map(|counts| without_roof(counts, &sites)).collect())
}

/// Simulated persons at `sites` without a roof.
fn without_roof(counts: &Counts, sites: &[usize]) -> f64 {
    let gap = |site: &usize| counts.present_at(*site).saturating_sub(counts.sheltered[*site]);
    sites.iter().map(|site| f64::from(gap(site))).sum()
}

/// Simulated persons at sites, on each day.
pub(super) fn at_sites(facts: &Facts<'_>) -> Vec<f64> {
    let sites = sites(facts.world);
    let at = |counts: &Counts| sites.iter().map(|site| f64::from(counts.present_at(*site))).sum();
    facts.outcome.days.iter().map(at).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// M20 (person-nights): present at sites without a roof.
pub(super) fn shelter_gap(facts: &Facts<'_>) -> Value {
    Value::of(unsheltered(facts).map(|gap| gap.iter().sum::<f64>() * facts.scale))
}

/// Simulated persons at sites without a roof on the last day; where the world states no shelter at all, everybody at sites.
pub(super) fn without_roof_at_end(facts: &Facts<'_>) -> f64 {
    facts.last().map_or(0.0, |counts| without_roof(counts, &sites(facts.world)))
}

/// M20_peak (persons): most people without a roof at sites in one night.
pub(super) fn shelter_gap_peak(facts: &Facts<'_>) -> Value {
    Value::of(unsheltered(facts).map(|gap| largest(&gap) * facts.scale))
}

/// M32_shelter (share): of the nights at sites, those without a roof.
pub(super) fn shelter_exclusion(facts: &Facts<'_>) -> Value {
    Value::of(unsheltered(facts).and_then(|gap| share(gap.iter().sum(), at_sites(facts).iter().sum())))
}

/// M21 (persons per place): nights at sites that have shelter places, over place-nights.
pub(super) fn occupancy(facts: &Facts<'_>) -> Value {
    let (mut nights, mut place_nights) = (0.0, 0.0);
    for_each_sheltered_site(facts, |_, _, present, places| {
        nights += present;
        place_nights += places;
    });
    Value::of(share(nights, place_nights))
}

/// M21_peak (persons per place): highest occupancy of a site on a day, with the date and its name.
pub(super) fn occupancy_peak(facts: &Facts<'_>) -> Value {
    let mut fullest: Option<(f64, Day, usize)> = None;
    for_each_sheltered_site(facts, |day, site, present, places| {
        if fullest.is_none_or(|(most, ..)| present / places > most) {
            fullest = Some((present / places, day, site));
        }
    });
    let Some((most, day, site)) = fullest else { return Value::default() };
    let note = facts.when_and_where(usize::from(day), site);
    Value::of(Some(most)).with_note(note)
}

fn for_each_sheltered_site(facts: &Facts<'_>, mut see: impl FnMut(Day, usize, f64, f64)) {
    let sites = sites(facts.world);
    for (day, counts) in facts.days() {
        for site in &sites {
            let places = shelter_places(facts.world, counts, *site);
            if places > 0.0 {
                see(day, *site, f64::from(counts.present_at(*site)), places);
            }
        }
    }
}

/// M21_area (square metres per person): least covered area at a site with shelter places, if each place has 3.5.
pub(super) fn covered_area(facts: &Facts<'_>) -> Value {
    let fullest = occupancy_peak(facts);
    Value { overall: fullest.overall.filter(|most| *most > 0.0).map(|most| SQUARE_METRES / most), ..fullest }
}

/// M26 (0-1, speculative): `Z(t+1) = memory Z + pressure max(0, H - threshold) + unequal_aid U - support S`, highest of a place with
/// residents, with date and name. H: host pressure (M24); S: share of the people there whom host support reaches; U: share of newcomers
/// with relief items or a roof, times 1 - S. None where `tension.pressure` is 0.
pub(super) fn tension(facts: &Facts<'_>) -> Value {
    let p = &facts.world.parameters.tension;
    let mut highest: Option<(f64, Day, usize)> = None;
    for (place, spot) in facts.world.places.iter().enumerate().filter(|(_, spot)| spot.residents > 0.0) {
        let mut tension = 0.0;
        for (day, counts) in facts.days().filter(|_| p.pressure > 0.0) {
            let present = f64::from(counts.present_at(place));
            let part = |persons: u32| share(f64::from(persons), present).unwrap_or(0.0).min(1.0);
            let supported = part(counts.cared(place, CareKind::HostSupport).reached);
            let helped = part(counts.cared(place, CareKind::Relief).reached.max(counts.sheltered[place]));
            let pressure = (100.0 * present * facts.scale / spot.residents - p.threshold).max(0.0);
            let unequal = helped * (1.0 - supported);
            let change = p.pressure * pressure + p.unequal_aid * unequal - p.support * supported;
            tension = (p.memory * tension + change).clamp(0.0, 1.0);
            if highest.is_none_or(|(most, ..)| tension > most) {
                highest = Some((tension, day, place));
            }
        }
    }
    let Some((most, day, place)) = highest else { return Value::default() };
    Value::of(Some(most)).with_note(facts.when_and_where(usize::from(day), place))
}

/// M22_water (litres/day): at 15 litres a person, for the fullest day.
pub(super) fn water_needed(facts: &Facts<'_>) -> Value {
    Value::of(Some(LITRES * largest(&at_sites(facts)) * facts.scale))
}

/// M22_toilets (toilets): at one for 20 persons, for the fullest day.
pub(super) fn toilets_needed(facts: &Facts<'_>) -> Value {
    Value::of(Some((largest(&at_sites(facts)) * facts.scale / PERSONS_PER_TOILET).ceil()))
}

/// M24 (persons per 100 residents): people on the move at a place over its residents, at its highest, with date and name.
pub(super) fn host_pressure(facts: &Facts<'_>) -> Value {
    let mut worst: Option<(f64, Day, usize)> = None;
    for (day, counts) in facts.days() {
        for (place, spot) in facts.world.places.iter().enumerate() {
            let present = f64::from(counts.present_at(place)) * facts.scale;
            if let Some(pressure) = share(100.0 * present, spot.residents)
                && worst.is_none_or(|(most, ..)| pressure > most)
            {
                worst = Some((pressure, day, place));
            }
        }
    }
    let Some((most, day, place)) = worst else { return Value::default() };
    let note = facts.when_and_where(usize::from(day), place);
    Value::of(Some(most)).with_note(note)
}
