//! Journeys: what it costs people of a class to get home, or to refuge, from every place; what the first legs are worth.
//!
//! The cost of a journey is counted in hours: travel, expected waits, fees over `usd_per_hour`, danger times `risk_hours` (of
//! every leg, and of every day of waiting where there is fighting). A
//! journey ends at home, or, at a price in hours, in refuge (a camp abroad, another place abroad, a calm place in the
//! country). Waits are those that news told of (`news_days`), so a journey planned is not the journey made.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::scenario::world::{Aim, ClassSet, Mode, PlaceKind, World};

use super::choose::{REST, Row, WAIT};
use super::schedule::Today;

/// Cost where there is no way.
pub const NO_WAY: f32 = f32::INFINITY;

/// What the services of today offer, on yesterday's queues.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    /// By service: days that somebody who joins the queue today expects to wait; infinite where nobody is served.
    pub wait_days: Vec<f32>,
    /// By place: services that call people there.
    pub at: Vec<Vec<Call>>,
}

impl Offers {
    /// Services of which there is news for people who were told `before`: they have come or gone, or their wait has changed by
    /// more than a day and a quarter of what it was.
    pub fn news<'a>(&'a self, before: &'a Offers) -> impl Iterator<Item = usize> + 'a {
        let changed = |now: f32, then: f32| {
            now.is_finite() != then.is_finite() || now.is_finite() && (now - then).abs() > (0.25 * then).max(1.0)
        };
        let then = |service: usize| before.wait_days.get(service).copied().unwrap_or(NO_WAY);
        self.wait_days.iter().enumerate().filter(move |(service, now)| changed(**now, then(*service))).map(|(s, _)| s)
    }
}

/// A service that calls people at some place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call {
    /// Index into `World::services`.
    pub service: usize,
    /// Index into its boarding places.
    pub board: usize,
    /// Hours of the ride to where it leaves.
    pub ride: f32,
}

/// Best journeys of one class.
#[derive(Debug, Clone, Default)]
struct Journey {
    /// Hours to home or refuge by place; empty: not computed.
    cost: Vec<f32>,
    /// Share of the departure hazard that fear of the best journey leaves, by place.
    hold: Vec<f32>,
    /// Hours that each link costs by own means; [`NO_WAY`] where it cannot be taken.
    legs: Vec<f32>,
}

/// The links as a search backwards needs them.
#[derive(Debug, Clone)]
struct Ways {
    /// By place: links that lead there, with where they begin.
    incoming: Vec<Vec<(usize, usize)>>,
    /// Links that anything deters people from on some day.
    deterred: Vec<bool>,
}

/// Best journeys of every class that wants to go home.
#[derive(Debug, Clone)]
pub struct Journeys {
    by_class: Vec<Journey>,
    /// The class whose journeys a class shares: itself, or an earlier one that nothing sets apart in planning.
    profile: Vec<usize>,
    /// Classes that a service brings nearer, by service and boarding place.
    wanted: Vec<Vec<ClassSet>>,
    ways: Ways,
    outgoing: Vec<Vec<usize>>,
    offers: Offers,
    returning: Vec<bool>,
}

impl Journeys {
    /// Nothing known yet.
    pub fn new(world: &World) -> Self {
        let mut incoming = vec![Vec::new(); world.places.len()];
        let deterred = (0..world.links.len()).map(|link| world.deterrents.iter().any(|d| d.link == link)).collect();
        let mut outgoing = vec![Vec::new(); world.places.len()];
        for (index, link) in world.links.iter().enumerate() {
            incoming[link.to].push((index, link.from));
            outgoing[link.from].push(index);
        }
        Self {
            by_class: vec![Journey::default(); world.classes.len()],
            profile: profiles(world),
            wanted: Vec::new(),
            ways: Ways { incoming, deterred },
            outgoing,
            offers: Offers::default(),
            returning: vec![false; world.classes.len()],
        }
    }

    /// Links that leave each place.
    pub fn outgoing(&self) -> &[Vec<usize>] {
        &self.outgoing
    }

    /// What the services offered when the news was last told.
    pub fn offers(&self) -> &Offers {
        &self.offers
    }

    /// The classes of `world` that the news of `services` concerns.
    pub fn concerned(world: &World, services: impl Iterator<Item = usize>) -> ClassSet {
        let mut concerned = ClassSet::default();
        services.for_each(|service| concerned.join(&world.services[service].eligible));
        concerned
    }

    /// The classes that `concerned` holds plan anew on what `today` and `offers` tell; the others keep their plans, and what they
    /// were told of services that concern only them. The classes that are `returning` go back to where they lived.
    pub fn plan(&mut self, world: &World, today: &Today, offers: Offers, returning: &[bool], concerned: &ClassSet) {
        self.offers = offers;
        self.returning = returning.to_vec();
        let (ways, offers, profile) = (&self.ways, &self.offers, &self.profile);
        let hours = leg_hours(world, today, offers);
        let planned = |class: usize| {
            world.classes[class].aim != Aim::Safety && profile[class] == class && concerned.contains(class)
        };
        self.by_class.par_iter_mut().enumerate().filter(|(class, _)| planned(*class)).for_each(|(class, journey)| {
            *journey = best(world, today, offers, ways, &hours, class, returning[class]);
        });
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.resize(world.services.len(), Vec::new());
        let journeys = &*self;
        wanted.par_iter_mut().enumerate().for_each(|(index, sets)| {
            let service = &world.services[index];
            let called = today.capacity[index] > 0;
            sets.resize(service.boards.len(), ClassSet::default());
            for (set, (place, ride)) in sets.iter_mut().zip(&service.boards) {
                for class in service.eligible.common(concerned) {
                    if called && journeys.worth(world, today, index, *ride, class, *place).is_some() {
                        set.insert(class);
                    } else {
                        set.remove(class);
                    }
                }
            }
        });
        self.wanted = wanted;
    }

    /// The class whose plans `class` shares: it must be concerned for `class` to have any.
    pub fn planned_as(&self, class: usize) -> usize {
        self.profile[class]
    }

    /// Classes that `service` brings nearer from its boarding place number `board`.
    pub fn wanting(&self, service: usize, board: usize) -> Option<&ClassSet> {
        self.wanted.get(service)?.get(board)
    }

    /// Whether `service` brings people of `class` nearer from its boarding place number `board`.
    pub fn wants(&self, service: usize, board: usize, class: usize) -> bool {
        self.wanting(service, board).is_some_and(|set| set.contains(class))
    }

    /// Hours from `place` to the end of the best journey of `class`; [`NO_WAY`] where there is none.
    pub fn cost(&self, class: usize, place: usize) -> f32 {
        self.by_class[self.profile[class]].cost.get(place).copied().unwrap_or(NO_WAY)
    }

    /// Share of the departure hazard that fear of the way leaves.
    pub fn hold(&self, class: usize, place: usize) -> f64 {
        self.by_class[self.profile[class]].hold.get(place).map_or(1.0, |h| f64::from(*h))
    }

    /// First legs by own means of `class` from `place` that bring it nearer, as (link, hours of the whole journey).
    pub fn legs<'a>(&'a self, world: &'a World, class: usize, place: usize) -> impl Iterator<Item = (usize, f32)> + 'a {
        let here = self.cost(class, place);
        let legs = &self.by_class[self.profile[class]].legs;
        self.outgoing[place].iter().filter_map(move |link| {
            let onward = self.cost(class, world.links[*link].to);
            let whole = legs.get(*link)? + onward;
            (onward < here && whole.is_finite()).then_some((*link, whole))
        })
    }

    /// Hours of the whole journey, the wait left out, if somebody of `class` at `place` boards `service` after a ride of `ride`
    /// hours; `None` where the service does not take the class, or does not bring it nearer.
    fn worth(
        &self,
        world: &World,
        today: &Today,
        service: usize,
        ride: f32,
        class: usize,
        place: usize,
    ) -> Option<f32> {
        let link = accepts(world, service, class)?;
        let to = world.links[link].to;
        let crossing = world.services[service].is_crossing();
        if to == place || crossing && today.barred[link].contains(class) {
            return None;
        }
        let onward = self.cost(class, to);
        let whole = ride + world.links[link].length + onward;
        let here = self.cost(class, place);
        let nearer = if crossing {
            onward < here
        } else {
            whole <= here.min(self.refuge(world, today, class, place)) + PATIENCE_HOURS
        };
        (nearer && whole.is_finite()).then_some(whole)
    }

    /// Services at `place` that bring `class` nearer, as (service, hours of the whole journey without the wait, days of wait).
    pub fn services<'a>(
        &'a self,
        world: &'a World,
        today: &'a Today,
        class: usize,
        place: usize,
    ) -> impl Iterator<Item = (usize, f32, f32)> + 'a {
        self.offers.at.get(place).into_iter().flatten().filter_map(move |call| {
            if !self.wants(call.service, call.board, class) {
                return None;
            }
            let whole = self.worth(world, today, call.service, call.ride, class, place)?;
            Some((call.service, whole, self.offers.wait_days[call.service]))
        })
    }

    /// A number that changes when what `class` can choose from at `place` does: first legs, services that call there, and how
    /// much longer waiting costs than going, in steps of a factor of the square root of 2.
    pub fn options(&self, world: &World, today: &Today, class: usize, place: usize) -> u64 {
        let going = self.legs(world, class, place).map(|(_, hours)| hours).fold(NO_WAY, f32::min);
        let staying = self.staying(world, today, class, place);
        let step = if going.is_finite() && staying.is_finite() {
            (2.0 * libm::log2(f64::from((staying + 1.0) / (going + 1.0)))).floor() as i64 as u64
        } else {
            u64::from(staying.is_finite())
        };
        let legs = std::iter::once(step).chain(self.legs(world, class, place).map(|(link, _)| link as u64));
        let calls = self.offers.at.get(place).into_iter().flatten();
        let services = calls.filter(|c| self.wants(c.service, c.board, class)).map(|c| (c.service as u64) << 32);
        legs.chain(services).fold(1, |hash, option| (hash ^ option.wrapping_add(1)).wrapping_mul(0x0000_0100_0000_01b3))
    }

    /// Days that somebody of `class` at `place` expects to wait for any service that brings it nearer: one over the sum of the
    /// services' rates, an arrival today counting as no wait.
    pub fn expected_wait(&self, world: &World, today: &Today, class: usize, place: usize) -> f32 {
        let rate: f32 = self.services(world, today, class, place).map(|(_, _, days)| 1.0 / (days + 1.0)).sum();
        if rate > 0.0 { (1.0 / rate - 1.0).max(0.0) } else { NO_WAY }
    }

    fn refuge(&self, world: &World, today: &Today, class: usize, place: usize) -> f32 {
        if self.returning[class] { NO_WAY } else { refuge(world, today, class, place) }
    }

    /// Hours of the whole journey with the best service that calls at `place`, its wait included.
    fn served(&self, world: &World, today: &Today, class: usize, place: usize) -> f32 {
        let services = self.services(world, today, class, place);
        let day = day_of_waiting(world, today, class, place);
        services.map(|(_, hours, days)| hours + day * days).fold(NO_WAY, f32::min)
    }

    /// Hours that waiting at `place` costs: for the best service, or in refuge.
    fn staying(&self, world: &World, today: &Today, class: usize, place: usize) -> f32 {
        self.served(world, today, class, place).min(self.refuge(world, today, class, place))
    }

    /// The choice of somebody of `class` who is free at `place`: a first leg, or to wait here (for a service, or in refuge).
    pub fn row(&self, world: &World, today: &Today, room: &[f64], class: usize, place: usize) -> Row {
        let p = &world.parameters.choice;
        let mut outcomes: Vec<(u32, f64)> = Vec::new();
        let weight = |hours: f32| -p.journey_power * libm::log(p.journey_offset_hours + f64::from(hours));
        for (link, hours) in self.legs(world, class, place) {
            let to = world.links[link].to;
            let stops_there = today.kind[to] == PlaceKind::Camp;
            let open = if stops_there { room[to] } else { 1.0 };
            let outcome = if today.crossing[link].is_some() { WAIT } else { link as u32 };
            if open > 0.0 {
                outcomes.push((outcome, weight(hours) + libm::log(open)));
            }
        }
        let served = self.served(world, today, class, place);
        let refuge = self.refuge(world, today, class, place);
        if refuge.is_finite() && world.classes[class].aim == Aim::Refuge {
            outcomes.push((REST, weight(refuge)));
        }
        if served.min(refuge).is_finite() && world.classes[class].aim != Aim::Refuge || served.is_finite() {
            outcomes.push((WAIT, weight(served.min(refuge))));
        }
        let best = outcomes.iter().map(|(_, w)| *w).fold(f64::NEG_INFINITY, f64::max);
        for outcome in &mut outcomes {
            outcome.1 = libm::exp(outcome.1 - best);
        }
        outcomes.retain(|(_, w)| *w >= 1e-3);
        Row::cumulated(outcomes)
    }
}

/// Hours by which people let a service cost them more than their best plan before they decline it.
const PATIENCE_HOURS: f32 = 48.0;

/// Whether `place` lies in the country of the home of `class`, and that is not the country of the crisis.
pub fn own_country(world: &World, class: usize, place: usize) -> bool {
    match world.classes[class].aim {
        Aim::Home(home) => {
            world.places[place].foreign
                && world.places[home].country == world.places[place].country
                && world.groups[world.classes[class].group].can_return
        }
        Aim::Refuge | Aim::Safety => false,
    }
}

/// The link that `service` would bring `class` along, if it serves it.
pub fn accepts(world: &World, service: usize, class: usize) -> Option<usize> {
    let service = &world.services[service];
    let held = &world.classes[class];
    if !service.eligible.contains(class) || service.fee > held.money && !held.supported {
        return None;
    }
    service.links[held.group]
}

/// Hours by which a journey of `class` that ends in refuge at `place` counts longer than one that ends at home; [`NO_WAY`]
/// where the place is no refuge. For people who want no more than refuge a camp is as good as home.
fn refuge(world: &World, today: &Today, class: usize, place: usize) -> f32 {
    let p = &world.parameters.choice;
    let spot = &world.places[place];
    let only_refuge = world.classes[class].aim == Aim::Refuge;
    let hours = match (spot.foreign, today.kind[place]) {
        (_, PlaceKind::Waypoint | PlaceKind::Detention) => return NO_WAY,
        _ if only_refuge && !today.safe[place] => return NO_WAY,
        _ if own_country(world, class, place) => p.refuge_own_country_hours,
        (_, PlaceKind::Camp) if only_refuge => 0.0,
        (true, PlaceKind::Camp) => p.refuge_camp_hours,
        (_, PlaceKind::Port | PlaceKind::Airport | PlaceKind::Crossing) if only_refuge => return NO_WAY,
        _ if only_refuge => p.refuge_home_country_hours,
        (true, _) => p.refuge_abroad_hours,
        (false, _) => return NO_WAY,
    };
    hours as f32
}

/// Danger of fighting of that intensity to people of that target risk.
fn exposed(fighting: f64, target_risk: f64) -> f64 {
    fighting * (0.25 + 0.75 * target_risk)
}

/// Hours that a day of waiting at `place` counts for `class`: 24, and more where there is fighting.
fn day_of_waiting(world: &World, today: &Today, class: usize, place: usize) -> f32 {
    let fighting = f64::from(world.conflict.at(today.day, place));
    let target = world.groups[world.classes[class].group].target_risk;
    24.0 + (world.parameters.choice.risk_hours * exposed(fighting, target)) as f32
}

/// What travelling the links by own means costs, `links x groups`, before it is asked who may and who can pay.
struct LegHours {
    /// Hours, expected wait at a limited crossing included; [`NO_WAY`] where nobody can go.
    hours: Vec<f32>,
    /// Danger, 0-1 and a little more: of the way itself and of fighting at its end, worse for targets (not at sea, which is as
    /// dangerous to all).
    danger: Vec<f32>,
}

fn leg_hours(world: &World, today: &Today, offers: &Offers) -> LegHours {
    let p = &world.parameters.choice;
    let hours_per_day = world.movement.range;
    let per_length = if hours_per_day > 0.0 { 24.0 / hours_per_day } else { 1.0 };
    let size = world.links.len() * world.groups.len();
    let (mut hours, mut dangers) = (Vec::with_capacity(size), Vec::with_capacity(size));
    for (link, leg) in world.links.iter().enumerate() {
        let fighting = f64::from(world.conflict.at(today.day, leg.to));
        let days = today.crossing[link].map_or(0.0, |s| offers.wait_days.get(s).copied().unwrap_or(0.0));
        let there = f64::from(world.conflict.at(today.day, leg.from));
        for group in &world.groups {
            let wait = if days > 0.0 {
                days * (24.0 + (p.risk_hours * exposed(there, group.target_risk)) as f32)
            } else {
                0.0
            };
            let way = if leg.mode == Mode::Sea { 1.0 } else { group.target_risk };
            let danger = f64::from(leg.risk) * way + exposed(fighting, group.target_risk);
            let danger = danger as f32 * today.danger[link];
            let money = f64::from(leg.fee) / p.usd_per_hour + p.risk_hours * f64::from(danger);
            hours.push(if leg.free { leg.length * per_length + wait + money as f32 } else { NO_WAY });
            dangers.push(danger);
        }
    }
    LegHours { hours, danger: dangers }
}

/// Hours that each link costs `class` by own means; [`NO_WAY`] where it is barred or cannot pay.
fn legs(world: &World, today: &Today, hours: &LegHours, class: usize) -> Vec<f32> {
    let held = &world.classes[class];
    let homeward = matches!(held.aim, Aim::Home(_));
    let all = hours.hours[held.group..].iter().step_by(world.groups.len());
    let admitted = |(link, hours): (usize, &f32)| {
        let leg = &world.links[link];
        // Nobody on the way home goes back into the country of the crisis.
        let back = homeward && world.places[leg.from].foreign && !world.places[leg.to].foreign;
        if back || leg.fee > held.money || today.barred[link].contains(class) { NO_WAY } else { *hours }
    };
    all.enumerate().map(admitted).collect()
}

/// Dijkstra from the ends of all journeys backwards.
fn best(
    world: &World,
    today: &Today,
    offers: &Offers,
    ways: &Ways,
    hours: &LegHours,
    class: usize,
    returning: bool,
) -> Journey {
    let home = match world.classes[class].aim {
        Aim::Home(home) => Some(home),
        _ => world.classes[class].origin.filter(|_| returning),
    };
    let places = world.places.len();
    let (mut cost, mut danger_left, mut hold) = (vec![NO_WAY; places], vec![0.0f64; places], vec![1.0f64; places]);
    let mut open = BinaryHeap::new();
    let fear = world.parameters.departure.fear;
    for (place, cost) in cost.iter_mut().enumerate() {
        let end = if home == Some(place) {
            0.0
        } else if returning {
            NO_WAY
        } else {
            refuge(world, today, class, place)
        };
        if end.is_finite() {
            *cost = end;
            open.push(Reverse((end.to_bits(), place)));
        }
    }
    // Services by where they lead for this class.
    let mut leading: Vec<(usize, usize, f32)> = Vec::new();
    for (from, called) in offers.at.iter().enumerate() {
        for Call { service, ride, .. } in called.iter().filter(|c| !world.services[c.service].is_crossing()) {
            if let Some(link) = accepts(world, *service, class).filter(|l| world.links[*l].to != from) {
                let wait = offers.wait_days[*service] * day_of_waiting(world, today, class, from);
                let hours = ride + world.links[link].length + wait;
                leading.push((world.links[link].to, from, hours));
            }
        }
    }
    let (groups, group) = (world.groups.len(), world.classes[class].group);
    let danger = |link: usize| f64::from(hours.danger[link * groups + group]);
    let legs = legs(world, today, hours, class);
    leading.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    while let Some(Reverse((bits, place))) = open.pop() {
        let here = f32::from_bits(bits);
        if here > cost[place] {
            continue;
        }
        for (link, from) in ways.incoming[place].iter().copied() {
            if here + legs[link] < cost[from] {
                cost[from] = here + legs[link];
                danger_left[from] = danger_left[place] + danger(link);
                let left = if ways.deterred[link] { deterrence(world, today, class, link) } else { 1.0 };
                hold[from] = hold[place] * left;
                open.push(Reverse((cost[from].to_bits(), from)));
            }
        }
        let start = leading.partition_point(|l| l.0 < place);
        for (_, from, hours) in leading[start..].iter().take_while(|l| l.0 == place) {
            if here + hours < cost[*from] {
                cost[*from] = here + hours;
                danger_left[*from] = danger_left[place];
                hold[*from] = hold[place];
                open.push(Reverse((cost[*from].to_bits(), *from)));
            }
        }
    }
    let left = |i: usize| if danger_left[i] > 0.0 { libm::exp(-fear * danger_left[i]) } else { 1.0 };
    let hold = (0..places).map(|i| (hold[i] * left(i)) as f32).collect();
    Journey { cost, hold, legs }
}

/// For each class the first one with the same home, danger, fees that it can pay, barriers, deterrents and services: what
/// is planned for one holds for all of them.
fn profiles(world: &World) -> Vec<usize> {
    let same = |a: usize, b: usize| {
        let (x, y) = (&world.classes[a], &world.classes[b]);
        x.aim == y.aim
            && x.origin == y.origin
            && x.group == y.group
            && world.links.iter().all(|l| !l.free || (l.fee > x.money) == (l.fee > y.money))
            && world.barriers.iter().all(|b_| b_.classes.contains(a) == b_.classes.contains(b))
            && world.deterrents.iter().all(|d| d.classes.contains(a) == d.classes.contains(b))
            && (0..world.services.len()).all(|s| accepts(world, s, a) == accepts(world, s, b))
    };
    let mut profile: Vec<usize> = Vec::with_capacity(world.classes.len());
    for class in 0..world.classes.len() {
        let first_of_group = profile.iter().position(|p| world.classes[*p].group == world.classes[class].group);
        let twin = (first_of_group.unwrap_or(class)..class)
            .find(|earlier| profile[*earlier] == *earlier && same(*earlier, class));
        profile.push(twin.unwrap_or(class));
    }
    profile
}

/// Share of departures that deterrents on `link` leave to `class` today.
fn deterrence(world: &World, today: &Today, class: usize, link: usize) -> f64 {
    world
        .deterrents
        .iter()
        .filter(|d| d.link == link && d.start <= today.day && today.day <= d.end && d.classes.contains(class))
        .map(|d| 1.0 - d.share)
        .product()
}
