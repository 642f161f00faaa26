//! Moves planned for a season that a crisis has broken: M44.

use super::metrics::{Facts, Value, share};

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
