//! Danger and harm: exposure (M08), protection risk (M13 to M16), detention (M18), deaths and missing (M19).

use crate::engine::agents::State;
use crate::engine::counts::Incident;
use crate::scenario::world::{Link, Mode};

use super::metrics::{Facts, Value, quantile_bin, share};
use super::response::held_by_group;

/// Intensity from which on exposure is high.
const HIGH_INTENSITY: f64 = 0.5;
/// Protection-risk index from which on severity is 2, 3, 4 and 5.
pub const SEVERITY_CUTS: [f64; 4] = [0.05, 0.15, 0.35, 0.6];
/// Bins of the histogram of the protection-risk index.
const BINS: usize = 1000;

impl Facts<'_> {
    /// Simulated persons who met an incident of that kind, by group.
    pub fn incidents(&self, kind: Incident) -> Vec<f64> {
        self.total(|counts, group| counts.incidents_of[group * Incident::COUNT + kind as usize])
    }
}

/// M08 (person-days times intensity): persons settled and present times the intensity, links not counted.
pub(super) fn exposure(facts: &Facts<'_>) -> Value {
    facts.people(&exposed(facts, |intensity| intensity))
}

/// M08_high (person-days): persons settled and present where the intensity is 0.5 or more.
pub(super) fn high_exposure(facts: &Facts<'_>) -> Value {
    facts.people(&exposed(facts, |intensity| if intensity >= HIGH_INTENSITY { 1.0 } else { 0.0 }))
}

fn exposed(facts: &Facts<'_>, weight: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; facts.groups];
    for (day, counts) in facts.days() {
        for place in 0..facts.world.places.len() {
            let weight = weight(facts.intensity(day, place));
            if weight > 0.0 {
                for (group, sum) in sums.iter_mut().enumerate() {
                    let spot = place * facts.groups + group;
                    *sum += weight * f64::from(counts.settled[spot] + counts.present[spot]);
                }
            }
        }
    }
    sums
}

/// M13 (ordinal, 0-1): mean over person-days of the protection-risk index.
pub(super) fn risk_index(facts: &Facts<'_>) -> Value {
    let spread = facts.risk_spread.get_or_init(|| risk_spread(facts));
    let persons: Vec<f64> = spread.iter().map(|bins| bins.iter().sum()).collect();
    let mean = |(bin, persons): (usize, &f64)| persons * (bin as f64 + 0.5) / BINS as f64;
    let risk: Vec<f64> = spread.iter().map(|bins| bins.iter().enumerate().map(mean).sum()).collect();
    facts.ratio(1.0, &risk, &persons)
}

/// M13_p90 (ordinal, 0-1): the index that one person-day in ten exceeds, to within 0.001.
pub(super) fn risk_index_p90(facts: &Facts<'_>) -> Value {
    let spread = facts.risk_spread.get_or_init(|| risk_spread(facts));
    facts.for_each_cohort(|groups| {
        let bins: Vec<f64> = (0..BINS).map(|bin| groups.iter().map(|g| spread[*g][bin]).sum()).collect();
        quantile_bin(&bins, 0.9).map(|bin| (bin as f64 + 0.5) / BINS as f64)
    })
}

/// M14 (person-days): those with an index of severity 4 or 5.
pub(super) fn severe_risk(facts: &Facts<'_>) -> Value {
    let first = (SEVERITY_CUTS[2] * BINS as f64) as usize;
    let severe: Vec<f64> =
        facts.risk_spread.get_or_init(|| risk_spread(facts)).iter().map(|bins| bins[first..].iter().sum()).collect();
    facts.people(&severe)
}

/// Simulated person-days by group and bin of the protection-risk index R = 1 - exp(-T V / max(C, 0.1)), the protection-risk
/// equation (risk = threat x vulnerability / capacity) on a scale of 0 to 1. Settled people, and those present, who are
/// under a roof in proportion and are a step more vulnerable when stranded.
fn risk_spread(facts: &Facts<'_>) -> Vec<Vec<f64>> {
    let (world, p) = (facts.world, &facts.world.parameters.risk);
    let everybody = held_by_group(world, |_| true);
    let looked_after = held_by_group(world, |class| class.documents || class.supported);
    let vulnerability: Vec<f64> = (0..facts.groups)
        .map(|g| {
            let papers = share(looked_after[g], everybody[g]).unwrap_or(1.0);
            (0.5 + world.groups[g].target_risk) * (papers + (1.0 - papers) * p.undocumented)
        })
        .collect();
    let mut spread = vec![vec![0.0; BINS]; facts.groups];
    for (day, counts) in facts.days() {
        for place in 0..world.places.len() {
            let threat = (p.ambient + f64::from(world.conflict.at(day, place))).min(1.0);
            let present = f64::from(counts.present_at(place).max(1));
            let roofed = (f64::from(counts.sheltered[place]) / present).min(1.0);
            let protection = 1.0 + p.shelter_protection * roofed;
            for group in 0..facts.groups {
                let spot = place * facts.groups + group;
                let stranded = counts.stranded[spot].min(counts.present[spot]);
                let mut add = |persons: u32, step: f64, capacity: f64| {
                    if persons > 0 {
                        let risk = threat * vulnerability[group] * (1.0 + p.tier_step * step) / capacity.max(0.1);
                        let bin = (-libm::expm1(-risk) * BINS as f64) as usize;
                        spread[group][bin.min(BINS - 1)] += f64::from(persons);
                    }
                };
                add(counts.settled[spot], 0.0, 1.0);
                add(counts.present[spot] - stranded, 0.0, protection);
                add(stranded, 1.0, protection);
            }
        }
    }
    spread
}

fn per_thousand_days(facts: &Facts<'_>, kind: Incident) -> Value {
    facts.ratio(1000.0, &facts.incidents(kind), &facts.days_on_the_move())
}

/// M15_violence (per 1000 person-days on the move).
pub(super) fn violence(facts: &Facts<'_>) -> Value {
    per_thousand_days(facts, Incident::Violence)
}

/// M15_detention (per 1000 person-days on the move): arbitrary detention.
pub(super) fn detention_rate(facts: &Facts<'_>) -> Value {
    per_thousand_days(facts, Incident::Detention)
}

/// M15_robbery (per 1000 person-days on the move): robbery and extortion.
pub(super) fn robbery(facts: &Facts<'_>) -> Value {
    per_thousand_days(facts, Incident::Robbery)
}

/// M15_illness (per 1000 person-days on the move): illness that is not treated.
pub(super) fn illness(facts: &Facts<'_>) -> Value {
    per_thousand_days(facts, Incident::Illness)
}

/// M16 (per 1000 person-days on the move): trafficking and exploitation.
pub(super) fn exploitation(facts: &Facts<'_>) -> Value {
    per_thousand_days(facts, Incident::Exploitation)
}

/// M17 (per 1000 person-days on the move): persons in parties that were separated.
pub(super) fn separation(facts: &Facts<'_>) -> Value {
    per_thousand_days(facts, Incident::Separation)
}

fn detained_days(facts: &Facts<'_>) -> Vec<f64> {
    facts.total(|counts, group| counts.in_state(group, State::Detained))
}

/// M18 (person-days): sum over days of the persons detained.
pub(super) fn detention_person_days(facts: &Facts<'_>) -> Value {
    facts.people(&detained_days(facts))
}

/// M18_end (persons): detained on the last day.
pub(super) fn detained_at_end(facts: &Facts<'_>) -> Value {
    let detained = |g| facts.last().map_or(0.0, |last| f64::from(last.in_state(g, State::Detained)));
    facts.people(&(0..facts.groups).map(detained).collect::<Vec<f64>>())
}

/// M18_share (share): of the time on the move, that spent in detention.
pub(super) fn detained_share(facts: &Facts<'_>) -> Value {
    facts.ratio(1.0, &detained_days(facts), &facts.days_on_the_move())
}

/// M19 (persons): died or went missing, on the way or while waiting.
pub(super) fn deaths(facts: &Facts<'_>) -> Value {
    facts.people(&facts.incidents(Incident::Death))
}

/// M19_rate (per 1000 persons who left their homes).
pub(super) fn death_rate(facts: &Facts<'_>) -> Value {
    facts.ratio(1000.0, &facts.incidents(Incident::Death), &facts.left)
}

/// M19_sea (per 1000 attempts): of those who set out by boat to another country without a seat, those who died or went missing.
pub(super) fn sea_death_rate(facts: &Facts<'_>) -> Value {
    deaths_per_attempt(facts, |link| facts.world.is_boat_crossing(link))
}

/// M19_land (per 1000 attempts): likewise on road and foot links, each link being an attempt.
pub(super) fn land_death_rate(facts: &Facts<'_>) -> Value {
    deaths_per_attempt(facts, |link| matches!(link.mode, Mode::Road | Mode::Foot))
}

/// Who dies on a link has not been counted as having entered it: attempts are both.
fn deaths_per_attempt(facts: &Facts<'_>, such: impl Fn(&Link) -> bool) -> Value {
    let (mut deaths, mut entered) = (0.0, 0.0);
    for (index, _) in facts.world.links.iter().enumerate().filter(|(_, link)| link.free && such(link)) {
        for counts in &facts.outcome.days {
            deaths += f64::from(counts.deaths_on_link[index]);
            entered += f64::from(counts.entered[index] - counts.seated[index]);
        }
    }
    let note = format!("{:.0} attempts", (entered + deaths) * facts.scale);
    Value::of(share(1000.0 * deaths, entered + deaths)).with_note(note)
}

/// M19_crude (per 10 000 person-days of those on the move); the usual line of warning is 1.
pub(super) fn crude_mortality(facts: &Facts<'_>) -> Value {
    facts.ratio(10_000.0, &facts.incidents(Incident::Death), &facts.days_on_the_move())
}
