//! The pictures of a run: beside the record, who waits where, what people do over time, and the map.

use crate::engine::Counts;
use crate::engine::agents::State;
use crate::outcome::metrics::date;
use crate::outcome::observe::Spot;
use crate::scenario::scenario::{Measure, ObservedGroup};
use crate::scenario::world::{Mode, PlaceKind, World};

use super::RunReport;
use super::lines::{LineChart, Panel, Recorded, Series, StackedAreas, line_chart, stacked_areas};
use super::map::{FlowMap, MapLink, MapMode, MapPlace, flow_map};
use super::picture::Picture;
use super::spread::Spread;

/// Places of which the people waiting are drawn.
const WAITING_PLACES: usize = 5;
/// How far, in degrees, a home may lie outside the rest of the network and still be on the map.
const MAP_MARGIN: f64 = 2.0;

/// All pictures of a run that have something to show, with the names of their files.
pub fn pictures(run: &RunReport<'_>) -> Vec<(&'static str, Picture)> {
    let mut pictures = Vec::new();
    if !run.watch.panels.is_empty() {
        pictures.push(("record", line_chart(&record(run))));
    }
    if run.first.days.iter().any(|counts| counts.waiting.iter().any(|n| *n > 0)) {
        pictures.push(("waiting", line_chart(&waiting(run))));
    }
    pictures.push(("states", stacked_areas(&states(run))));
    pictures.push(("map", flow_map(&map(run))));
    pictures
}

/// Line at the foot: which scenario, strategy, seed and number of runs.
fn note(run: &RunReport<'_>) -> String {
    let runs = match run.replications.len() {
        1 => "1 run".to_owned(),
        more => format!("{more} runs"),
    };
    let scale = match run.world.scale {
        1 => String::new(),
        more => format!(", 1 simulated person for {more} people"),
    };
    format!("{}. Strategy: {}. Seed {}, {runs}{scale}.", run.world.title, run.world.strategy, run.seed)
}

/// What a line and a band show.
fn band_words(run: &RunReport<'_>) -> &'static str {
    if run.replications.len() > 1 { "Line: median of the runs; band: nine runs in ten." } else { "One run." }
}

/// A line of medians with its band over replications, of daily figures.
fn banded(run: &RunReport<'_>, name: &str, daily: impl Fn(usize) -> Vec<f64>) -> Series {
    let spreads: Vec<Option<Spread>> = (0..run.first.days.len()).map(|day| Spread::of(daily(day))).collect();
    let dated = || spreads.iter().enumerate().filter_map(|(day, s)| Some((date(run.world, day), (*s)?)));
    let several = run.replications.len() > 1;
    Series {
        name: name.to_owned(),
        values: dated().map(|(date, s)| (date, s.median)).collect(),
        band: dated().filter(|_| several).map(|(date, s)| (date, s.p05, s.p95)).collect(),
    }
}

fn record(run: &RunReport<'_>) -> LineChart {
    let observables = &run.watch.observables;
    let panel = |(position, index): (usize, &usize)| {
        let figures =
            |day: usize| run.replications.iter().filter_map(|r| r.panels[position].get(day).copied()).collect();
        let recorded = |o: &&super::watch::Watched| o.observable == *index;
        let point = |o: &super::watch::Watched| {
            let row = &run.scenario.observations[o.row];
            let range = row.value * row.rel_uncertainty.unwrap_or(0.0);
            Recorded { date: row.date, value: row.value, low: (row.value - range).max(0.0), high: row.value + range }
        };
        Panel {
            title: spot_name(run.world, observables[*index].spot),
            series: vec![banded(run, "simulated", figures)],
            records: run.watch.observations.iter().filter(recorded).map(point).collect(),
        }
    };
    let first = &observables[run.watch.panels[0]];
    let what = match first.measure {
        Measure::ArrivalsCumulative => "Arrivals since the first day",
        Measure::ArrivalsDaily => "Arrivals on the day",
        Measure::Present => "Present",
        Measure::DeparturesCumulative => "Departures since the first day",
        Measure::AssistedCumulative => "Assisted since the first day",
    };
    let whom = match &first.group {
        ObservedGroup::All => "everybody, people who are counted but not followed included".to_owned(),
        ObservedGroup::Migrants => "migrants".to_owned(),
        ObservedGroup::Tcn => "third-country nationals".to_owned(),
        ObservedGroup::Flow(of) => format!("people of {of} who are counted, but not followed"),
        ObservedGroup::Nationality(of) => format!("people of {of}"),
    };
    LineChart {
        title: format!("{what}: simulated beside the record"),
        subtitle: format!(
            "{} to {}, {whom}. {}",
            run.world.start,
            date(run.world, run.first.days.len().saturating_sub(1)),
            band_words(run)
        ),
        y_title: format!("{what} (persons)"),
        note: note(run),
        panels: run.watch.panels.iter().enumerate().map(panel).collect(),
        same_scale: false,
        band_name: if run.replications.len() > 1 { "nine runs in ten".to_owned() } else { String::new() },
        record_name: "recorded, with its stated uncertainty".to_owned(),
    }
}

/// Name of a spot for people.
pub fn spot_name(world: &World, spot: Spot) -> String {
    match spot {
        Spot::Total => "All places".to_owned(),
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

fn waiting(run: &RunReport<'_>) -> LineChart {
    let scale = f64::from(run.world.scale);
    let over_runs = |series: fn(&super::watch::Replication) -> &Vec<f64>| {
        move |day: usize| run.replications.iter().filter_map(|r| series(r).get(day).copied()).collect::<Vec<f64>>()
    };
    let mut panels = vec![Panel {
        title: "All places".to_owned(),
        series: vec![
            banded(run, "waiting", over_runs(|r| &r.waiting)),
            banded(run, "stranded", over_runs(|r| &r.stranded)),
        ],
        records: Vec::new(),
    }];
    for place in places_waited_at(run).into_iter().take(WAITING_PLACES) {
        let line = |name: &str, figure: &dyn Fn(&Counts) -> f64| Series {
            name: name.to_owned(),
            values: run.first.days.iter().enumerate().map(|(d, c)| (date(run.world, d), scale * figure(c))).collect(),
            band: Vec::new(),
        };
        panels.push(Panel {
            title: run.world.places[place].name.clone(),
            series: vec![
                line("waiting", &|c| f64::from(c.waiting[place])),
                line("stranded", &|c| stranded_at(c, place)),
                line("under a roof", &|c| f64::from(c.sheltered[place])),
            ],
            records: Vec::new(),
        });
    }
    let places = if run.replications.len() > 1 { " Places: the first run." } else { "" };
    LineChart {
        title: "People who wait to go on, and who of them is stranded".to_owned(),
        subtitle: format!("The places where most days were waited. {}{places}", band_words(run)),
        y_title: "Persons at the end of the day".to_owned(),
        note: note(run),
        panels,
        same_scale: false,
        band_name: if run.replications.len() > 1 { "nine runs in ten".to_owned() } else { String::new() },
        record_name: String::new(),
    }
}

fn stranded_at(counts: &Counts, place: usize) -> f64 {
    counts.stranded[place * counts.groups..(place + 1) * counts.groups].iter().map(|n| f64::from(*n)).sum()
}

fn states(run: &RunReport<'_>) -> StackedAreas {
    let scale = f64::from(run.world.scale);
    let days = || run.first.days.iter();
    let in_state = |counts: &Counts, state: State| {
        (0..counts.groups).map(|group| f64::from(counts.in_state(group, state))).sum::<f64>()
    };
    let stranded = |counts: &Counts| counts.stranded.iter().map(|n| f64::from(*n)).sum::<f64>();
    let layer = |name: &str, figure: &dyn Fn(&Counts) -> f64| {
        (name.to_owned(), days().map(|counts| scale * figure(counts)).collect::<Vec<f64>>())
    };
    let layers = vec![
        layer("at the journey's end", &|c| in_state(c, State::Arrived)),
        layer("on the way", &|c| in_state(c, State::EnRoute)),
        layer("at a place, free to go on", &|c| in_state(c, State::Resting)),
        layer("waiting", &|c| (in_state(c, State::Waiting) - stranded(c)).max(0.0)),
        layer("stranded", &stranded),
        layer("detained", &|c| in_state(c, State::Detained)),
        layer("dead or missing", &|c| in_state(c, State::Dead)),
    ];
    StackedAreas {
        title: "Where those who left are".to_owned(),
        subtitle: "All who have left their homes, by what they do at the end of each day. The first run.".to_owned(),
        y_title: "Persons".to_owned(),
        note: note(run),
        dates: (0..run.first.days.len()).map(|day| date(run.world, day)).collect(),
        layers: layers.into_iter().filter(|(_, values)| values.iter().any(|n| *n > 0.0)).collect(),
    }
}

fn map(run: &RunReport<'_>) -> FlowMap {
    let world = run.world;
    let scale = f64::from(world.scale);
    let total_waiting = |counts: &Counts| counts.waiting.iter().map(|n| u64::from(*n)).sum::<u64>();
    let most = (0..run.first.days.len()).rev().max_by_key(|day| total_waiting(&run.first.days[*day]));
    let busiest = most.filter(|day| total_waiting(&run.first.days[*day]) > 0);
    let last = run.first.days.last();
    let amount = |place: usize| match (busiest, last) {
        (Some(day), _) => f64::from(run.first.days[day].waiting[place]),
        (None, Some(last)) => f64::from(last.present_at(place)),
        _ => 0.0,
    };
    let near = near_the_rest(world);
    let entered = |link: usize| run.first.days.iter().map(|counts| f64::from(counts.entered[link])).sum::<f64>();
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
        title: "Where people went, and where they waited".to_owned(),
        subtitle: format!("{} to {}. The first run.", world.start, date(world, run.first.days.len().saturating_sub(1))),
        note: note(run),
        place_title: match busiest {
            Some(day) => format!("Waiting on {} (persons)", date(world, day)),
            None => "Present on the last day (persons)".to_owned(),
        },
        link_title: "Went this way (persons)".to_owned(),
        places: world
            .places
            .iter()
            .enumerate()
            .map(|(index, place)| MapPlace {
                name: place.name.clone(),
                lat: place.lat,
                lon: place.lon,
                amount: scale * amount(index),
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
                amount: scale * entered(index),
                mode: mode(link.mode),
            })
            .collect(),
        highlight,
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
