//! Search: the best journeys of classes, on what today's ways and services offer.
//!
//! The least cost from a place is that of ending there, or that of a leg or ride and of the best journey from where it leads
//! (Bellman 1958). Classes are sought for side by side, so that the processor adds for all of them at once.

use std::array;
use std::ops::Range;

use crate::scenario::world::{Aim, ClassSet, Link, Mode, PlaceKind, World};

use super::journey::{Call, Journey, NO_WAY, Offers};
use super::schedule::Today;

/// Classes sought for side by side.
pub(super) const ABREAST: usize = 8;

/// A link as those see it who stand where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    /// Index into `World::links`.
    pub(super) link: u32,
    /// Where it leads.
    pub(super) to: u16,
    /// USD per person.
    fee: u16,
    /// Whether it leads from abroad back into the country of the crisis.
    back: bool,
    /// Whether anything deters people from it on some day.
    deterred: bool,
}

/// The ways of the world as planning needs them.
#[derive(Debug)]
pub(super) struct Ways {
    /// Links that people travel by own means, in the order of the places where they begin, with where those of a place stand.
    pub(super) legs: Vec<Leg>,
    first: Vec<u32>,
    /// By place: places from which a leg leads there.
    before: Vec<Vec<u16>>,
    /// By class and service: the link that the service would bring the class along, if it accepts it. Empty for classes that
    /// share the plans of another one.
    accepted: Vec<Vec<Option<u32>>>,
    /// By service: classes with plans of their own that it accepts.
    pub(super) takes: Vec<ClassSet>,
    /// By class: those who share its plans, itself included, and the places where they live.
    pub(super) sharing: Vec<ClassSet>,
    lived_at: Vec<Vec<u16>>,
    /// Target risks of groups, each once, and by group which one is its.
    targets: Vec<f64>,
    target_of: Vec<usize>,
}

impl Ways {
    /// The ways of `world`, where each class shares the plans of its `profile`.
    pub(super) fn new(world: &World, profile: &[usize]) -> Self {
        let mut order: Vec<usize> = (0..world.links.len()).filter(|link| world.links[*link].free).collect();
        order.sort_by_key(|link| world.links[*link].from);
        let first = |place: usize| order.partition_point(|link| world.links[*link].from < place) as u32;
        let leg = |link: &usize| {
            let Link { from, to, fee, .. } = world.links[*link];
            let back = world.places[from].foreign && !world.places[to].foreign;
            let deterred = world.deterrents.iter().any(|d| d.link == *link);
            Leg { link: *link as u32, to: to as u16, fee, back, deterred }
        };
        let accepted = |class: usize| -> Vec<Option<u32>> {
            let services = 0..if profile[class] == class { world.services.len() } else { 0 };
            services.map(|service| accepts(world, service, class).map(|link| link as u32)).collect()
        };
        let accepted: Vec<Vec<Option<u32>>> = (0..world.classes.len()).map(accepted).collect();
        let takes = |service: usize| {
            ClassSet::from_fn(world.classes.len(), |class| matches!(accepted[class].get(service), Some(Some(_))))
        };
        let mut sharing = vec![ClassSet::default(); world.classes.len()];
        (0..world.classes.len()).for_each(|class| sharing[profile[class]].insert(class));
        let mut lived_at = vec![Vec::new(); world.classes.len()];
        world.cells.iter().for_each(|cell| lived_at[profile[cell.class]].push(cell.place as u16));
        for places in &mut lived_at {
            places.sort_unstable();
            places.dedup();
        }
        let mut before = vec![Vec::new(); world.places.len()];
        order.iter().map(|link| &world.links[*link]).for_each(|link| before[link.to].push(link.from as u16));
        let (targets, target_of) = world.target_risks();
        Self {
            targets,
            target_of,
            before,
            legs: order.iter().map(leg).collect(),
            first: (0..=world.places.len()).map(first).collect(),
            takes: (0..world.services.len()).map(takes).collect(),
            accepted,
            sharing,
            lived_at,
        }
    }

    /// The link that `service` would bring `class` along, which has plans of its own, if it accepts it.
    #[inline(always)]
    pub(super) fn accepted(&self, class: usize, service: usize) -> Option<usize> {
        self.accepted[class][service].map(|link| link as usize)
    }

    /// Where the leg from `place` along `link` stands among all, if people travel it by own means.
    pub(super) fn leg(&self, place: usize, link: usize) -> Option<usize> {
        self.range(place).find(|at| self.legs[*at].link as usize == link)
    }

    /// Where the legs from `place` stand among all.
    #[inline(always)]
    pub(super) fn range(&self, place: usize) -> Range<usize> {
        self.first[place] as usize..self.first[place + 1] as usize
    }
}

/// A service that calls at a place and accepts a class.
#[derive(Debug, Clone, Copy)]
struct Ride {
    from: u16,
    to: u16,
    /// Number of the class among those sought for side by side.
    lane: usize,
    /// Hours of the wait, the ride and the link.
    hours: f32,
}

/// A search for the best journeys of today.
pub(super) struct Search<'a> {
    world: &'a World,
    today: &'a Today,
    offers: &'a Offers,
    ways: &'a Ways,
    /// By class: whether it goes back to where it lived.
    returning: &'a [bool],
    /// Hours of the legs, expected wait at a limited crossing included, before it is asked who may and who can pay. By target risk,
    /// then in the order of the legs.
    hours: Vec<f32>,
    /// Danger of the legs, 0-1 and a little more: of the way itself and of fighting at its end, worse for targets (not at sea,
    /// which is as dangerous to all). By target risk, then in the order of the legs.
    danger: Vec<f32>,
    /// Hours that a day of waiting counts for, by target risk and place.
    day_of_waiting: Vec<f32>,
    /// Services that call, crossings left out, as (place, call), in the order of places.
    calls: Vec<(usize, Call)>,
}

/// Room to plan in.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Places in the order in which they are looked at, and by place whether what lies ahead has changed since it was.
    order: Vec<usize>,
    stale: Vec<bool>,
    /// By place: hours of ending there, and of the best journeys found so far.
    ends: Vec<[f32; ABREAST]>,
    cost: Vec<[f32; ABREAST]>,
    /// By place: where the best journeys go next, the number of a leg, [`END`] or [`RIDE`] and a place.
    steps: Vec<[u32; ABREAST]>,
    /// Hours of the legs.
    legs: Vec<[f32; ABREAST]>,
    /// Rides in the order of the places where they begin, with where those of a place stand.
    rides: Vec<Ride>,
    first: Vec<u32>,
    /// By place: whether a ride leads there.
    ridden: Vec<bool>,
}

/// The journey ends here, or there is none: stands for the number of a leg.
const END: u32 = u32::MAX;

/// Added to the number of a place: a service goes there.
const RIDE: u32 = 1 << 31;

impl<'a> Search<'a> {
    /// On what `today` and `offers` tell; the classes that are `returning` go back to where they lived.
    pub(super) fn new(
        world: &'a World,
        today: &'a Today,
        offers: &'a Offers,
        ways: &'a Ways,
        returning: &'a [bool],
    ) -> Self {
        let size = ways.legs.len() * ways.targets.len();
        let (mut hours, mut dangers) = (Vec::with_capacity(size), Vec::with_capacity(size));
        let mut waiting = Vec::with_capacity(world.places.len() * ways.targets.len());
        for target in ways.targets.iter().copied() {
            let at = |place: usize| day_of_waiting(world, today, target, place);
            waiting.extend((0..world.places.len()).map(at));
            for way in &ways.legs {
                let link = way.link as usize;
                let days = today.crossing[link].map_or(0.0, |s| offers.wait_days.get(s).copied().unwrap_or(0.0));
                let wait = if days > 0.0 { days * at(world.links[link].from) } else { 0.0 };
                let (whole, danger) = by_own_means(world, today, target, link);
                hours.push(whole + wait);
                dangers.push(danger);
            }
        }
        let called = |(place, calls): (usize, &Vec<Call>)| calls.iter().map(|call| (place, *call)).collect::<Vec<_>>();
        let mut calls: Vec<(usize, Call)> = offers.at.iter().enumerate().flat_map(called).collect();
        calls.retain(|(_, call)| !world.services[call.service].is_crossing());
        Self { world, today, offers, ways, returning, hours, danger: dangers, day_of_waiting: waiting, calls }
    }

    /// The part of a table by target risk and `size` things that is for `class`.
    fn of<'t>(&self, table: &'t [f32], class: usize, size: usize) -> &'t [f32] {
        let target = self.ways.target_of[self.world.classes[class].group];
        &table[target * size..(target + 1) * size]
    }

    /// Hours that each leg costs classes side by side by own means; [`NO_WAY`] where it is barred or a class cannot pay.
    fn legs(&self, abreast: &mut [(usize, Journey)], legs: &mut Vec<[f32; ABREAST]>) {
        legs.clear();
        legs.resize(self.ways.legs.len(), [NO_WAY; ABREAST]);
        for (lane, (class, journey)) in abreast.iter_mut().enumerate() {
            let held = &self.world.classes[*class];
            let homeward = matches!(held.aim, Aim::Home(_));
            let own = self.of(&self.hours, *class, legs.len());
            journey.legs.clear();
            for ((way, hours), abreast) in self.ways.legs.iter().zip(own).zip(legs.iter_mut()) {
                // Nobody on the way home goes back into the country of the crisis.
                let no = homeward && way.back
                    || way.fee > held.money
                    || self.today.barred[way.link as usize].contains(*class);
                abreast[lane] = if no { NO_WAY } else { *hours + self.tries(*class, way.link as usize) };
                journey.legs.push(abreast[lane]);
            }
        }
    }

    /// Hours that `class` expects to spend on trying again where `link` turns back a share of those who come.
    #[inline(always)]
    fn tries(&self, class: usize, link: usize) -> f32 {
        if !self.today.turns_back() {
            return 0.0;
        }
        let day = self.of(&self.day_of_waiting, class, self.world.places.len())[self.world.links[link].from];
        day * self.today.turned_back_days(self.world, link, class)
    }

    /// The rides that today's services offer to classes side by side.
    fn rides(&self, abreast: &[(usize, Journey)], draft: &mut Draft) {
        let world = self.world;
        draft.rides.clear();
        draft.first.clear();
        draft.ridden.clear();
        draft.ridden.resize(world.places.len(), false);
        for (place, call) in &self.calls {
            for (lane, (class, _)) in abreast.iter().enumerate() {
                let Some(index) = self.ways.accepted(*class, call.service) else { continue };
                let link = &world.links[index];
                if link.to != *place {
                    draft.first.resize(place + 1, draft.rides.len() as u32);
                    let day = self.of(&self.day_of_waiting, *class, world.places.len())[*place];
                    let wait = self.offers.wait_days[call.service] * day + self.tries(*class, index);
                    draft.ridden[link.to] = true;
                    let hours = call.ride + link.length + wait;
                    draft.rides.push(Ride { from: *place as u16, to: link.to as u16, lane, hours });
                }
            }
        }
        draft.first.resize(world.places.len() + 1, draft.rides.len() as u32);
    }

    /// Hours by which a journey of `class` counts longer that ends at each place.
    fn ends(&self, class: usize) -> impl Iterator<Item = f32> + '_ {
        let (world, returning) = (self.world, self.returning[class]);
        let home = match world.classes[class].aim {
            Aim::Home(home) => Some(home),
            _ => world.classes[class].origin.filter(|_| returning),
        };
        (0..world.places.len()).map(move |place| match home {
            Some(home) if home == place => 0.0,
            _ if returning => NO_WAY,
            _ => refuge(world, self.today, class, place),
        })
    }

    /// The best journeys from every place of up to [`ABREAST`] classes. Places are gone through forwards and backwards, those ahead of
    /// which something has changed, until nothing does any more.
    pub(super) fn best(&self, abreast: &mut [(usize, Journey)], draft: &mut Draft) {
        let places = self.world.places.len();
        self.rides(abreast, draft);
        let Draft { order, stale, ends, cost, legs, rides, first, ridden, .. } = draft;
        cost.clear();
        cost.resize(places, [NO_WAY; ABREAST]);
        self.legs(abreast, legs);
        // The nearest to home of the last plan come first: so a new one is found soonest.
        order.clear();
        order.extend(0..places);
        if let Some((_, journey)) = abreast.first().filter(|(_, journey)| !journey.cost.is_empty()) {
            order.sort_unstable_by(|a, b| journey.cost[*a].total_cmp(&journey.cost[*b]).then(a.cmp(b)));
        }
        for (lane, (class, _)) in abreast.iter().enumerate() {
            cost.iter_mut().zip(self.ends(*class)).for_each(|(hours, end)| hours[lane] = end);
        }
        ends.clone_from(cost);
        stale.clear();
        stale.resize(places, true);
        let mut look = |place: usize| {
            if !std::mem::take(&mut stale[place]) {
                return false;
            }
            let mut best = cost[place];
            for at in self.ways.range(place) {
                let (hours, onward) = (&legs[at], &cost[usize::from(self.ways.legs[at].to)]);
                for lane in 0..ABREAST {
                    let whole = hours[lane] + onward[lane];
                    best[lane] = if whole < best[lane] { whole } else { best[lane] };
                }
            }
            for Ride { to, lane, hours, .. } in &rides[first[place] as usize..first[place + 1] as usize] {
                best[*lane] = best[*lane].min(hours + cost[usize::from(*to)][*lane]);
            }
            let nearer = best != cost[place];
            if nearer {
                cost[place] = best;
                self.ways.before[place].iter().for_each(|from| stale[usize::from(*from)] = true);
                if ridden[place] {
                    let lead_here = rides.iter().filter(|ride| usize::from(ride.to) == place);
                    lead_here.for_each(|ride| stale[usize::from(ride.from)] = true);
                }
            }
            nearer
        };
        while order.iter().fold(false, |changed, place| look(*place) | changed)
            && order.iter().rev().fold(false, |changed, place| look(*place) | changed)
        {}
        self.steps(draft);
        for (lane, (class, journey)) in abreast.iter_mut().enumerate() {
            journey.cost.clear();
            journey.cost.extend(draft.cost.iter().map(|hours| hours[lane]));
            journey.hold.clear();
            journey.hold.resize(places, 1.0);
            for place in self.ways.lived_at[*class].iter().map(|place| usize::from(*place)) {
                journey.hold[place] = self.hold(*class, place, |place| draft.steps[place][lane]);
            }
        }
    }

    /// Where the journeys of those costs go next. What costs the same is taken in the order of ending, legs, rides, whatever was
    /// found first.
    fn steps(&self, Draft { ends, cost, steps, legs, rides, first, .. }: &mut Draft) {
        steps.clear();
        steps.extend((0..cost.len()).map(|place| {
            let mut next = [END; ABREAST];
            for Ride { to, lane, hours, .. } in rides[first[place] as usize..first[place + 1] as usize].iter().rev() {
                if hours + cost[usize::from(*to)][*lane] == cost[place][*lane] {
                    next[*lane] = RIDE + u32::from(*to);
                }
            }
            for at in self.ways.range(place).rev() {
                let (hours, onward) = (&legs[at], &cost[usize::from(self.ways.legs[at].to)]);
                for lane in 0..ABREAST {
                    next[lane] = if hours[lane] + onward[lane] == cost[place][lane] { at as u32 } else { next[lane] };
                }
            }
            array::from_fn(|lane| if ends[place][lane] == cost[place][lane] { END } else { next[lane] })
        }));
    }

    /// Share of departures of `class` from `place` that fear and deterrents on the journey of those `steps` leave.
    fn hold(&self, class: usize, mut place: usize, steps: impl Fn(usize) -> u32) -> f32 {
        let ways = &self.ways.legs;
        let dangers = self.of(&self.danger, class, ways.len());
        let (mut danger, mut left) = (0.0, 1.0);
        // Never longer than that, also where legs cost nothing.
        for _ in 0..self.world.places.len() {
            match steps(place) {
                END => break,
                ride if ride >= RIDE => place = (ride - RIDE) as usize,
                at => {
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
pub(super) fn refuge(world: &World, today: &Today, class: usize, place: usize) -> f32 {
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

/// Hours that `link` costs people of that target risk who take it by own means, any wait left out, and how dangerous it is, 0-1 and
/// a little more: the way itself, worse for targets (not at sea, which is as dangerous to all), and fighting at its end.
pub(super) fn by_own_means(world: &World, today: &Today, target_risk: f64, link: usize) -> (f32, f32) {
    let (p, leg) = (&world.parameters.choice, &world.links[link]);
    let hours_per_day = world.movement.range;
    let per_length = if hours_per_day > 0.0 { 24.0 / hours_per_day } else { 1.0 };
    let fighting = f64::from(world.conflict.at(today.day, leg.to));
    let way = if leg.mode == Mode::Sea { 1.0 } else { target_risk };
    let danger = f64::from(leg.risk) * way + exposed(fighting, target_risk);
    let danger = danger as f32 * today.danger[link];
    let money = f64::from(leg.fee) / p.usd_per_hour + p.risk_hours * f64::from(danger);
    (leg.length * per_length + money as f32, danger)
}

/// Danger of fighting of that intensity to people of that target risk.
fn exposed(fighting: f64, target_risk: f64) -> f64 {
    fighting * (0.25 + 0.75 * target_risk)
}

/// Hours that a day of waiting at `place` counts for people of that target risk: 24, and more where there is fighting.
pub(super) fn day_of_waiting(world: &World, today: &Today, target_risk: f64, place: usize) -> f32 {
    let fighting = f64::from(world.conflict.at(today.day, place));
    24.0 + (world.parameters.choice.risk_hours * exposed(fighting, target_risk)) as f32
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
