//! Parts that reports of runs and of comparisons share: assumptions, triggers, what a response consists of.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::figure::{Cell, table};
use super::words::{Words, unit_key};
use crate::experiment::firing::Fired;
use crate::outcome::record::{Compared, Fit};
use crate::outcome::scene::Scene;
use crate::scenario::Scenario;
use crate::scenario::parameters::PARAMETERS;
use crate::scenario::scenario::{Confidence, GroupsCell, Intervention, Lever, Provenance, ServiceRow, Strategy};
use crate::scenario::world::World;

/// Rows of a table of places or ways, at most.
const PLACES: usize = 8;

/// Numbers by file and by how well they are founded: reported, derived, assumed, not stated.
pub fn foundations(scenario: &Scenario, strategies: &[String]) -> BTreeMap<&'static str, [usize; 4]> {
    let mut all: BTreeMap<&'static str, [usize; 4]> = BTreeMap::new();
    let mut count = |file: &'static str, provenance: &Provenance| {
        let column = match provenance.confidence {
            Some(Confidence::Reported) => 0,
            Some(Confidence::Derived) => 1,
            Some(Confidence::Assumed) => 2,
            None => 3,
        };
        all.entry(file).or_default()[column] += 1;
    };
    scenario.locations.iter().for_each(|row| count("locations.csv", &row.provenance));
    scenario.routes.iter().for_each(|row| count("routes.csv", &row.provenance));
    scenario.groups.iter().for_each(|row| count("groups.csv", &row.provenance));
    scenario.populations.iter().for_each(|row| count("populations.csv", &row.provenance));
    scenario.shocks.iter().for_each(|row| count("shocks.csv", &row.provenance));
    scenario.policies.iter().for_each(|row| count("policies.csv", &row.provenance));
    scenario.flows.iter().for_each(|row| count("flows.csv", &row.provenance));
    scenario.cycles.iter().for_each(|row| count("cycles.csv", &row.provenance));
    scenario.departures.iter().for_each(|row| count("departures.csv", &row.provenance));
    scenario.parameters.stated.iter().for_each(|row| count("scenario.toml", &row.provenance));
    for strategy in strategies.iter().filter_map(|name| scenario.strategies.get(name)) {
        strategy.services.iter().for_each(|row| count("strategies/", &row.provenance));
        strategy.shelters.iter().for_each(|row| count("strategies/", &row.provenance));
        strategy.interventions.iter().for_each(|row| count("strategies/", &row.provenance));
    }
    all
}

/// Rows that are assumed or of which nothing is stated, and all rows.
pub fn assumed(foundations: &BTreeMap<&'static str, [usize; 4]>) -> (u64, u64) {
    let sum = |of: fn(&[usize; 4]) -> usize| foundations.values().map(of).sum::<usize>() as u64;
    (sum(|n| n[2] + n[3]), sum(|n| n.iter().sum()))
}

/// How well founded something is, with its source.
fn founded(words: &Words, provenance: &Provenance) -> String {
    let how = provenance.confidence.map_or("confidence.unknown".to_owned(), |c| format!("confidence.{}", c.as_str()));
    match provenance.source.as_str() {
        "" => words.say(&how),
        source => format!("{} ({source})", words.say(&how)),
    }
}

/// What the figures rest on: the rule of stranding, numbers by provenance, parameters that the scenario sets.
pub fn assumptions(words: &Words, scenario: &Scenario, world: &World, strategies: &[String]) -> Markup {
    let founded_by_file = foundations(scenario, strategies);
    let p = &world.parameters.stranding;
    let days = |days: f64| words.number(days);
    let rule = words.fill(
        "assume.stranded",
        &[
            ("border", &days(p.border_days)),
            ("elsewhere", &days(p.elsewhere_days)),
            ("danger", &words.number(p.danger_threshold)),
        ],
    );
    let by_file: Vec<Vec<Cell>> = founded_by_file
        .iter()
        .map(|(file, n)| {
            let count = |n: &usize| Cell::Number(words.count(*n as u64));
            std::iter::once(Cell::Code((*file).to_owned())).chain(n.iter().map(count)).collect()
        })
        .collect();
    let confidences = ["confidence.reported", "confidence.derived", "confidence.assumed", "confidence.unknown"];
    let stated: Vec<Vec<Cell>> = world
        .parameters
        .stated
        .iter()
        .map(|parameter| {
            let unit = PARAMETERS.iter().find(|i| format!("{}.{}", i.section, i.name) == parameter.name);
            let range = match (parameter.low, parameter.high) {
                (Some(low), Some(high)) => words.range(low, high),
                _ => "–".to_owned(),
            };
            vec![
                Cell::Code(parameter.name.clone()),
                Cell::Number(words.number(world.parameters.get(&parameter.name).unwrap_or(parameter.value))),
                Cell::Number(range),
                Cell::Words(
                    unit.map_or(String::new(), |i| words.known(&unit_key(i.unit)).unwrap_or(i.unit).to_owned()),
                ),
                Cell::Own(founded(words, &parameter.provenance)),
            ]
        })
        .collect();
    let defaults = PARAMETERS.len().saturating_sub(stated.len());
    html! {
        p { (words.say("assume.means")) }
        p { (rule) }
        (table(
            &words.say("assume.by_file"),
            &std::iter::once(words.say("assume.file")).chain(confidences.map(|key| words.say(key))).collect::<Vec<_>>(),
            &by_file,
        ))
        (table(
            &words.say("assume.parameters"),
            &[words.say("assume.parameter"), words.say("assume.value"), words.say("assume.range"), words.say("assume.unit"),
              words.say("assume.founded")],
            &stated,
        ))
        p class="note" { (words.fill("assume.defaults", &[("count", &words.count(defaults as u64))])) }
        p class="note" { (words.say("assume.rates")) " " (words.say("assume.sources")) }
    }
}

/// When each trigger fired, over all runs.
pub fn triggers(words: &Words, log: &[Fired]) -> Markup {
    let mut by_trigger: Vec<(&Fired, Vec<&Fired>)> = Vec::new();
    for one in log {
        let same = |f: &&Fired| f.strategy == one.strategy && f.starts == one.starts && f.condition == one.condition;
        match by_trigger.iter_mut().find(|(first, _)| same(first)) {
            Some((_, all)) => all.push(one),
            None => by_trigger.push((one, vec![one])),
        }
    }
    let span = |dates: &mut Vec<chrono::NaiveDate>| {
        dates.sort();
        let (first, last) = (dates.first()?, dates.last()?);
        let middle = dates[dates.len() / 2];
        let (first, last) = (words.date(*first), words.date(*last));
        let middle = words.date(middle);
        Some(if first == last {
            middle
        } else {
            words.fill("triggers.span", &[("middle", &middle), ("first", &first), ("last", &last)])
        })
    };
    let rows: Vec<Vec<Cell>> = by_trigger
        .iter()
        .map(|(first, all)| {
            let mut fired: Vec<_> = all.iter().filter_map(|f| f.fired).collect();
            let mut begins: Vec<_> = all.iter().filter_map(|f| f.begins).collect();
            let often = words.fill(
                "triggers.often",
                &[("fired", &words.count(fired.len() as u64)), ("runs", &words.count(all.len() as u64))],
            );
            let never = || words.say("triggers.never");
            vec![
                Cell::Code(format!("{}: {}", first.strategy, first.starts)),
                Cell::Code(first.condition.clone()),
                Cell::Words(often),
                Cell::Words(span(&mut fired).unwrap_or_else(never)),
                Cell::Words(span(&mut begins).unwrap_or_else(never)),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { p { (words.say("triggers.none")) } }
        (table(
            &words.say("triggers.caption"),
            &[words.say("triggers.starts"), words.say("triggers.condition"), words.say("triggers.how_often"),
              words.say("triggers.fired"), words.say("triggers.begins")],
            &rows,
        ))
    }
}

/// Name of a lever: that of the language, else the word itself.
pub fn lever(words: &Words, lever: &str) -> String {
    words.known(&format!("lever.{lever}")).unwrap_or(lever).to_owned()
}

/// What a strategy does of its own, beside what it extends: services by kind and actor, then interventions.
pub fn components(words: &Words, scenario: &Scenario, strategy: &Strategy) -> Markup {
    let extends = strategy.extends.as_ref().and_then(|name| scenario.strategies.get(name));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut kinds: Vec<(&str, &str)> = strategy.services.iter().map(|s| (s.lever.as_str(), s.actor.as_str())).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for (kind, actor) in kinds {
        let of_kind: Vec<&ServiceRow> =
            strategy.services.iter().filter(|s| s.lever == kind && s.actor == actor).collect();
        let (Some(first), Some(last)) = (of_kind.iter().map(|s| s.start).min(), of_kind.iter().map(|s| s.end).max())
        else {
            continue;
        };
        let seats: f64 =
            of_kind.iter().map(|s| s.persons_per_day * ((s.end - s.start).num_days() + 1).max(0) as f64).sum();
        let places = names(scenario, of_kind.iter().map(|s| s.from.as_str()));
        rows.push(vec![
            Cell::Words(lever(words, kind)),
            Cell::Own(actor.to_owned()),
            Cell::Own(shortened(words, &places)),
            Cell::Words(words.range_of_dates(first, last)),
            Cell::Words(words.fill("plan.seats", &[("seats", &words.number(seats))])),
            Cell::Own(of_kind.first().map_or(String::new(), |s| founded(words, &s.provenance))),
        ]);
    }
    for shelter in &strategy.shelters {
        rows.push(vec![
            Cell::Words(lever(words, "shelter")),
            Cell::Own(shelter.actor.clone()),
            Cell::Own(names(scenario, std::iter::once(shelter.place.as_str())).concat()),
            Cell::Words(words.range_of_dates(shelter.start, shelter.end)),
            Cell::Words(words.fill("plan.places", &[("places", &words.count(shelter.places))])),
            Cell::Own(founded(words, &shelter.provenance)),
        ]);
    }
    rows.extend(strategy.interventions.iter().map(|row| intervention(words, scenario, row)));
    html! {
        @if let Some(base) = extends {
            p {
                @let days = words.number(strategy.shift_days.abs());
                @let values = [("title", base.title.as_str()), ("days", days.as_str())];
                @if strategy.shift_days < 0.0 { (words.fill("plan.extends_earlier", &values)) }
                @else if strategy.shift_days > 0.0 { (words.fill("plan.extends_later", &values)) }
                @else { (words.fill("plan.extends", &[("title", base.title.as_str())])) }
                @if strategy.pool_seats { " " (words.say("plan.pooled")) }
            }
        }
        @if rows.is_empty() { p { (words.say("plan.nothing_more")) } }
        (table(
            &words.say("plan.components"),
            &[words.say("plan.what"), words.say("plan.who"), words.say("plan.where"), words.say("plan.when"),
              words.say("plan.how_much"), words.say("assume.founded")],
            &rows,
        ))
    }
}

fn intervention(words: &Words, scenario: &Scenario, row: &Intervention) -> Vec<Cell> {
    let mut much = Vec::new();
    let mut add = |key: &str, value: Option<f64>| {
        much.extend(value.map(|n| words.fill(key, &[("n", &words.number(n))])));
    };
    add("plan.per_day", row.per_day);
    add("plan.days_earlier", row.days_earlier);
    let share = match row.lever {
        Lever::Information | Lever::Registration | Lever::Employers => "plan.reaching",
        Lever::Training => "plan.more",
        Lever::Cash | Lever::Remittances | Lever::Claims => "plan.arrives",
        _ => "plan.easing",
    };
    add(share, row.share.map(|s| 100.0 * s));
    add("plan.capacity", row.capacity);
    add("plan.lanes", row.lanes);
    add(if row.lever == Lever::Funding { "plan.usd_in_all" } else { "plan.usd" }, row.usd);
    let start = row.start.unwrap_or(scenario.header.start);
    let mut when = words.range_of_dates(start, row.end.unwrap_or(scenario.header.end));
    if let Some(condition) = &row.when {
        when = words.fill("plan.on_trigger", &[("condition", condition)]);
    }
    let of_groups = |ids: &[String]| {
        let named = |id: &String| scenario.groups.iter().find(|g| g.id == *id).map_or(id, |g| &g.name).clone();
        shortened(words, &ids.iter().map(named).collect::<Vec<_>>())
    };
    let whom = match &row.groups {
        GroupsCell::All => String::new(),
        GroupsCell::Only(ids) => words.fill("plan.only", &[("groups", &of_groups(ids))]),
        GroupsCell::Except(ids) => words.fill("plan.except", &[("groups", &of_groups(ids))]),
    };
    let what = [lever(words, row.lever.as_str()), whom];
    vec![
        Cell::Words(what.iter().filter(|w| !w.is_empty()).cloned().collect::<Vec<_>>().join(" – ")),
        Cell::Own(row.actor.clone()),
        Cell::Own(shortened(words, &names(scenario, row.places.iter().map(String::as_str)))),
        Cell::Words(when),
        Cell::Words(words.list(&much)),
        Cell::Own(founded(words, &row.provenance)),
    ]
}

/// Names of the places of those ids, each once; a country keeps its code.
fn names<'a>(scenario: &Scenario, ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names = Vec::new();
    for id in ids {
        let name = scenario.locations.iter().find(|l| l.id == id).map_or(id, |l| &l.name);
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The first few of `names`, and how many more there are.
fn shortened(words: &Words, names: &[String]) -> String {
    const FEW: usize = 4;
    if names.is_empty() {
        return words.say("plan.everywhere");
    }
    let text = words.list(&names[..names.len().min(FEW)]);
    match names.len().saturating_sub(FEW) {
        0 => text,
        more => words.fill("plan.and_more", &[("names", &text), ("count", &words.count(more as u64))]),
    }
}

/// The places where most people wait in `scene`, and the ways that most people went.
pub fn scene_tables(words: &Words, world: &World, scene: &Scene) -> Markup {
    let largest = |amounts: &[f64]| {
        let mut order: Vec<usize> = (0..amounts.len()).filter(|k| amounts[*k] > 0.0).collect();
        order.sort_by(|a, b| amounts[*b].total_cmp(&amounts[*a]).then(a.cmp(b)));
        order.truncate(PLACES);
        order
    };
    let number = |n: f64| Cell::Number(words.number(n));
    let places: Vec<Vec<Cell>> = largest(&scene.here)
        .into_iter()
        .map(|k| vec![Cell::Own(world.places[k].name.clone()), number(scene.here[k])])
        .collect();
    let way = |k: usize| {
        let link = &world.links[k];
        let mode = match link.mode {
            crate::scenario::world::Mode::Road | crate::scenario::world::Mode::Foot => "picture.by_land",
            crate::scenario::world::Mode::Sea => "picture.by_sea",
            crate::scenario::world::Mode::Air => "picture.by_air",
        };
        vec![
            Cell::Own(world.places[link.from].name.clone()),
            Cell::Own(world.places[link.to].name.clone()),
            Cell::Words(words.say(mode)),
            number(scene.entered[k]),
        ]
    };
    let ways: Vec<Vec<Cell>> = largest(&scene.entered).into_iter().map(way).collect();
    let here = match scene.busiest {
        Some(day) => {
            words.fill("picture.waiting_on", &[("date", &words.date(crate::outcome::metrics::date(world, day)))])
        }
        None => words.say("picture.present_at_end"),
    };
    html! {
        (table(&here, &[words.say("table.place"), words.say("table.persons")], &places))
        (table(
            &words.say("picture.went_this_way"),
            &[words.say("table.from"), words.say("table.to"), words.say("table.how"), words.say("table.persons")],
            &ways,
        ))
    }
}

/// The last observation of each spot that is drawn, beside the runs.
pub fn record_table(words: &Words, compared: &[Compared<'_>]) -> Markup {
    let mut last: Vec<&Compared<'_>> = Vec::new();
    let mut keys: Vec<(&str, &str)> = Vec::new();
    for one in compared {
        let key = (one.row.where_.as_str(), one.row.measure.as_str());
        match keys.iter().position(|k| *k == key) {
            Some(k) if last[k].row.date <= one.row.date => last[k] = one,
            Some(_) => {}
            None => {
                keys.push(key);
                last.push(one);
            }
        }
    }
    last.sort_by(|a, b| b.row.value.total_cmp(&a.row.value));
    last.truncate(PLACES);
    let rows: Vec<Vec<Cell>> = last
        .iter()
        .map(|one| {
            let s = one.simulated;
            vec![
                Cell::Own(one.row.where_.clone()),
                Cell::Words(words.say(&format!("measure.{}", one.row.measure.as_str()))),
                Cell::Words(words.date(one.row.date)),
                Cell::Number(words.number(one.row.value)),
                Cell::Number(words.number(s.median)),
                Cell::Number(words.range(s.p05, s.p95)),
                Cell::Number(one.rel_error.map_or("–".to_owned(), |e| {
                    let sign = if e > 0.0 {
                        "+"
                    } else if e < 0.0 {
                        "\u{2212}"
                    } else {
                        ""
                    };
                    format!("{sign}{}", words.percent(e.abs()))
                })),
                Cell::Own(founded(words, &one.row.provenance)),
            ]
        })
        .collect();
    table(
        &words.say("table.record"),
        &[
            words.say("table.place"),
            words.say("table.measure"),
            words.say("table.date"),
            words.say("table.recorded"),
            words.say("table.simulated"),
            words.say("table.range"),
            words.say("table.error"),
            words.say("assume.founded"),
        ],
        &rows,
    )
}

/// How near the record the runs come, in a sentence.
pub fn fit_sentence(words: &Words, strategy: &str, all: &Fit, held_out: &Fit) -> String {
    let error = |fit: &Fit| words.percent(fit.median_relative_error.unwrap_or(f64::NAN));
    if all.observations == 0 {
        return words.say("unsure.no_record");
    }
    let count = words.count(all.observations as u64);
    let mut text = words.fill("unsure.record", &[("strategy", strategy), ("count", &count), ("error", &error(all))]);
    if held_out.observations > 0 {
        let held = words.count(held_out.observations as u64);
        text.push(' ');
        text += &words.fill("unsure.held_out", &[("count", &held), ("error", &error(held_out))]);
    }
    text
}
