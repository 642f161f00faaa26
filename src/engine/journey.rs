//! Journeys: what it costs people of a class to get home, or to refuge, from every place; what the first legs are worth.
//!
//! The cost of a journey is counted in hours: travel, expected waits, fees over `usd_per_hour`, danger times `risk_hours` (of
//! every leg, and of every day of waiting where there is fighting). A
//! journey ends at home, or, at a price in hours, in refuge (a camp abroad, another place abroad, a calm place in the
//! country). Waits are those that news told of (`news_days`), so a journey planned is not the journey made.

use std::sync::Arc;

use rayon::prelude::*;
use smallvec::SmallVec;

use crate::scenario::world::{Aim, ClassSet, PlaceKind, World};

use super::choose::{REST, Row, WAIT};
use super::schedule::Today;
use super::search::{ABREAST, Draft, Search, Ways, accepts, by_own_means, day_of_waiting, refuge};

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
pub(super) struct Journey {
    /// Hours to home or refuge by place; empty: not computed.
    pub(super) cost: Vec<f32>,
    /// Share of the departure hazard that fear of the best journey leaves, by place.
    pub(super) hold: Vec<f32>,
    /// Hours that each leg costs by own means, in the order of [`Ways`]; [`NO_WAY`] where it cannot be taken.
    pub(super) legs: Vec<f32>,
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

    /// The classes that the news of `services` concerns: those whom they take, and can pay.
    pub fn concerned(&self, services: impl Iterator<Item = usize>) -> ClassSet {
        let mut concerned = ClassSet::default();
        for class in services.flat_map(|service| self.ways.takes[service].iter()) {
            concerned.join(&self.ways.sharing[class]);
        }
        concerned
    }

    /// The classes that `concerned` holds plan anew on what `today` and `offers` tell; the others keep their plans, and what they
    /// were told of services that concern only them. The classes that are `returning` go back to where they lived.
    pub fn plan(&mut self, world: &World, today: &Today, offers: Offers, returning: &[bool], concerned: &ClassSet) {
        self.offers = offers;
        self.returning = returning.to_vec();
        let plans = |class: &usize| world.classes[*class].aim != Aim::Safety && self.profile[*class] == *class;
        let planned: Vec<usize> = concerned.iter().filter(plans).collect();
        let search = Search::new(world, today, &self.offers, &self.ways, &self.returning);
        let (mut sought, mut anew) = (Vec::with_capacity(planned.len()), ClassSet::default());
        for class in planned {
            sought.push((class, std::mem::take(&mut self.by_class[class])));
            anew.join(&self.ways.sharing[class]);
        }
        sought.par_chunks_mut(ABREAST).for_each_init(Draft::default, |draft, abreast| search.best(abreast, draft));
        sought.into_iter().for_each(|(class, journey)| self.by_class[class] = journey);
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.resize(world.services.len(), Vec::new());
        for (index, sets) in wanted.iter_mut().enumerate() {
            let service = &world.services[index];
            sets.resize(service.boards.len(), ClassSet::default());
            for (set, (place, ride)) in sets.iter_mut().zip(&service.boards) {
                set.part(&anew);
                if today.rate[index] <= 0.0 {
                    continue;
                }
                for class in self.ways.takes[index].common(&anew) {
                    if self.worth(world, today, index, *ride, class, *place).is_some() {
                        set.join(&self.ways.sharing[class]);
                    }
                }
            }
        }
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

    /// First legs by own means of `class` from `place` that bring it nearer and need no waiting today, as (link, hours of the whole
    /// journey). A crossing that is limited is a service ([`Journeys::services`]).
    pub fn legs<'a>(&'a self, today: &'a Today, class: usize, place: usize) -> impl Iterator<Item = (usize, f32)> + 'a {
        let Journey { cost, legs, .. } = &self.by_class[self.profile[class]];
        let here = cost.get(place).copied().unwrap_or(NO_WAY);
        self.ways.range(place).filter_map(move |at| {
            let leg = &self.ways.legs[at];
            if today.crossing[leg.link as usize].is_some() {
                return None;
            }
            let onward = *cost.get(usize::from(leg.to))?;
            let whole = legs.get(at)? + onward;
            (onward < here && whole.is_finite()).then_some((leg.link as usize, whole))
        })
    }

    /// The link taken and the hours of the whole journey, the wait left out, if somebody of `class` at `place` boards `service` after a
    /// ride of `ride` hours; `None` where the service does not take the class, or does not bring it nearer.
    fn worth(
        &self,
        world: &World,
        today: &Today,
        service: usize,
        ride: f32,
        class: usize,
        place: usize,
    ) -> Option<(usize, f32)> {
        let link = self.ways.accepted(self.profile[class], service)?;
        let to = world.links[link].to;
        if to == place {
            return None;
        }
        let (here, onward) = (self.cost(class, place), self.cost(class, to));
        let (nearer, whole) = if world.services[service].is_crossing() {
            // Whoever may not or cannot pass by own means does not so because there is a limit.
            let own = self.ways.leg(place, link)?;
            self.by_class[self.profile[class]].legs.get(own).filter(|hours| hours.is_finite())?;
            let target_risk = world.groups[world.classes[class].group].target_risk;
            (onward < here, by_own_means(world, today, target_risk, link).0 + onward)
        } else {
            let whole = ride + world.links[link].length + onward;
            (whole <= here.min(self.refuge(world, today, class, place)) + PATIENCE_HOURS, whole)
        };
        (nearer && whole.is_finite()).then_some((link, whole))
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
            let (link, whole) = self.worth(world, today, call.service, call.ride, class, place)?;
            let days = self.offers.wait_days[call.service] + today.turned_back_days(world, link, class);
            Some((call.service, whole, days))
        })
    }

    /// A number that changes when what `class` can choose from at `place` does: first legs, services that call there, and how
    /// much longer waiting costs than going, in steps of a factor of the square root of 2.
    pub fn options(&self, world: &World, today: &Today, class: usize, place: usize) -> u64 {
        let going = self.legs(today, class, place).map(|(_, hours)| hours).fold(NO_WAY, f32::min);
        let staying = self.staying(world, today, class, place);
        let step = if going.is_finite() && staying.is_finite() {
            (2.0 * libm::log2(f64::from((staying + 1.0) / (going + 1.0)))).floor() as i64 as u64
        } else {
            u64::from(staying.is_finite())
        };
        let legs = std::iter::once(step).chain(self.legs(today, class, place).map(|(link, _)| link as u64));
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

    /// By service at `place` that brings `class` nearer: it, hours of the whole journey without the wait, and hours that the wait costs.
    fn served<'a>(
        &'a self,
        world: &'a World,
        today: &'a Today,
        class: usize,
        place: usize,
    ) -> impl Iterator<Item = (usize, f32, f32)> + 'a {
        let target_risk = world.groups[world.classes[class].group].target_risk;
        let day = day_of_waiting(world, today, target_risk, place);
        self.services(world, today, class, place).map(move |(service, hours, days)| (service, hours, day * days))
    }

    /// Hours that waiting at `place` costs: for the best service, or in refuge.
    fn staying(&self, world: &World, today: &Today, class: usize, place: usize) -> f32 {
        let served = self.served(world, today, class, place).map(|(_, hours, wait)| hours + wait);
        served.fold(NO_WAY, f32::min).min(self.refuge(world, today, class, place))
    }

    /// The choice of somebody of `class` who comes to `place`: a first leg, or to wait here (for a service, or in refuge).
    pub fn row(&self, world: &World, today: &Today, room: &[f64], class: usize, place: usize) -> Row {
        let [row] = self.rows(world, today, room, class, place, [1.0]);
        row
    }

    /// The choices of people of `class` at `place` for whom these shares of the waits told are `left` (1: as for newcomers).
    pub fn rows<const N: usize>(
        &self,
        world: &World,
        today: &Today,
        room: &[f64],
        class: usize,
        place: usize,
        left: [f32; N],
    ) -> [Row; N] {
        let p = &world.parameters.choice;
        let weight = |hours: f32| -p.journey_power * libm::log(p.journey_offset_hours + f64::from(hours));
        let here = self.cost(class, place);
        // The whole journey by a leg to `to`: what brings one nearer by little weighs less, and so does a camp that is nearly full.
        let by_leg = |hours: f32, to: usize| {
            let onward = self.cost(class, to);
            // At most 1, rounding aside.
            let progress = f64::from((here - onward) / (hours - onward)).min(1.0);
            let open = if today.kind[to] == PlaceKind::Camp { room[to] } else { 1.0 };
            weight(hours) + p.journey_power * libm::log(progress) + libm::log(open)
        };
        let legs =
            self.legs(today, class, place).map(|(link, hours)| (link as u32, by_leg(hours, world.links[link].to)));
        let legs: Options = legs.filter(|(_, w)| *w > f64::NEG_INFINITY).collect();
        let mut served = [f64::NEG_INFINITY; N];
        for (service, hours, wait) in self.served(world, today, class, place) {
            let service = &world.services[service];
            let beyond = service.links[world.classes[class].group].filter(|_| service.is_crossing());
            for (best, left) in served.iter_mut().zip(left) {
                let whole = hours + wait * left;
                *best = best.max(beyond.map_or_else(|| weight(whole), |link| by_leg(whole, world.links[link].to)));
            }
        }
        let refuge = self.refuge(world, today, class, place);
        let seeks_refuge = world.classes[class].aim == Aim::Refuge;
        served.map(|served| {
            let mut outcomes = legs.clone();
            if refuge.is_finite() && seeks_refuge {
                outcomes.push((REST, weight(refuge)));
            }
            if served.is_finite() || refuge.is_finite() && !seeks_refuge {
                outcomes.push((WAIT, served.max(weight(refuge))));
            }
            let best = outcomes.iter().map(|(_, w)| *w).fold(f64::NEG_INFINITY, f64::max);
            for outcome in &mut outcomes {
                outcome.1 = libm::exp(outcome.1 - best);
            }
            outcomes.retain(|(_, w)| *w >= 1e-3);
            Row::cumulated(&mut outcomes)
        })
    }
}

/// What somebody can choose from, with how much it is worth. Of few, as there mostly are, a list takes no memory of its own.
type Options = SmallVec<[(u32, f64); 8]>;

/// Hours by which people let a service cost them more than their best plan before they decline it.
const PATIENCE_HOURS: f32 = 48.0;

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
