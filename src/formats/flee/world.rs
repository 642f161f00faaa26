//! A Flee case as a [`World`]: Flee's rules are Corridor's model of movement with particular settings.

use chrono::Datelike;
use petgraph::graph::{DiGraph, NodeIndex};

use super::states::{State, closed, states};
use super::tastes::Tastes;
use super::tuning::Tuning;
use super::{FleeCase, FloodRules, SpawnMode, SpawnRate};
use crate::scenario::parameters::Parameters;
use crate::scenario::parties;
use crate::scenario::world::{
    Aim, Barrier, Cell, Class, ClassSet, Conditions, Conversion, Day, Departures, Group, Intensity, Law, Link, Mode,
    Movement, Place, PlaceKind, Reason, World,
};

/// By which rules a Flee case is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Rules {
    /// As Flee's code has them.
    #[default]
    Flee,
    /// Corridor's own, fitted on many crises together.
    Corridor,
}

/// The world of `case` with one agent for `scale` persons, for its first `days` days.
pub fn world(case: &FleeCase, scale: u32, days: u32, rules: Rules) -> World {
    let mut world = by_flee(case, scale, days);
    if rules == Rules::Corridor {
        Tuning::default().apply(case, &mut world);
    }
    world
}

/// The world of `case` by Flee's rules.
fn by_flee(case: &FleeCase, scale: u32, days: u32) -> World {
    let days = days.clamp(1, u32::from(Day::MAX) - 1);
    let by_day = states(case, days);
    let tastes = Tastes::of(case, scale);
    let classes = tastes.tastes.len().max(1);
    let mut countries: Vec<String> = Vec::new();
    for place in &case.locations {
        if !countries.contains(&place.country) {
            countries.push(place.country.clone());
        }
    }
    let parameters = parameters(case);
    let mut world = World {
        response: Default::default(),
        title: case.dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        strategy: "none".to_owned(),
        start: case.period.start,
        days: days as Day,
        scale,
        movement: Movement::of(&parameters),
        parameters,
        places: places(case, scale, &by_day, &countries),
        countries,
        links: Vec::new(),
        network: DiGraph::new(),
        groups: vec![group()],
        classes: (0..classes).map(|_| class()).collect(),
        compositions: parties::compositions(),
        cells: Vec::new(),
        displaced: Vec::new(),
        departures: Departures::Hazard,
        conflict: table(case, &by_day, |state, _, day| effective_conflict(case, state, day)),
        hazard: Intensity::default(),
        economy: Intensity::default(),
        barriers: Vec::new(),
        conversions: conversions(case, &by_day),
        services: Vec::new(),
        desks: Vec::new(),
        shelters: Vec::new(),
        deterrents: Vec::new(),
        flows: Vec::new(),
        cycles: Vec::new(),
        conditions: conditions(case, scale, &by_day, tastes),
    };
    connect(case, &mut world);
    for (link, start, end) in closed(case, &case.links(), days) {
        let (classes, reason) = (ClassSet::from_fn(classes, |_| true), Reason::Closed);
        world.barriers.push(Barrier {
            link,
            start: start as Day,
            end: end as Day,
            classes,
            share: 1.0,
            reason,
            lifted_by: Vec::new(),
        });
    }
    displaced_at_start(case, scale, &mut world);
    world.departures = departures(case, scale, days, &by_day);
    world
}

/// Least intensity of a conflict that has lost all effect with age but still is one.
const SPENT: f64 = 1e-30;

/// Intensity of conflict times the factor of its age: both the score of a place and the weight of displacement go by it.
pub(super) fn effective_conflict(case: &FleeCase, state: &State, day: u32) -> f64 {
    let age = i64::from(day) - i64::from(state.onset);
    if state.conflict > 0.0 { (state.conflict * case.settings.conflict_decay(age)).max(SPENT) } else { 0.0 }
}

/// One value for each day and place.
fn table(case: &FleeCase, by_day: &[Vec<State>], value: impl Fn(&State, usize, u32) -> f64) -> Intensity {
    let places = case.locations.len();
    let mut values = Vec::with_capacity(by_day.len() * places);
    for (day, states) in (0..).zip(by_day) {
        values.extend(states.iter().enumerate().map(|(place, state)| value(state, place, day) as f32));
    }
    Intensity { places, values }
}

fn parameters(case: &FleeCase) -> Parameters {
    let moves = &case.settings.moves;
    let mut p = Parameters::default();
    p.choice.horizon = moves.awareness_level.unsigned_abs().clamp(1, 255) as f64;
    p.choice.weight_offset = moves.weight_softening;
    p.choice.distance_offset = moves.softening;
    p.choice.distance_power = moves.distance_power;
    p.choice.weight_power = moves.weight_power;
    p.choice.camp_weight = moves.camp_weight;
    p.choice.foreign_weight = moves.foreign_weight;
    p.choice.conflict_weight = moves.conflict_weight;
    p.choice.capacity_buffer = moves.capacity_buffer;
    p.choice.capacity_scaling = moves.capacity_scaling;
    p.choice.least_room = 0.5;
    p.choice.pruning = moves.pruning_threshold;
    p.travel.by_km = 1.0;
    p.travel.start_on_foot = f64::from(u8::from(moves.start_on_foot));
    p.travel.avoid_short_stints = f64::from(u8::from(moves.avoid_short_stints));
    p.travel.range_km = moves.max_move_speed;
    p.travel.walk_km = moves.max_walk_speed;
    p.travel.move_chance_town = moves.default_movechance;
    p.travel.move_chance_conflict = moves.conflict_movechance;
    p.travel.move_chance_camp = moves.camp_movechance;
    let risk = &mut p.risk;
    for rate in [
        &mut risk.violence,
        &mut risk.detention,
        &mut risk.exploitation,
        &mut risk.robbery,
        &mut risk.death,
        &mut risk.illness,
        &mut risk.sea_death,
        &mut risk.way_death,
        &mut risk.way_detention,
        &mut risk.way_robbery,
    ] {
        *rate = 0.0;
    }
    p
}

fn kind(state: &State) -> PlaceKind {
    match state {
        State { camp: true, .. } => PlaceKind::Camp,
        State { marker: true, .. } => PlaceKind::Waypoint,
        State { town: false, conflict, .. } if *conflict <= 0.0 => PlaceKind::Crossing,
        _ => PlaceKind::Town,
    }
}

fn places(case: &FleeCase, scale: u32, by_day: &[Vec<State>], countries: &[String]) -> Vec<Place> {
    let moves = &case.settings.moves;
    let capacities = case.capacities(scale);
    let grows = case.locations.iter().any(|place| place.attribute_number("capacity_per_day").unwrap_or(0.0) > 0.0);
    let place = |index: usize| {
        let location = &case.locations[index];
        let state = &by_day[0][index];
        let residents = location.residents(scale) as f64;
        let foreign = case.is_foreign(index);
        let mut score = 1.0;
        if foreign && moves.use_economic_pull {
            let number = |name| location.attribute_number(name).unwrap_or(0.0);
            score *= 1.0 + number("trade_volume") + number("hdi") * number("hdi");
        }
        if moves.use_pop_for_loc_weight && !location.kind.is_camp() {
            score *= libm::pow(residents.max(1.0), moves.pop_power_for_loc_weight);
        }
        // Where room is added day by day, a place without limit begins just below any (Flee: -1).
        let unlimited = if location.kind.is_camp() { capacities[index] as f64 } else { -1.0 };
        let capacity = if capacities[index] >= 1 { Some(capacities[index] as f64) } else { grows.then_some(unlimited) };
        Place {
            id: location.name.clone(),
            name: location.name.clone(),
            country: countries.iter().position(|country| *country == location.country).unwrap_or(0),
            kind: kind(state),
            lat: location.lat,
            lon: location.lon,
            residents,
            capacity,
            move_chance: Some(chance(case, state)),
            score,
            foreign,
        }
    };
    (0..case.locations.len()).map(place).collect()
}

/// Daily chance of being left where there is no conflict.
fn chance(case: &FleeCase, state: &State) -> f64 {
    if case.settings.moves.awareness_level == 0 { 0.0 } else { state.chance }
}

fn conversions(case: &FleeCase, by_day: &[Vec<State>]) -> Vec<Conversion> {
    let mut conversions = Vec::new();
    for (day, pair) in (1..).zip(by_day.windows(2)) {
        for (place, (before, now)) in pair[0].iter().zip(&pair[1]).enumerate() {
            let changed = kind(before) != kind(now) || before.chance != now.chance;
            if changed {
                conversions.push(Conversion { day, place, kind: kind(now), move_chance: Some(chance(case, now)) });
            }
        }
    }
    conversions
}

fn group() -> Group {
    Group {
        id: "displaced".to_owned(),
        name: "Displaced people".to_owned(),
        nationality: String::new(),
        status: "refugee".to_owned(),
        language: String::new(),
        target_risk: 0.0,
        remittance: None,
        info_day: 0.0,
        info_width: 1.0,
        frailty: 0.0,
        departure: 1.0,
        can_return: true,
        parties: vec![(0, 1 << 32)],
    }
}

fn class() -> Class {
    Class {
        group: 0,
        aim: Aim::Safety,
        documents: true,
        supported: false,
        money: 0,
        with_documents: None,
        origin: None,
    }
}

/// The links in Flee's order. People take the first of several links to a place, whichever they chose; so all have its length.
fn connect(case: &FleeCase, world: &mut World) {
    for place in 0..case.locations.len() {
        world.network.add_node(place);
    }
    let links = case.links();
    for link in &links {
        let twin = links.iter().find(|other| (other.from, other.to) == (link.from, link.to)).unwrap_or(link);
        let (route, taken) = (&case.routes[link.route], &case.routes[twin.route]);
        world.network.add_edge(NodeIndex::new(link.from), NodeIndex::new(link.to), world.links.len());
        world.links.push(Link {
            from: link.from,
            to: link.to,
            mode: Mode::Road,
            km: route.km as f32,
            length: taken.km as f32,
            range: taken.max_move_speed.map(|speed| speed as f32),
            walk_chance: taken.walk_probability as f32,
            fee: 0,
            risk: 0.0,
            free: true,
            border: !case.is_foreign(link.from) && case.is_foreign(link.to),
        });
    }
}

/// People in camps before day 0, and those of agents.csv.
fn displaced_at_start(case: &FleeCase, scale: u32, world: &mut World) {
    let mut first = 0u32;
    let mut add = |world: &mut World, place: usize, persons: u64| {
        let persons = persons.min(u64::from(u32::MAX - first)) as u32;
        let mix = world.conditions.mix.get(place).cloned().unwrap_or_else(|| vec![(0, 1.0)]);
        for (class, persons) in apportion(persons, &mix) {
            world.displaced.push(Cell { class: class as usize, place, persons, first });
            first += persons;
        }
    };
    for agent in &case.agents {
        add(world, agent.location, 1);
    }
    for (place, persons) in case.initial_in_camps(scale) {
        if persons > 0 {
            add(world, place, persons);
        }
    }
}

/// `persons` over classes by weight: rounded down, the rest to the first ones.
fn apportion(persons: u32, mix: &[(u32, f64)]) -> Vec<(u32, u32)> {
    let total: f64 = mix.iter().map(|(_, weight)| weight).sum();
    let mut parts: Vec<(u32, u32)> =
        mix.iter().map(|(class, weight)| (*class, (f64::from(persons) * weight / total) as u32)).collect();
    let given: u32 = parts.iter().map(|(_, persons)| persons).sum();
    let count = parts.len().max(1);
    for rest in 0..persons.saturating_sub(given) as usize {
        parts[rest % count].1 += 1;
    }
    parts.retain(|(_, persons)| *persons > 0);
    parts
}

fn departures(case: &FleeCase, scale: u32, days: u32, by_day: &[Vec<State>]) -> Departures {
    let spawn = &case.settings.spawn;
    let take_from_residents = spawn.take_from_population;
    let law = |rate: &SpawnRate| match rate {
        SpawnRate::Constant => Law::Constant,
        SpawnRate::PopulationRatio => Law::ShareOfResidents,
        SpawnRate::Poisson => Law::Poisson,
    };
    match &spawn.mode {
        SpawnMode::FromRecord => {
            let clip = |persons: u64| persons.min(u64::from(u32::MAX)) as u32;
            let per_day = case.arrivals(scale, days).new.into_iter().map(clip).collect();
            Departures::Series { per_day, class: 0, take_from_residents }
        }
        SpawnMode::Conflict { rate, per_day } => {
            let rate_of = |state: &State| state.conflict * per_day;
            let rates = by_day.iter().flatten().map(rate_of).collect();
            Departures::Places { rate: rates, law: law(rate), class: 0, take_from_residents }
        }
        SpawnMode::Flood { rate, per_day } => {
            let places = case.locations.len();
            let levels = (0..days).flat_map(|day| (0..places).map(move |place| (place, day)));
            let rates = levels.map(|(place, day)| by_level(per_day, flood_level(case, place, day))).collect();
            Departures::Places { rate: rates, law: law(rate), class: 0, take_from_residents }
        }
    }
}

/// Flood level of a place, decimals cut off; 0: dry.
fn flood_level(case: &FleeCase, place: usize, day: u32) -> f64 {
    let column = case.floods.iter().find(|column| column.location == place);
    column.and_then(|column| column.level.get(day as usize)).map_or(0.0, |level| level.trunc())
}

/// The value of a list at a flood level; beyond its end the last one.
fn by_level(list: &[f64], level: f64) -> f64 {
    let index = level.max(0.0) as usize;
    list.get(index).or(list.last()).copied().unwrap_or(0.0)
}

fn conditions(case: &FleeCase, scale: u32, by_day: &[Vec<State>], tastes: Tastes) -> Conditions {
    let (settings, moves) = (&case.settings, &case.settings.moves);
    let mut conditions = Conditions { tastes: tastes.tastes, mix: tastes.mix, ..Conditions::default() };
    let hunger = |place: usize, day: u32| {
        let food = case.food_insecurity.as_ref();
        food.and_then(|food| food.at(&case.locations[place].region, day)).unwrap_or(0.0) / 100.0
    };
    let flood = moves.flood_rules.as_ref().filter(|_| settings.flood_driven());
    let avoids_hunger = moves.avoid_food_deprived_locations && case.food_insecurity.is_some();
    let flood_weights = flood.filter(|rules| !rules.flood_loc_weights.is_empty());
    if avoids_hunger || flood_weights.is_some() {
        conditions.score = table(case, by_day, |_, place, day| {
            let mut factor = 1.0;
            if let Some(rules) = flood_weights.filter(|_| can_flood(case, place)) {
                factor *= expected_weight(case, rules, place, day);
            }
            if avoids_hunger && day > 0 && !case.is_foreign(place) {
                factor *= 1.0 - hunger(place, day) * hunger(place, day);
            }
            factor
        });
    }
    let scaled = moves.movechance_pop_scale_factor != 0.0;
    let starving = moves.flee_when_starving && case.food_insecurity.is_some();
    let flood_chances = flood.filter(|rules| !rules.flood_movechances.is_empty());
    if scaled || starving || flood_chances.is_some() {
        let capacities = case.capacities(scale);
        conditions.move_chance = table(case, by_day, |state, place, day| {
            let size = case.locations[place].residents(scale).max(capacities[place]) as f64;
            let mut chance = chance(case, state);
            if scaled {
                chance *= libm::pow(size / moves.movechance_pop_base, moves.movechance_pop_scale_factor);
            }
            if let Some(rules) = flood_chances.filter(|_| flood_level(case, place, day) > 0.0) {
                chance = by_level(&rules.flood_movechances, flood_level(case, place, day));
            }
            if starving {
                chance = hunger(place, day) + (1.0 - hunger(place, day)) * chance;
            }
            chance.clamp(0.0, 1.0)
        });
    }
    if settings.spawn.starvation_driven_spawning {
        conditions.displacement = table(case, by_day, |_, place, day| hunger(place, day));
    }
    let number = |name: &str| -> Vec<f64> {
        case.locations.iter().map(|place| place.attribute_number(name).unwrap_or(0.0)).collect()
    };
    if case.locations.iter().any(|place| place.attribute("capacity_per_day").is_some()) {
        conditions.capacity_per_day = number("capacity_per_day");
    }
    if settings.spawn.camps_are_sinks {
        conditions.leave_chance = number("deactivation_probability");
    }
    if moves.stay_close_to_home {
        conditions.distance_power = moves.home_distance_power;
    }
    conditions.routes_of_the_day = moves.fixed_routes;
    if moves.fixed_routes {
        conditions.known_paths = known_paths(case);
    }
    if !moves.harvest_months.is_empty() {
        let month = |day: u64| (case.period.start + chrono::Days::new(day)).month();
        conditions.at_home = (0..by_day.len() as u64).map(|day| moves.harvest_months.contains(&month(day))).collect();
    }
    conditions
}

/// The major routes in both directions, as links; those with places that no route joins are left out.
fn known_paths(case: &FleeCase) -> Vec<Vec<usize>> {
    let links = case.links();
    let path = |places: &[usize]| -> Option<Vec<usize>> {
        let joins = |pair: &[usize]| links.iter().position(|link| (link.from, link.to) == (pair[0], pair[1]));
        places.windows(2).map(joins).collect()
    };
    let back = |places: &Vec<usize>| places.iter().rev().copied().collect::<Vec<usize>>();
    case.major_routes.iter().flat_map(|places| [path(places), path(&back(places))]).flatten().collect()
}

/// Whether flood weights hold for a place.
fn can_flood(case: &FleeCase, place: usize) -> bool {
    case.locations[place].kind == super::LocationType::FloodZone
}

/// Factor of the score of a place by its flood level, or, with a forecast, the weighted mean over the days that it covers.
fn expected_weight(case: &FleeCase, rules: &FloodRules, place: usize, day: u32) -> f64 {
    let weight_on = |day: u32| by_level(&rules.flood_loc_weights, flood_level(case, place, day));
    if !rules.flood_forecaster || rules.flood_forecaster_weights.is_empty() {
        return weight_on(day);
    }
    let end = u32::try_from(rules.flood_forecaster_end_time).unwrap_or(u32::MAX);
    let ahead = usize::try_from(rules.flood_forecaster_timescale).unwrap_or(0).max(1);
    let days =
        rules.flood_forecaster_weights.iter().take(ahead).zip(day..).filter(|(_, ahead)| end == 0 || *ahead <= end);
    let (sum, weights) =
        days.fold((0.0, 0.0), |(sum, weights), (weight, day)| (sum + weight * weight_on(day), weights + weight));
    if weights > 0.0 { sum / weights } else { weight_on(day) }
}
