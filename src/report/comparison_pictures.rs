//! The pictures of a comparison: courses over time, paired differences, cost against stranding, groups.

use chrono::NaiveDate;

use crate::experiment::compare::{Comparison, MetricResult};
use crate::scenario::world::World;

use super::bars::{Bar, BarChart};
use super::html::Words;
use super::lines::{LineChart, Panel, Series};
use super::pictures::captions;
use super::scatter::{Point, ScatterChart};

/// Groups drawn, those worst off under the baseline.
pub const GROUPS: usize = 8;

/// Title of strategy `s`.
pub fn title(comparison: &Comparison, s: usize) -> &str {
    comparison.strategies.get(s).map_or("", |(_, title)| title)
}

/// The dates of the run.
fn dates(world: &World) -> impl Iterator<Item = NaiveDate> + '_ {
    (0..u64::from(world.days)).map(|day| world.start + chrono::Days::new(day))
}

/// People stranded (or trapped, as the aim says) over time: a panel for each strategy, with the baseline.
pub fn courses(comparison: &Comparison, world: &World, words: &Words) -> LineChart {
    let series = |s: usize, name: String| Series {
        name,
        values: dates(world).zip(&comparison.evidence.stuck[s]).map(|(d, v)| (d, v.median)).collect(),
        band: dates(world).zip(&comparison.evidence.stuck[s]).map(|(d, v)| (d, v.p05, v.p95)).collect(),
    };
    let with = words.say("picture.with_response");
    let baseline = words.fill("picture.with_baseline", &[("name", &comparison.strategies[0].0)]);
    let panel = |s: usize| Panel {
        title: comparison.strategies[s].0.clone(),
        series: vec![series(0, baseline.clone()), series(s, with.clone())],
        records: Vec::new(),
    };
    LineChart {
        title: words.say("picture.courses_title"),
        subtitle: words.say("picture.courses_says"),
        y_title: words.say("picture.stranded_axis"),
        panels: (1..comparison.strategies.len()).map(panel).collect(),
        same_scale: true,
        band_name: words.say("picture.nine_in_ten"),
        captions: captions(words, true),
        ..LineChart::default()
    }
}

/// Paired differences of a metric from the baseline, with the intervals that hold together.
pub fn differences(comparison: &Comparison, metric: &MetricResult, words: &Words) -> BarChart {
    let bar = |row: &crate::experiment::compare::StrategyResult| {
        let change = row.change.as_ref()?;
        Some(Bar {
            name: row.strategy.clone(),
            value: change.spread.mean,
            range: change.low.zip(change.high),
            reference: false,
        })
    };
    let name = words.metric(metric.id, metric.name);
    BarChart {
        title: words.fill("picture.differences_title", &[("metric", &name), ("name", &comparison.strategies[0].0)]),
        subtitle: words.say("picture.differences_says"),
        x_title: words.fill("picture.change_axis", &[("metric", &name)]),
        bars: metric.strategies.iter().filter_map(bar).collect(),
        captions: captions(words, true),
        ..BarChart::default()
    }
}

/// Extra cost against person-days left of the metric `stuck`.
pub fn cost(comparison: &Comparison, stuck: &MetricResult, words: &Words) -> ScatterChart {
    let value = |s: usize| stuck.strategies.get(s).map(|row| &row.value);
    let baseline = Point {
        name: comparison.strategies[0].0.clone(),
        at: (0.0, value(0).map_or(f64::NAN, |v| v.mean)),
        range: None,
        hollow: comparison.baseline_dominated,
    };
    let point = |(e, row): (usize, &crate::experiment::compare::Efficiency)| Point {
        name: row.strategy.clone(),
        at: (row.extra_cost_usd, value(e + 1).map_or(f64::NAN, |v| v.mean)),
        range: None,
        hollow: !row.dominated_by.is_empty(),
    };
    ScatterChart {
        title: words.say("picture.cost_title"),
        subtitle: words.say("picture.cost_says"),
        x_title: words.fill("picture.cost_axis", &[("name", &comparison.strategies[0].0)]),
        y_title: words.metric(stuck.id, stuck.name),
        points: std::iter::once(baseline).chain(comparison.efficiency.iter().enumerate().map(point)).collect(),
        captions: captions(words, true),
        ..ScatterChart::default()
    }
}

/// Days stranded or trapped per person, by group: under the baseline (hatched) and under strategy `s`.
pub fn groups(comparison: &Comparison, s: usize, words: &Words) -> BarChart {
    let worst = comparison.evidence.groups.iter().take(GROUPS);
    let bars = worst.flat_map(|group| {
        let bar = |s: usize| Bar {
            name: format!("{} · {}", group.name, comparison.strategies[s].0),
            value: group.days.get(s).copied().unwrap_or(f64::NAN),
            range: None,
            reference: s == 0,
        };
        [bar(0), bar(s)]
    });
    BarChart {
        title: words.say("picture.groups_title"),
        subtitle: words.say("picture.groups_says"),
        x_title: words.say("picture.groups_axis"),
        bars: bars.collect(),
        captions: captions(words, true),
        ..BarChart::default()
    }
}
