//! The report of a comparison of strategies.

use maud::{Markup, html};

use super::super::bars::bar_chart;
use super::super::comparison_pictures::{cost, courses, differences, groups};
use super::super::lines::{LineChart, line_chart};
use super::super::map::{FlowMap, flow_map};
use super::super::picture::PictureError;
use super::super::pictures::{Shown, captions, map, record};
use super::super::scatter::scatter_chart;
use super::brief::Told;
use super::figure::{Cell, figure, table};
use super::plan::{Filled, plan};
use super::shared::{assumptions, record_table, scene_tables, triggers};
use super::words::{Lang, Words};
use super::{Section, page};
use crate::experiment::compare::{Comparison, FuturesResult};
use crate::outcome::held_by_group;
use crate::outcome::record::compare_rows;
use crate::outcome::watch::Replication;
use crate::scenario::Scenario;
use crate::scenario::world::World;

/// The page of `comparison`, of strategies of `scenario`, in the language `lang`.
pub fn comparison_page(scenario: &Scenario, comparison: &Comparison, lang: Lang) -> Result<String, PictureError> {
    let words = &Words::for_aim(lang, comparison.aim);
    let told = Told { scenario, comparison, words };
    let Some(world) = comparison.evidence.worlds.first() else {
        return Err(PictureError::Draw("the comparison was made without what pictures are made of".to_owned()));
    };
    let lead = comparison.leading.as_ref().map_or(comparison.strategies.len() - 1, |l| told.index(&l.strategy));
    let names: Vec<String> = comparison.strategies.iter().map(|(name, _)| name.clone()).collect();
    let mut sections = vec![
        Section { id: "changes", heading: "page.changes", body: changes(&told)? },
        Section { id: "time", heading: "page.time", body: time(&told, world)? },
        Section { id: "cost", heading: "page.cost", body: costs(&told)? },
        Section { id: "groups", heading: "page.groups", body: by_group(&told, lead)? },
        Section { id: "map", heading: "page.map", body: maps(&told, lead)? },
    ];
    if let Some(body) = beside_the_record(&told)? {
        sections.push(Section { id: "record", heading: "page.record", body });
    }
    if let Some(futures) = &comparison.futures {
        sections.push(Section { id: "futures", heading: "page.futures", body: over_futures(&told, futures) });
    }
    sections.extend([
        Section { id: "triggers", heading: "page.triggers", body: triggers(words, &comparison.evidence.firings) },
        Section { id: "plan", heading: "page.plan", body: plan_of(&told, world, lead) },
        Section { id: "assumptions", heading: "page.assumptions", body: assumptions(words, scenario, world, &names) },
    ]);
    let subtitle = words.fill(
        "page.subtitle_compare",
        &[
            ("first", &words.date(world.start)),
            ("last", &words.date(crate::outcome::metrics::last_date(world))),
            ("runs", &words.count(u64::from(comparison.replications))),
            ("seed", &comparison.seed.to_string()),
            ("scale", &words.count(u64::from(comparison.scale))),
            ("hash", comparison.content_hash.get(..12).unwrap_or_default()),
        ],
    );
    Ok(page(words, &comparison.scenario, &subtitle, &told.brief(), &sections))
}

fn changes(told: &Told<'_>) -> Result<Markup, PictureError> {
    let words = told.words;
    let mut body = html! { p { (words.say("changes.read")) } };
    for id in told.first() {
        let Some(metric) = told.metric(id) else { continue };
        let chart = differences(told.comparison, metric, words);
        let picture = bar_chart(&chart);
        body = html! { (body) (figure(&chart.title, &chart.subtitle, &picture, &metric_table(told, metric))?) };
    }
    // Cost has a section of its own.
    let shown = |id: &str| told.first().contains(&id) || id == "M40";
    let others = told.comparison.metrics.iter().filter(|m| !shown(m.id) && !m.strategies.is_empty());
    Ok(html! { (body) @for metric in others { (metric_table(told, metric)) } (composite(told)) })
}

/// The composite, where weights were given: its ranking, and how often that survives other weights.
fn composite(told: &Told<'_>) -> Markup {
    let (words, comparison) = (told.words, told.comparison);
    let name = |id: &str| told.metric(id).map_or(id.to_owned(), |m| words.metric(m.id, m.name));
    let Some(result) = &comparison.composite else {
        let missing: Vec<String> = comparison
            .metrics
            .iter()
            .filter(|m| comparison.not_weighed.contains(&m.id))
            .map(|m| words.metric(m.id, m.name))
            .collect();
        let text = words.fill("changes.no_composite", &[("metrics", &words.list(&missing))]);
        return html! { @if !missing.is_empty() { p class="warn" { (text) } } };
    };
    let weights: Vec<String> =
        result.weights.iter().map(|(id, weight)| format!("{} {}", name(id), words.percent(*weight))).collect();
    let rows: Vec<Vec<Cell>> = result
        .ranking
        .iter()
        .map(|(strategy, score)| vec![Cell::Own(strategy.clone()), Cell::Number(words.number(*score))])
        .collect();
    let survives = [
        ("any", words.percent(result.first_survives_any)),
        ("near", words.percent(result.first_survives_near)),
        ("all_any", words.percent(result.ranking_survives_any)),
        ("all_near", words.percent(result.ranking_survives_near)),
    ];
    html! {
        (table(
            &words.fill("table.composite", &[("weights", &words.list(&weights))]),
            &[words.say("table.response"), words.say("table.score")],
            &rows,
        ))
        p class="note" { (words.fill("changes.survives", &survives.each_ref().map(|(k, v)| (*k, v.as_str())))) }
    }
}

/// Regret over drawn futures: the ranges, then each metric.
fn over_futures(told: &Told<'_>, futures: &FuturesResult) -> Markup {
    let words = told.words;
    let count = words.count(futures.points.len() as u64);
    let ranges: Vec<Vec<Cell>> = futures
        .ranges
        .iter()
        .map(|(parameter, low, high)| vec![Cell::Code(parameter.clone()), Cell::Number(words.range(*low, *high))])
        .collect();
    let regret = |row: &crate::experiment::compare::FutureResult| {
        vec![
            Cell::Own(row.strategy.clone()),
            Cell::Number(words.number(row.greatest_regret)),
            Cell::Number(words.number(row.mean_regret)),
            Cell::Number(words.percent(row.best_share)),
            Cell::Number(row.better_share.map_or("–".to_owned(), |share| words.percent(share))),
        ]
    };
    let head = ["table.response", "table.greatest_regret", "table.mean_regret", "table.best_in", "table.better_in"];
    html! {
        @if !futures.any_difference { p class="warn" { (words.fill("unsure.futures_same", &[("count", &count)])) } }
        (table(
            &words.fill("table.futures", &[("count", &count), ("runs", &words.count(u64::from(futures.replications)))]),
            &[words.say("assume.parameter"), words.say("table.range")],
            &ranges,
        ))
        @for (id, rows) in &futures.metrics {
            @let name = told.metric(id).map_or((*id).to_owned(), |m| words.metric(m.id, m.name));
            (table(
                &words.fill("table.regret", &[("metric", &name)]),
                &head.map(|key| words.say(key)),
                &rows.iter().map(regret).collect::<Vec<_>>(),
            ))
        }
    }
}

/// One metric under every strategy.
fn metric_table(told: &Told<'_>, metric: &crate::experiment::compare::MetricResult) -> Markup {
    let words = told.words;
    let rows: Vec<Vec<Cell>> = metric
        .strategies
        .iter()
        .enumerate()
        .map(|(s, row)| {
            let better = row.change.as_ref().and_then(|c| c.better);
            vec![
                Cell::Own(row.strategy.clone()),
                Cell::Number(words.number(row.value.mean)),
                Cell::Number(words.range(row.value.p05, row.value.p95)),
                Cell::Number(if s == 0 { words.say("table.baseline") } else { told.change(metric, s) }),
                Cell::Number(better.map_or("–".to_owned(), |b| words.percent(b[0]))),
            ]
        })
        .collect();
    let direction = match metric.lower_is_better {
        Some(true) => words.say("table.less_is_better"),
        Some(false) => words.say("table.more_is_better"),
        None => String::new(),
    };
    let unit = words.known(&format!("unit.{}", metric.id)).unwrap_or(metric.unit);
    let caption = format!("{} ({}) – {unit} {direction}", words.metric(metric.id, metric.name), metric.id);
    table(
        caption.trim(),
        &[
            words.say("table.response"),
            words.say("table.mean"),
            words.say("table.nine_in_ten"),
            words.say("table.change"),
            words.say("table.better_in"),
        ],
        &rows,
    )
}

fn time(told: &Told<'_>, world: &World) -> Result<Markup, PictureError> {
    let (words, comparison) = (told.words, told.comparison);
    let chart = courses(comparison, world, words);
    let rows: Vec<Vec<Cell>> = comparison
        .strategies
        .iter()
        .zip(&comparison.evidence.stuck)
        .map(|((name, _), days)| {
            let peak = (0..days.len()).rev().max_by(|a, b| days[*a].median.total_cmp(&days[*b].median)).unwrap_or(0);
            let at = |day: usize| days.get(day).copied().unwrap_or_default();
            let (top, end) = (at(peak), at(days.len().saturating_sub(1)));
            vec![
                Cell::Own(name.clone()),
                Cell::Words(words.date(crate::outcome::metrics::date(world, peak))),
                Cell::Number(words.number(top.median)),
                Cell::Number(words.range(top.p05, top.p95)),
                Cell::Number(words.number(end.median)),
                Cell::Number(words.range(end.p05, end.p95)),
            ]
        })
        .collect();
    let numbers = table(
        &words.say("table.courses"),
        &[
            words.say("table.response"),
            words.say("table.peak_day"),
            words.say("table.peak"),
            words.say("table.nine_in_ten"),
            words.say("table.at_end"),
            words.say("table.nine_in_ten"),
        ],
        &rows,
    );
    figure(&chart.title, &chart.subtitle, &line_chart(&chart), &numbers)
}

fn costs(told: &Told<'_>) -> Result<Markup, PictureError> {
    let (words, comparison) = (told.words, told.comparison);
    if comparison.nobody_stuck {
        // Cost against nothing would call whatever costs something a waste.
        let row = |row: &crate::experiment::compare::Efficiency| {
            vec![Cell::Own(row.strategy.clone()), Cell::Number(words.signed(row.extra_cost_usd))]
        };
        let rows: Vec<Vec<Cell>> = comparison.efficiency.iter().map(row).collect();
        let numbers =
            table(&words.say("table.extra_cost"), &[words.say("table.response"), words.say("table.extra_cost")], &rows);
        return Ok(html! { p { (words.say("brief.nobody_stuck")) } (numbers) });
    }
    let rows: Vec<Vec<Cell>> = comparison
        .efficiency
        .iter()
        .map(|row| {
            let per_day = match row.usd_per_day_averted {
                Some(usd) => words.number(usd),
                None if row.averted > 0.0 => words.say("table.costs_nothing"),
                None => words.say("table.averts_none"),
            };
            vec![
                Cell::Own(row.strategy.clone()),
                Cell::Number(words.signed(row.extra_cost_usd)),
                Cell::Number(words.signed(row.averted)),
                Cell::Number(per_day),
                Cell::Number(row.interval.map_or("–".to_owned(), |(low, high)| words.range(low, high))),
                Cell::Own(if row.dominated_by.is_empty() { "–".into() } else { words.list(&row.dominated_by) }),
                Cell::Words(match (row.incremental_usd, &row.incremental_to) {
                    (Some(usd), Some(to)) => words.fill("table.further", &[("usd", &words.number(usd)), ("other", to)]),
                    _ => "–".to_owned(),
                }),
            ]
        })
        .collect();
    let numbers = table(
        &words.say("table.cost"),
        &[
            words.say("table.response"),
            words.say("table.extra_cost"),
            words.say("table.averted"),
            words.say("table.per_day"),
            words.say("table.interval"),
            words.say("table.dominated"),
            words.say("table.further_days"),
        ],
        &rows,
    );
    let Some(stuck) = told.metric(comparison.aim.metric()) else { return Ok(numbers) };
    let chart = cost(comparison, stuck, words);
    figure(&chart.title, &chart.subtitle, &scatter_chart(&chart), &numbers)
}

fn by_group(told: &Told<'_>, lead: usize) -> Result<Markup, PictureError> {
    /// Groups in the table.
    const ROWS: usize = 15;
    let (words, comparison) = (told.words, told.comparison);
    let rows: Vec<Vec<Cell>> = comparison
        .evidence
        .groups
        .iter()
        .take(ROWS)
        .map(|group| {
            let mut row = vec![Cell::Own(group.name.clone()), Cell::Number(words.number(group.people))];
            row.extend(group.days.iter().map(|days| Cell::Number(words.number(*days))));
            row
        })
        .collect();
    let mut head = vec![words.say("table.group"), words.say("table.people")];
    head.extend(comparison.strategies.iter().map(|(name, _)| name.clone()));
    let more = comparison.evidence.groups.len().saturating_sub(ROWS);
    let numbers = html! {
        (table(&words.say("table.groups"), &head, &rows))
        @if more > 0 { p class="note" { (words.fill("table.more_groups", &[("count", &words.count(more as u64))])) } }
    };
    if rows.is_empty() {
        return Ok(html! { p { (words.say("table.nobody_stuck")) } });
    }
    let chart = groups(comparison, lead, words);
    figure(&chart.title, &chart.subtitle, &bar_chart(&chart), &numbers)
}

fn maps(told: &Told<'_>, lead: usize) -> Result<Markup, PictureError> {
    let (words, comparison) = (told.words, told.comparison);
    let mut body = html! {};
    let mut shown = vec![0, lead];
    shown.dedup();
    for s in shown {
        let evidence = &comparison.evidence;
        let Some((world, scene)) = evidence.worlds.get(s).zip(evidence.scenes.get(s)) else { continue };
        let chart = FlowMap { captions: captions(words, true), ..map(world, scene, words) };
        let title = words.fill("changes.under", &[("what", &chart.title), ("name", &comparison.strategies[s].1)]);
        body =
            html! { (body) (figure(&title, &chart.subtitle, &flow_map(&chart), &scene_tables(words, world, scene))?) };
    }
    Ok(body)
}

fn beside_the_record(told: &Told<'_>) -> Result<Option<Markup>, PictureError> {
    let (words, comparison) = (told.words, told.comparison);
    let evidence = &comparison.evidence;
    let Some((of, world)) = evidence.record.as_ref().and_then(|of| Some((of, evidence.worlds.get(of.strategy)?)))
    else {
        return Ok(None);
    };
    let panels: Vec<&Vec<Vec<f64>>> = of.runs.iter().map(|r| &r.panels).collect();
    let shown = Shown { watch: &of.watch, runs: &panels };
    let chart = LineChart { captions: captions(words, true), ..record(told.scenario, world, &shown, words) };
    let kept: Vec<Replication> =
        of.runs.iter().map(|r| Replication { observed: r.observed.clone(), ..Replication::default() }).collect();
    let rows = compare_rows(&told.scenario.observations, told.scenario.header.fitted_until, &of.watch, &kept);
    let title = words.fill("changes.under", &[("what", &chart.title), ("name", &comparison.strategies[of.strategy].1)]);
    figure(&title, &chart.subtitle, &line_chart(&chart), &record_table(words, &rows)).map(Some)
}

/// What the contingency plan says of the response `lead`.
fn plan_of(told: &Told<'_>, world: &World, lead: usize) -> Markup {
    let (words, comparison) = (told.words, told.comparison);
    let (name, title) = &comparison.strategies[lead];
    let evidence = &comparison.evidence;
    let peak = evidence.sizing.first().and_then(|sizes| comparison.aim.peak(sizes));
    let people = held_by_group(world, |_| true).iter().sum::<f64>() * f64::from(world.scale);
    let baseline = &comparison.strategies[0].1;
    let situation = words.fill(
        "plan.situation",
        &[
            ("people", &words.number(people)),
            ("baseline", baseline),
            ("peak", &peak.map_or("–".to_owned(), |p| words.range(p.p05, p.p95))),
        ],
    );
    let total = told
        .metric("M40")
        .and_then(|m| m.strategies.get(lead))
        .map(|row| words.fill("plan.money_total", &[("usd", &words.range(row.value.p05, row.value.p95))]));
    let extra = told.cost_of(name).map(|cost| {
        let per_day = cost.usd_per_day_averted.map_or("–".to_owned(), |usd| words.number(usd));
        let extra = words.signed(cost.extra_cost_usd);
        words.fill("plan.money", &[("usd", &extra), ("baseline", baseline), ("per_day", &per_day)])
    });
    let sizing = evidence.sizing.get(lead).copied().unwrap_or_default();
    let money = total.into_iter().chain(extra).collect();
    plan(words, told.scenario, world, &Filled { name, title, situation, sizing, money })
}
