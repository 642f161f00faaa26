//! What a crisis takes from livelihoods: remittances (M27) and moves planned for a season (M44).

use crate::engine::agents::State;
use crate::scenario::world::Day;

use super::metrics::{Facts, Value, share};

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
        let away = |counts: &crate::engine::Counts| -> f64 {
            State::ALL.iter().map(|state| f64::from(counts.in_state(group, *state))).sum()
        };
        facts.days().map(|(day, counts)| away(counts) + idle(day, &counts.settled)).sum()
    };
    facts.for_each_cohort(|groups| {
        let stated = groups.iter().filter_map(|g| Some((*g, world.groups[*g].remittance?)));
        let lost: Vec<f64> = stated.map(|(g, usd)| usd / MONTH * unpaid(g) * facts.scale).collect();
        (!lost.is_empty()).then(|| lost.iter().sum())
    })
}

/// Persons of `groups` who kept their plan, by days late.
fn kept(facts: &Facts<'_>, groups: &[usize]) -> Vec<(u16, f64)> {
    let of = |cycle: usize| groups.contains(&facts.world.cycles[cycle].group);
    let all = facts.outcome.days.iter().flat_map(|counts| &counts.cycles_kept);
    all.filter(|(cycle, ..)| of(*cycle)).map(|(_, late, persons)| (*late, f64::from(*persons))).collect()
}

fn missed(facts: &Facts<'_>, groups: &[usize]) -> f64 {
    let cycles = facts.world.cycles.iter().enumerate().filter(|(_, cycle)| groups.contains(&cycle.group));
    let missed = |cycle: usize| facts.outcome.days.iter().map(|c| f64::from(c.cycles_missed[cycle])).sum::<f64>();
    cycles.map(|(index, _)| missed(index)).sum()
}

/// M44 (share): of the moves planned for the season and kept or missed by the end, those missed.
pub(super) fn disrupted(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| {
        let kept: f64 = kept(facts, groups).iter().map(|(_, persons)| persons).sum();
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
    facts.for_each_cohort(|groups| {
        let mut kept = kept(facts, groups);
        kept.sort_by_key(|(late, _)| *late);
        let half = kept.iter().map(|(_, persons)| persons).sum::<f64>() / 2.0;
        let mut sum = 0.0;
        let median = kept.iter().find(|(_, persons)| {
            sum += persons;
            sum >= half
        });
        median.map(|(late, _)| f64::from(*late))
    })
}
