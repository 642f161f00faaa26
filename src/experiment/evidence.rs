//! What a report of a comparison shows beside its tables: courses over time, places, groups, the record, and which response leads.

use serde::Serialize;

use super::compare::Plan;
use super::firing::{self, Fired};
use super::paired::{self, LEVEL, RESAMPLES};
use super::scores::{self, SIZING, Scores};
use crate::report::pictures::Scene;
use crate::report::spread::Spread;
use crate::report::watch::{Followed, Watch};
use crate::scenario::Scenario;
use crate::scenario::world::World;

/// Which response leads, by a stated rule, and how sure that is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leading {
    /// The strategy with the lowest mean of stranded person-days, of those that are clearly better than the baseline and do not
    /// harm the worst off; where all that are clearly better do, of these.
    pub strategy: String,
    /// Whether it harms the worst off while it helps on average.
    pub harms: bool,
    /// Strategies that strand fewer on average but harm the worst off, and were passed over for it.
    pub passed_over: Vec<String>,
    /// Mean of stranded person-days averted beside the baseline, and the interval that holds with those of all strategies.
    pub averted: (f64, f64, f64),
    /// That mean as a share of the baseline's.
    pub relative: Option<f64>,
    /// Replications in which no other strategy strands less.
    pub best_in: usize,
    /// The strategy with the next lowest mean.
    pub runner_up: String,
    /// Stranded person-days that it strands less than the runner-up: mean and interval, if the replications give one.
    pub ahead: (f64, Option<(f64, f64)>),
    /// The strategy that averts stranded days at the least cost, of those clearly better that cost something; `None`: there is none.
    pub cheapest: Option<String>,
    /// Strategies that are clearly better than the baseline.
    pub clear: Vec<String>,
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
    /// People stranded on each day, over replications, by strategy.
    pub stranded: Vec<Vec<Spread>>,
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
    /// A world that was run, for names.
    pub world: Option<World>,
}

/// Number of the strategy whose runs are set beside the record: the scenario's default, if it is compared, else the baseline.
pub fn recorded(scenario: &Scenario, plan: &Plan) -> usize {
    plan.strategies.iter().position(|name| *name == scenario.header.default_strategy).unwrap_or(0)
}

/// The evidence in `table`, strategies x replications.
pub fn evidence(plan: &Plan, worlds: &[World], table: &[Vec<Scores>], record: Option<(usize, Watch)>) -> Evidence {
    let days = usize::from(worlds[0].days);
    let daily = |runs: &Vec<Scores>| -> Vec<Spread> {
        let on = |day: usize| Spread::of(runs.iter().filter_map(|r| Some(f64::from(*r.stranded_daily.get(day)?))));
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
        stranded: table.iter().map(daily).collect(),
        scenes: table.iter().map(|runs| runs.iter().find_map(|r| r.scene.clone()).unwrap_or_default()).collect(),
        groups: groups(worlds, table),
        record,
        sizing: table.iter().map(sizing).collect(),
        firings: worlds.iter().zip(table).flat_map(log).collect(),
        world: worlds.first().cloned(),
    }
}

fn groups(worlds: &[World], table: &[Vec<Scores>]) -> Vec<GroupBurden> {
    let world = &worlds[0];
    let persons = scores::population(world);
    let burdens: Vec<Vec<(usize, f64)>> =
        worlds.iter().zip(table).map(|(w, runs)| super::compare::mean_burden(w, runs)).collect();
    let of = |group: usize| GroupBurden {
        name: world.groups[group].name.clone(),
        people: persons[group] as f64 * f64::from(world.scale),
        days: burdens.iter().map(|b| b.iter().find(|x| x.0 == group).map_or(f64::NAN, |x| x.1)).collect(),
    };
    let mut groups: Vec<GroupBurden> = burdens[0].iter().map(|(group, _)| of(*group)).collect();
    groups.sort_by(|a, b| b.days[0].total_cmp(&a.days[0]));
    groups
}

/// Which response leads; `None`: none is clearly better than the baseline. `harmful` are those that harm the worst off.
pub fn leading(plan: &Plan, table: &[Vec<Scores>], harmful: &[&str], cheapest: Option<String>) -> Option<Leading> {
    let stranded: Vec<Vec<f64>> = table.iter().map(|runs| runs.iter().map(|r| r.stranded).collect()).collect();
    let means: Vec<f64> = stranded.iter().map(|v| v.iter().sum::<f64>() / v.len() as f64).collect();
    let less = |of: usize, than: usize| -> Vec<f64> { stranded[of].iter().zip(&stranded[than]).map(|(a, b)| b - a).collect() };
    let averted: Vec<Vec<f64>> = (1..table.len()).map(|s| less(s, 0)).collect();
    let joint = paired::joint(&averted, LEVEL, RESAMPLES, plan.seed);
    let clear: Vec<usize> = (1..table.len()).filter(|s| joint[s - 1].sign() > 0).collect();
    let name = |s: usize| plan.strategies[s].as_str();
    let harms = |s: usize| harmful.contains(&name(s));
    let least = |of: &mut dyn Iterator<Item = usize>| of.min_by(|a, b| means[*a].total_cmp(&means[*b]).then(a.cmp(b)));
    let lead = least(&mut clear.iter().copied().filter(|s| !harms(*s))).or(least(&mut clear.iter().copied()))?;
    let runner_up = least(&mut (0..table.len()).filter(|s| *s != lead))?;
    let ahead = &paired::joint(&[less(lead, runner_up)], LEVEL, RESAMPLES, plan.seed)[0];
    let best = |r: &usize| (0..table.len()).all(|s| stranded[lead][*r] <= stranded[s][*r]);
    let (low, high) = joint[lead - 1].interval?;
    Some(Leading {
        strategy: name(lead).to_owned(),
        harms: harms(lead),
        passed_over: clear
            .iter()
            .filter(|s| harms(**s) && !harms(lead) && means[**s] < means[lead])
            .map(|s| name(*s).to_owned())
            .collect(),
        averted: (joint[lead - 1].mean, low, high),
        relative: (means[0] > 0.0).then(|| joint[lead - 1].mean / means[0]),
        best_in: (0..stranded[lead].len()).filter(best).count(),
        runner_up: name(runner_up).to_owned(),
        ahead: (ahead.mean, ahead.interval),
        cheapest: cheapest.filter(|c| clear.iter().any(|s| name(*s) == c)),
        clear: clear.into_iter().map(|s| name(s).to_owned()).collect(),
    })
}
