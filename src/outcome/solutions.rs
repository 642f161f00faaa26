//! What comes after: progress towards durable solutions (M34), and having to move again (M35).

use super::metrics::{Facts, Value, share};
use super::{living, moves, response};

/// M34 (share): mean over those criteria of a durable solution (IASC Framework 2010) that a run can represent, of the share of
/// people who meet them on the last day: safety (1), a roof (part of 2), documents (5).
pub(super) fn progress(facts: &Facts<'_>) -> Value {
    let left: f64 = facts.left.iter().sum();
    let safe = moves::safe_by_group(facts).iter().sum::<f64>() - stranded_in_safety(facts);
    let without_roof = living::without_roof_at_end(facts).min(left);
    let (Some(safe), Some(roof), Some(documents)) =
        (share(safe, left), share(left - without_roof, left), response::documented(facts).overall)
    else {
        return Value::default();
    };
    let note = format!("safety {safe:.2}, a roof {roof:.2}, documents {documents:.2}");
    Value::of(Some((safe + roof + documents) / 3.0)).with_note(note)
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
