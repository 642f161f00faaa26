//! What a report of a comparison shows beside its tables: courses over time, places, groups, the record, and which response leads.

use serde::Serialize;

use super::compare::{Efficiency, Plan};
use super::firing::{self, Fired};
use super::paired::{self, LEVEL, RESAMPLES};
use super::scores::{self, Aim, SIZING, Scores};
use crate::outcome::fit::quantile;
use crate::outcome::held_by_group;
use crate::outcome::scene::Scene;
use crate::outcome::spread::Spread;
use crate::outcome::watch::{Followed, Watch};
use crate::scenario::Scenario;
use crate::scenario::world::World;

/// Which response to prefer if fewest are to be stuck as the comparison's [`Aim`] counts them, by a stated rule, and how sure that is.
///
/// Eligible are the strategies that are clearly better than the baseline and do not harm the worst off (where all harm them: all clearly
/// better ones), and that no other of them dominates: costs no more and leaves no more stuck on average, and less of one of the two. Of
/// these, the one that costs least among those that are not clearly worse than any that leaves fewer on average.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leading {
    /// The strategy.
    pub strategy: String,
    /// Whether it harms the worst off while it helps on average, as then all do that are clearly better.
    pub harms: bool,
    /// Strategies that leave fewer stuck on average but harm the worst off, and were passed over for it.
    pub passed_over: Vec<String>,
    /// Mean of person-days averted beside the baseline, and the interval that holds with those of all strategies.
    pub averted: (f64, f64, f64),
    /// That mean as a share of the baseline's.
    pub relative: Option<f64>,
    /// What it averts in single replications: 5 and 95 % of them do not exceed these.
    pub in_single_runs: (f64, f64),
    /// Replications in which it leaves fewer stuck than the baseline.
    pub better_in: usize,
    /// Replications in which it leaves as many.
    pub as_good_in: usize,
    /// Strategies with fewer person-days on average, but not clearly so: they cost more.
    pub tied: Vec<String>,
    /// Strategies with exactly as many person-days on average: they cost as much or more.
    pub equal: Vec<String>,
    /// Of the others that could have been preferred, the one with the lowest mean above its own; `None`: there is none.
    pub runner_up: Option<String>,
    /// Person-days that the runner-up has more: mean and interval, if the replications give one.
    pub ahead: (f64, Option<(f64, f64)>),
    /// Beside the best of the cheaper ones that could have been preferred; `None`: none of them is cheaper.
    pub marginal: Option<Marginal>,
    /// The strategy that averts a day at the least cost, of those that could have been preferred; `None`: they cost nothing.
    pub cheapest: Option<String>,
    /// Strategies that are clearly better than the baseline.
    pub clear: Vec<String>,
}

/// What the leading strategy costs and averts more than a cheaper one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Marginal {
    /// The cheaper strategy.
    pub beside: String,
    /// Mean cost more, USD.
    pub extra_usd: f64,
    /// Mean of person-days averted more.
    pub averted: f64,
    /// That as a share of what the cheaper one averts.
    pub relative: f64,
    /// Interval of the mean of deaths more (M19), where that metric was compared.
    pub deaths: Option<(f64, f64)>,
}

/// One group under every strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupBurden {
    /// Name of the group.
    pub name: String,
    /// People at the start.
    pub people: f64,
    /// Mean days stranded or trapped per person, by strategy.
    pub days: Vec<f64>,
}

/// The runs of one strategy beside the record.
#[derive(Debug, Clone)]
pub struct RecordOf {
    /// Number of the strategy in the comparison.
    pub strategy: usize,
    /// What was watched.
    pub watch: Watch,
    /// What was kept of each replication.
    pub runs: Vec<Followed>,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// People who count for the comparison's aim on each day, over replications, by strategy.
    pub stuck: Vec<Vec<Spread>>,
    /// Replication 0 of every strategy.
    pub scenes: Vec<Scene>,
    /// Groups of at least 30 simulated persons, those worst off under the baseline first.
    pub groups: Vec<GroupBurden>,
    /// The record, where there is one, beside the strategy that the scenario runs by default.
    pub record: Option<RecordOf>,
    /// By strategy, each of [`SIZING`].
    pub sizing: Vec<[Option<Spread>; SIZING.len()]>,
    /// When each trigger fired, in every run.
    pub firings: Vec<Fired>,
    /// The worlds that were run, by strategy: links and services differ between them.
    pub worlds: Vec<World>,
}

/// Number of the strategy whose runs are set beside the record: the scenario's default, if it is compared, else the baseline.
pub fn recorded(scenario: &Scenario, plan: &Plan) -> usize {
    plan.strategies.iter().position(|name| *name == scenario.header.default_strategy).unwrap_or(0)
}

/// The evidence in `table`, strategies x replications.
pub fn evidence(
    plan: &Plan,
    worlds: Vec<World>,
    table: &[Vec<Scores>],
    aim: Aim,
    record: Option<(usize, Watch)>,
) -> Evidence {
    let days = usize::from(worlds[0].days);
    let daily = |runs: &Vec<Scores>| -> Vec<Spread> {
        let on = |day: usize| Spread::of(runs.iter().filter_map(|r| Some(f64::from(*r.daily(aim).get(day)?))));
        (0..days).map(|day| on(day).unwrap_or_default()).collect()
    };
    let sizing = |runs: &Vec<Scores>| std::array::from_fn(|k| Spread::of(runs.iter().filter_map(|r| r.sizing[k])));
    let log = |(world, runs): (&World, &Vec<Scores>)| -> Vec<Fired> {
        let of_run = |(r, run): (usize, &Scores)| firing::log(world, r as u32, &run.fired, run.peak_day);
        runs.iter().enumerate().flat_map(of_run).collect()
    };
    let record = record.map(|(strategy, watch)| RecordOf {
        strategy,
        watch,
        runs: table[strategy].iter().filter_map(|r| r.followed.clone()).collect(),
    });
    debug_assert_eq!(plan.strategies.len(), table.len());
    Evidence {
        stuck: table.iter().map(daily).collect(),
        scenes: table.iter().map(|runs| runs.iter().find_map(|r| r.scene.clone()).unwrap_or_default()).collect(),
        groups: groups(&worlds, table),
        record,
        sizing: table.iter().map(sizing).collect(),
        firings: worlds.iter().zip(table).flat_map(log).collect(),
        worlds,
    }
}

fn groups(worlds: &[World], table: &[Vec<Scores>]) -> Vec<GroupBurden> {
    let world = &worlds[0];
    let persons = held_by_group(world, |_| true);
    let burdens: Vec<Vec<(usize, f64)>> =
        worlds.iter().zip(table).map(|(w, runs)| super::compare::mean_burden(w, runs)).collect();
    let of = |group: usize| GroupBurden {
        name: world.groups[group].name.clone(),
        people: persons[group] * f64::from(world.scale),
        days: burdens.iter().map(|b| b.iter().find(|x| x.0 == group).map_or(f64::NAN, |x| x.1)).collect(),
    };
    let mut groups: Vec<GroupBurden> = burdens[0].iter().map(|(group, _)| of(*group)).collect();
    groups.sort_by(|a, b| b.days[0].total_cmp(&a.days[0]));
    groups
}

/// Which response to prefer; `None`: none is clearly better than the baseline. `harmful` are those that harm the worst off.
pub fn leading(
    plan: &Plan,
    table: &[Vec<Scores>],
    aim: Aim,
    harmful: &[&str],
    efficiency: &[Efficiency],
) -> Option<Leading> {
    let stuck: Vec<Vec<f64>> = table.iter().map(|runs| runs.iter().map(|r| r.stuck(aim)).collect()).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let means: Vec<f64> = stuck.iter().map(|v| mean(v)).collect();
    let cost = |s: usize| efficiency[s - 1].extra_cost_usd;
    let averted = scores::averted(table, aim);
    let joint = paired::joint(&averted, LEVEL, RESAMPLES, plan.seed);
    let clear: Vec<usize> = (1..table.len()).filter(|s| joint[s - 1].sign() > 0).collect();
    let name = |s: usize| plan.strategies[s].clone();
    let harms = |s: usize| harmful.contains(&plan.strategies[s].as_str());
    let harmless: Vec<usize> = clear.iter().copied().filter(|s| !harms(*s)).collect();
    let eligible = if harmless.is_empty() { &clear } else { &harmless };
    // Every two of them of which the first leaves more stuck on average, and by how much.
    let pairs: Vec<(usize, usize)> = eligible
        .iter()
        .flat_map(|worse| eligible.iter().map(|better| (*worse, *better)))
        .filter(|(worse, better)| means[*worse] > means[*better])
        .collect();
    let more = |(worse, better): &(usize, usize)| -> Vec<f64> {
        stuck[*worse].iter().zip(&stuck[*better]).map(|(w, b)| w - b).collect()
    };
    let behind = paired::joint(&pairs.iter().map(more).collect::<Vec<_>>(), LEVEL, RESAMPLES, plan.seed);
    let clearly_worse = |s: usize| pairs.iter().zip(&behind).any(|(pair, d)| pair.0 == s && d.sign() > 0);
    let dominates =
        |a: usize, b: usize| cost(a) <= cost(b) && means[a] <= means[b] && (cost(a) < cost(b) || means[a] < means[b]);
    let by_mean = |a: &usize, b: &usize| means[*a].total_cmp(&means[*b]).then(a.cmp(b));
    let by_cost = |a: &usize, b: &usize| cost(*a).total_cmp(&cost(*b)).then(by_mean(a, b));
    let worth = eligible.iter().copied().filter(|s| !eligible.iter().any(|other| dominates(*other, *s)));
    let lead = worth.filter(|s| !clearly_worse(*s)).min_by(by_cost)?;
    let named = |such: &dyn Fn(usize) -> bool| eligible.iter().copied().filter(|s| such(*s)).map(name).collect();
    let runner_up = eligible.iter().copied().filter(|s| means[*s] > means[lead]).min_by(by_mean);
    let ahead = |s: usize| pairs.iter().position(|pair| *pair == (s, lead)).map(|p| &behind[p]);
    let ahead = runner_up.and_then(ahead).map_or((0.0, None), |d| (d.mean, d.interval));
    let cheaper = eligible.iter().copied().filter(|s| means[*s] > means[lead] && cost(*s) < cost(lead));
    let deaths = |s: usize| {
        let deaths = plan.metrics.iter().position(|metric| metric.id == "M19")?;
        let columns = scores::complete(table, deaths);
        let more = columns[lead].iter().zip(&columns[s]).map(|(lead, other)| lead - other).collect();
        paired::joint(&[more], LEVEL, RESAMPLES, plan.seed)[0].interval
    };
    let marginal = cheaper.min_by(by_mean).map(|s| Marginal {
        beside: name(s),
        extra_usd: cost(lead) - cost(s),
        averted: means[s] - means[lead],
        relative: (means[s] - means[lead]) / joint[s - 1].mean,
        deaths: deaths(s),
    });
    // Who costs nothing more averts a day for nothing.
    let per_day = |s: &usize| if cost(*s) > 0.0 { cost(*s) / joint[*s - 1].mean } else { 0.0 };
    let cheapest = eligible.iter().copied().min_by(|a, b| per_day(a).total_cmp(&per_day(b)).then(by_mean(a, b)));
    let (low, high) = joint[lead - 1].interval?;
    let single = |share: f64| quantile(&averted[lead - 1], share);
    let in_runs = |such: fn(&f64) -> bool| averted[lead - 1].iter().filter(|days| such(days)).count();
    Some(Leading {
        strategy: name(lead),
        harms: harms(lead),
        passed_over: clear
            .iter()
            .filter(|s| harms(**s) && !harms(lead) && means[**s] < means[lead])
            .map(|s| name(*s))
            .collect(),
        averted: (joint[lead - 1].mean, low, high),
        relative: (means[0] > 0.0).then(|| joint[lead - 1].mean / means[0]),
        in_single_runs: (single(0.05)?, single(0.95)?),
        better_in: in_runs(|days| *days > 0.0),
        as_good_in: in_runs(|days| *days == 0.0),
        tied: named(&|s| means[s] < means[lead]),
        equal: named(&|s| s != lead && means[s] == means[lead]),
        runner_up: runner_up.map(name),
        ahead,
        marginal,
        cheapest: cheapest.filter(|_| eligible.iter().any(|s| cost(*s) > 0.0)).map(name),
        clear: clear.into_iter().map(name).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::compare::efficiency;
    use super::*;

    /// Twenty runs around `mean` stranded person-days, spread by `noise`, at `cost`; another `turn` is other luck.
    fn runs(mean: f64, noise: f64, turn: usize, cost: f64) -> Vec<Scores> {
        let deviation = |r: usize| ((r * (2 * turn + 1) + turn) % 20) as f64 / 9.5 - 1.0;
        (0..20).map(|r| Scores::made(mean + noise * deviation(r), 0.0, cost, Vec::new())).collect()
    }

    fn led(strategies: &[&str], table: &[Vec<Scores>], harmful: &[&str]) -> Option<Leading> {
        let plan = Plan::of(strategies);
        leading(&plan, table, Aim::Stranded, harmful, &efficiency(&plan, table, Aim::Stranded))
    }

    #[test]
    fn a_response_that_does_as_much_is_equal_and_not_perhaps_better() {
        let table = [runs(100.0, 5.0, 0, 0.0), runs(40.0, 5.0, 0, 9.0), runs(40.0, 5.0, 0, 4.0)];
        let lead = led(&["none", "dear", "cheap"], &table, &[]).unwrap();
        assert_eq!((lead.strategy.as_str(), lead.equal, lead.tied), ("cheap", vec!["dear".to_owned()], Vec::new()));
        assert_eq!((lead.runner_up, lead.better_in, lead.as_good_in), (None, 20, 0));
    }

    #[test]
    fn ties_with_the_baseline_are_ties() {
        let mut some = runs(40.0, 5.0, 0, 4.0);
        let base = runs(100.0, 5.0, 0, 0.0);
        some[..8].clone_from_slice(&base[..8]);
        let lead = led(&["none", "some"], &[base, some], &[]).unwrap();
        assert_eq!((lead.better_in, lead.as_good_in), (12, 8));
    }

    #[test]
    fn no_response_is_named_that_another_one_dominates() {
        // Beside the best, `noisy` is not clearly worse and `steady` is; yet `steady` strands fewer than `noisy` and costs less.
        let table = [
            runs(1000.0, 1.0, 0, 0.0),
            runs(100.0, 1.0, 1, 90.0),
            runs(140.0, 300.0, 3, 50.0),
            runs(130.0, 1.0, 1, 40.0),
        ];
        let names = ["none", "best", "noisy", "steady"];
        let lead = led(&names, &table, &[]).unwrap();
        assert_eq!(lead.strategy, "best", "{lead:?}");
        let marginal = lead.marginal.unwrap();
        assert_eq!((marginal.beside.as_str(), marginal.extra_usd), ("steady", 50.0));
        assert!((marginal.averted - 30.0).abs() < 1e-9 && (marginal.relative - 30.0 / 870.0).abs() < 1e-9);
        assert_eq!(lead.cheapest.as_deref(), Some("steady"));
        // Where the better, less noisy and cheaper one harms, it is passed over, and is not the one for little money either.
        let lead = led(&names, &table, &["best", "steady"]).unwrap();
        assert_eq!((lead.strategy.as_str(), lead.cheapest.as_deref()), ("noisy", Some("noisy")));
        assert_eq!((lead.passed_over, lead.harms), (vec!["best".to_owned(), "steady".to_owned()], false));
        let lead = led(&names, &table, &["best", "steady", "noisy"]).unwrap();
        assert_eq!((lead.strategy.as_str(), lead.harms), ("best", true));
    }
}
