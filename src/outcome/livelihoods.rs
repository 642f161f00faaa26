//! What a crisis takes from livelihoods: remittances (M27) and moves planned for a season (M44).

use crate::engine::Counts;
use crate::engine::agents::State;
use crate::scenario::world::Day;

use super::metrics::{Facts, Value, quantile_bin, share};

/// Days of a month.
const MONTH: f64 = 30.44;

/// M27 (USD): what groups that state it would have sent home, from those who are away from home and work, and from the share of those
/// still there whom a downturn has left without pay. None where no group states it.
pub(super) fn remittances_lost(facts: &Facts<'_>) -> Value {
    let world = facts.world;
    let unpaid = |group: usize| -> f64 {
        let idle = |day: Day, settled: &[u32]| -> f64 {
            let at = |place: usize| f64::from(world.economy.at(day, place));
            let here = settled.iter().skip(group).step_by(facts.groups).enumerate();
            here.map(|(place, persons)| f64::from(*persons) * at(place)).sum()
        };
        let away =
            |counts: &Counts| -> f64 { State::ALL.iter().map(|state| f64::from(counts.in_state(group, *state))).sum() };
        facts.days().map(|(day, counts)| away(counts) + idle(day, &counts.settled)).sum()
    };
    let lost = |group: usize| Some(world.groups[group].remittance? / MONTH * unpaid(group) * facts.scale);
    let lost: Vec<Option<f64>> = (0..facts.groups).map(lost).collect();
    facts.for_each_cohort(|groups| {
        let stated: Vec<f64> = groups.iter().filter_map(|group| lost[*group]).collect();
        (!stated.is_empty()).then(|| stated.iter().sum())
    })
}

/// Persons of `groups` who kept their plan, by days late.
fn kept(facts: &Facts<'_>, groups: &[usize]) -> Vec<f64> {
    let mut by_delay = vec![0.0; facts.outcome.days.len()];
    for (cycle, late, persons) in facts.outcome.days.iter().flat_map(|counts| &counts.cycles_kept) {
        if groups.contains(&facts.world.cycles[*cycle].group) {
            by_delay[usize::from(*late)] += f64::from(*persons);
        }
    }
    by_delay
}

fn missed(facts: &Facts<'_>, groups: &[usize]) -> f64 {
    let cycles = facts.world.cycles.iter().enumerate().filter(|(_, cycle)| groups.contains(&cycle.group));
    let missed = |cycle: usize| facts.outcome.days.iter().map(|c| f64::from(c.cycles_missed[cycle])).sum::<f64>();
    cycles.map(|(index, _)| missed(index)).sum()
}

/// M44 (share): of the moves planned for the season and kept or missed by the end, those missed.
pub(super) fn disrupted(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| {
        let kept: f64 = kept(facts, groups).iter().sum();
        let missed = missed(facts, groups);
        share(missed, kept + missed)
    })
}

/// M44_missed (persons): moves planned for the season that were missed. None where none was planned.
pub(super) fn missed_moves(facts: &Facts<'_>) -> Value {
    let planned = |groups: &[usize]| facts.world.cycles.iter().any(|cycle| groups.contains(&cycle.group));
    facts.for_each_cohort(|groups| planned(groups).then(|| facts.scale * missed(facts, groups)))
}

/// M44_late (days): median delay of the moves that were kept.
pub(super) fn delay(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| quantile_bin(&kept(facts, groups), 0.5).map(|days| days as f64))
}
