//! Who was stuck: stranded (M02 to M06) and trapped (M07).

use crate::engine::Counts;
use crate::engine::agents::State;

use super::metrics::{Facts, Value, peak};

/// M02 (persons): stranded on the last day.
pub(super) fn stranded_at_end(facts: &Facts<'_>) -> Value {
    at_end(facts, &facts.stranded)
}

/// M02_waiting (persons): waiting on the last day, stranded or not.
pub(super) fn waiting_at_end(facts: &Facts<'_>) -> Value {
    let waiting = |g| facts.last().map_or(0.0, |last| f64::from(last.in_state(g, State::Waiting)));
    facts.people(&(0..facts.groups).map(waiting).collect::<Vec<f64>>())
}

/// M02_spells (persons): ended and unended spells of stranding.
pub(super) fn stranded_spells(facts: &Facts<'_>) -> Value {
    let spells: Vec<f64> = (0..facts.groups).map(|g| spells(facts, &[g]).iter().map(|(e, u)| e + u).sum()).collect();
    facts.people(&spells)
}

/// M03 (person-days): sum over days of the persons stranded; by sex and age from the spells.
pub(super) fn stranded_person_days(facts: &Facts<'_>) -> Value {
    let mut value = person_days(facts, &facts.stranded);
    for (name, days, _) in facts.by_sex().into_iter().chain(facts.by_age()) {
        value.by_trait.insert(name, Some(days * facts.scale));
    }
    value
}

/// M04 (persons): most people stranded on a day, with the date and the place that held most of them.
pub(super) fn stranded_peak(facts: &Facts<'_>) -> Value {
    peak_of(facts, &facts.stranded, |counts| &counts.stranded)
}

/// M04_day (day of the run, from 1): first day of that peak.
pub(super) fn stranded_peak_day(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| peak(series(&facts.stranded, groups)).map(|(day, _)| (day + 1) as f64))
}

/// M05_p50 (days): median spell by Kaplan and Meier (1958); none where more than half last at the end.
pub(super) fn spell_median(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| kaplan_meier(&spells(facts, groups), 0.5))
}

/// M05_p90 (days): likewise the spell that one in ten exceeds.
pub(super) fn spell_p90(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| kaplan_meier(&spells(facts, groups), 0.9))
}

/// M06 (days): from the peak until no more than a tenth of it is stranded, for good; none: not cleared.
pub(super) fn clearance(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| {
        let series: Vec<u64> = series(&facts.stranded, groups).collect();
        let (day, most) = peak(series.iter().copied())?;
        let cleared = series.iter().rposition(|stranded| 10 * stranded > most)? + 1;
        (cleared < series.len()).then(|| (cleared - day) as f64)
    })
}

/// M07 (person-days): sum over days of the persons trapped.
pub(super) fn trapped_person_days(facts: &Facts<'_>) -> Value {
    person_days(facts, &facts.trapped)
}

/// M07_end (persons): trapped on the last day.
pub(super) fn trapped_at_end(facts: &Facts<'_>) -> Value {
    at_end(facts, &facts.trapped)
}

/// M07_peak (persons): most people trapped on a day.
pub(super) fn trapped_peak(facts: &Facts<'_>) -> Value {
    peak_of(facts, &facts.trapped, |counts| &counts.trapped)
}

/// M07_staying (person-days): in danger, with a feasible way, not leaving.
pub(super) fn staying_person_days(facts: &Facts<'_>) -> Value {
    let days: f64 = facts.outcome.days.iter().flat_map(|c| &c.staying).map(|persons| f64::from(*persons)).sum();
    Value::of(Some(days * facts.scale))
}

fn series<'a>(by_day: &'a [Vec<u64>], groups: &'a [usize]) -> impl Iterator<Item = u64> + 'a {
    by_day.iter().map(|day| groups.iter().map(|g| day[*g]).sum())
}

fn at_end(facts: &Facts<'_>, by_day: &[Vec<u64>]) -> Value {
    let last: Vec<f64> = (0..facts.groups).map(|g| by_day.last().map_or(0.0, |day| day[g] as f64)).collect();
    facts.people(&last)
}

fn person_days(facts: &Facts<'_>, by_day: &[Vec<u64>]) -> Value {
    let sums: Vec<f64> = (0..facts.groups).map(|g| by_day.iter().map(|day| day[g]).sum::<u64>() as f64).collect();
    facts.people(&sums)
}

fn peak_of(facts: &Facts<'_>, by_day: &[Vec<u64>], table: impl Fn(&Counts) -> &[u32]) -> Value {
    let value = facts.for_each_cohort(|groups| {
        Some(peak(series(by_day, groups)).map_or(0.0, |(_, most)| most as f64 * facts.scale))
    });
    let everybody: Vec<usize> = (0..facts.groups).collect();
    let Some((day, _)) = peak(series(by_day, &everybody)) else { return value };
    let rows = table(&facts.outcome.days[day]).chunks_exact(facts.groups.max(1));
    let at = peak(rows.map(|row| row.iter().map(|persons| u64::from(*persons)).sum()));
    let at = at.map_or(String::new(), |(place, persons)| {
        format!("; most at {}: {:.0}", facts.world.places[place].name, persons as f64 * facts.scale)
    });
    value.with_note(format!("{}{at}", facts.date(day)))
}

/// Simulated persons whose spell of each length in days ended, and whose spell lasts, over `groups`.
pub(super) fn spells(facts: &Facts<'_>, groups: &[usize]) -> Vec<(f64, f64)> {
    let length = facts.outcome.spells_ended.len() / facts.groups.max(1);
    let sum = |of: &[u32], days: usize| groups.iter().map(|g| f64::from(of[g * length + days])).sum();
    (0..length).map(|days| (sum(&facts.outcome.spells_ended, days), sum(&facts.outcome.spells_unended, days))).collect()
}

/// Least duration d by which the share `quantile` has ended: S(d) = prod over u <= d of (1 - ended_u / at_risk_u)
/// <= 1 - quantile, where `spells[d]` are those that ended after d and those last seen at d. None: not reached, or nobody.
fn kaplan_meier(spells: &[(f64, f64)], quantile: f64) -> Option<f64> {
    let mut at_risk: f64 = spells.iter().map(|(ended, lasting)| ended + lasting).sum();
    let mut survival = 1.0;
    for (days, (ended, lasting)) in spells.iter().enumerate() {
        if *ended > 0.0 {
            survival *= 1.0 - ended / at_risk;
            if survival <= 1.0 - quantile + 1e-12 {
                return Some(days as f64);
            }
        }
        at_risk -= ended + lasting;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kaplan_meier_counts_those_who_are_still_stranded() {
        // 10 persons: 2 end after 1 day, 2 are last seen at 2, 3 end after 3, 3 are last seen at 9.
        let mut spells = vec![(0.0, 0.0); 10];
        spells[1].0 = 2.0;
        spells[2].1 = 2.0;
        spells[3].0 = 3.0;
        spells[9].1 = 3.0;
        // S(1) = 0.8, S(3) = 0.8 * 0.5 = 0.4.
        assert_eq!(kaplan_meier(&spells, 0.2), Some(1.0));
        assert_eq!(kaplan_meier(&spells, 0.5), Some(3.0));
        assert_eq!(kaplan_meier(&spells, 0.9), None);
        assert_eq!(kaplan_meier(&[(0.0, 0.0); 4], 0.5), None);
    }
}
