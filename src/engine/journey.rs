//! Journeys: what it costs people of a class to get home, or to refuge, from every place; what the first legs are worth.
//!
//! The cost of a journey is counted in hours: travel, expected waits, fees over `usd_per_hour`, danger times `risk_hours` (of
//! every leg, and of every day of waiting where there is fighting). A
//! journey ends at home, or, at a price in hours, in refuge (a camp abroad, another place abroad, a calm place in the
//! country). Waits are those that news told of (`news_days`), so a journey planned is not the journey made.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::scenario::world::{Aim, ClassSet, Group, Link, Mode, PlaceKind, World};

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
    /// Hours that each leg costs by own means, in the order of [`Ways`]; [`NO_WAY`] where it cannot be taken.
    legs: Vec<f32>,
    /// Places from the nearest to the farthest, as last planned: the order in which a new plan is found soonest.
    order: Vec<u16>,
}

/// A link as those see it who stand where it begins.
#[derive(Debug, Clone, Copy)]
struct Leg {
    link: u32,
    to: u16,
    /// Whether it leads from abroad back into the country of the crisis.
    back: bool,
    /// Whether anything deters people from it on some day.
    deterred: bool,
}

/// A service that calls at a place and accepts a class.
#[derive(Debug, Clone, Copy)]
struct Ride {
    to: u16,
    /// Hours of the wait, the ride and the link.
    hours: f32,
}

/// The ways of the world as planning needs them.
#[derive(Debug)]
struct Ways {
    /// Links that people travel by own means, in the order of the places where they begin, with where those of a place stand.
    legs: Vec<Leg>,
    first: Vec<u32>,
    /// By class and service: the link that the service would bring the class along, if it accepts it. Empty for classes that
    /// share the plans of another one.
    accepted: Vec<Vec<Option<u32>>>,
    /// By class: those who share its plans, itself included, and the places where they live.
    sharing: Vec<ClassSet>,
    lived_at: Vec<Vec<u16>>,
}

impl Ways {
    fn new(world: &World, profile: &[usize]) -> Self {
        let mut order: Vec<usize> = (0..world.links.len()).filter(|link| world.links[*link].free).collect();
        order.sort_by_key(|link| world.links[*link].from);
        let first = |place: usize| order.partition_point(|link| world.links[*link].from < place) as u32;
        let leg = |link: &usize| {
            let Link { from, to, .. } = world.links[*link];
            let back = world.places[from].foreign && !world.places[to].foreign;
            let deterred = world.deterrents.iter().any(|d| d.link == *link);
            Leg { link: *link as u32, to: to as u16, back, deterred }
        };
        let accepted = |class: usize| {
            let services = 0..if profile[class] == class { world.services.len() } else { 0 };
            services.map(|service| accepts(world, service, class).map(|link| link as u32)).collect()
        };
        let mut sharing = vec![ClassSet::default(); world.classes.len()];
        (0..world.classes.len()).for_each(|class| sharing[profile[class]].insert(class));
        let mut lived_at = vec![Vec::new(); world.classes.len()];
        world.cells.iter().for_each(|cell| lived_at[profile[cell.class]].push(cell.place as u16));
        for places in &mut lived_at {
            places.sort_unstable();
            places.dedup();
        }
        Self {
            legs: order.iter().map(leg).collect(),
            first: (0..=world.places.len()).map(first).collect(),
            accepted: (0..world.classes.len()).map(accepted).collect(),
            sharing,
            lived_at,
        }
    }

    /// Where the legs from `place` stand among all.
    #[inline(always)]
    fn range(&self, place: usize) -> Range<usize> {
        self.first[place] as usize..self.first[place + 1] as usize
    }
}

/// Best journeys of every class that wants to go home.
#[derive(Debug, Clone)]
pub struct Journeys {
    by_class: Vec<Journey>,
    /// The class whose journeys a class shares: itself, or an earlier one that nothing sets apart in planning.
    profile: Vec<usize>,
    /// Classes that a service brings nearer, by service and boarding place.
    wanted: Vec<Vec<ClassSet>>,
    ways: Arc<Ways>,
    outgoing: Vec<Vec<usize>>,
    offers: Offers,
    returning: Vec<bool>,
}

impl Journeys {
    /// Nothing known yet.
    pub fn new(world: &World) -> Self {
        let mut outgoing = vec![Vec::new(); world.places.len()];
        for (index, link) in world.links.iter().enumerate() {
            outgoing[link.from].push(index);
        }
        let profile = profiles(world);
        Self {
            by_class: vec![Journey::default(); world.classes.len()],
            ways: Arc::new(Ways::new(world, &profile)),
            profile,
            wanted: Vec::new(),
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
        let plans = |class: &usize| world.classes[*class].aim != Aim::Safety && self.profile[*class] == *class;
        let planned: Vec<usize> = concerned.iter().filter(plans).collect();
        let search = Search::new(world, today, &self.offers, &self.ways, &planned);
        self.by_class
            .par_iter_mut()
            .enumerate()
            .filter(|(class, _)| planned.binary_search(class).is_ok())
            .for_each_init(Draft::default, |draft, (class, journey)| {
                search.best(class, returning[class], draft, journey)
            });
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.resize(world.services.len(), Vec::new());
        let journeys = &*self;
        wanted.par_iter_mut().enumerate().for_each(|(index, sets)| {
            let service = &world.services[index];
            let called = today.capacity[index] > 0;
            sets.resize(service.boards.len(), ClassSet::default());
            for (set, (place, ride)) in sets.iter_mut().zip(&service.boards) {
                for class in planned.iter().copied() {
                    let accepted = called && journeys.ways.accepted[class][index].is_some();
                    if accepted && journeys.worth(world, today, index, *ride, class, *place).is_some() {
                        set.join(&journeys.ways.sharing[class]);
                    } else {
                        set.part(&journeys.ways.sharing[class]);
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
    pub fn legs(&self, class: usize, place: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let Journey { cost, legs, .. } = &self.by_class[self.profile[class]];
        let here = cost.get(place).copied().unwrap_or(NO_WAY);
        self.ways.range(place).filter_map(move |at| {
            let leg = &self.ways.legs[at];
            let onward = *cost.get(usize::from(leg.to))?;
            let whole = legs.get(at)? + onward;
            (onward < here && whole.is_finite()).then_some((leg.link as usize, whole))
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
        let going = self.legs(class, place).map(|(_, hours)| hours).fold(NO_WAY, f32::min);
        let staying = self.staying(world, today, class, place);
        let step = if going.is_finite() && staying.is_finite() {
            (2.0 * libm::log2(f64::from((staying + 1.0) / (going + 1.0)))).floor() as i64 as u64
        } else {
            u64::from(staying.is_finite())
        };
        let legs = std::iter::once(step).chain(self.legs(class, place).map(|(link, _)| link as u64));
        let calls = self.offers.at.get(place).into_iter().flatten();
        let services = calls.filter(|c| self.wants(c.service, c.board, class)).map(|c| (c.service as u64) << 32);
        legs.chain(services).fold(1, |hash, option| (hash ^ option.wrapping_add(1)).wrapping_mul(0x0000_0100_0000_01b3))
    }

    /// Days that somebody of `class` at `place` expects to wait for the first service that brings it nearer.
    pub fn expected_wait(&self, world: &World, today: &Today, class: usize, place: usize) -> f32 {
        self.services(world, today, class, place).map(|(_, _, days)| days).fold(NO_WAY, f32::min)
    }

    fn refuge(&self, world: &World, today: &Today, class: usize, place: usize) -> f32 {
        if self.returning[class] { NO_WAY } else { refuge(world, today, class, place) }
    }

    /// Hours of the whole journey with the best service that calls at `place`, its wait included.
    fn served(&self, world: &World, today: &Today, class: usize, place: usize) -> f32 {
        let services = self.services(world, today, class, place);
        let day = day_of_waiting(world, today, &world.groups[world.classes[class].group], place);
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
        let here = self.cost(class, place);
        for (link, hours) in self.legs(class, place) {
            let to = world.links[link].to;
            let stops_there = today.kind[to] == PlaceKind::Camp;
            let open = if stops_there { room[to] } else { 1.0 };
            let outcome = if today.crossing[link].is_some() { WAIT } else { link as u32 };
            let onward = self.cost(class, to);
            // At most 1, rounding aside.
            let progress = f64::from((here - onward) / (hours - onward)).min(1.0);
            if open > 0.0 {
                outcomes.push((outcome, weight(hours) + p.journey_power * libm::log(progress) + libm::log(open)));
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

/// The lesser of two numbers, neither of which is NaN.
#[inline(always)]
fn lesser(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
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

/// Hours that a day of waiting at `place` counts for people of `group`: 24, and more where there is fighting.
fn day_of_waiting(world: &World, today: &Today, group: &Group, place: usize) -> f32 {
    let fighting = f64::from(world.conflict.at(today.day, place));
    24.0 + (world.parameters.choice.risk_hours * exposed(fighting, group.target_risk)) as f32
}

/// A search for the best journeys of today.
struct Search<'a> {
    world: &'a World,
    today: &'a Today,
    offers: &'a Offers,
    ways: &'a Ways,
    /// Hours of the legs, expected wait at a limited crossing included, before it is asked who may and who can pay. By group, then in
    /// the order of the legs.
    hours: Vec<f32>,
    /// Danger of the legs, 0-1 and a little more: of the way itself and of fighting at its end, worse for targets (not at sea,
    /// which is as dangerous to all). By group, then in the order of the legs.
    danger: Vec<f32>,
    /// Hours that a day of waiting counts for, by group and place.
    day_of_waiting: Vec<f32>,
    /// Services that call, crossings left out, as (place, call), in the order of places.
    calls: Vec<(usize, Call)>,
}

/// Room to plan in.
#[derive(Debug, Default)]
struct Draft {
    /// By place: where the best journey goes next.
    steps: Vec<Next>,
    /// Rides in the order of the places where they begin, with where those of a place stand.
    rides: Vec<Ride>,
    first: Vec<u32>,
}

/// Where a best journey goes next.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// Nowhere: it ends here, or there is none.
    End,
    /// Along the leg of that number.
    Leg(u32),
    /// By a service, to that place.
    Ride(u16),
}

impl<'a> Search<'a> {
    /// For the classes that are `planned`.
    fn new(world: &'a World, today: &'a Today, offers: &'a Offers, ways: &'a Ways, planned: &[usize]) -> Self {
        let p = &world.parameters.choice;
        let hours_per_day = world.movement.range;
        let per_length = if hours_per_day > 0.0 { 24.0 / hours_per_day } else { 1.0 };
        let size = ways.legs.len() * world.groups.len();
        let (mut hours, mut dangers) = (Vec::with_capacity(size), Vec::with_capacity(size));
        let mut waiting = Vec::with_capacity(world.places.len() * world.groups.len());
        let mut asked = vec![false; world.groups.len()];
        planned.iter().for_each(|class| asked[world.classes[*class].group] = true);
        for (group, asked) in world.groups.iter().zip(asked) {
            if !asked {
                waiting.resize(waiting.len() + world.places.len(), 0.0);
                hours.resize(hours.len() + ways.legs.len(), NO_WAY);
                dangers.resize(dangers.len() + ways.legs.len(), 0.0);
                continue;
            }
            let at = |place: usize| day_of_waiting(world, today, group, place);
            waiting.extend((0..world.places.len()).map(at));
            for way in &ways.legs {
                let (link, leg) = (way.link as usize, &world.links[way.link as usize]);
                let fighting = f64::from(world.conflict.at(today.day, leg.to));
                let days = today.crossing[link].map_or(0.0, |s| offers.wait_days.get(s).copied().unwrap_or(0.0));
                let wait = if days > 0.0 { days * at(leg.from) } else { 0.0 };
                let target = if leg.mode == Mode::Sea { 1.0 } else { group.target_risk };
                let danger = f64::from(leg.risk) * target + exposed(fighting, group.target_risk);
                let danger = danger as f32 * today.danger[link];
                let money = f64::from(leg.fee) / p.usd_per_hour + p.risk_hours * f64::from(danger);
                hours.push(leg.length * per_length + wait + money as f32);
                dangers.push(danger);
            }
        }
        let called = |(place, calls): (usize, &Vec<Call>)| calls.iter().map(|call| (place, *call)).collect::<Vec<_>>();
        let mut calls: Vec<(usize, Call)> = offers.at.iter().enumerate().flat_map(called).collect();
        calls.retain(|(_, call)| !world.services[call.service].is_crossing());
        Self { world, today, offers, ways, hours, danger: dangers, day_of_waiting: waiting, calls }
    }

    /// The part of a table by group and `size` things that belongs to the group of `class`.
    fn of<'t>(&self, table: &'t [f32], class: usize, size: usize) -> &'t [f32] {
        let group = self.world.classes[class].group;
        &table[group * size..(group + 1) * size]
    }

    /// Hours that each leg costs `class` by own means; [`NO_WAY`] where it is barred or the class cannot pay.
    fn legs(&self, class: usize, legs: &mut Vec<f32>) {
        let held = &self.world.classes[class];
        let homeward = matches!(held.aim, Aim::Home(_));
        let admitted = |(way, hours): (&Leg, &f32)| {
            let link = way.link as usize;
            // Nobody on the way home goes back into the country of the crisis.
            let no = homeward && way.back
                || self.world.links[link].fee > held.money
                || self.today.barred[link].contains(class);
            if no { NO_WAY } else { *hours }
        };
        legs.clear();
        let all = &self.ways.legs;
        legs.extend(all.iter().zip(self.of(&self.hours, class, all.len())).map(admitted));
    }

    /// The rides that today's services offer to `class`.
    fn rides(&self, class: usize, draft: &mut Draft) {
        let world = self.world;
        let days = self.of(&self.day_of_waiting, class, world.places.len());
        draft.rides.clear();
        draft.first.clear();
        for (place, call) in &self.calls {
            let link = self.ways.accepted[class][call.service].map(|link| &world.links[link as usize]);
            if let Some(link) = link.filter(|link| link.to != *place) {
                draft.first.resize(place + 1, draft.rides.len() as u32);
                let hours = call.ride + link.length + self.offers.wait_days[call.service] * days[*place];
                draft.rides.push(Ride { to: link.to as u16, hours });
            }
        }
        draft.first.resize(world.places.len() + 1, draft.rides.len() as u32);
    }

    /// The best journeys of `class` from every place: the least cost is the end's, or that of a leg or ride and of the best
    /// journey from where it leads. Places are gone through, the nearest of the last plan first, until nothing changes any more.
    fn best(&self, class: usize, returning: bool, draft: &mut Draft, journey: &mut Journey) {
        let (world, places) = (self.world, self.world.places.len());
        let home = match world.classes[class].aim {
            Aim::Home(home) => Some(home),
            _ => world.classes[class].origin.filter(|_| returning),
        };
        let end = |place: usize| match home {
            Some(home) if home == place => 0.0,
            _ if returning => NO_WAY,
            _ => refuge(world, self.today, class, place),
        };
        let Journey { cost, hold, legs, order } = journey;
        self.legs(class, legs);
        self.rides(class, draft);
        let Draft { steps, rides, first } = draft;
        cost.clear();
        cost.extend((0..places).map(end));
        steps.clear();
        steps.resize(places, Next::End);
        if order.is_empty() {
            order.extend(0..places as u16);
        }
        let (mut passes, mut changed) = (0, true);
        while changed {
            changed = false;
            passes += 1;
            for place in order.iter().map(|place| usize::from(*place)) {
                let (ways, rides) = (self.ways.range(place), &rides[first[place] as usize..first[place + 1] as usize]);
                let (legs, ahead) = (&legs[ways.clone()], &self.ways.legs[ways.clone()]);
                let by_leg = legs.iter().zip(ahead).map(|(hours, leg)| hours + cost[usize::from(leg.to)]);
                let by_ride = rides.iter().map(|ride| ride.hours + cost[usize::from(ride.to)]);
                let least = by_leg.clone().fold(NO_WAY, lesser);
                let ridden = by_ride.clone().fold(NO_WAY, lesser);
                if least.min(ridden) < cost[place] {
                    let leg = by_leg.take_while(|hours| *hours > least).count();
                    let ride = by_ride.take_while(|hours| *hours > ridden).count();
                    steps[place] =
                        if ridden < least { Next::Ride(rides[ride].to) } else { Next::Leg((ways.start + leg) as u32) };
                    cost[place] = least.min(ridden);
                    changed = true;
                }
            }
        }
        if passes > 2 {
            order.sort_by(|a, b| cost[usize::from(*a)].total_cmp(&cost[usize::from(*b)]));
        }
        hold.clear();
        hold.resize(places, 1.0);
        for place in self.ways.lived_at[class].iter().map(|place| usize::from(*place)) {
            hold[place] = self.hold(class, place, steps);
        }
    }

    /// Share of departures of `class` from `place` that fear and deterrents on the journey of those `steps` leave.
    fn hold(&self, class: usize, mut place: usize, steps: &[Next]) -> f32 {
        let ways = &self.ways.legs;
        let dangers = self.of(&self.danger, class, ways.len());
        let (mut danger, mut left) = (0.0, 1.0);
        loop {
            match steps[place] {
                Next::End => break,
                Next::Ride(to) => place = usize::from(to),
                Next::Leg(at) => {
                    let leg = &ways[at as usize];
                    danger += f64::from(dangers[at as usize]);
                    if leg.deterred {
                        left *= deterrence(self.world, self.today, class, leg.link as usize);
                    }
                    place = usize::from(leg.to);
                }
            }
        }
        let fear = if danger > 0.0 { libm::exp(-self.world.parameters.departure.fear * danger) } else { 1.0 };
        (left * fear) as f32
    }
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
