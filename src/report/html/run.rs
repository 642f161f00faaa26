//! The report of a run of one response: shorter, with the same parts as far as they apply.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::RunReport;
use super::super::picture::{Picture, PictureError};
use super::super::pictures::{pictures, places_waited_at};
use super::figure::{Cell, figure, table};
use super::plan::{Filled, plan};
use super::shared::{assumed, assumptions, fit_sentence, foundations, record_table, scene_tables, triggers};
use super::words::Words;
use super::{Section, page};
use crate::engine::agents::State;
use crate::engine::constraint::Constraint;
use crate::experiment::scores::SIZING;
use crate::outcome::held_by_group;
use crate::outcome::metrics::{METRICS, date, last_date};
use crate::outcome::record::{Compared, fit};
use crate::outcome::scene::Scene;
use crate::outcome::spread::Spread;

/// Metrics in the table of the report.
const SHOWN: [&str; 12] =
    ["M01_left", "M01_home", "M01_safe", "M02", "M03", "M04", "M05_p50", "M07", "M19", "M39", "M10_assisted", "M40"];

/// Shown beside them where care is given, and where moves are planned for a season.
const NEEDS: &str = "M23";
const SEASONAL: &str = "M44_missed";

/// The page of a run, with the observations that it answers to.
pub fn run_page(run: &RunReport<'_>, compared: &[Compared<'_>]) -> Result<String, PictureError> {
    let words = &Words::new(run.asked.lang);
    let world = run.world;
    let told = Told { run, words };
    let last = last_date(world);
    let named = run.scenario.strategies.get(&world.strategy);
    let title = named.map_or(world.strategy.as_str(), |s| s.title.as_str());
    let names = [world.strategy.clone()];
    let mut sections = vec![Section { id: "figures", heading: "page.figures", body: told.figures() }];
    for (name, picture) in pictures(run, words, true) {
        sections.extend(told.pictured(name, &picture, compared)?);
    }
    if run.first.constraints.iter().any(|day| !day.is_empty()) {
        sections.push(Section { id: "why", heading: "page.why", body: told.why() });
    }
    sections.push(Section { id: "triggers", heading: "page.triggers", body: triggers(words, &run.firings()) });
    sections.push(Section { id: "plan", heading: "page.plan", body: told.plan(title) });
    sections.push(Section {
        id: "assumptions",
        heading: "page.assumptions",
        body: assumptions(words, run.scenario, world, &names),
    });
    let subtitle = words.fill(
        "page.subtitle_run",
        &[
            ("title", title),
            ("first", &words.date(world.start)),
            ("last", &words.date(last)),
            ("runs", &words.count(run.replications.len() as u64)),
            ("seed", &run.seed.to_string()),
            ("scale", &words.count(u64::from(world.scale))),
            ("hash", run.scenario.content_hash.get(..12).unwrap_or_default()),
        ],
    );
    Ok(page(words, &world.title, &subtitle, &told.brief(title, compared), &sections))
}

struct Told<'a> {
    run: &'a RunReport<'a>,
    words: &'a Words,
}

impl Told<'_> {
    /// Whether anything that this metric tells of is in the world.
    fn applies(&self, id: &str) -> bool {
        let world = self.run.world;
        if id == NEEDS { !world.response.cares.is_empty() } else { !world.cycles.is_empty() }
    }

    fn spread(&self, id: &str) -> Option<Spread> {
        Spread::of(self.run.replications.iter().filter_map(|r| r.measured.overall(id)))
    }

    /// A metric: its median, and of several runs the range of nine in ten.
    fn figure(&self, id: &str) -> String {
        let words = self.words;
        match self.spread(id) {
            None => "–".to_owned(),
            Some(s) if self.run.replications.len() > 1 && words.number(s.p05) != words.number(s.p95) => {
                format!("{} ({})", words.number(s.median), words.range(s.p05, s.p95))
            }
            Some(s) => words.number(s.median),
        }
    }

    fn brief(&self, title: &str, compared: &[Compared<'_>]) -> Markup {
        let (run, words) = (self.run, self.words);
        let world = run.world;
        let last = last_date(world);
        let question = words.fill(
            "brief.question_run",
            &[("title", title), ("first", &words.date(world.start)), ("last", &words.date(last))],
        );
        let figure = |id: &str| self.figure(id);
        let left = [("left", &*figure("M01_left")), ("home", &figure("M01_home")), ("safe", &figure("M01_safe"))];
        let mut answer = vec![words.fill("brief.got_out", &left)];
        answer.extend(self.stuck_and_harmed());
        let assisted = figure("M10_assisted");
        answer.push(match self.spread("M40") {
            Some(_) => words.fill("brief.helped", &[("assisted", &assisted), ("usd", &figure("M40"))]),
            None => words.fill("brief.helped_only", &[("assisted", &assisted)]),
        });
        answer.extend(self.worst_off());
        let (assumed, all) = assumed(&foundations(run.scenario, std::slice::from_ref(&world.strategy)));
        let runs = words.count(run.replications.len() as u64);
        let fitted = fit(compared);
        let held_out = fit(compared.iter().filter(|c| c.fitted == Some(false)));
        html! {
            h3 { (words.say("brief.question")) }
            p { (question) }
            h3 { (words.say("brief.answer")) }
            div class="answer" { @for text in &answer { p { (text) } } }
            @if let Some(text) = self.main_constraint() { p { (text) } }
            h3 { (words.say("brief.todo")) }
            ul {
                li { (words.say("todo.compare")) " " code { "corridor compare " (run.asked.folder.display()) } }
                li { (words.say("todo.explain")) " " code { "corridor explain OUTDIR" } }
                li { (words.fill("todo.confirm", &[("assumed", &words.count(assumed)), ("all", &words.count(all))])) }
            }
            h3 { (words.say("brief.unsure")) }
            ul {
                @if run.replications.len() == 1 { li { (words.say("unsure.one_run")) } }
                @else { li { (words.fill("unsure.luck_only", &[("runs", &runs)])) " " (words.say("unsure.not_in_them")) } }
                li { (fit_sentence(words, title, &fitted, &held_out)) }
                li { (words.say("unsure.rates")) }
                li { (words.say("unsure.costs")) }
            }
        }
    }

    /// Whether `id` is above 0 in any run.
    fn ever(&self, id: &str) -> bool {
        self.run.replications.iter().any(|r| r.measured.overall(id).is_some_and(|value| value > 0.0))
    }

    /// Who was stranded; who was trapped, where nobody was stranded; who died.
    fn stuck_and_harmed(&self) -> [String; 2] {
        let (words, figure) = (self.words, |id: &str| self.figure(id));
        let harm = words.fill("brief.harm_only", &[("deaths", &figure("M19"))]);
        if let Some(day) = self.spread("M04_day").filter(|_| self.ever("M03")) {
            let peak = words.date(date(self.run.world, (day.median.round() as usize).saturating_sub(1)));
            let stranded = figure("M02");
            let values =
                [("stranded", &*stranded), ("peak", &figure("M04")), ("date", &peak), ("days", &figure("M03"))];
            let harm = words.fill("brief.harm", &[("deaths", &figure("M19")), ("trapped", &figure("M07_end"))]);
            [words.fill("brief.stuck", &values), harm]
        } else if self.ever("M07") {
            let values = [("trapped", &*figure("M07_end")), ("peak", &figure("M07_peak")), ("days", &figure("M07"))];
            [words.fill("brief.stuck_trapped", &values), harm]
        } else {
            [words.say("brief.stuck_nobody"), harm]
        }
    }

    fn plan(&self, title: &str) -> Markup {
        let (run, words) = (self.run, self.words);
        let people = held_by_group(run.world, |_| true).iter().sum::<f64>() * f64::from(run.world.scale);
        let (situation, peak) = match !self.ever("M03") && self.ever("M07") {
            true => ("plan.situation_run_trapped", "M07_peak"),
            false => ("plan.situation_run", "M04"),
        };
        let values = [("people", &*words.count(people as u64)), ("title", title), ("peak", &*self.figure(peak))];
        let filled = Filled {
            name: &run.world.strategy,
            title,
            situation: words.fill(situation, &values),
            sizing: SIZING.map(|id| self.spread(id)),
            money: self
                .spread("M40")
                .map(|_| words.fill("plan.money_run", &[("usd", &self.figure("M40"))]))
                .into_iter()
                .collect(),
        };
        plan(words, run.scenario, run.world, &filled)
    }

    fn worst_off(&self) -> Option<String> {
        let note = &self.run.replications.first()?.measured.get("M39")?.note;
        let values = [("group", note.as_str()), ("days", &self.figure("M39"))];
        (!note.is_empty()).then(|| self.words.fill("brief.worst_off", &values))
    }

    /// Persons stuck by constraint, summed over the days and places of the first run, largest first.
    fn bound(&self) -> Vec<(Constraint, u64)> {
        let mut sums: BTreeMap<Constraint, u64> = BTreeMap::new();
        for stuck in self.run.first.constraints.iter().flatten() {
            *sums.entry(stuck.constraint).or_default() += u64::from(stuck.persons) * u64::from(self.run.world.scale);
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(constraint, persons)| (std::cmp::Reverse(*persons), *constraint));
        sums
    }

    fn named(&self, constraint: Constraint) -> String {
        self.words.say(&format!("constraint.{}", constraint.as_str()))
    }

    fn main_constraint(&self) -> Option<String> {
        let bound = self.bound();
        let all: u64 = bound.iter().map(|(_, n)| n).sum();
        let (constraint, persons) = bound.first()?;
        let share = self.words.percent(*persons as f64 / all as f64);
        Some(self.words.fill("brief.main_constraint", &[("constraint", &self.named(*constraint)), ("share", &share)]))
    }

    fn why(&self) -> Markup {
        let words = self.words;
        let bound = self.bound();
        let all: u64 = bound.iter().map(|(_, n)| n).sum();
        let rows: Vec<Vec<Cell>> = bound
            .iter()
            .map(|(constraint, days)| {
                vec![
                    Cell::Words(self.named(*constraint)),
                    Cell::Number(words.number(*days as f64)),
                    Cell::Number(words.percent(*days as f64 / all as f64)),
                ]
            })
            .collect();
        html! {
            p { (words.say("table.why_means")) }
            (table(
                &words.say("table.why"),
                &[words.say("table.constraint"), words.say("table.stuck_days"), words.say("table.share")],
                &rows,
            ))
        }
    }

    fn figures(&self) -> Markup {
        let words = self.words;
        let rows: Vec<Vec<Cell>> = METRICS
            .iter()
            .filter(|m| SHOWN.contains(&m.id) || [NEEDS, SEASONAL].contains(&m.id) && self.applies(m.id))
            .map(|m| {
                let spread = self.spread(m.id);
                let range = spread.filter(|_| self.run.replications.len() > 1);
                vec![
                    Cell::Words(format!("{} ({})", words.metric(m.id, m.name), m.id)),
                    Cell::Number(spread.map_or("–".to_owned(), |s| words.number(s.median))),
                    Cell::Number(range.map_or("–".to_owned(), |s| words.range(s.p05, s.p95))),
                    Cell::Own(words.known(&format!("unit.{}", m.id)).unwrap_or(m.unit).to_owned()),
                ]
            })
            .collect();
        table(
            &words.say("table.figures"),
            &[
                words.say("table.figure"),
                words.say("table.median"),
                words.say("table.nine_in_ten"),
                words.say("assume.unit"),
            ],
            &rows,
        )
    }

    /// The section of the picture called `name`.
    fn pictured(
        &self,
        name: &str,
        picture: &Picture,
        compared: &[Compared<'_>],
    ) -> Result<Option<Section>, PictureError> {
        let (run, words) = (self.run, self.words);
        let (id, heading, title, says, numbers) = match name {
            "record" => (
                "record",
                "page.record",
                "page.record",
                words.say("picture.record_says"),
                record_table(words, compared),
            ),
            "waiting" => {
                ("time", "page.time", "picture.waiting_title", words.say("picture.waiting_where"), self.waiting_table())
            }
            "states" => {
                ("states", "page.states", "picture.states_title", words.say("picture.states_says"), self.states_table())
            }
            "map" => (
                "map",
                "page.map",
                "picture.map_title",
                words.say("picture.map_says"),
                scene_tables(words, run.world, &Scene::of(run.world, run.first)),
            ),
            _ => return Ok(None),
        };
        Ok(Some(Section { id, heading, body: figure(&words.say(title), &says, picture, &numbers)? }))
    }

    fn waiting_table(&self) -> Markup {
        let (run, words) = (self.run, self.words);
        let scale = f64::from(run.world.scale);
        let row = |place: usize| {
            let most = |of: &dyn Fn(&crate::engine::Counts) -> f64| {
                let days = 0..run.first.days.len();
                let day = days.rev().max_by(|a, b| of(&run.first.days[*a]).total_cmp(&of(&run.first.days[*b])));
                day.map_or((0, 0.0), |day| (day, scale * of(&run.first.days[day])))
            };
            let waiting = most(&|c| f64::from(c.waiting[place]));
            let stranded =
                most(&|c| c.stranded[place * c.groups..(place + 1) * c.groups].iter().map(|n| f64::from(*n)).sum());
            vec![
                Cell::Own(run.world.places[place].name.clone()),
                Cell::Number(words.number(waiting.1)),
                Cell::Words(words.date(date(run.world, waiting.0))),
                Cell::Number(words.number(stranded.1)),
            ]
        };
        let rows: Vec<Vec<Cell>> = places_waited_at(run).into_iter().take(8).map(row).collect();
        table(
            &words.say("table.waiting"),
            &[
                words.say("table.place"),
                words.say("table.most_waiting"),
                words.say("table.date"),
                words.say("table.most_stranded"),
            ],
            &rows,
        )
    }

    fn states_table(&self) -> Markup {
        let (run, words) = (self.run, self.words);
        let Some(last) = run.first.days.last() else { return html! {} };
        let in_state = |state: State| (0..last.groups).map(|g| u64::from(last.in_state(g, state))).sum::<u64>();
        let row = |(key, state): (&str, State)| {
            let people = in_state(state) * u64::from(run.world.scale);
            vec![Cell::Words(words.say(key)), Cell::Number(words.number(people as f64))]
        };
        let states = [
            ("picture.arrived", State::Arrived),
            ("picture.en_route", State::EnRoute),
            ("picture.resting", State::Resting),
            ("picture.waiting", State::Waiting),
            ("picture.detained", State::Detained),
            ("picture.dead", State::Dead),
        ];
        let rows: Vec<Vec<Cell>> = states.into_iter().map(row).collect();
        table(&words.say("table.states"), &[words.say("table.state"), words.say("table.persons")], &rows)
    }
}
