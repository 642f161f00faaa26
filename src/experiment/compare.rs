//! Comparison of strategies with a baseline: the same people, the same luck, another response.
//!
//! Every strategy meets replication r with the same draws, of luck and of what is not known exactly (`inputs.rs`), so that what
//! differs is what the strategies change. Each metric is shown with its range, and what speaks against a strategy is said in words.
//! Which one the report names, and by which rule: `evidence.rs`.

use std::borrow::Cow;

use serde::Serialize;

use super::composite::composite;
use super::evidence::{self, Evidence, Leading};
use super::futures::{self, Range};
use super::inputs;
use super::paired::{self, Difference, LEVEL, RESAMPLES, SKEWED, Share};
use super::replicate::side_by_side;
use super::scores::{self, Aim, Scores};
use crate::engine::draws::Draws;
use crate::outcome::fit::quantile;
use crate::outcome::metrics::MetricInfo;
use crate::outcome::scene::Scene;
use crate::outcome::watch::Watch;
use crate::outcome::{SMALLEST_GROUP, held_by_group};
use crate::report::comparison::number;
use crate::scenario::Scenario;
use crate::scenario::build::{Options, build};
use crate::scenario::world::World;

/// Replications from which on intervals hold as stated (`benches/coverage.rs`).
pub const ENOUGH: u32 = 20;

/// What is compared, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Names of the strategies, the baseline first.
    pub strategies: Vec<String>,
    /// Metrics; the first is the one that `precision` is about. At least one.
    pub metrics: Vec<&'static MetricInfo>,
    /// Replications; at least 1.
    pub replications: u32,
    /// Seed of all runs.
    pub seed: u64,
    /// What runs ask of the world.
    pub options: Options,
    /// Go on until the half-width of every interval of the first metric is at most this share of the baseline's mean.
    pub precision: Option<f64>,
    /// Most replications then.
    pub most_replications: u32,
    /// Ranges of parameters that nobody knows.
    pub ranges: Vec<Range>,
    /// Futures drawn from them.
    pub futures: usize,
    /// Replications in each future.
    pub future_replications: u32,
    /// Weights of metrics for a composite, by id; empty: none.
    pub weights: Vec<(String, f64)>,
    /// Take every number as the files state it, also those that have a range.
    pub as_stated: bool,
}

#[cfg(test)]
impl Plan {
    /// A plan of these strategies and nothing else.
    pub(super) fn of(strategies: &[&str]) -> Self {
        Self {
            strategies: strategies.iter().map(|name| (*name).to_owned()).collect(),
            metrics: Vec::new(),
            replications: 20,
            seed: 1,
            options: Options::default(),
            precision: None,
            most_replications: 20,
            ranges: Vec::new(),
            futures: 0,
            future_replications: 1,
            weights: Vec::new(),
            as_stated: false,
        }
    }
}

/// What one strategy does to one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval lies on the better side.
    Better,
    /// The interval lies on the worse side.
    Worse,
    /// The interval lies on one side of a metric that is neither.
    More,
    /// Likewise.
    Fewer,
    /// The interval holds 0.
    Unclear,
    /// No replication differs.
    Same,
    /// Too few replications, or too few that differ, for an interval.
    TooFew,
}

/// Mean and quantiles over replications.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// What 5 % of the replications do not exceed.
    pub p05: f64,
    /// What 95 % of the replications do not exceed.
    pub p95: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        Self {
            mean: values.iter().sum::<f64>() / values.len() as f64,
            median: quantile(values, 0.5).unwrap_or(f64::NAN),
            p05: quantile(values, 0.05).unwrap_or(f64::NAN),
            p95: quantile(values, 0.95).unwrap_or(f64::NAN),
        }
    }
}

/// Paired difference from the baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Over replications.
    #[serde(flatten)]
    pub spread: Spread,
    /// Interval of the mean; holds together with those of the other strategies of this metric.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Mean difference over the baseline's mean.
    pub relative: Option<f64>,
    /// How often it is better than the baseline, given the same luck: share and 95 % interval.
    pub better: Option<[f64; 3]>,
    /// What it comes to.
    pub verdict: Verdict,
    /// By how many times common random numbers lower the variance of the difference; `None`: it does not vary at all.
    pub variance_ratio: Option<f64>,
    /// Skewness of the differences.
    pub skewness: f64,
}

/// One metric under one strategy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StrategyResult {
    /// Name of the strategy.
    pub strategy: String,
    /// Its values.
    pub value: Spread,
    /// Against the baseline; `None` for the baseline itself.
    pub change: Option<Change>,
}

/// One metric under all strategies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricResult {
    /// Id.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Whether less is better; `None`: neither.
    pub lower_is_better: Option<bool>,
    /// Replications in which every strategy has a value; only these count.
    pub replications: usize,
    /// By strategy, the baseline first; empty where no replication counts.
    pub strategies: Vec<StrategyResult>,
}

/// What a strategy does to those who are worst off.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstOff {
    /// Name of the strategy.
    pub strategy: String,
    /// Group with most days stranded or trapped per person under the baseline.
    pub group: String,
    /// Those days under the baseline.
    pub baseline_days: f64,
    /// Those of the same group under the strategy.
    pub days: f64,
    /// Interval of their mean difference; holds together with all others of this kind. `None`: too few replications.
    pub change: Option<(f64, f64)>,
    /// Group with most days under the strategy.
    pub group_now: String,
    /// Those days.
    pub days_now: f64,
    /// Interval of what they are more than those of the worst-off group under the baseline, likewise.
    pub change_now: Option<(f64, f64)>,
    /// Share of replications in which the group is worse off than under the baseline.
    pub worse_share: f64,
    /// Whether stranded and trapped days per person fall on average while the worst off are clearly worse off: one of the two intervals
    /// lies wholly above 0.
    pub harmed_while_mean_improves: bool,
}

impl WorstOff {
    /// Whether the interval of a change lies wholly above 0.
    fn clearly_more(change: Option<(f64, f64)>) -> bool {
        change.is_some_and(|(low, _)| low > 0.0)
    }

    /// Whom the strategy harms, and by how many days per person; `None` where it does not clearly harm, or does not help on average.
    pub fn harm(&self) -> Option<Harm<'_>> {
        let (anew, group, by) = if Self::clearly_more(self.change) {
            (false, &self.group, self.change)
        } else {
            (true, &self.group_now, self.change_now)
        };
        by.filter(|_| self.harmed_while_mean_improves).map(|by| Harm { anew, group, by })
    }
}

/// Harm to those who are worst off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harm<'a> {
    /// Whether another group is now worse off than anybody was; else it is the group worst off under the baseline.
    pub anew: bool,
    /// The group.
    pub group: &'a str,
    /// Interval of the days per person more than the worst off had under the baseline.
    pub by: (f64, f64),
}

/// How often and when a trigger of a strategy fired.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Firing {
    /// Name of the strategy.
    pub strategy: String,
    /// What the trigger starts.
    pub starts: String,
    /// Its condition.
    pub condition: String,
    /// Share of replications in which it fired.
    pub share: f64,
    /// Dates by which it had fired in 5, 50 and 95 % of those; `None`: never.
    pub dates: Option<[String; 3]>,
    /// Median days from firing to the peak of people stranded, below 0 where it comes after the peak; `None`: never.
    pub lead_days: Option<f64>,
}

/// What a strategy costs, and buys.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Efficiency {
    /// Name of the strategy.
    pub strategy: String,
    /// Mean extra cost over the baseline, USD.
    pub extra_cost_usd: f64,
    /// Mean person-days averted, stranded or trapped as the comparison's aim says.
    pub averted: f64,
    /// USD per person-day averted (M41); `None` where nothing is averted, or nothing is paid for it.
    pub usd_per_day_averted: Option<f64>,
    /// Interval of it; holds together with those of the other strategies. `None` where the data do not bound it, or are too few.
    pub interval: Option<(f64, f64)>,
    /// Strategies that cost no more and leave no more stuck, and less of one of the two, on average.
    pub dominated_by: Vec<String>,
    /// USD per further person-day averted (M42) beside the next cheaper strategy that is not dominated.
    pub incremental_usd: Option<f64>,
    /// That strategy.
    pub incremental_to: Option<String>,
}

/// Regret of one strategy over futures, in one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FutureResult {
    /// Name of the strategy.
    pub strategy: String,
    /// Greatest regret, in the unit of the metric.
    pub greatest_regret: f64,
    /// Future in which that is, from 1.
    pub in_future: usize,
    /// Mean regret.
    pub mean_regret: f64,
    /// Share of futures in which no strategy is better.
    pub best_share: f64,
    /// Share of futures in which it is better than the baseline; `None` for the baseline.
    pub better_share: Option<f64>,
}

/// Comparison over uncertain futures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FuturesResult {
    /// Parameters, with the ranges they were drawn from.
    pub ranges: Vec<(String, f64, f64)>,
    /// Values of the parameters in each future.
    pub points: Vec<Vec<f64>>,
    /// Replications in each.
    pub replications: u32,
    /// By metric id, then by strategy.
    pub metrics: Vec<(&'static str, Vec<FutureResult>)>,
    /// Whether any figure of any strategy differs between futures; where none does, the ranges do nothing here.
    pub any_difference: bool,
}

/// A composite score, on request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompositeResult {
    /// Metric ids and weights, adding up to 1.
    pub weights: Vec<(String, f64)>,
    /// Strategies from best to worst, with scores from 0 (best in everything) to 1.
    pub ranking: Vec<(String, f64)>,
    /// Share of all possible weights under which the first stays first.
    pub first_survives_any: f64,
    /// Share of all possible weights under which the whole ranking stays.
    pub ranking_survives_any: f64,
    /// Share of weights within a factor of 2 under which the first stays first.
    pub first_survives_near: f64,
    /// Share of weights within a factor of 2 under which the whole ranking stays.
    pub ranking_survives_near: f64,
}

/// A comparison of strategies.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// Whom a response is to leave fewer of: what `leading` and `efficiency` count.
    pub aim: Aim,
    /// Title of the scenario.
    pub scenario: String,
    /// Hash of its files.
    pub content_hash: String,
    /// Names and titles, the baseline first.
    pub strategies: Vec<(String, String)>,
    /// Replications made.
    pub replications: u32,
    /// Seed.
    pub seed: u64,
    /// People that one simulated person stands for.
    pub scale: u32,
    /// Numbers of the files that each replication draws within the range stated for them, alike under every strategy.
    pub drawn: usize,
    /// Level at which the intervals of a metric hold together.
    pub level: f64,
    /// Precision reached, as share of the baseline's mean of the first metric; 0 where no run differs; `None`: no interval, or a
    /// baseline of 0.
    pub precision: Option<f64>,
    /// Precision that was asked for.
    pub wanted_precision: Option<f64>,
    /// Metrics.
    pub metrics: Vec<MetricResult>,
    /// Whether nobody is stranded and nobody trapped in any run, so that this tells no strategies apart.
    pub nobody_stuck: bool,
    /// Which response strands fewest, and how sure that is; `None`: none is clearly better than the baseline.
    pub leading: Option<Leading>,
    /// Whether none leads and there are too few replications to say so of all: more of them may change that.
    pub too_few: bool,
    /// Those worst off, by strategy.
    pub worst_off: Vec<WorstOff>,
    /// Cost and what it buys, by strategy.
    pub efficiency: Vec<Efficiency>,
    /// Whether another strategy costs no more than the baseline and strands no more, and less of one of the two.
    pub baseline_dominated: bool,
    /// Triggers of all strategies.
    pub firings: Vec<Firing>,
    /// Over uncertain futures, where ranges were given.
    pub futures: Option<FuturesResult>,
    /// A composite, where weights were given.
    pub composite: Option<CompositeResult>,
    /// Metrics with a weight that have no value under every strategy in any replication: there is then no composite.
    pub not_weighed: Vec<&'static str>,
    /// What a reader must know before using the numbers.
    pub warnings: Vec<String>,
    /// What reports show beside the tables.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Compares. `on_run` hears of every run that is over. The error says what in the plan cannot be done.
pub fn compare(scenario: &Scenario, plan: &Plan, on_run: &(dyn Fn() + Sync)) -> Result<Comparison, String> {
    check(scenario, plan)?;
    let worlds: Vec<World> = plan.strategies.iter().filter_map(|name| build(scenario, name, &plan.options)).collect();
    let drawn = if plan.as_stated { 0 } else { inputs::count(scenario, &plan.strategies, &plan.options) };
    let mut table: Vec<Vec<Scores>> = vec![Vec::new(); worlds.len()];
    let recorded = evidence::recorded(scenario, plan);
    let watch = Watch::new(&scenario.observations, &worlds[recorded]);
    let watched = (!watch.panels.is_empty()).then_some((recorded, watch));
    let mut metrics;
    let mut wanted = plan.replications.max(1);
    loop {
        let first = table[0].len() as u32;
        let meets = meets(scenario, plan, &plan.options, &worlds, drawn);
        extend(&mut table, meets, plan, first..wanted, watched.as_ref(), on_run);
        metrics = (0..plan.metrics.len()).map(|m| metric(m, plan, &table)).collect::<Vec<_>>();
        let more = plan.precision.map_or(wanted, |asked| enough(wanted, precision(&metrics[0]), asked));
        if more <= wanted || wanted >= plan.most_replications {
            break;
        }
        wanted = more.min(plan.most_replications);
    }
    let futures = if plan.ranges.is_empty() { None } else { Some(over_futures(scenario, plan, drawn, on_run)) };
    let composite = weigh(plan, &metrics);
    let weighed = |metric: &&MetricResult| plan.weights.iter().any(|(id, _)| id == metric.id);
    let not_weighed = metrics.iter().filter(weighed).filter(|m| m.replications == 0).map(|m| m.id).collect();
    let aim = Aim::of(&table, plan.seed);
    let efficiency = efficiency(plan, &table, aim);
    let worst_off = worst_off(plan, &worlds, &table);
    let harmful: Vec<&str> =
        worst_off.iter().filter(|w| w.harmed_while_mean_improves).map(|w| w.strategy.as_str()).collect();
    let leading = evidence::leading(plan, &table, aim, &harmful, &efficiency);
    let judged = || paired::joint(&scores::averted(&table, aim), LEVEL, RESAMPLES, plan.seed);
    let mut comparison = Comparison {
        aim,
        nobody_stuck: scores::nobody_stuck(&table),
        too_few: leading.is_none() && judged().iter().any(|d| d.interval.is_none()),
        leading,
        scenario: scenario.header.title.clone(),
        content_hash: scenario.content_hash.clone(),
        strategies: plan.strategies.iter().map(|n| (n.clone(), scenario.strategies[n].title.clone())).collect(),
        replications: table[0].len() as u32,
        seed: plan.seed,
        scale: plan.options.scale,
        drawn,
        level: LEVEL,
        precision: precision(&metrics[0]),
        wanted_precision: plan.precision,
        worst_off,
        baseline_dominated: efficiency
            .iter()
            .any(|e| e.extra_cost_usd <= 0.0 && e.averted >= 0.0 && (e.extra_cost_usd < 0.0 || e.averted > 0.0)),
        efficiency,
        firings: firings(plan, &worlds, &table),
        metrics,
        futures,
        composite,
        not_weighed,
        warnings: Vec::new(),
        evidence: evidence::evidence(plan, worlds, &table, aim, watched),
    };
    comparison.warnings = warnings(&comparison);
    Ok(comparison)
}

fn check(scenario: &Scenario, plan: &Plan) -> Result<(), String> {
    for (index, name) in plan.strategies.iter().enumerate() {
        if !scenario.strategies.contains_key(name) {
            let known: Vec<&str> = scenario.strategies.keys().map(String::as_str).collect();
            return Err(format!("there is no strategy '{name}'; known are {}", known.join(", ")));
        }
        if plan.strategies[..index].contains(name) {
            return Err(format!("the strategy '{name}' is named twice (the baseline counts too)"));
        }
    }
    if plan.metrics.is_empty() {
        return Err("there is nothing to compare by: name a metric".into());
    }
    if plan.strategies.len() < 2 {
        return Err("there is nothing to compare: name a strategy beside the baseline".into());
    }
    for (id, weight) in &plan.weights {
        if !plan.metrics.iter().any(|m| m.id == id && m.lower_is_better.is_some()) {
            let ids: Vec<&str> = plan.metrics.iter().filter(|m| m.lower_is_better.is_some()).map(|m| m.id).collect();
            return Err(format!("'{id}' cannot be weighed; metrics that can are {}", ids.join(", ")));
        }
        if !(weight.is_finite() && *weight > 0.0) {
            return Err(format!("the weight of {id} must be above 0"));
        }
    }
    Ok(())
}

/// The worlds that a replication meets: `stated` ones of the plan's strategies, or, where numbers are `drawn`, with these drawn for it.
fn meets<'w>(
    scenario: &Scenario,
    plan: &Plan,
    options: &Options,
    stated: &'w [World],
    drawn: usize,
) -> impl Fn(&Draws) -> Vec<Cow<'w, World>> + Sync {
    move |draws| {
        if drawn == 0 {
            return stated.iter().map(Cow::Borrowed).collect();
        }
        inputs::worlds(scenario, &plan.strategies, options, draws).into_iter().map(Cow::Owned).collect()
    }
}

/// Runs the replications of all worlds and adds what is kept of them to `table`, strategies x replications.
fn extend<'w>(
    table: &mut [Vec<Scores>],
    meets: impl Fn(&Draws) -> Vec<Cow<'w, World>> + Sync,
    plan: &Plan,
    replications: std::ops::Range<u32>,
    watched: Option<&(usize, Watch)>,
    on_run: &(dyn Fn() + Sync),
) {
    let kept = side_by_side(meets, plan.seed, replications, |strategy, world, replication, outcome| {
        let mut scores = Scores::of(world, &outcome, &plan.metrics);
        scores.scene = (replication == 0).then(|| Scene::of(world, &outcome));
        scores.followed = watched.filter(|w| w.0 == strategy).map(|(_, watch)| watch.follow(world, &outcome));
        on_run();
        scores
    });
    for scores in kept {
        table.iter_mut().zip(scores).for_each(|(of_strategy, scores)| of_strategy.push(scores));
    }
}

fn differences(strategy: &[f64], baseline: &[f64]) -> Vec<f64> {
    strategy.iter().zip(baseline).map(|(a, b)| a - b).collect()
}

fn metric(m: usize, plan: &Plan, table: &[Vec<Scores>]) -> MetricResult {
    let info = plan.metrics[m];
    let columns = scores::complete(table, m);
    let replications = columns[0].len();
    let mut result = MetricResult {
        id: info.id,
        name: info.name,
        unit: info.unit,
        lower_is_better: info.lower_is_better,
        replications,
        strategies: Vec::new(),
    };
    if replications == 0 {
        return result;
    }
    let paired: Vec<Vec<f64>> = columns[1..].iter().map(|c| differences(c, &columns[0])).collect();
    let joint = paired::joint(&paired, LEVEL, RESAMPLES, plan.seed);
    for (index, (name, values)) in plan.strategies.iter().zip(&columns).enumerate() {
        let change = index.checked_sub(1).map(|i| {
            let ratio = paired::variance_ratio(values, &columns[0]);
            change(info.lower_is_better, &joint[i], &paired[i], Spread::of(&columns[0]).mean, ratio)
        });
        result.strategies.push(StrategyResult { strategy: name.clone(), value: Spread::of(values), change });
    }
    result
}

fn change(
    lower_is_better: Option<bool>,
    difference: &Difference,
    paired: &[f64],
    baseline: f64,
    variance_ratio: f64,
) -> Change {
    let better = lower_is_better.and_then(|lower| paired::better(paired, lower));
    let verdict = match (difference.interval, difference.sign(), lower_is_better) {
        _ if paired.iter().all(|d| *d == 0.0) => Verdict::Same,
        (None, ..) => Verdict::TooFew,
        (_, 0, _) => Verdict::Unclear,
        (_, sign, Some(lower)) if (sign < 0) == lower => Verdict::Better,
        (_, _, Some(_)) => Verdict::Worse,
        (_, -1, None) => Verdict::Fewer,
        (_, _, None) => Verdict::More,
    };
    let [median, p05, p95] = difference.quantiles;
    Change {
        spread: Spread { mean: difference.mean, median, p05, p95 },
        low: difference.interval.map(|i| i.0),
        high: difference.interval.map(|i| i.1),
        relative: (baseline != 0.0).then(|| difference.mean / baseline),
        better: better.map(|Share { share, low, high }| [share, low, high]),
        verdict,
        variance_ratio: Some(variance_ratio).filter(|r| r.is_finite()),
        skewness: difference.skewness,
    }
}

/// Replications that a precision of `asked` takes, judged by that `reached` in `made`; half-widths shrink with their square root. At
/// most four times as many as were made, since few judge badly; twice as many where nothing is known yet.
fn enough(made: u32, reached: Option<f64>, asked: f64) -> u32 {
    match reached {
        Some(reached) if reached <= asked => made,
        Some(reached) => {
            let times = (reached / asked).powi(2).min(4.0);
            ((f64::from(made) * times).ceil() as u32).max(made.saturating_add(1))
        }
        None => made.saturating_mul(2),
    }
}

/// Largest half-width of an interval over the baseline's mean; 0 where no replication differs.
fn precision(metric: &MetricResult) -> Option<f64> {
    let baseline = metric.strategies.first()?.value.mean.abs();
    let mut changes = metric.strategies.iter().filter_map(|s| s.change.as_ref());
    if changes.all(|change| change.verdict == Verdict::Same) {
        return Some(0.0);
    }
    let mut widest = 0.0f64;
    for change in metric.strategies.iter().filter_map(|s| s.change.as_ref()) {
        if change.verdict != Verdict::Same {
            widest = widest.max((change.high? - change.low?) / 2.0);
        }
    }
    (baseline > 0.0).then(|| widest / baseline)
}

/// Days per person by group, mean over replications; groups of fewer than 30 simulated persons are left out.
pub(super) fn mean_burden(world: &World, runs: &[Scores]) -> Vec<(usize, f64)> {
    let persons = held_by_group(world, |_| true);
    (0..world.groups.len())
        .filter(|g| persons[*g] >= SMALLEST_GROUP)
        .map(|g| (g, runs.iter().filter_map(|r| r.burden[g]).sum::<f64>() / runs.len() as f64))
        .collect()
}

fn worst_off(plan: &Plan, worlds: &[World], table: &[Vec<Scores>]) -> Vec<WorstOff> {
    let worst = |burdens: &[(usize, f64)]| {
        burdens
            .iter()
            .copied()
            .fold(None, |best: Option<(usize, f64)>, b| best.filter(|best| best.1 >= b.1).or(Some(b)))
    };
    let persons = held_by_group(&worlds[0], |_| true);
    let whole = |burdens: &[(usize, f64)]| burdens.iter().map(|(g, days)| days * persons[*g]).sum::<f64>();
    let burdens: Vec<Vec<(usize, f64)>> = worlds.iter().zip(table).map(|(w, runs)| mean_burden(w, runs)).collect();
    let Some((group, baseline_days)) = worst(&burdens[0]).filter(|(_, days)| *days > 0.0) else { return Vec::new() };
    let now: Vec<(usize, f64)> = burdens.iter().map(|b| worst(b).unwrap_or((group, baseline_days))).collect();
    // Run by run: the group worst off under the baseline, then the one worst off now, beside the former under the baseline.
    let more = |s: usize, of: usize| -> Vec<f64> {
        let pairs = table[s].iter().zip(&table[0]);
        pairs.map(|(run, base)| run.burden[of].unwrap_or(0.0) - base.burden[group].unwrap_or(0.0)).collect()
    };
    let others = 1..table.len();
    let changes: Vec<Vec<f64>> = others.clone().flat_map(|s| [more(s, group), more(s, now[s].0)]).collect();
    let joint = paired::joint(&changes, LEVEL, RESAMPLES, plan.seed);
    let mut results = Vec::new();
    for s in others {
        let (change, change_now) = (joint[2 * s - 2].interval, joint[2 * s - 1].interval);
        let clearly = WorstOff::clearly_more(change) || WorstOff::clearly_more(change_now);
        let worse = changes[2 * s - 2].iter().filter(|days| **days > 0.0).count();
        results.push(WorstOff {
            strategy: plan.strategies[s].clone(),
            group: worlds[0].groups[group].name.clone(),
            baseline_days,
            days: burdens[s].iter().find(|b| b.0 == group).map_or(0.0, |b| b.1),
            change,
            group_now: worlds[s].groups[now[s].0].name.clone(),
            days_now: now[s].1,
            change_now,
            worse_share: worse as f64 / table[s].len() as f64,
            harmed_while_mean_improves: clearly && whole(&burdens[s]) < whole(&burdens[0]),
        });
    }
    results
}

fn firings(plan: &Plan, worlds: &[World], table: &[Vec<Scores>]) -> Vec<Firing> {
    let mut firings = Vec::new();
    for ((name, world), runs) in plan.strategies.iter().zip(worlds).zip(table) {
        for (t, trigger) in world.response.triggers.iter().enumerate() {
            let days: Vec<f64> = runs.iter().filter_map(|r| r.fired[t].map(f64::from)).collect();
            let lead = |r: &Scores| Some(f64::from(r.peak_day?) - f64::from(r.fired[t]?));
            let leads: Vec<f64> = runs.iter().filter_map(lead).collect();
            let date = |p: f64| {
                (world.start + chrono::Days::new(quantile(&days, p).unwrap_or(f64::NAN).round() as u64)).to_string()
            };
            firings.push(Firing {
                strategy: name.clone(),
                starts: trigger.name.clone(),
                condition: trigger.text.clone(),
                share: days.len() as f64 / runs.len() as f64,
                dates: (!days.is_empty()).then(|| [0.05, 0.5, 0.95].map(date)),
                lead_days: quantile(&leads, 0.5),
            });
        }
    }
    firings
}

pub(super) fn efficiency(plan: &Plan, table: &[Vec<Scores>], aim: Aim) -> Vec<Efficiency> {
    let column =
        |of: &dyn Fn(&Scores) -> f64| -> Vec<Vec<f64>> { table.iter().map(|r| r.iter().map(of).collect()).collect() };
    let (stuck, cost) = (column(&|r| r.stuck(aim)), column(&|r| r.cost));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let means: Vec<(f64, f64)> = cost.iter().zip(&stuck).map(|(c, s)| (mean(c), mean(s))).collect();
    let dominates = |a: usize, b: usize| means[a].0 <= means[b].0 && means[a].1 <= means[b].1 && means[a] != means[b];
    let undominated: Vec<usize> =
        (0..table.len()).filter(|s| !(0..table.len()).any(|other| dominates(other, *s))).collect();
    let extra: Vec<Vec<f64>> = cost[1..].iter().map(|of| differences(of, &cost[0])).collect();
    let averted = scores::averted(table, aim);
    let intervals = paired::ratios(&extra, &averted, LEVEL, RESAMPLES, plan.seed);
    (1..table.len())
        .map(|s| {
            let (extra_mean, averted_mean) = (mean(&extra[s - 1]), mean(&averted[s - 1]));
            let defined = averted_mean > 0.0 && extra_mean > 0.0;
            // The dearest of the strategies that are cheaper and not dominated: what the extra money buys beside it.
            let cheaper = undominated.iter().copied().filter(|o| undominated.contains(&s) && means[*o].0 < means[s].0);
            let next = cheaper.max_by(|a, b| means[*a].0.total_cmp(&means[*b].0));
            Efficiency {
                strategy: plan.strategies[s].clone(),
                extra_cost_usd: extra_mean,
                averted: averted_mean,
                usd_per_day_averted: defined.then(|| extra_mean / averted_mean),
                interval: intervals[s - 1].filter(|_| defined),
                dominated_by: (0..table.len())
                    .filter(|other| dominates(*other, s))
                    .map(|other| plan.strategies[other].clone())
                    .collect(),
                incremental_usd: next.map(|o| (means[s].0 - means[o].0) / (means[o].1 - means[s].1)),
                incremental_to: next.map(|o| plan.strategies[o].clone()),
            }
        })
        .collect()
}

fn over_futures(scenario: &Scenario, plan: &Plan, drawn: usize, on_run: &(dyn Fn() + Sync)) -> FuturesResult {
    let points = futures::futures(&plan.ranges, plan.futures, plan.seed);
    let mut values: Vec<Vec<Vec<Option<f64>>>> = vec![Vec::new(); plan.metrics.len()];
    for point in &points {
        let mut options = plan.options.clone();
        let mut parameters = options.parameters.unwrap_or_else(|| scenario.parameters.clone());
        for (range, value) in plan.ranges.iter().zip(point) {
            // Ranges were checked when they were read.
            let _ = parameters.set(&range.parameter, *value);
        }
        options.parameters = Some(parameters);
        let worlds: Vec<World> = plan.strategies.iter().filter_map(|name| build(scenario, name, &options)).collect();
        let mut table = vec![Vec::new(); worlds.len()];
        let meets = meets(scenario, plan, &options, &worlds, drawn);
        extend(&mut table, meets, plan, 0..plan.future_replications.max(1), None, on_run);
        for (m, rows) in values.iter_mut().enumerate() {
            let columns = scores::complete(&table, m);
            let mean = |c: &Vec<f64>| (!c.is_empty()).then(|| c.iter().sum::<f64>() / c.len() as f64);
            rows.push(columns.iter().map(mean).collect());
        }
    }
    let mut metrics = Vec::new();
    for (info, rows) in plan.metrics.iter().zip(&values) {
        let Some((lower, regrets)) = info.lower_is_better.and_then(|l| Some((l, futures::regret(rows, l)?))) else {
            continue;
        };
        let results = regrets.into_iter().enumerate().map(|(s, regret)| {
            let pairs: Vec<f64> = rows.iter().filter_map(|row| Some(row[s]? - row[0]?)).collect();
            FutureResult {
                strategy: plan.strategies[s].clone(),
                greatest_regret: regret.greatest,
                in_future: regret.in_future + 1,
                mean_regret: regret.mean,
                best_share: regret.best,
                better_share: paired::better(&pairs, lower).filter(|_| s > 0).map(|b| b.share),
            }
        });
        metrics.push((info.id, results.collect()));
    }
    FuturesResult {
        any_difference: values.iter().any(|rows| rows.windows(2).any(|pair| pair[0] != pair[1])),
        ranges: plan.ranges.iter().map(|r| (r.parameter.clone(), r.low, r.high)).collect(),
        points,
        replications: plan.future_replications.max(1),
        metrics,
    }
}

fn weigh(plan: &Plan, metrics: &[MetricResult]) -> Option<CompositeResult> {
    let mut losses = Vec::new();
    for (id, _) in &plan.weights {
        let metric = metrics.iter().find(|m| m.id == id)?;
        let sign = if metric.lower_is_better? { 1.0 } else { -1.0 };
        losses.push(metric.strategies.iter().map(|s| sign * s.value.mean).collect());
    }
    // Beside the greatest, so that no sum of them overflows.
    let greatest = plan.weights.iter().map(|w| w.1).fold(0.0, f64::max);
    let weights: Vec<f64> = plan.weights.iter().map(|w| w.1 / greatest).collect();
    let result = composite(&losses, &weights, plan.seed)?;
    let whole: f64 = weights.iter().sum();
    Some(CompositeResult {
        weights: plan.weights.iter().zip(&weights).map(|((id, _), w)| (id.clone(), w / whole)).collect(),
        ranking: result.ranking.iter().map(|s| (plan.strategies[*s].clone(), result.scores[*s])).collect(),
        first_survives_any: result.first_survives_any,
        ranking_survives_any: result.ranking_survives_any,
        first_survives_near: result.first_survives_near,
        ranking_survives_near: result.ranking_survives_near,
    })
}

fn warnings(comparison: &Comparison) -> Vec<String> {
    let mut warnings = Vec::new();
    if comparison.replications < ENOUGH {
        warnings.push(format!(
            "{} replications are few: intervals are known to hold as stated from {ENOUGH} on",
            comparison.replications
        ));
    }
    for metric in &comparison.metrics {
        let skewed = |s: &&StrategyResult| s.change.as_ref().is_some_and(|c| c.skewness.abs() > SKEWED);
        let skewed: Vec<&str> = metric.strategies.iter().filter(skewed).map(|s| s.strategy.as_str()).collect();
        if !skewed.is_empty() && comparison.replications < 50 {
            let names = skewed.join(", ");
            warnings.push(format!(
                "{}: differences of {names} are very skewed; 50 replications are wanted for the stated level",
                metric.name
            ));
        }
        if metric.replications == 0 {
            warnings.push(format!("{}: no replication has a value under every strategy", metric.name));
        } else if metric.replications < comparison.replications as usize {
            warnings.push(format!(
                "{}: only {} of {} replications have a value under every strategy",
                metric.name, metric.replications, comparison.replications
            ));
        }
    }
    for (row, harm) in comparison.worst_off.iter().filter_map(|row| Some((row, row.harm()?))) {
        let (low, high) = (number(harm.by.0), number(harm.by.1));
        let whom = if harm.anew {
            let (group, before) = (harm.group, &row.group);
            format!(
                "another group ({group}) is now worse off than anybody was: by {low} to {high} days per person more than {before} before"
            )
        } else {
            let share = 100.0 * row.worse_share;
            format!(
                "the worst-off group ({}) is stuck {low} to {high} days per person longer, longer in {share:.0} % of replications",
                harm.group
            )
        };
        warnings.push(format!("{} helps on average, but {whom}", row.strategy));
    }
    if !comparison.not_weighed.is_empty() {
        let ids = comparison.not_weighed.join(", ");
        warnings.push(format!(
            "there is no composite: {ids} has a weight and no value under every strategy in any replication"
        ));
    }
    if comparison.futures.as_ref().is_some_and(|futures| !futures.any_difference) {
        warnings.push("the drawn futures changed no figure: these ranges do nothing in this scenario".to_owned());
    }
    if let (Some(wanted), reached) = (comparison.wanted_precision, comparison.precision)
        && reached.is_none_or(|r| r > wanted)
    {
        let reached = reached.map_or("not known".to_owned(), |r| format!("{:.1} %", 100.0 * r));
        warnings.push(format!(
            "the wanted precision of {:.1} % was not reached in {} replications (it is {reached})",
            100.0 * wanted,
            comparison.replications
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::read::read;
    use crate::scenario::write::write_template;

    #[test]
    fn harm_is_told_only_where_its_interval_lies_above_0() {
        let dir = tempfile::tempdir().unwrap();
        write_template(&dir.path().join("mini")).unwrap();
        let (scenario, _) = read(&dir.path().join("mini")).unwrap();
        let world = build(&scenario, "none", &Options::default()).unwrap();
        let groups = world.groups.len();
        assert!(groups > 1);
        // Days of the first group, who is worst off, and of the second; the mean of all falls by the latter.
        let runs = |first: &dyn Fn(i32) -> f64, second: f64| -> Vec<Scores> {
            let burden = |r: i32| (0..groups).map(|g| Some([first(r), second, 0.0][g.min(2)])).collect();
            (0..12).map(|r| Scores::made(0.0, 0.0, 0.0, burden(r))).collect()
        };
        let noise = |r: i32| f64::from(r * 5 % 12) / 10.0;
        let table = [
            runs(&|_| 35.0, 30.0),
            runs(&|r| 34.55 + noise(r), 5.0),
            runs(&|r| 36.0 + noise(r), 5.0),
            runs(&|r| 10.0 + noise(r), 36.5),
        ];
        let worlds = [(); 4].map(|()| world.clone());
        let rows = worst_off(&Plan::of(&["none", "unclear", "harms", "others"]), &worlds, &table);
        assert!(rows[0].days > rows[0].baseline_days, "worse off on average");
        assert!(rows[0].harm().is_none() && !rows[0].harmed_while_mean_improves, "but not clearly: {:?}", rows[0]);
        let harm = rows[1].harm().unwrap();
        assert!(!harm.anew && harm.group == world.groups[0].name && harm.by.0 > 1.0, "{harm:?}");
        // The second group is now worse off than the first was, though the mean of all falls.
        let harm = rows[2].harm().unwrap();
        assert_eq!((harm.anew, harm.group, harm.by), (true, world.groups[1].name.as_str(), (1.5, 1.5)));
    }

    #[test]
    fn replications_grow_with_the_square_of_what_is_missing() {
        assert_eq!(enough(100, Some(0.02), 0.02), 100);
        assert_eq!(enough(100, Some(0.025), 0.02), 157);
        assert_eq!(enough(100, Some(0.5), 0.02), 400, "at most four times as many at once");
        assert_eq!(enough(100, Some(0.020_000_1), 0.02), 101);
        assert_eq!(enough(8, None, 0.02), 16);
    }
}
