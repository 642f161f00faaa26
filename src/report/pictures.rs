//! The pictures of a run: beside the record, who waits where, what people do over time, and the map.

use crate::engine::Counts;
use crate::engine::agents::State;
use crate::outcome::metrics::date;
use crate::outcome::observe::Spot;
use crate::outcome::scene::Scene;
use crate::scenario::scenario::{ObservedGroup, Scenario};
use crate::scenario::world::{Mode, PlaceKind, World};

use super::RunReport;
use super::html::Words;
use super::lines::{LineChart, Panel, Recorded, Series, StackedAreas, line_chart, stacked_areas};
use super::map::{FlowMap, MapLink, MapMode, MapPlace, flow_map};
use super::picture::{Captions, Picture};
use crate::outcome::spread::Spread;
use crate::outcome::watch::Watch;

/// Places of which the people waiting are drawn.
const WAITING_PLACES: usize = 5;
/// How far, in degrees, a home may lie outside the rest of the network and still be on the map.
const MAP_MARGIN: f64 = 2.0;

/// All pictures of a run that have something to show, with the names of their files, in the language of `words`; `bare`: for a page
/// that says around them what they show.
pub fn pictures(run: &RunReport<'_>, words: &Words, bare: bool) -> Vec<(&'static str, Picture)> {
    let captions = captions(words, bare);
    let mut pictures = Vec::new();
    if !run.watch.panels.is_empty() {
        let shown = Shown { watch: run.watch, runs: &run.replications.iter().map(|r| &r.panels).collect::<Vec<_>>() };
        let chart = LineChart {
            note: note(run, words),
            captions: captions.clone(),
            ..record(run.scenario, run.world, &shown, words)
        };
        pictures.push(("record", line_chart(&chart)));
    }
    if waited(run) {
        let chart = LineChart { note: note(run, words), captions: captions.clone(), ..waiting(run, words) };
        pictures.push(("waiting", line_chart(&chart)));
    }
    let chart = StackedAreas { note: note(run, words), captions: captions.clone(), ..states(run, words) };
    pictures.push(("states", stacked_areas(&chart)));
    let scene = Scene::of(run.world, run.first);
    let chart = FlowMap { note: note(run, words), captions, ..map(run.world, &scene, words) };
    pictures.push(("map", flow_map(&chart)));
    pictures
}

/// Whether anybody waits at any time.
pub fn waited(run: &RunReport<'_>) -> bool {
    run.first.days.iter().any(|counts| counts.waiting.iter().any(|n| *n > 0))
}

/// What charts put on a picture by themselves, in the language of `words`.
pub fn captions(words: &Words, bare: bool) -> Captions {
    Captions {
        no_data: words.say("picture.no_data"),
        months: words.months(),
        modes: [words.say("picture.by_land"), words.say("picture.by_sea"), words.say("picture.by_air")],
        sides: [words.say("picture.side_to"), words.say("picture.side_from")],
        boundaries: words.say("picture.boundaries"),
        bare,
    }
}

/// Line at the foot: which scenario, strategy, seed and number of runs.
fn note(run: &RunReport<'_>, words: &Words) -> String {
    let world = run.world;
    let (runs, seed) = (words.count(run.replications.len() as u64), run.seed.to_string());
    words.fill(
        "picture.note",
        &[
            ("scenario", &world.title),
            ("strategy", &world.strategy),
            ("seed", &seed),
            ("runs", &runs),
            ("scale", &words.count(u64::from(world.scale))),
        ],
    )
}

/// What a line and a band show.
fn band_words(runs: usize, words: &Words) -> String {
    words.say(if runs > 1 { "picture.band" } else { "picture.one_run" })
}

/// The panels of the record in several runs: by run, by panel, by day.
pub struct Shown<'a> {
    /// What was watched.
    pub watch: &'a Watch,
    /// What was kept of it.
    pub runs: &'a [&'a Vec<Vec<f64>>],
}

/// A line of medians with its band over `runs` runs, of daily figures on `days` days of `world`.
fn banded(world: &World, name: String, days: usize, daily: impl Fn(usize) -> Vec<f64>) -> Series {
    let figures: Vec<Vec<f64>> = (0..days).map(daily).collect();
    let several = figures.iter().any(|f| f.len() > 1);
    let spreads: Vec<Option<Spread>> = figures.into_iter().map(Spread::of).collect();
    let dated = || spreads.iter().enumerate().filter_map(|(day, s)| Some((date(world, day), (*s)?)));
    Series {
        name,
        values: dated().map(|(date, s)| (date, s.median)).collect(),
        band: dated().filter(|_| several).map(|(date, s)| (date, s.p05, s.p95)).collect(),
    }
}

/// The runs beside the record, a panel for each spot.
pub fn record(scenario: &Scenario, world: &World, shown: &Shown<'_>, words: &Words) -> LineChart {
    let watch = shown.watch;
    let observables = &watch.observables;
    let several = shown.runs.len() > 1;
    let panel = |(position, index): (usize, &usize)| {
        let figures = |day: usize| shown.runs.iter().filter_map(|r| r[position].get(day).copied()).collect();
        let recorded = |o: &&crate::outcome::watch::Watched| o.observable == *index;
        let point = |o: &crate::outcome::watch::Watched| {
            let row = &scenario.observations[o.row];
            let range = row.value * row.rel_uncertainty.unwrap_or(0.0);
            Recorded { date: row.date, value: row.value, low: (row.value - range).max(0.0), high: row.value + range }
        };
        Panel {
            title: spot_name(world, observables[*index].spot, words),
            series: vec![banded(world, words.say("picture.simulated"), usize::from(world.days), figures)],
            records: watch.observations.iter().filter(recorded).map(point).collect(),
        }
    };
    let first = watch.panels.first().and_then(|panel| observables.get(*panel));
    let what = first.map_or(String::new(), |o| words.say(&format!("measure.{}", o.measure.as_str())));
    LineChart {
        title: words.fill("picture.record", &[("what", &what)]),
        subtitle: format!(
            "{} {}",
            first.map_or(String::new(), |o| whom(&o.group, words)),
            band_words(shown.runs.len(), words)
        ),
        y_title: words.fill("picture.persons_axis", &[("what", &what)]),
        note: String::new(),
        panels: watch.panels.iter().enumerate().map(panel).collect(),
        same_scale: false,
        band_name: if several { words.say("picture.nine_in_ten") } else { String::new() },
        record_name: words.say("picture.recorded"),
        captions: Captions::default(),
    }
}

/// Whom an observation counts, in words.
pub fn whom(group: &ObservedGroup, words: &Words) -> String {
    match group {
        ObservedGroup::All => words.say("whom.all"),
        ObservedGroup::Migrants => words.say("whom.migrants"),
        ObservedGroup::Tcn => words.say("whom.tcn"),
        ObservedGroup::Flow(of) => words.fill("whom.flow", &[("of", of)]),
        ObservedGroup::Nationality(of) => words.fill("whom.nationality", &[("of", of)]),
    }
}

/// Name of a spot for people.
pub fn spot_name(world: &World, spot: Spot, words: &Words) -> String {
    match spot {
        Spot::Total => words.say("picture.all_places"),
        Spot::Country(country) => world.countries[country].clone(),
        Spot::Place(place) => world.places[place].name.clone(),
    }
}

/// Places with somebody waiting, those with most person-days first.
pub fn places_waited_at(run: &RunReport<'_>) -> Vec<usize> {
    let sum = |place: usize| run.first.days.iter().map(|counts| u64::from(counts.waiting[place])).sum::<u64>();
    let mut places: Vec<(u64, usize)> =
        (0..run.world.places.len()).map(|place| (sum(place), place)).filter(|(days, _)| *days > 0).collect();
    places.sort_by_key(|(days, place)| (std::cmp::Reverse(*days), *place));
    places.into_iter().map(|(_, place)| place).collect()
}

/// People who wait, and who of them is stranded: everywhere, and at the places where most days were waited.
pub fn waiting(run: &RunReport<'_>, words: &Words) -> LineChart {
    let (world, days) = (run.world, run.first.days.len());
    let scale = f64::from(world.scale);
    let over_runs = |series: fn(&crate::outcome::watch::Replication) -> &Vec<f64>| {
        move |day: usize| run.replications.iter().filter_map(|r| series(r).get(day).copied()).collect::<Vec<f64>>()
    };
    let names = [words.say("picture.waiting"), words.say("picture.stranded"), words.say("picture.sheltered")];
    let mut panels = vec![Panel {
        title: words.say("picture.all_places"),
        series: vec![
            banded(world, names[0].clone(), days, over_runs(|r| &r.waiting)),
            banded(world, names[1].clone(), days, over_runs(|r| &r.stranded)),
        ],
        records: Vec::new(),
    }];
    for place in places_waited_at(run).into_iter().take(WAITING_PLACES) {
        let line = |name: &str, figure: &dyn Fn(&Counts) -> f64| Series {
            name: name.to_owned(),
            values: run.first.days.iter().enumerate().map(|(d, c)| (date(world, d), scale * figure(c))).collect(),
            band: Vec::new(),
        };
        panels.push(Panel {
            title: world.places[place].name.clone(),
            series: vec![
                line(&names[0], &|c| f64::from(c.waiting[place])),
                line(&names[1], &|c| stranded_at(c, place)),
                line(&names[2], &|c| f64::from(c.sheltered[place])),
            ],
            records: Vec::new(),
        });
    }
    let several = run.replications.len() > 1;
    LineChart {
        title: words.say("picture.waiting_title"),
        subtitle: format!("{} {}", words.say("picture.waiting_where"), band_words(run.replications.len(), words)),
        y_title: words.say("picture.persons_at_end_of_day"),
        note: String::new(),
        panels,
        same_scale: false,
        band_name: if several { words.say("picture.nine_in_ten") } else { String::new() },
        record_name: String::new(),
        captions: Captions::default(),
    }
}

fn stranded_at(counts: &Counts, place: usize) -> f64 {
    counts.stranded[place * counts.groups..(place + 1) * counts.groups].iter().map(|n| f64::from(*n)).sum()
}

/// What those who left do, day by day, in the first run.
pub fn states(run: &RunReport<'_>, words: &Words) -> StackedAreas {
    let scale = f64::from(run.world.scale);
    let days = || run.first.days.iter();
    let in_state = |counts: &Counts, state: State| {
        (0..counts.groups).map(|group| f64::from(counts.in_state(group, state))).sum::<f64>()
    };
    let stranded = |counts: &Counts| counts.stranded.iter().map(|n| f64::from(*n)).sum::<f64>();
    let layer = |name: &str, figure: &dyn Fn(&Counts) -> f64| {
        (words.say(name), days().map(|counts| scale * figure(counts)).collect::<Vec<f64>>())
    };
    let layers = vec![
        layer("picture.arrived", &|c| in_state(c, State::Arrived)),
        layer("picture.en_route", &|c| in_state(c, State::EnRoute)),
        layer("picture.resting", &|c| in_state(c, State::Resting)),
        layer("picture.waiting", &|c| (in_state(c, State::Waiting) - stranded(c)).max(0.0)),
        layer("picture.stranded", &stranded),
        layer("picture.detained", &|c| in_state(c, State::Detained)),
        layer("picture.dead", &|c| in_state(c, State::Dead)),
    ];
    StackedAreas {
        title: words.say("picture.states_title"),
        subtitle: words.say("picture.states_says"),
        y_title: words.say("picture.persons"),
        note: String::new(),
        dates: (0..run.first.days.len()).map(|day| date(run.world, day)).collect(),
        layers: layers.into_iter().filter(|(_, values)| values.iter().any(|n| *n > 0.0)).collect(),
        captions: Captions::default(),
    }
}

/// Where people went, and where they waited.
pub fn map(world: &World, scene: &Scene, words: &Words) -> FlowMap {
    let near = near_the_rest(world);
    let mode = |mode| match mode {
        Mode::Road | Mode::Foot => MapMode::Land,
        Mode::Sea => MapMode::Sea,
        Mode::Air => MapMode::Air,
    };
    let homes = world.places.iter().filter(|p| !p.foreign).map(|p| world.countries[p.country].clone());
    let mut highlight: Vec<String> = homes.collect();
    highlight.sort();
    highlight.dedup();
    FlowMap {
        title: words.say("picture.map_title"),
        subtitle: words.say("picture.map_says"),
        note: String::new(),
        place_title: match scene.busiest {
            Some(day) => words.fill("picture.waiting_on", &[("date", &words.date(date(world, day)))]),
            None => words.say("picture.present_at_end"),
        },
        link_title: words.say("picture.went_this_way"),
        places: world
            .places
            .iter()
            .enumerate()
            .map(|(index, place)| MapPlace {
                name: place.name.clone(),
                lat: place.lat,
                lon: place.lon,
                amount: scene.here.get(index).copied().unwrap_or(0.0),
                beyond: !near[index],
            })
            .collect(),
        links: world
            .links
            .iter()
            .enumerate()
            .map(|(index, link)| MapLink {
                from: link.from,
                to: link.to,
                amount: scene.entered.get(index).copied().unwrap_or(0.0),
                mode: mode(link.mode),
            })
            .collect(),
        highlight,
        captions: Captions::default(),
    }
}

/// Whether each place is on the map: all that can be reached by land from the country of the crisis and are no far homes.
fn near_the_rest(world: &World) -> Vec<bool> {
    let inner = |place: &crate::scenario::world::Place| place.kind != PlaceKind::Hub;
    let crisis: Vec<_> = world.places.iter().filter(|p| !p.foreign && inner(p)).collect();
    let mut frame = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY);
    let mut widen = |lat: f64, lon: f64| {
        frame = (frame.0.min(lat), frame.1.max(lat), frame.2.min(lon), frame.3.max(lon));
    };
    crisis.iter().for_each(|place| widen(place.lat, place.lon));
    let crisis_link = |l: &&crate::scenario::world::Link| !world.places[l.from].foreign && l.free;
    for link in world.links.iter().filter(crisis_link) {
        let to = &world.places[link.to];
        if inner(to) {
            widen(to.lat, to.lon);
        }
    }
    let (south, north, west, east) = frame;
    let within = |lat: f64, lon: f64| {
        (south - MAP_MARGIN..=north + MAP_MARGIN).contains(&lat)
            && (west - MAP_MARGIN..=east + MAP_MARGIN).contains(&lon)
    };
    let known = crisis.is_empty();
    world.places.iter().map(|place| known || within(place.lat, place.lon)).collect()
}
