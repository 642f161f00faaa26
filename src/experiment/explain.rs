//! Why people were stuck in a run that was made, and what a tenth more of each capacity would have changed.
//!
//! The run's folder says what bound whom (`constraints.csv`) and how it was made (`run.json`). The scenario is run again, the same
//! people with the same luck, with one capacity after the other enlarged; what differs is what that capacity changes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::replicate::side_by_side;
use crate::engine::constraint::Constraint;
use crate::outcome::Outcome;
use crate::report::DISCLAIMER;
use crate::report::comparison::number;
use crate::scenario::Scenario;
use crate::scenario::build::{Options, build};
use crate::scenario::problem::nearest;
use crate::scenario::scenario::{Intervention, Lever, Rule, Strategy};
use crate::scenario::world::World;

/// By how much each capacity is enlarged.
pub const MORE: f64 = 0.1;
/// Places and groups that are told, at most.
const TOLD: usize = 6;

/// How a run was made, as its `run.json` says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Made {
    /// Version of the program.
    pub version: String,
    /// Folder of the scenario, as it was typed.
    pub scenario: PathBuf,
    /// Hash of the scenario's files.
    pub scenario_hash: String,
    /// Strategy.
    pub strategy: String,
    /// Seed of all draws.
    pub seed: u64,
    /// Last day.
    #[serde(deserialize_with = "date")]
    pub until: NaiveDate,
    /// People that one simulated person stands for.
    pub scale: u32,
    /// Parameters set, as they were typed.
    pub set: Vec<String>,
}

/// A row of `constraints.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bound {
    /// Day.
    #[serde(deserialize_with = "date")]
    pub date: NaiveDate,
    /// Location id.
    pub place: String,
    /// Group id.
    pub group: String,
    /// What binds.
    #[serde(deserialize_with = "constraint")]
    pub constraint: Constraint,
    /// People.
    pub persons: u64,
}

fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("'{text}' is no date")))
}

fn constraint<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Constraint, D::Error> {
    let word = String::deserialize(deserializer)?;
    Constraint::from_word(&word).ok_or_else(|| serde::de::Error::custom(format!("'{word}' is no constraint")))
}

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// At this place only (location id).
    pub place: Option<String>,
    /// Of this group only (group id).
    pub group: Option<String>,
    /// On this day; `None`: the day on which most are stuck.
    pub day: Option<NaiveDate>,
    /// Runs made anew of each variant, at least 1.
    pub replications: u32,
}

/// A share of those stuck.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Constraint, place or group.
    pub name: String,
    /// People on the day, or person-days.
    pub persons: u64,
    /// Share of all of them.
    pub share: f64,
    /// The constraint that binds most of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mostly: Option<(&'static str, f64)>,
}

/// What a tenth more of one capacity would have changed: means over replications.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// The capacity.
    pub capacity: String,
    /// Rows of the input that were enlarged.
    pub rows: usize,
    /// Of these, rows that had begun by the day, if no trigger had to fire first.
    pub begun: usize,
    /// Change of those stuck on the day, of those asked about, people.
    pub on_the_day: f64,
    /// Change over the whole run, of those asked about, person-days.
    pub person_days: f64,
    /// Least and greatest of it over replications.
    pub range: (f64, f64),
    /// That change as a share of the run as it was; `None`: nobody was stuck.
    pub relative: Option<f64>,
    /// Change over the whole run, of everybody, person-days.
    pub everywhere: f64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Always true.
    pub simulated: bool,
    /// What the figures are and are not for.
    pub notice: &'static str,
    /// Place asked about.
    pub place: Option<String>,
    /// Group asked about.
    pub group: Option<String>,
    /// Strategy of the run.
    pub strategy: String,
    /// The day, as YYYY-MM-DD.
    pub day: String,
    /// People stuck (stranded or trapped) on it.
    pub stuck: u64,
    /// What bound them.
    pub constraints: Vec<Part>,
    /// Person-days stuck over the whole run.
    pub person_days: u64,
    /// What bound them.
    pub constraints_of_run: Vec<Part>,
    /// Where they were on the day, most first; empty where a place was asked about.
    pub places: Vec<Part>,
    /// Who they were, likewise.
    pub groups: Vec<Part>,
    /// Replications made anew.
    pub replications: u32,
    /// What a tenth more of each capacity would have changed.
    pub effects: Vec<Effect>,
}

/// Reads how the run in `dir` was made and what bound whom. The error says what is wrong with the folder.
pub fn read_run(dir: &Path) -> Result<(Made, Vec<Bound>), String> {
    let shown = dir.display();
    let read = |name: &str| {
        let hint = "name a folder that `corridor run` of this version wrote";
        fs::read_to_string(dir.join(name)).map_err(|error| format!("cannot read {shown}/{name}: {error}; {hint}"))
    };
    let made: Made = serde_json::from_str(&read("run.json")?)
        .map_err(|error| format!("{shown}/run.json does not say how to run again ({error}); run the scenario again"))?;
    let text = read("constraints.csv")?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Result<Vec<Bound>, csv::Error> = reader.deserialize().collect();
    let rows = rows.map_err(|error| format!("{shown}/constraints.csv: {error}; run the scenario again"))?;
    Ok((made, rows))
}

/// A capacity that can be enlarged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Capacity {
    Crossings,
    Seats(String),
    Documents,
    Cash,
    Shelter,
    Funding,
}

impl Capacity {
    fn name(&self) -> String {
        match self {
            Capacity::Crossings => "persons a day at crossings".to_owned(),
            Capacity::Seats(lever) => format!("seats of services {lever}"),
            Capacity::Documents => "travel documents a day".to_owned(),
            Capacity::Cash => "cash grants a day".to_owned(),
            Capacity::Shelter => "shelter places".to_owned(),
            Capacity::Funding => "money of the response".to_owned(),
        }
    }
}

/// The capacities that the strategy `name` of `scenario` has.
fn capacities(scenario: &Scenario, name: &str) -> Vec<Capacity> {
    let mut all = vec![Capacity::Crossings, Capacity::Documents, Capacity::Cash, Capacity::Shelter, Capacity::Funding];
    if let Some(strategy) = scenario.strategy(name) {
        all.extend(strategy.services.iter().map(|s| Capacity::Seats(s.lever.clone())));
    }
    all.sort();
    all.dedup();
    all
}

/// `scenario` with a tenth more of `capacity` in the strategy `name` (at `place` only, where one is named), and when the rows begin
/// that this changed: a trigger that must fire first is left out.
fn enlarged(scenario: &Scenario, name: &str, capacity: &Capacity, place: Option<&str>) -> (Scenario, Vec<NaiveDate>) {
    let mut scenario = scenario.clone();
    // With all that it extends, each row on its day.
    if let Some(whole) = scenario.strategy(name) {
        scenario.strategies.insert(name.to_owned(), Strategy { extends: None, shift_days: 0.0, ..whole });
    }
    let first = scenario.header.start;
    let mut begins = Vec::new();
    let country = place.and_then(|id| scenario.locations.iter().find(|l| l.id == id)).map(|l| l.country.clone());
    let here = |id: &str| place.is_none_or(|place| id == place || country.as_deref() == Some(id));
    let mut more = |value: &mut f64, start: NaiveDate, days: f64| {
        *value *= 1.0 + MORE;
        begins.push(start.checked_add_signed(TimeDelta::days(days.round() as i64)).unwrap_or(start));
    };
    if *capacity == Capacity::Crossings {
        for row in scenario.policies.iter_mut().filter(|row| row.rule == Rule::Throughput && here(&row.from)) {
            row.persons_per_day.iter_mut().for_each(|value| more(value, row.start, 0.0));
        }
        for row in scenario.routes.iter_mut().filter(|row| here(&row.from) || row.two_way && here(&row.to)) {
            row.persons_per_day.iter_mut().for_each(|value| more(value, first, 0.0));
        }
    }
    if *capacity == Capacity::Shelter {
        for row in scenario.locations.iter_mut().filter(|row| here(&row.id)) {
            if let Some(places) = &mut row.capacity {
                let mut larger = *places as f64;
                more(&mut larger, first, 0.0);
                *places = larger.round() as u64;
            }
        }
    }
    if let Some(strategy) = scenario.strategies.get_mut(name) {
        let boards = |row: &&mut crate::scenario::scenario::ServiceRow| {
            *capacity == Capacity::Seats(row.lever.clone()) && (here(&row.from) || row.pickup.iter().any(|p| here(p)))
        };
        for row in strategy.services.iter_mut().filter(boards) {
            more(&mut row.persons_per_day, row.start, row.delay_days);
        }
        if *capacity == Capacity::Shelter {
            for row in strategy.shelters.iter_mut().filter(|row| here(&row.place)) {
                let mut larger = row.places as f64;
                more(&mut larger, row.start, row.delay_days);
                row.places = larger.round() as u64;
            }
        }
        let lever = match capacity {
            Capacity::Crossings => Lever::Border,
            Capacity::Documents => Lever::Documents,
            Capacity::Cash => Lever::Cash,
            Capacity::Shelter => Lever::Shelter,
            Capacity::Funding => Lever::Funding,
            Capacity::Seats(_) => return (scenario, begins),
        };
        let meant = |row: &&mut Intervention| {
            let anywhere = row.places.is_empty() || *capacity == Capacity::Funding;
            row.lever == lever && (anywhere || row.places.iter().any(|p| here(p)))
        };
        for row in strategy.interventions.iter_mut().filter(meant) {
            let (start, days) = (row.start.unwrap_or(first), row.delay_days.unwrap_or(0.0));
            let amount = match capacity {
                Capacity::Shelter => &mut row.capacity,
                Capacity::Funding => &mut row.usd,
                _ if row.per_day.is_none() => &mut row.lanes,
                _ => &mut row.per_day,
            };
            amount.iter_mut().for_each(|value| more(value, start, days));
        }
    }
    (scenario, begins)
}

/// Those stuck in one run: of those asked about by day, and of everybody over the run.
struct Stuck {
    by_day: Vec<u64>,
    everybody: u64,
}

fn stuck(world: &World, outcome: &Outcome, place: Option<usize>, group: Option<usize>) -> Stuck {
    let scale = u64::from(world.scale);
    let (mut by_day, mut everybody) = (Vec::new(), 0);
    for counts in &outcome.days {
        let mut asked = 0;
        for (slot, (stranded, trapped)) in counts.stranded.iter().zip(&counts.trapped).enumerate() {
            let persons = u64::from(*stranded + *trapped) * scale;
            everybody += persons;
            let is = |wanted: Option<usize>, index: usize| wanted.is_none_or(|wanted| wanted == index);
            if is(place, slot / counts.groups) && is(group, slot % counts.groups) {
                asked += persons;
            }
        }
        by_day.push(asked);
    }
    Stuck { by_day, everybody }
}

/// Explains the run that `made` tells of, whose constraints are `rows`; `options` are those it was made with. `on_run` hears of
/// every run that is over. The error says what in the question cannot be answered.
pub fn explain(
    scenario: &Scenario,
    made: &Made,
    rows: &[Bound],
    options: &Options,
    question: &Question,
    on_run: impl Fn() + Sync,
) -> Result<Explanation, String> {
    if scenario.content_hash != made.scenario_hash {
        return Err(format!(
            "the scenario has changed since the run was made (its files hash to {}, then {}); run it again, then ask",
            scenario.content_hash.get(..12).unwrap_or_default(),
            made.scenario_hash.get(..12).unwrap_or_default()
        ));
    }
    let Some(world) = build(scenario, &made.strategy, options) else {
        return Err(format!("the scenario has no strategy '{}'", made.strategy));
    };
    let index = |what: &str, wanted: &Option<String>, ids: Vec<&str>| match wanted {
        None => Ok(None),
        Some(id) => ids.iter().position(|known| known == id).map(Some).ok_or_else(|| {
            let near = nearest(id, ids.iter().copied()).map_or(String::new(), |n| format!("; did you mean '{n}'?"));
            format!("there is no {what} '{id}'{near}")
        }),
    };
    let place = index("place", &question.place, world.places.iter().map(|p| p.id.as_str()).collect())?;
    let group = index("group", &question.group, world.groups.iter().map(|g| g.id.as_str()).collect())?;
    let asked: Vec<&Bound> = rows
        .iter()
        .filter(|r| question.place.as_ref().is_none_or(|p| *p == r.place))
        .filter(|r| question.group.as_ref().is_none_or(|g| *g == r.group))
        .collect();
    let mut by_day: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    asked.iter().for_each(|r| *by_day.entry(r.date).or_default() += r.persons);
    let worst = by_day.iter().rev().max_by_key(|(_, persons)| **persons).map(|(day, _)| *day);
    let day = question.day.or(worst).unwrap_or(world.start);
    let number_of_day = (day - world.start).num_days();
    if !(0..i64::from(world.days)).contains(&number_of_day) {
        return Err(format!("{day} lies outside the run ({} to {})", world.start, made.until));
    }
    let on_the_day: Vec<&Bound> = asked.iter().copied().filter(|r| r.date == day).collect();
    let effects = effects(scenario, made, options, question, (place, group, number_of_day as usize), &world, on_run);
    let (base, effects) = effects;
    if base != by_day.values().sum::<u64>() {
        return Err(format!(
            "running again does not give what the folder holds: it was written by another version ({}, this is {}); run the \
             scenario again, then ask",
            made.version,
            env!("CARGO_PKG_VERSION")
        ));
    }
    let told = |id: &str, names: &[(String, String)]| {
        names.iter().find(|(known, _)| known == id).map_or(id.to_owned(), |(_, name)| name.clone())
    };
    let places: Vec<_> = world.places.iter().map(|p| (p.id.clone(), p.name.clone())).collect();
    let groups: Vec<_> = world.groups.iter().map(|g| (g.id.clone(), g.name.clone())).collect();
    let of = |key: fn(&Bound) -> &str, names: &[(String, String)]| {
        parts(&on_the_day, |r| format!("{} ({})", told(key(r), names), key(r)), true)
    };
    Ok(Explanation {
        simulated: true,
        notice: DISCLAIMER,
        place: question.place.as_ref().map(|id| told(id, &places)),
        group: question.group.as_ref().map(|id| told(id, &groups)),
        strategy: made.strategy.clone(),
        day: day.to_string(),
        stuck: on_the_day.iter().map(|r| r.persons).sum(),
        constraints: parts(&on_the_day, |r| r.constraint.as_str().to_owned(), false),
        person_days: by_day.values().sum(),
        constraints_of_run: parts(&asked, |r| r.constraint.as_str().to_owned(), false),
        places: if place.is_none() { of(|r| &r.place, &places) } else { Vec::new() },
        groups: if group.is_none() { of(|r| &r.group, &groups) } else { Vec::new() },
        replications: question.replications,
        effects,
    })
}

/// `rows` summed by `name`, largest first; with the constraint that binds most of each where that is asked.
fn parts(rows: &[&Bound], name: impl Fn(&Bound) -> String, mostly: bool) -> Vec<Part> {
    let mut sums: BTreeMap<String, BTreeMap<Constraint, u64>> = BTreeMap::new();
    for row in rows {
        *sums.entry(name(row)).or_default().entry(row.constraint).or_default() += row.persons;
    }
    let all: u64 = rows.iter().map(|r| r.persons).sum();
    let share = |part: u64, of: u64| part as f64 / of.max(1) as f64;
    let part = |(name, by): (String, BTreeMap<Constraint, u64>)| {
        let persons: u64 = by.values().sum();
        let most = by.iter().rev().max_by_key(|(_, n)| **n).map(|(c, n)| (c.as_str(), share(*n, persons)));
        Part { name, persons, share: share(persons, all), mostly: most.filter(|_| mostly) }
    };
    let mut parts: Vec<Part> = sums.into_iter().map(part).collect();
    parts.sort_by(|a, b| b.persons.cmp(&a.persons).then(a.name.cmp(&b.name)));
    parts
}

/// Person-days stuck in replication 0 of the run as it was, and what a tenth more of each capacity changes.
fn effects(
    scenario: &Scenario,
    made: &Made,
    options: &Options,
    question: &Question,
    (place, group, day): (Option<usize>, Option<usize>, usize),
    world: &World,
    on_run: impl Fn() + Sync,
) -> (u64, Vec<Effect>) {
    let larger = |capacity: Capacity| {
        let (scenario, begins) = enlarged(scenario, &made.strategy, &capacity, question.place.as_deref());
        let world = build(&scenario, &made.strategy, options).filter(|_| !begins.is_empty())?;
        let begun = begins.iter().filter(|begins| (**begins - scenario.header.start).num_days() <= day as i64).count();
        Some((capacity.name(), (begins.len(), begun), world))
    };
    let variants: Vec<(String, (usize, usize), World)> =
        capacities(scenario, &made.strategy).into_iter().filter_map(larger).collect();
    let worlds: Vec<&World> = std::iter::once(world).chain(variants.iter().map(|v| &v.2)).collect();
    let replications = question.replications.max(1);
    let results = side_by_side(
        |_| worlds.clone(),
        made.seed,
        0..replications,
        |_, world, _, outcome| {
            on_run();
            stuck(world, &outcome, place, group)
        },
    );
    let of = |variant: usize, replication: u32| &results[replication as usize][variant];
    let whole = |stuck: &Stuck| stuck.by_day.iter().sum::<u64>();
    let mean = |changes: &[f64]| changes.iter().sum::<f64>() / changes.len() as f64;
    let base = mean(&(0..replications).map(|r| whole(of(0, r)) as f64).collect::<Vec<_>>());
    let effect = |(v, (capacity, (rows, begun), _)): (usize, &(String, (usize, usize), World))| {
        let change = |figure: &dyn Fn(&Stuck) -> u64| -> Vec<f64> {
            (0..replications).map(|r| figure(of(v + 1, r)) as f64 - figure(of(0, r)) as f64).collect()
        };
        let days = change(&whole);
        Effect {
            capacity: capacity.clone(),
            rows: *rows,
            begun: *begun,
            on_the_day: mean(&change(&|s| s.by_day.get(day).copied().unwrap_or(0))),
            person_days: mean(&days),
            range: days.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), d| (l.min(*d), h.max(*d))),
            relative: (base > 0.0).then(|| mean(&days) / base),
            everywhere: mean(&change(&|s| s.everybody)),
        }
    };
    let mut effects: Vec<Effect> = variants.iter().enumerate().map(effect).collect();
    effects.sort_by(|a, b| a.person_days.total_cmp(&b.person_days).then(a.capacity.cmp(&b.capacity)));
    (whole(of(0, 0)), effects)
}

/// What a constraint means, in words.
pub fn in_words(word: &str) -> &'static str {
    match Constraint::from_word(word) {
        Some(Constraint::Documents) => "no travel documents",
        Some(Constraint::Money) => "no money for the fare",
        Some(Constraint::Refused) => "not admitted",
        Some(Constraint::Closed) => "way closed",
        Some(Constraint::Queue) => "queue at a crossing",
        Some(Constraint::Seat) => "no seat, or too few",
        Some(Constraint::Several) => "several of these at once",
        Some(Constraint::JustOpened) => "a way has just opened",
        Some(Constraint::NoWay) | None => "nothing leads on for them",
    }
}

impl Explanation {
    /// The answer as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a string does not fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let place = self.place.as_ref().map_or("anywhere".to_owned(), |name| format!("at {name}"));
        let whom = self.group.as_ref().map_or(String::new(), |name| format!(", {name}"));
        let people = |n: u64| number(n as f64);
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        writeln!(
            out,
            "Stuck (stranded or trapped) {place}{whom} on {}, strategy '{}': {}",
            self.day,
            self.strategy,
            people(self.stuck)
        )?;
        for part in &self.constraints {
            let words = in_words(&part.name);
            writeln!(out, "  {words:<28} {:>12} {:>6}", people(part.persons), percent(part.share))?;
        }
        let whole: Vec<String> =
            self.constraints_of_run.iter().map(|p| format!("{} {}", in_words(&p.name), percent(p.share))).collect();
        let whole = if whole.is_empty() { String::new() } else { format!(": {}", whole.join(", ")) };
        writeln!(out, "In the whole run {} person-days{whole}", people(self.person_days))?;
        for (title, parts) in [("Where on that day", &self.places), ("Who on that day", &self.groups)] {
            if !parts.is_empty() {
                writeln!(out, "\n{title}")?;
            }
            for part in parts.iter().take(TOLD) {
                let mostly =
                    part.mostly.map_or(String::new(), |(word, share)| format!("{} {}", in_words(word), percent(share)));
                writeln!(out, "  {:<44} {:>10} {:>6}  {mostly}", part.name, people(part.persons), percent(part.share))?;
            }
            if parts.len() > TOLD {
                writeln!(out, "  and {} more", parts.len() - TOLD)?;
            }
        }
        let runs = match self.replications {
            0 | 1 => "the same run again".to_owned(),
            more => format!("mean of {more} runs"),
        };
        let percent = 100.0 * MORE;
        let here = if self.place.is_some() { " there" } else { "" };
        writeln!(
            out,
            "\nWhat {percent:.0} % more of each capacity{here} would have changed ({runs}, same people, same luck)"
        )?;
        if self.effects.is_empty() {
            writeln!(out, "  no capacity of the scenario or the strategy applies{here}")?;
        } else {
            writeln!(out, "  {:<34} {:>12} {:>22} {:>14}", "", "on that day", "person-days", "everywhere")?;
        }
        let signed = |value: f64| if value > 0.0 { format!("+{}", number(value)) } else { number(value) };
        for effect in &self.effects {
            let share = effect.relative.map_or(String::new(), |r| format!(" ({:+.1} %)", 100.0 * r));
            let days = format!("{}{share}", signed(effect.person_days));
            let (day, everywhere) = (signed(effect.on_the_day), signed(effect.everywhere));
            let begun = if effect.begun < effect.rows {
                format!("  {} of {} begun by then", effect.begun, effect.rows)
            } else {
                String::new()
            };
            writeln!(out, "  {:<34} {day:>12} {days:>22} {everywhere:>14}{begun}", effect.capacity)?;
            if self.replications > 1 {
                let (low, high) = effect.range;
                writeln!(out, "  {:<34} {:>12} {:>22}", "", "", format!("{} to {}", signed(low), signed(high)))?;
            }
        }
        writeln!(out, "\n{DISCLAIMER}")
    }
}
