//! What the Libya run must show, on one person in twenty: who waits longest and why, and what shelter alone does.

use std::path::Path;

use corridor::engine::draws::Draws;
use corridor::experiment::inputs;
use corridor::experiment::paired::variance_ratio;
use corridor::experiment::replicate::side_by_side;
use corridor::outcome::Outcome;
use corridor::outcome::metrics::{Measured, measure};
use corridor::scenario::build::{Options, build};
use corridor::scenario::scenario::Order;
use corridor::scenario::world::World;
use corridor::scenario::{Scenario, read};

fn libya() -> Scenario {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/libya-2011");
    let (scenario, _) = read::read(&folder).unwrap_or_else(|problems| panic!("{problems}"));
    scenario
}

/// The run of `strategy` until the end of June, and its metrics.
fn run(scenario: &Scenario, strategy: &str) -> (Outcome, Measured) {
    let options = Options { until: Some("2011-06-30".parse().expect("a date")), scale: 20, ..Default::default() };
    let world = build(scenario, strategy, &options).expect("the strategy is there");
    let outcome = Outcome::of_run(&world, 1, 0, |_| ());
    let measured = measure(&world, &outcome);
    (outcome, measured)
}

/// Days stuck (stranded or trapped) per person who has left home, of the groups of `ids` together.
fn days_stuck(scenario: &Scenario, outcome: &Outcome, ids: &[&str]) -> f64 {
    let members: Vec<usize> =
        (0..scenario.groups.len()).filter(|g| ids.contains(&scenario.groups[*g].id.as_str())).collect();
    let groups = scenario.groups.len();
    let (mut stuck, mut left) = (0.0, 0.0);
    for counts in &outcome.days {
        for group in &members {
            left += f64::from(counts.left_home[*group]);
            for place in 0..counts.waiting.len() {
                let at = place * groups + group;
                stuck += f64::from(counts.stranded[at] + counts.trapped[at]);
            }
        }
    }
    stuck / left
}

/// Nationals whose States and employers came for them, and third-country nationals who can go home, but for whom hardly anybody came.
const HELPED: &[&str] = &["CHN", "TUR", "GBR", "ITA", "KOR", "USA"];
const ALONE: &[&str] = &["NGA", "GHA", "MLI", "BFA", "SEN", "BGD", "PAK"];

#[test]
fn those_whom_nobody_comes_for_are_stuck_longest_and_equal_means_shrink_the_gap() {
    let scenario = libya();
    let gap = |scenario: &Scenario, strategy: &str| {
        let (outcome, _) = run(scenario, strategy);
        days_stuck(scenario, &outcome, ALONE) - days_stuck(scenario, &outcome, HELPED)
    };
    let historical = gap(&scenario, "historical");
    assert!(historical > 1.0, "days stuck per person, alone less helped: {historical}");
    // Everybody has the papers, the money, the employers and the risk at checkpoints of the average person, and no seat is kept for one
    // nationality.
    let mut equal = scenario.clone();
    let count = equal.groups.len() as f64;
    let mean =
        |of: fn(&corridor::scenario::scenario::GroupRow) -> f64| scenario.groups.iter().map(of).sum::<f64>() / count;
    let (documents, supported) = (mean(|g| g.documents), mean(|g| g.supported));
    let (money, target) = (mean(|g| g.money_usd), mean(|g| g.target_risk));
    for group in &mut equal.groups {
        (group.documents, group.supported, group.money_usd, group.target_risk) = (documents, supported, money, target);
    }
    for strategy in equal.strategies.values_mut() {
        strategy.services.retain(|row| row.order != Order::Exclusive);
    }
    let equal = gap(&equal, "pooled-seats");
    assert!(equal.abs() < 0.7 * historical, "gap {equal} with equal means, {historical} without");
}

#[test]
fn shelter_alone_lowers_harm_and_does_not_end_stranding() {
    let scenario = libya();
    let ((_, none), (_, shelter), (_, historical)) =
        (run(&scenario, "none"), run(&scenario, "shelter-only"), run(&scenario, "historical"));
    let stuck = |measured: &Measured| measured.overall("M03").expect("measured");
    let harm = |measured: &Measured| measured.overall("M13").expect("measured");
    assert!(harm(&shelter) < harm(&none), "harm {} with shelter, {} without", harm(&shelter), harm(&none));
    assert!(stuck(&shelter) > 0.9 * stuck(&none), "{} with shelter, {} without", stuck(&shelter), stuck(&none));
    assert!(stuck(&historical) < stuck(&none), "{} under historical, {} under none", stuck(&historical), stuck(&none));
}

/// Ratio of the variances of `early` - `historical` under seeds of their own and under the same one, for M03 and M07, in small:
/// `cargo bench --bench common_luck` shows it for all metrics.
fn variance_ratios(worlds: impl Fn(&Draws) -> Vec<World> + Sync) -> [f64; 2] {
    let runs: Vec<Vec<[f64; 2]>> = side_by_side(worlds, 1, 0..40, |_, world, _, outcome| {
        let measured = measure(world, &outcome);
        ["M03", "M07"].map(|id| measured.overall(id).expect("a value"))
    });
    [0, 1].map(|metric| {
        let of = |strategy: usize| runs.iter().map(|run| run[strategy][metric]).collect::<Vec<f64>>();
        variance_ratio(&of(1), &of(0))
    })
}

#[test]
fn what_strategies_share_lowers_the_variance_of_their_difference_at_least_fivefold() {
    let scenario = libya();
    let strategies = ["historical".to_owned(), "early".to_owned()];
    let options = Options { scale: 100, ..Default::default() };
    // As `compare` draws: luck, and the numbers that have a range.
    let drawn = variance_ratios(|draws| inputs::worlds(&scenario, &strategies, &options, draws));
    assert!(drawn.iter().all(|ratio| *ratio >= 5.0), "{drawn:?}");
    // Luck alone: the order of events is not shared.
    let stated: Vec<World> = strategies.iter().filter_map(|name| build(&scenario, name, &options)).collect();
    let luck = variance_ratios(|_| stated.clone());
    assert!(luck.iter().all(|ratio| *ratio >= 2.0), "{luck:?}");
}
