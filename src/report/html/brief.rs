//! The first page: the question, the answer with its range, what to do, what is uncertain. One page of A4.

use maud::{Markup, html};

use super::figure::{Cell, table};
use super::shared::{assumed, fit_sentence, foundations};
use super::words::Words;
use crate::experiment::compare::{Comparison, ENOUGH, Efficiency, MetricResult, Verdict, WorstOff};
use crate::experiment::evidence::Leading;
use crate::experiment::paired::SKEWED;
use crate::outcome::record::{Fit, compare_rows, fit};
use crate::outcome::watch::Replication;
use crate::scenario::Scenario;

/// Share of the days stuck of the worst-off group from which on a group is told beside it.
const NEARLY: f64 = 0.9;

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
            @if let Some(lead) = &self.comparison.leading {
                p class="note" { (words.say(if lead.harms { "brief.rule_harm" } else { "brief.rule" })) }
            }
            h3 { (words.say("brief.todo")) }
            ul { @for text in self.todo() { li { (text) } } }
            h3 { (words.say("brief.unsure")) }
            ul { @for text in self.unsure() { li { (text) } } }
        }
    }

    fn answer(&self) -> Vec<String> {
        let (words, baseline) = (self.words, self.baseline());
        if self.comparison.nobody_stuck {
            return vec![words.say("brief.nobody_stuck")];
        }
        let Some(lead) = &self.comparison.leading else {
            if self.comparison.too_few {
                let runs = words.count(u64::from(self.comparison.replications));
                return vec![words.fill("brief.too_few", &[("runs", &runs), ("more", &self.more_runs())])];
            }
            return vec![words.fill("brief.none", &[("baseline", &baseline)])];
        };
        let title = self.title(&lead.strategy);
        let runs = self.comparison.replications;
        let (mean, low, high) = lead.averted;
        let single = words.range(lead.in_single_runs.0, lead.in_single_runs.1);
        let mut text = vec![
            words.fill("brief.fund", &[("title", &title), ("name", &lead.strategy)]),
            words.fill(
                "brief.effect",
                &[
                    ("baseline", &baseline),
                    ("range", &words.range(low, high)),
                    ("mean", &words.number(mean)),
                    ("single", &single),
                    ("share", &words.percent(lead.relative.unwrap_or(f64::NAN))),
                ],
            ),
        ];
        let count = |n: usize| words.count(n as u64);
        let sure = [
            ("better", count(lead.better_in)),
            ("same", count(lead.as_good_in)),
            ("worse", count((runs as usize).saturating_sub(lead.better_in + lead.as_good_in))),
            ("runs", words.count(u64::from(runs))),
            ("baseline", baseline.clone()),
        ];
        let sure_of = if lead.better_in == runs as usize { "brief.sure_all" } else { "brief.sure" };
        let mut sure = vec![words.fill(sure_of, &sure.each_ref().map(|(k, v)| (*k, v.as_str())))];
        sure.extend(self.equals(lead));
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
        if runs < ENOUGH {
            sure.push(words.fill("unsure.few", &[("runs", &words.count(u64::from(runs)))]));
        }
        text.push(sure.join(" "));
        if let Some(cost) = self.cost_of(&lead.strategy) {
            text.push(self.cost_sentence(cost));
        }
        text.extend(self.marginal(lead));
        text.extend(self.if_money_is_short(lead));
        text
    }

    /// Replications to ask for where these are too few.
    fn more_runs(&self) -> String {
        (4 * self.comparison.replications).max(30).to_string()
    }

    /// Responses that avert exactly as much as the one named, by what they cost.
    fn equals(&self, lead: &Leading) -> Vec<String> {
        let cost = |name: &str| self.cost_of(name).map_or(0.0, |c| c.extra_cost_usd);
        let (dearer, as_dear): (Vec<&String>, Vec<&String>) =
            lead.equal.iter().partition(|name| cost(name) > cost(&lead.strategy));
        let mut all = Vec::new();
        for (key, names) in [("brief.equal_dearer", dearer), ("brief.equal_cost", as_dear)] {
            if !names.is_empty() {
                let others: Vec<String> = names.into_iter().map(|name| self.quoted(name)).collect();
                all.push(self.words.fill(key, &[("others", &self.words.list(&others))]));
            }
        }
        all
    }

    /// What the response named buys beside the best of the cheaper ones.
    fn marginal(&self, lead: &Leading) -> Option<String> {
        let (words, beside) = (self.words, lead.marginal.as_ref()?);
        let values = [
            ("other", self.title(&beside.beside)),
            ("usd", words.number(beside.extra_usd)),
            ("days", words.number(beside.averted)),
            ("share", words.fine_percent(beside.relative)),
            ("per_day", words.number(beside.extra_usd / beside.averted)),
        ];
        let mut text = words.fill("brief.marginal", &values.each_ref().map(|(k, v)| (*k, v.as_str())));
        if let Some((low, high)) = beside.deaths.filter(|(low, _)| *low > 0.0) {
            text.push(' ');
            text += &words.fill("brief.more_deaths", &[("range", &words.range(low, high))]);
        }
        Some(text)
    }

    /// The response that averts a day at the least cost, where it costs less in all than the one named.
    fn if_money_is_short(&self, lead: &Leading) -> Option<String> {
        let words = self.words;
        let name = lead.cheapest.as_ref()?;
        let cost = self.cost_of(name)?;
        let cheaper = cost.extra_cost_usd < self.cost_of(&lead.strategy)?.extra_cost_usd;
        let (title, averted) = (self.title(name), words.number(cost.averted));
        let mut values = vec![("title", title.as_str()), ("name", name), ("averted", &averted)];
        let per_day = cost.usd_per_day_averted.map(|usd| words.number(usd));
        let key = match &per_day {
            Some(per_day) => {
                values.push(("per_day", per_day));
                "brief.cheapest"
            }
            None => "brief.cheapest_free",
        };
        cheaper.then(|| words.fill(key, &values))
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
        let harmed = self.comparison.worst_off.iter().filter_map(|w| Some((w, w.harm()?)));
        let mut all: Vec<String> = harmed
            .map(|(w, harm)| {
                let values = [
                    ("title", self.title(&w.strategy)),
                    ("group", harm.group.to_owned()),
                    ("range", words.range(harm.by.0, harm.by.1)),
                    ("worst", w.group.clone()),
                    ("before", words.number(w.baseline_days)),
                    ("baseline", self.baseline()),
                ];
                let key = if harm.anew { "brief.harms_others" } else { "brief.harms" };
                words.fill(key, &values.each_ref().map(|(k, v)| (*k, v.as_str())))
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
            remarks.extend(cost.map(|cost| self.dominated(cost)).unwrap_or_default());
            row.push(Cell::Words(remarks.join(&words.say("form.semicolon"))));
            rows.push(row);
        }
        let mut head = vec![words.say("table.response")];
        head.extend(shown.iter().map(|m| words.fill("table.change_in", &[("metric", &words.metric(m.id, m.name))])));
        head.extend([words.say("table.extra_cost"), words.say("table.per_day"), words.say("table.remark")]);
        table(&words.fill("brief.glance", &[("baseline", &self.baseline())]), &head, &rows)
    }

    /// Which responses cost no more than that of `row` and avert no less, and what speaks against them.
    fn dominated(&self, row: &Efficiency) -> Vec<String> {
        let clear = |name: &String| self.comparison.leading.as_ref().is_some_and(|l| l.clear.contains(name));
        let key = |name: &String| {
            if self.worst_of(name).is_some_and(|w| w.harmed_while_mean_improves) {
                "brief.remark_dominated_harm"
            } else if clear(&row.strategy) && !clear(name) {
                "brief.remark_dominated_unclear"
            } else {
                "brief.remark_dominated"
            }
        };
        let quoted = |name: &String| self.words.fill("form.quoted", &[("text", name)]);
        let mut all = Vec::new();
        for of in ["brief.remark_dominated", "brief.remark_dominated_harm", "brief.remark_dominated_unclear"] {
            let others: Vec<String> = row.dominated_by.iter().filter(|name| key(name) == of).map(quoted).collect();
            if !others.is_empty() && !self.comparison.nobody_stuck {
                all.push(self.words.fill(of, &[("others", &self.words.list(&others))]));
            }
        }
        all
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
            None if self.comparison.nobody_stuck => all.push(words.say("todo.other_aim")),
            None if self.comparison.too_few => {
                all.push(words.fill("todo.more_runs", &[("more", &self.more_runs())]));
            }
            None => all.push(words.say("todo.look_further")),
        }
        let s = lead.map_or(0, |l| self.index(&l.strategy));
        if let Some(sizes @ [_, roof, water, toilets, ..]) = self.comparison.evidence.sizing.get(s) {
            let peak = self.comparison.aim.peak(sizes);
            let number = |spread: &Option<crate::outcome::spread::Spread>| {
                words.number(spread.map_or(f64::NAN, |s| s.p95.ceil()))
            };
            if let Some(peak) = peak.filter(|peak| lead.is_some() && peak.p95 > 0.0) {
                all.push(words.fill("todo.still_stranded", &[("range", &words.range(peak.p05, peak.p95))]));
            }
            if roof.is_some() && water.is_some() {
                let values = [("roof", number(roof)), ("water", number(water)), ("toilets", number(toilets))];
                all.push(words.fill("todo.sites", &values.each_ref().map(|(k, v)| (*k, v.as_str()))));
            }
        }
        all.extend(lead.and_then(|l| self.worst_off_under(&l.strategy)));
        let (assumed, rows) = assumed(&self.foundations());
        all.push(words.fill("todo.confirm", &[("assumed", &words.count(assumed)), ("all", &words.count(rows))]));
        all
    }

    /// The group that is worst off under `strategy`, and those that are nearly as badly off: which of them is worst is mostly luck.
    fn worst_off_under(&self, strategy: &str) -> Option<String> {
        let words = self.words;
        let worst = self.worst_of(strategy).filter(|worst| worst.days_now > 0.0)?;
        let number = self.comparison.strategies.iter().position(|(name, _)| name == strategy)?;
        let burdens = self.comparison.evidence.groups.iter().map(|group| (group.days[number], group.name.as_str()));
        let mut near: Vec<(f64, &str)> = burdens
            .filter(|(days, name)| {
                *name != worst.group_now && *days >= NEARLY * worst.days_now && *days <= worst.days_now
            })
            .collect();
        near.push((worst.days_now, &worst.group_now));
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let names: Vec<String> = near.iter().map(|(_, name)| (*name).to_owned()).collect();
        let days = match &near[..] {
            [only] => words.number(only.0),
            all => words.range(all[all.len() - 1].0, worst.days_now),
        };
        Some(words.fill("todo.worst_off", &[("group", &words.list(&names)), ("days", &days)]))
    }

    fn foundations(&self) -> std::collections::BTreeMap<&'static str, [usize; 4]> {
        let names: Vec<String> = self.comparison.strategies.iter().map(|(name, _)| name.clone()).collect();
        foundations(self.scenario, &names)
    }

    /// In how many drawn futures the response named was best, by the metric of the comparison's aim, else by another that is not cost;
    /// `None`: no futures were drawn, or nothing is known of them.
    fn futures_sentence(&self) -> Option<String> {
        let (words, comparison) = (self.words, self.comparison);
        let futures = comparison.futures.as_ref()?;
        let count = words.count(futures.points.len() as u64);
        if !futures.any_difference {
            return Some(words.fill("unsure.futures_same", &[("count", &count)]));
        }
        let of_aim = futures.metrics.iter().find(|(id, _)| *id == comparison.aim.metric());
        let (id, rows) = of_aim.or(futures.metrics.iter().find(|(id, _)| *id != "M40"))?;
        let lead = comparison.leading.as_ref().map_or(comparison.strategies[0].0.as_str(), |l| &l.strategy);
        let share = words.percent(rows.iter().find(|r| r.strategy == lead)?.best_share);
        let metric = self.metric(id).map_or((*id).to_owned(), |m| words.metric(m.id, m.name));
        let values = [("count", count), ("title", self.title(lead)), ("share", share), ("metric", metric)];
        Some(words.fill("unsure.futures", &values.each_ref().map(|(k, v)| (*k, v.as_str()))))
    }

    fn unsure(&self) -> Vec<String> {
        let (words, comparison) = (self.words, self.comparison);
        let mut all = Vec::new();
        let runs = words.count(u64::from(comparison.replications));
        let inputs = words.count(comparison.drawn as u64);
        let shown = if comparison.drawn > 0 { "unsure.drawn" } else { "unsure.luck_only" };
        let shown = words.fill(shown, &[("runs", &runs), ("inputs", &inputs)]);
        let beyond = self.futures_sentence().unwrap_or_else(|| words.say("unsure.not_in_them"));
        all.push(format!("{shown} {beyond}"));
        all.push(match self.fit() {
            Some((strategy, all, held_out)) => fit_sentence(words, &strategy, &all, &held_out),
            None => words.say("unsure.no_record"),
        });
        all.push(words.say("unsure.rates"));
        all.push(words.say("unsure.costs"));
        if comparison.replications < ENOUGH && comparison.leading.is_none() {
            all.push(words.fill("unsure.few", &[("runs", &runs)]));
        }
        if let Some(wanted) = comparison.wanted_precision
            && comparison.precision.is_none_or(|reached| reached > wanted)
        {
            let reached = words.fine_percent(comparison.precision.unwrap_or(f64::NAN));
            let values = [("wanted", words.fine_percent(wanted)), ("reached", reached)];
            all.push(words.fill("unsure.precision", &values.each_ref().map(|(k, v)| (*k, v.as_str()))));
        }
        for metric in comparison.metrics.iter().filter(|m| m.replications < comparison.replications as usize) {
            let values = [
                ("metric", words.metric(metric.id, metric.name)),
                ("count", words.count(metric.replications as u64)),
                ("runs", runs.clone()),
            ];
            all.push(words.fill("unsure.some_runs", &values.each_ref().map(|(k, v)| (*k, v.as_str()))));
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
