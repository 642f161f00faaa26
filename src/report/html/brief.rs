//! The first page: the question, the answer with its range, what to do, what is uncertain. One page of A4.

use maud::{Markup, html};

use super::super::record::{Fit, compare_rows, fit};
use super::super::watch::Replication;
use super::figure::{Cell, table};
use super::shared::{assumed, fit_sentence, foundations};
use super::words::Words;
use crate::experiment::compare::{Comparison, Efficiency, MetricResult, Verdict, WorstOff};
use crate::experiment::paired::SKEWED;
use crate::scenario::Scenario;

/// Replications from which on intervals hold as stated.
const ENOUGH: u32 = 20;

/// A share of runs in words.
fn surely(words: &Words, share: f64) -> String {
    words.say(match share {
        s if s >= 0.999 => "sure.all",
        s if s >= 0.95 => "sure.nearly_all",
        s if s >= 0.75 => "sure.most",
        s if s >= 0.5 => "sure.more_than_half",
        _ => "sure.less_than_half",
    })
}

/// A comparison with what is looked up in it.
pub struct Told<'a> {
    pub scenario: &'a Scenario,
    pub comparison: &'a Comparison,
    pub words: &'a Words,
}

impl Told<'_> {
    /// Title of the strategy called `name`.
    pub fn title(&self, name: &str) -> String {
        let named = self.comparison.strategies.iter().find(|(n, _)| n == name);
        named.map_or(name, |(_, title)| title.as_str()).to_owned()
    }

    fn baseline(&self) -> String {
        self.title(&self.comparison.strategies[0].0)
    }

    fn quoted(&self, name: &str) -> String {
        self.words.fill("form.quoted", &[("text", &self.title(name))])
    }

    /// Cost and what it buys of the strategy called `name`.
    pub fn cost_of(&self, name: &str) -> Option<&Efficiency> {
        self.comparison.efficiency.iter().find(|e| e.strategy == name)
    }

    fn worst_of(&self, name: &str) -> Option<&WorstOff> {
        self.comparison.worst_off.iter().find(|w| w.strategy == name)
    }

    /// Number of the strategy called `name`.
    pub fn index(&self, name: &str) -> usize {
        self.comparison.strategies.iter().position(|(n, _)| n == name).unwrap_or(0)
    }

    pub fn metric(&self, id: &str) -> Option<&MetricResult> {
        self.comparison.metrics.iter().find(|m| m.id == id && !m.strategies.is_empty())
    }

    /// Whether nobody is stranded or trapped under any strategy, so that this tells none apart.
    pub fn nobody_stuck(&self) -> bool {
        let never = |days: &Vec<super::super::spread::Spread>| days.iter().all(|d| d.p95 == 0.0 && d.median == 0.0);
        self.comparison.evidence.stuck.iter().all(never)
    }

    /// Metrics that the report shows first: who is stranded (trapped, where nobody is stranded), and who dies.
    pub fn first(&self) -> [&'static str; 2] {
        [self.comparison.aim.metric(), "M19"]
    }

    /// How near the record the runs of the strategy that answers to it come: all figures, and those not fitted to.
    pub fn fit(&self) -> Option<(String, Fit, Fit)> {
        let record = self.comparison.evidence.record.as_ref()?;
        let kept: Vec<Replication> = record
            .runs
            .iter()
            .map(|r| Replication { observed: r.observed.clone(), ..Replication::default() })
            .collect();
        let rows = compare_rows(&self.scenario.observations, self.scenario.header.fitted_until, &record.watch, &kept);
        let held_out = fit(rows.iter().filter(|c| c.fitted == Some(false)));
        Some((self.title(&self.comparison.strategies[record.strategy].0), fit(&rows), held_out))
    }

    /// The whole first page.
    pub fn brief(&self) -> Markup {
        let words = self.words;
        let runs = words.count(u64::from(self.comparison.replications));
        let count = words.count(self.comparison.strategies.len() as u64 - 1);
        let question =
            words.fill("brief.question_compare", &[("count", &count), ("baseline", &self.baseline()), ("runs", &runs)]);
        html! {
            h3 { (words.say("brief.question")) }
            p { (question) }
            h3 { (words.say("brief.answer")) }
            div class="answer" {
                @for text in self.answer() { p { (text) } }
            }
            @for text in self.harms() { p class="warn" { (text) } }
            (self.glance())
            @if self.comparison.leading.is_some() { p class="note" { (words.say("brief.rule")) } }
            h3 { (words.say("brief.todo")) }
            ul { @for text in self.todo() { li { (text) } } }
            h3 { (words.say("brief.unsure")) }
            ul { @for text in self.unsure() { li { (text) } } }
        }
    }

    fn answer(&self) -> Vec<String> {
        let (words, baseline) = (self.words, self.baseline());
        if self.nobody_stuck() {
            return vec![words.say("brief.nobody_stuck")];
        }
        let Some(lead) = &self.comparison.leading else {
            let unknown = |m: &MetricResult| {
                m.strategies.iter().any(|s| s.change.as_ref().is_some_and(|c| c.verdict == Verdict::TooFew))
            };
            if self.comparison.replications < ENOUGH && self.metric(self.comparison.aim.metric()).is_some_and(unknown) {
                let runs = words.count(u64::from(self.comparison.replications));
                return vec![words.fill("brief.too_few", &[("runs", &runs)])];
            }
            return vec![words.fill("brief.none", &[("baseline", &baseline)])];
        };
        let title = self.title(&lead.strategy);
        let runs = self.comparison.replications;
        let (mean, low, high) = lead.averted;
        let mut text = vec![
            words.fill("brief.fund", &[("title", &title), ("name", &lead.strategy)]),
            words.fill(
                "brief.effect",
                &[
                    ("baseline", &baseline),
                    ("range", &words.range(low, high)),
                    ("mean", &words.number(mean)),
                    ("share", &words.percent(lead.relative.unwrap_or(f64::NAN))),
                ],
            ),
        ];
        let better = words.count(lead.better_in as u64);
        let share = lead.better_in as f64 / f64::from(runs.max(1));
        let sure = [
            ("better", better.as_str()),
            ("runs", &words.count(u64::from(runs))),
            ("words", &surely(words, share)),
            ("baseline", &baseline),
        ];
        let mut sure = vec![words.fill("brief.sure", &sure)];
        if !lead.tied.is_empty() {
            let others: Vec<String> = lead.tied.iter().map(|name| self.quoted(name)).collect();
            sure.push(words.fill("brief.tied", &[("others", &words.list(&others))]));
        } else if let Some(other) = &lead.runner_up {
            sure.push(match lead.ahead.1 {
                Some((low, high)) if low > 0.0 => {
                    let range = words.range(low, high);
                    words.fill("brief.ahead_clear", &[("other", &self.title(other)), ("range", &range)])
                }
                _ => words.fill("brief.ahead_unclear", &[("other", &self.title(other))]),
            });
        }
        text.push(sure.join(" "));
        if let Some(cost) = self.cost_of(&lead.strategy) {
            text.push(self.cost_sentence(cost));
        }
        if let Some(cheap) = lead.cheapest.as_ref().filter(|c| **c != lead.strategy)
            && let Some(cost) = self.cost_of(cheap)
        {
            text.push(words.fill(
                "brief.cheapest",
                &[
                    ("title", &self.title(cheap)),
                    ("name", cheap),
                    ("per_day", &words.number(cost.usd_per_day_averted.unwrap_or(f64::NAN))),
                    ("averted", &words.number(cost.averted)),
                ],
            ));
        }
        text
    }

    fn cost_sentence(&self, cost: &Efficiency) -> String {
        let (words, baseline) = (self.words, self.baseline());
        if cost.extra_cost_usd == 0.0 {
            return words.fill("brief.cost_same", &[("baseline", &baseline)]);
        }
        if cost.extra_cost_usd < 0.0 {
            let usd = words.number(-cost.extra_cost_usd);
            return words.fill("brief.cost_less", &[("usd", &usd), ("baseline", &baseline)]);
        }
        let usd = words.number(cost.extra_cost_usd);
        let mut text = words.fill("brief.cost", &[("usd", &usd), ("baseline", &baseline)]);
        if let (Some(per_day), Some((low, high))) = (cost.usd_per_day_averted, cost.interval) {
            text.push(' ');
            let range = words.range(low, high);
            text += &words.fill("brief.cost_per_day", &[("per_day", &words.number(per_day)), ("range", &range)]);
        }
        text
    }

    /// What speaks against responses: they harm the worst off, or others do as much for less.
    fn harms(&self) -> Vec<String> {
        let words = self.words;
        let harmed = self.comparison.worst_off.iter().filter(|w| w.harmed_while_mean_improves);
        let mut all: Vec<String> = harmed
            .map(|w| {
                let longer = w.days > w.baseline_days;
                let (group, days) = if longer { (&w.group, w.days) } else { (&w.group_now, w.days_now) };
                words.fill(
                    if longer { "brief.harms" } else { "brief.harms_others" },
                    &[
                        ("title", &self.title(&w.strategy)),
                        ("group", group),
                        ("days", &words.number(days)),
                        ("before", &words.number(w.baseline_days)),
                    ],
                )
            })
            .collect();
        let passed = self.comparison.leading.iter().flat_map(|l| &l.passed_over);
        all.extend(passed.map(|name| words.fill("brief.passed_over", &[("title", &self.title(name))])));
        all
    }

    /// Every response in one row: what it changes, what it costs, what speaks against it.
    fn glance(&self) -> Markup {
        let words = self.words;
        let shown: Vec<&MetricResult> = self.first().iter().filter_map(|id| self.metric(id)).collect();
        let lead = self.comparison.leading.as_ref();
        let mut rows = Vec::new();
        for (s, (name, title)) in self.comparison.strategies.iter().enumerate().skip(1) {
            let mut row = vec![Cell::Own(format!("{title} ({name})"))];
            row.extend(shown.iter().map(|m| Cell::Number(self.change(m, s))));
            let cost = self.cost_of(name);
            row.push(Cell::Number(cost.map_or("–".into(), |c| words.signed(c.extra_cost_usd))));
            let per_day = cost.and_then(|c| c.usd_per_day_averted);
            row.push(Cell::Number(per_day.map_or("–".into(), |usd| words.number(usd))));
            let mut remarks = Vec::new();
            if lead.is_some_and(|l| l.strategy == *name) {
                remarks.push(words.say("brief.remark_leads"));
            }
            if lead.is_some_and(|l| l.cheapest.as_ref() == Some(name)) {
                remarks.push(words.say("brief.remark_cheapest"));
            }
            if self.worst_of(name).is_some_and(|w| w.harmed_while_mean_improves) {
                remarks.push(words.say("brief.remark_harms"));
            }
            if let Some(cost) = cost.filter(|c| !c.dominated_by.is_empty() && !self.nobody_stuck()) {
                let others = words.list(&cost.dominated_by);
                remarks.push(words.fill("brief.remark_dominated", &[("others", &others)]));
            }
            row.push(Cell::Words(remarks.join("; ")));
            rows.push(row);
        }
        let mut head = vec![words.say("table.response")];
        head.extend(shown.iter().map(|m| words.fill("table.change_in", &[("metric", &words.metric(m.id, m.name))])));
        head.extend([words.say("table.extra_cost"), words.say("table.per_day"), words.say("table.remark")]);
        table(&words.fill("brief.glance", &[("baseline", &self.baseline())]), &head, &rows)
    }

    /// Paired change of `metric` under strategy `s`: the interval, or that it is not clear.
    pub fn change(&self, metric: &MetricResult, s: usize) -> String {
        let words = self.words;
        let Some(change) = metric.strategies.get(s).and_then(|row| row.change.as_ref()) else { return "–".into() };
        match (change.verdict, change.low, change.high) {
            (Verdict::Same, ..) => words.say("verdict.same"),
            (Verdict::TooFew, ..) | (_, None, _) | (_, _, None) => words.say("verdict.too_few"),
            (verdict, Some(low), Some(high)) => {
                let range = words.fill("form.range", &[("low", &words.signed(low)), ("high", &words.signed(high))]);
                format!("{range} ({})", words.say(verdict_key(verdict)))
            }
        }
    }

    fn todo(&self) -> Vec<String> {
        let words = self.words;
        let mut all = Vec::new();
        let lead = self.comparison.leading.as_ref();
        match lead {
            Some(lead) => all.push(words.fill("todo.fund", &[("title", &self.title(&lead.strategy))])),
            None if self.nobody_stuck() => all.push(words.say("todo.other_aim")),
            None => all.push(words.say("todo.look_further")),
        }
        let s = lead.map_or(0, |l| self.index(&l.strategy));
        if let Some(sizes @ [_, roof, water, toilets, ..]) = self.comparison.evidence.sizing.get(s) {
            let peak = self.comparison.aim.peak(sizes);
            let number =
                |spread: &Option<super::super::spread::Spread>| words.number(spread.map_or(f64::NAN, |s| s.p95));
            if let Some(peak) = peak.filter(|peak| peak.p95 > 0.0) {
                all.push(words.fill("todo.still_stranded", &[("range", &words.range(peak.p05, peak.p95))]));
            }
            if roof.is_some() && water.is_some() {
                let values = [("roof", number(roof)), ("water", number(water)), ("toilets", number(toilets))];
                all.push(words.fill("todo.sites", &values.each_ref().map(|(k, v)| (*k, v.as_str()))));
            }
        }
        if let Some(worst) = lead.and_then(|l| self.worst_of(&l.strategy)).filter(|worst| worst.days_now > 0.0) {
            let days = words.number(worst.days_now);
            all.push(words.fill("todo.worst_off", &[("group", &worst.group_now), ("days", &days)]));
        }
        let (assumed, rows) = assumed(&self.foundations());
        all.push(words.fill("todo.confirm", &[("assumed", &words.count(assumed)), ("all", &words.count(rows))]));
        all
    }

    fn foundations(&self) -> std::collections::BTreeMap<&'static str, [usize; 4]> {
        let names: Vec<String> = self.comparison.strategies.iter().map(|(name, _)| name.clone()).collect();
        foundations(self.scenario, &names)
    }

    fn unsure(&self) -> Vec<String> {
        let (words, comparison) = (self.words, self.comparison);
        let mut all = Vec::new();
        let runs = words.count(u64::from(comparison.replications));
        match &comparison.futures {
            Some(futures) => {
                let lead = comparison.leading.as_ref().map_or(comparison.strategies[0].0.as_str(), |l| &l.strategy);
                let rows =
                    futures.metrics.iter().find(|(id, _)| *id == comparison.aim.metric()).or(futures.metrics.first());
                let share = rows.and_then(|(_, rows)| rows.iter().find(|r| r.strategy == lead)).map(|r| r.best_share);
                let share = words.percent(share.unwrap_or(f64::NAN));
                let count = words.count(futures.points.len() as u64);
                all.push(words.fill(
                    "unsure.futures",
                    &[("runs", &runs), ("count", &count), ("title", &self.title(lead)), ("share", &share)],
                ));
            }
            None => all.push(words.fill("unsure.luck_only", &[("runs", &runs)])),
        }
        all.push(match self.fit() {
            Some((strategy, all, held_out)) => fit_sentence(words, &strategy, &all, &held_out),
            None => words.say("unsure.no_record"),
        });
        all.push(words.say("unsure.rates"));
        all.push(words.say("unsure.costs"));
        if comparison.replications < ENOUGH {
            all.push(words.fill("unsure.few", &[("runs", &runs)]));
        }
        let skewed = |m: &&MetricResult| {
            m.strategies.iter().any(|s| s.change.as_ref().is_some_and(|c| c.skewness.abs() > SKEWED))
        };
        let skewed: Vec<String> =
            comparison.metrics.iter().filter(skewed).map(|m| words.metric(m.id, m.name)).collect();
        if comparison.replications < 50 && !skewed.is_empty() {
            all.push(words.fill("unsure.skewed", &[("metrics", &words.list(&skewed))]));
        }
        all
    }
}

/// Key of the word for a verdict.
pub fn verdict_key(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "verdict.better",
        Verdict::Worse => "verdict.worse",
        Verdict::More => "verdict.more",
        Verdict::Fewer => "verdict.fewer",
        Verdict::Unclear => "verdict.unclear",
        Verdict::Same => "verdict.same",
        Verdict::TooFew => "verdict.too_few",
    }
}
