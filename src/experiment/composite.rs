//! One number out of several metrics, only on request: with its weights shown, and how often its ranking survives other weights.

use rand_philox::Philox;

/// Weightings that a ranking is tried under.
const TRIALS: u32 = 2000;

/// A composite score of several strategies.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// Score of each strategy: 0 if it is best in every metric, 1 if it is worst in every metric.
    pub scores: Vec<f64>,
    /// Strategies from the best score to the worst; of equal ones the first stands first.
    pub ranking: Vec<usize>,
    /// Share of all possible weights under which the same strategy comes first.
    pub first_survives_any: f64,
    /// Share of all possible weights under which the whole ranking is the same.
    pub ranking_survives_any: f64,
    /// Share of weights within a factor of 2 of those given under which the same strategy comes first.
    pub first_survives_near: f64,
    /// Share of those under which the whole ranking is the same.
    pub ranking_survives_near: f64,
}

/// Scores strategies by `losses[metric][strategy]` (less is better) under `weights`, one above 0 for each metric. In each metric
/// the best strategy counts 0 and the worst 1, the others between in proportion. All possible weights: uniform over those that
/// add up to 1. `None` where there is no metric or no strategy, or a metric without a value for each strategy.
pub fn composite(losses: &[Vec<f64>], weights: &[f64], seed: u64) -> Option<Composite> {
    let strategies = losses.first()?.len();
    let valued = |row: &Vec<f64>| row.len() == strategies && row.iter().all(|x| x.is_finite());
    if strategies == 0 || losses.len() != weights.len() || !losses.iter().all(valued) {
        return None;
    }
    let scaled: Vec<Vec<f64>> = losses.iter().map(|row| scale(row)).collect();
    let scores = score(&scaled, weights, strategies);
    let ranking = rank(&scores);
    let mut draws = Philox::from_u64_seed(seed);
    let mut uniform = || rand_philox::u32_to_unit_f64(draws.next_u32());
    let mut survived = [0u32; 4];
    for _ in 0..TRIALS {
        let any: Vec<f64> = weights.iter().map(|_| -uniform().ln()).collect();
        let near: Vec<f64> = weights.iter().map(|w| w * (2.0 * uniform() - 1.0).exp2()).collect();
        for (other, slot) in [(any, 0), (near, 2)] {
            let again = rank(&score(&scaled, &other, strategies));
            survived[slot] += u32::from(again[0] == ranking[0]);
            survived[slot + 1] += u32::from(again == ranking);
        }
    }
    let share = |slot: usize| f64::from(survived[slot]) / f64::from(TRIALS);
    Some(Composite {
        scores,
        ranking,
        first_survives_any: share(0),
        ranking_survives_any: share(1),
        first_survives_near: share(2),
        ranking_survives_near: share(3),
    })
}

fn scale(row: &[f64]) -> Vec<f64> {
    let best = row.iter().copied().fold(f64::INFINITY, f64::min);
    let worst = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    row.iter().map(|x| if worst > best { (x - best) / (worst - best) } else { 0.0 }).collect()
}

fn score(scaled: &[Vec<f64>], weights: &[f64], strategies: usize) -> Vec<f64> {
    let whole: f64 = weights.iter().sum();
    (0..strategies).map(|s| scaled.iter().zip(weights).map(|(row, w)| w / whole * row[s]).sum()).collect()
}

fn rank(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(a.cmp(b)));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_best_in_everything_is_first_under_all_weights() {
        let result = composite(&[vec![1.0, 5.0, 9.0], vec![0.0, 2.0, 3.0]], &[1.0, 1.0], 1).unwrap();
        assert_eq!(result.scores[0], 0.0);
        assert_eq!(result.scores[2], 1.0);
        assert_eq!((result.first_survives_any, result.ranking_survives_any), (1.0, 1.0));
    }

    #[test]
    fn two_opposite_metrics_make_a_ranking_that_half_of_all_weights_turn_round() {
        let result = composite(&[vec![0.0, 1.0], vec![1.0, 0.0]], &[0.8, 0.2], 1).unwrap();
        assert_eq!(result.ranking, [0, 1]);
        assert!((result.scores[0] - 0.2).abs() < 1e-12);
        // The first wins where its weight is above one half: half of all weights; always within a factor of 2 of 4 to 1.
        assert!((result.first_survives_any - 0.5).abs() < 0.04, "{result:?}");
        assert_eq!(result.first_survives_near, 1.0);
    }

    #[test]
    fn nothing_to_score_gives_nothing() {
        assert_eq!(composite(&[], &[], 1), None);
        assert_eq!(composite(&[vec![]], &[1.0], 1), None);
        assert_eq!(composite(&[vec![1.0, 2.0], vec![]], &[1.0, 1.0], 1), None);
        assert_eq!(composite(&[vec![1.0, f64::NAN]], &[1.0], 1), None);
    }
}
