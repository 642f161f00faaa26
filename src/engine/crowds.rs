//! Crowds: where nothing tells people apart but their class, their place and their plan, those who share these are counted, not
//! listed, and move together.
//!
//! Each of them would draw alike and for themselves: how many rest, and how many take which way, is then a binomial and a multinomial
//! number. Drawing that number is the same law as drawing for each person, at a cost that does not grow with people.
//! The rules of a step are those of `travel.rs`, on the same rows, laws of rest, legs and closures.

use std::collections::BTreeMap;

use rand_philox::Philox;

use crate::scenario::world::{Aim, Day, PlaceKind, World};

use super::agents::{NO_PATH, State};
use super::choose::{REST, STAY};
use super::counts::Counts;
use super::draws::{Purpose, succeed};
use super::tally::Tally;
use super::travel::Round;

/// All that tells people apart who are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    /// Place; for those en route the place that the link leads to.
    place: u16,
    class: u16,
    /// Plan still to be followed, or [`NO_PATH`]; for those en route its first link is the one travelled.
    path: u32,
    /// Length moved today, as the bits of a number that is never negative: they sort as it does.
    moved: u32,
    /// Whether it has arrived somewhere since it left home.
    arrived: bool,
}

impl Spot {
    /// Before every other.
    const FIRST: Spot = Spot { place: 0, class: 0, path: 0, moved: 0, arrived: false };

    /// Kilometres so far as the rules of range ask for them: none, or some.
    fn km(self) -> f32 {
        f32::from(u8::from(self.arrived))
    }
}

/// Persons by where they stand.
type Persons = BTreeMap<Spot, u32>;

/// The people of a world in which nothing tells them apart but class, place and plan.
#[derive(Debug, Clone, Default)]
pub struct Crowds {
    /// At a place, free to go on tomorrow, or today before the first round.
    resting: Persons,
    /// At a place, with range left today.
    onward: Persons,
    /// On a link, by day of arrival.
    en_route: BTreeMap<(Day, Spot), u32>,
}

impl Crowds {
    /// Whether nothing tells people of `world` apart but class, place and plan: all look for safety, each alone, by the published
    /// series; nobody pays, comes to harm, waits, remembers recent travel or goes home at night; and no camp comes into danger,
    /// where it would matter since when people are there.
    pub fn hold(world: &World) -> bool {
        let (danger, risk) = (world.parameters.stranding.danger_threshold, &world.parameters.risk);
        let converted = world.conversions.iter().filter(|c| c.kind == PlaceKind::Camp).map(|c| c.place);
        let camps = (0..world.places.len()).filter(|place| world.places[*place].kind == PlaceKind::Camp);
        let threatened = |place: usize| {
            let by = |day| f64::from(world.conflict.at(day, place).max(world.hazard.at(day, place)));
            (0..world.days).any(|day| by(day) >= danger)
        };
        let leaves = !world.conditions.leave_chance.is_empty();
        world.classes.iter().all(|class| class.aim == Aim::Safety && (class.money == 0 || !leaves))
            && world.cells.is_empty()
            && world.conditions.at_home.is_empty()
            && !world.movement.avoid_short_stints
            && [risk.way_death, risk.way_detention, risk.way_robbery, risk.sea_death].iter().all(|rate| *rate <= 0.0)
            && world.groups.iter().all(|group| group.parties.iter().all(|(party, _)| world.size(*party) == 1))
            && world.links.iter().all(|link| link.fee == 0 && link.walk_chance <= 0.0)
            && !converted.chain(camps).any(threatened)
    }

    /// Persons of `class` who are in the system.
    pub fn persons(&self, class: usize) -> u32 {
        let there = self.resting.iter().chain(&self.onward).chain(self.en_route.iter().map(|((_, spot), n)| (spot, n)));
        there.filter(|(spot, _)| usize::from(spot.class) == class).map(|(_, persons)| *persons).sum()
    }

    /// So many `persons` of `class` set out from `place`: they are free to go today.
    pub fn join(&mut self, class: usize, place: usize, persons: u32) {
        self.rest(Spot { place: place as u16, class: class as u16, path: NO_PATH, moved: 0, arrived: false }, persons);
    }

    /// So many `persons` go on tomorrow at the earliest.
    fn rest(&mut self, spot: Spot, persons: u32) {
        if persons > 0 {
            *self.resting.entry(Spot { moved: 0, ..spot }).or_insert(0) += persons;
        }
    }
}

impl Round<'_> {
    /// This round for all crowds: whoever is free rests or goes, whoever goes makes one leg. Publishes the counts; whether anybody
    /// has range left.
    pub fn crowds(&self, crowds: &mut Crowds, counts: &mut Counts) -> bool {
        let mut tally = Tally::new(self.world, counts);
        let free = std::mem::take(if self.round == 0 { &mut crowds.resting } else { &mut crowds.onward });
        if self.round == 0 {
            self.come_in(crowds, &mut tally);
        }
        let mut luck = None;
        for (spot, persons) in free {
            let luck = self.luck(&mut luck, spot, Purpose::Crowd);
            let (place, class) = (usize::from(spot.place), usize::from(spot.class));
            if spot.path != NO_PATH {
                let shut =
                    self.shut::<false>(self.paths.first(spot.path), class) || self.full[self.paths.end(spot.path)];
                self.take(crowds, &mut tally, spot, if shut { STAY } else { spot.path }, persons);
                continue;
            }
            let going = succeed(persons, self.today.rest[place].chance, luck);
            crowds.rest(spot, persons - going);
            let row = self.rows.get(place, self.roads.column(class), || (self.build)(place, class));
            row.split(going, luck, |outcome, persons| self.take(crowds, &mut tally, spot, outcome, persons));
        }
        tally.publish(self.world, counts);
        !crowds.onward.is_empty()
    }

    /// The day is over: those with range left stay where they are, and some leave the system for good.
    pub fn crowds_rest(&self, crowds: &mut Crowds, counts: &mut Counts) {
        for (spot, persons) in std::mem::take(&mut crowds.onward) {
            crowds.rest(spot, persons);
        }
        let mut luck = None;
        for (spot, persons) in &mut crowds.resting {
            let Some(leave) = self.today.leave.get(usize::from(spot.place)).filter(|leave| leave.chance > 0.0) else {
                continue;
            };
            let leaving = succeed(*persons, leave.chance, self.luck(&mut luck, *spot, Purpose::Leave));
            let group = usize::from(self.roads.kinds[usize::from(spot.class)].group);
            *persons -= leaving;
            counts.present[usize::from(spot.place) * counts.groups + group] -= leaving;
            counts.change_state(group, State::Resting, State::Arrived, leaving);
        }
        crowds.resting.retain(|_, persons| *persons > 0);
    }

    /// The luck of a class at a place in this round: a stream of its own, so that it does not depend on who else there is.
    fn luck<'a>(&self, current: &'a mut Option<(u32, Philox)>, spot: Spot, purpose: Purpose) -> &'a mut Philox {
        let key = u32::from(spot.class) << 16 | u32::from(spot.place);
        let stream = || (key, self.draws.stream(key, self.today.day, purpose, self.round));
        if current.as_ref().is_some_and(|(of, _)| *of != key) {
            *current = None;
        }
        &mut current.get_or_insert_with(stream).1
    }

    /// Legs that end today: at their end or, if they have been closed, back at their start.
    fn come_in(&self, crowds: &mut Crowds, tally: &mut Tally) {
        let later = crowds.en_route.split_off(&(self.today.day + 1, Spot::FIRST));
        for ((_, spot), persons) in std::mem::replace(&mut crowds.en_route, later) {
            let (class, link) = (usize::from(spot.class), self.paths.first(spot.path));
            let leg = &self.roads.legs[link];
            let group = usize::from(self.roads.kinds[class].group);
            tally.change(group, State::EnRoute, State::Resting, persons as i32);
            if leg.free && self.shut::<false>(link, class) {
                tally.present[usize::from(leg.from) * tally.groups + group] += persons as i32;
                tally.arrived[usize::from(leg.from)] += persons;
                crowds.rest(Spot { place: leg.from, path: NO_PATH, ..spot }, persons);
            } else {
                self.reach(crowds, tally, spot, link, persons);
            }
        }
    }

    /// So many `persons` at `spot` meet an `outcome` of their choice.
    fn take(&self, crowds: &mut Crowds, tally: &mut Tally, spot: Spot, outcome: u32, persons: u32) {
        if persons == 0 {
            return;
        }
        if outcome >= REST {
            return crowds.rest(Spot { path: NO_PATH, ..spot }, persons);
        }
        let link = self.paths.first(outcome);
        let leg = &self.roads.legs[link];
        let group = usize::from(self.roads.kinds[usize::from(spot.class)].group);
        tally.present[usize::from(spot.place) * tally.groups + group] -= persons as i32;
        tally.entered[link] += persons;
        if leg.border != u32::MAX {
            tally.crossed[leg.border as usize * tally.groups + group] += persons;
        }
        let whole = f32::from_bits(spot.moved) + leg.length;
        let (nights, last) = if self.roads.fresh {
            self.nights(leg, spot.km())
        } else {
            self.remaining(whole, self.range_of(leg, spot.km()))
        };
        let moved = if nights == 0 { whole } else { last };
        let spot = Spot { place: leg.to, path: outcome, moved: moved.to_bits(), ..spot };
        if nights == 0 {
            return self.reach(crowds, tally, spot, link, persons);
        }
        tally.change(group, State::Resting, State::EnRoute, persons as i32);
        let arrival = self.today.day.saturating_add(nights);
        *crowds.en_route.entry((arrival, spot)).or_insert(0) += persons;
    }

    /// So many `persons` arrive at the end of `link`, the first of their path: they go on if they can still cover ground today.
    fn reach(&self, crowds: &mut Crowds, tally: &mut Tally, spot: Spot, link: usize, persons: u32) {
        let leg = &self.roads.legs[link];
        let group = usize::from(self.roads.kinds[usize::from(spot.class)].group);
        tally.arrived[usize::from(leg.to)] += persons;
        tally.present[usize::from(leg.to) * tally.groups + group] += persons as i32;
        let spot = Spot { path: self.paths.rest(spot.path), arrived: true, ..spot };
        if f32::from_bits(spot.moved) < leg.range {
            *crowds.onward.entry(spot).or_insert(0) += persons;
        } else {
            crowds.rest(spot, persons);
        }
    }
}
