//! Basic needs of people at sites, and whom care reaches: water, relief, health care (M22, M23), load of services (M25), help given
//! twice (M33).

use crate::engine::Counts;
use crate::scenario::world::{CareKind, Day};

use super::living::{at_sites, is_site, shelter_places, unsheltered};
use super::metrics::{Facts, Value, share};

/// Simulated person-days at sites, and wherever a strategy of the scenario gives care of that `kind`: all of them, and those that it does
/// not reach; None where no strategy gives any: what is there is then not known.
fn needs(facts: &Facts<'_>, kind: CareKind) -> Option<(f64, f64)> {
    let world = facts.world;
    let stated = &world.response.stated_care[kind as usize];
    let is_meant = |place: &usize| is_site(world, *place) || stated.contains(place);
    let places: Vec<usize> = (0..world.places.len()).filter(is_meant).collect();
    let sum = |persons: &dyn Fn(&Counts, usize) -> u32| {
        let on = |counts: &Counts| places.iter().map(|place| f64::from(persons(counts, *place))).sum::<f64>();
        facts.outcome.days.iter().map(on).sum::<f64>()
    };
    let without = |counts: &Counts, place| counts.present_at(place).saturating_sub(counts.cared(place, kind).reached);
    (!stated.is_empty()).then(|| (sum(&Counts::present_at), sum(&without)))
}

fn unmet_person_days(facts: &Facts<'_>, kind: CareKind) -> Value {
    Value::of(needs(facts, kind).map(|(_, unmet)| unmet * facts.scale))
}

/// M22 (person-days): at sites, and where it is given, without water and sanitation.
pub(super) fn water_gap(facts: &Facts<'_>) -> Value {
    unmet_person_days(facts, CareKind::Water)
}

/// M23_relief (person-days): at sites, and where they are given, without food and relief items.
pub(super) fn relief_gap(facts: &Facts<'_>) -> Value {
    unmet_person_days(facts, CareKind::Relief)
}

/// M23_health (person-days): at sites, and where it is given, without health care.
pub(super) fn health_gap(facts: &Facts<'_>) -> Value {
    unmet_person_days(facts, CareKind::Health)
}

/// M23 (share): mean over the needs that some strategy meets anywhere of the share of person-days at sites, and where they are met, on
/// which they are not met.
pub(super) fn unmet_needs(facts: &Facts<'_>) -> Value {
    let roofs = unsheltered(facts).map(|gap| (at_sites(facts).iter().sum(), gap.iter().sum()));
    let cares = [CareKind::Water, CareKind::Relief, CareKind::Health].map(|kind| needs(facts, kind));
    let needs = std::iter::once(roofs).chain(cares).flatten();
    let shares: Vec<f64> = needs.filter_map(|(needed, unmet)| share(unmet, needed)).collect();
    Value::of(share(shares.iter().sum(), shares.len() as f64))
}

/// M23_contacts (person-days): people reached by psychosocial support, wherever they are.
pub(super) fn psychosocial_contacts(facts: &Facts<'_>) -> Value {
    let kind = CareKind::Psychosocial;
    let at =
        |counts: &Counts| (0..facts.world.places.len()).map(|p| f64::from(counts.cared(p, kind).reached)).sum::<f64>();
    let contacts = || facts.outcome.days.iter().map(at).sum::<f64>() * facts.scale;
    Value::of((!facts.world.response.stated_care[kind as usize].is_empty()).then(contacts))
}

/// M25 (persons per place): highest load of shelter, water, relief or health care at a place, with its kind, date and name.
pub(super) fn load(facts: &Facts<'_>) -> Value {
    let kinds = [
        (CareKind::Water, "water and sanitation"),
        (CareKind::Relief, "food and relief items"),
        (CareKind::Health, "health care"),
    ];
    let mut highest: Option<(f64, &str, Day, usize)> = None;
    for (day, counts) in facts.days() {
        for site in 0..facts.world.places.len() {
            let present = f64::from(counts.present_at(site));
            let care = |kind| Some(counts.cared(site, kind).places).filter(|n| *n < u32::MAX).map_or(0.0, f64::from);
            let cares = kinds.map(|(kind, name)| (care(kind), name));
            for (places, name) in std::iter::once((shelter_places(facts.world, counts, site), "shelter")).chain(cares) {
                if let Some(load) = share(present, places).filter(|load| highest.is_none_or(|(most, ..)| *load > most))
                {
                    highest = Some((load, name, day, site));
                }
            }
        }
    }
    let Some((load, kind, day, site)) = highest else { return Value::default() };
    Value::of(Some(load)).with_note(format!("{kind}, {}", facts.when_and_where(usize::from(day), site)))
}

/// M33 (share): of all care that is given, what reaches people who have it from somebody else already.
pub(super) fn duplication(facts: &Facts<'_>) -> Value {
    let cared = || facts.outcome.days.iter().flat_map(|counts| &counts.cared);
    let twice: f64 = cared().map(|care| f64::from(care.twice)).sum();
    Value::of(share(twice, twice + cared().map(|care| f64::from(care.reached)).sum::<f64>()))
}
