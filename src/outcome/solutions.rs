//! What comes after: progress towards durable solutions (M34), and having to move again (M35).

use super::metrics::{Facts, Value, share};
use super::{living, moves, response};

/// M34 (share): mean over those criteria of a durable solution (IASC Framework 2010) that a run can represent, of the share of
/// people who meet them on the last day: safety (1), a roof (part of 2), documents (5).
pub(super) fn progress(facts: &Facts<'_>) -> Value {
    let left: f64 = facts.left.iter().sum();
    let safe = moves::safe_by_group(facts).iter().sum::<f64>() - stranded_in_safety(facts);
    let roof = living::without_roof_at_end(facts).and_then(|gap| share(left - gap.min(left), left));
    let criteria =
        [("safety", share(safe, left)), ("a roof", roof), ("documents", response::documented(facts).overall)];
    let met: Vec<(&str, f64)> = criteria.iter().filter_map(|(name, met)| Some((*name, (*met)?))).collect();
    if left == 0.0 || met.is_empty() {
        return Value::default();
    }
    let names: Vec<String> = met.iter().map(|(name, share)| format!("{name} {share:.2}")).collect();
    let mean = met.iter().map(|(_, share)| share).sum::<f64>() / met.len() as f64;
    Value::of(Some(mean)).with_note(names.join(", "))
}

/// Simulated persons stranded on the last day at places that count as safe.
fn stranded_in_safety(facts: &Facts<'_>) -> f64 {
    let Some((day, counts)) = facts.days().last() else { return 0.0 };
    let safe = |place: &usize| moves::is_safe(facts, day, *place);
    let stranded = |place: usize| &counts.stranded[place * facts.groups..(place + 1) * facts.groups];
    (0..facts.world.places.len()).filter(safe).flat_map(stranded).map(|n| f64::from(*n)).sum()
}

/// M35 (persons): in refuge or back home for at most 90 days when the place became dangerous.
pub(super) fn uprooted_again(facts: &Facts<'_>) -> Value {
    facts.people(&facts.total(|counts, group| counts.uprooted_again[group]))
}
