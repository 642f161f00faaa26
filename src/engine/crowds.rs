//! Crowds: where nothing tells people apart but their class, their place and their plan, those who share these are counted, not
//! listed, and move together.
//!
//! Each of them would draw alike and for themselves: how many rest, and how many take which way, is then a binomial and a multinomial
//! number. Drawing that number is the same law as drawing for each person, at a cost that does not grow with people.
//! The rules of a step are those of `travel.rs`, on the same rows, laws of rest, legs and closures.

use std::collections::BTreeMap;

use rand_philox::Philox;
use rayon::prelude::*;

use crate::scenario::world::{Aim, Day, PlaceKind, World};

use super::agents::{NO_PATH, State};
use super::choose::{REST, STAY};
use super::counts::Counts;
use super::draws::{Purpose, succeed};
use super::expose::perilous;
use super::strand::intensity;
use super::tally::Tally;
use super::travel::Round;

/// Crowds that are moved on one thread: fewer are not worth another one's waking.
const FEW: usize = 1 << 12;

/// All that tells people apart who are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// A number of its own, by which spots are sorted: those of a class at a place stand together.
    fn key(self) -> u128 {
        let moved = u64::from(self.moved) << 1 | u64::from(self.arrived);
        u128::from(self.whose()) << 96 | u128::from(self.path) << 64 | u128::from(moved)
    }

    /// Class and place.
    fn whose(self) -> u32 {
        u32::from(self.class) << 16 | u32::from(self.place)
    }

    /// Kilometres so far as the rules of range ask for them: none, or some.
    fn km(self) -> f32 {
        f32::from(u8::from(self.arrived))
    }
}

/// Persons by where they stand, as they were counted: a spot may be named several times.
#[derive(Debug, Clone, Default)]
struct Persons(Vec<(Spot, u32)>);

impl Persons {
    fn add(&mut self, spot: Spot, persons: u32) {
        if persons > 0 {
            self.0.push((spot, persons));
        }
    }

    /// All of them, each spot once and in order, which does not depend on who was counted first; nobody is left.
    fn take(&mut self) -> Vec<(Spot, u32)> {
        let mut all = std::mem::take(&mut self.0);
        all.par_sort_unstable_by_key(|(spot, _)| spot.key());
        all.dedup_by(|next, first| {
            let same = next.0 == first.0;
            if same {
                first.1 += next.1;
            }
            same
        });
        all
    }
}

/// The people of a world in which nothing tells them apart but class, place and plan.
#[derive(Debug, Clone, Default)]
pub struct Crowds {
    /// At a place, free to go on tomorrow, or today before the first round.
    resting: Persons,
    /// At a place, with range left today.
    onward: Persons,
    /// On a link, by day of arrival.
    en_route: BTreeMap<Day, Persons>,
}

/// What a round makes of a part of the people.
struct Moved {
    crowds: Crowds,
    tally: Tally,
}

impl Moved {
    /// What two parts make together.
    fn and(mut self, other: Moved) -> Moved {
        self.tally = self.tally.and(other.tally);
        self.crowds.add(other.crowds);
        self
    }
}

impl Crowds {
    /// Whether nothing tells people of `world` apart but class, place and plan: all look for safety, each alone, displaced by a series
    /// or from the first day; nobody pays, comes to harm, waits, remembers recent travel or goes home at night; and no camp comes into
    /// danger, where it would matter since when people are there.
    pub fn hold(world: &World) -> bool {
        let danger = world.parameters.stranding.danger_threshold;
        let converted = world.conversions.iter().filter(|c| c.kind == PlaceKind::Camp).map(|c| c.place);
        let camps = (0..world.places.len()).filter(|place| world.places[*place].kind == PlaceKind::Camp);
        let threatened = |place: usize| (0..world.days).any(|day| intensity(world, day, place) >= danger);
        let leaves = !world.conditions.leave_chance.is_empty();
        world.classes.iter().all(|class| class.aim == Aim::Safety && (class.money == 0 || !leaves))
            && world.cells.is_empty()
            && world.conditions.at_home.is_empty()
            && !world.movement.avoid_short_stints
            && !perilous(world)
            && !world.in_company()
            && world.links.iter().all(|link| link.fee == 0 && link.walk_chance <= 0.0)
            && !converted.chain(camps).any(threatened)
    }

    /// Persons of `class` who are in the system.
    pub fn persons(&self, class: usize) -> u32 {
        let there = self.en_route.values().chain([&self.resting, &self.onward]).flat_map(|persons| &persons.0);
        there.filter(|(spot, _)| usize::from(spot.class) == class).map(|(_, persons)| *persons).sum()
    }

    /// So many `persons` of `class` set out from `place`: they are free to go today.
    pub fn join(&mut self, class: usize, place: usize, persons: u32) {
        self.rest(Spot { place: place as u16, class: class as u16, path: NO_PATH, moved: 0, arrived: false }, persons);
    }

    /// So many `persons` go on tomorrow at the earliest.
    fn rest(&mut self, spot: Spot, persons: u32) {
        self.resting.add(Spot { moved: 0, ..spot }, persons);
    }

    /// All of `other`, too.
    fn add(&mut self, mut other: Crowds) {
        self.resting.0.append(&mut other.resting.0);
        self.onward.0.append(&mut other.onward.0);
        for (day, mut persons) in other.en_route {
            self.en_route.entry(day).or_default().0.append(&mut persons.0);
        }
    }
}

impl Round<'_> {
    /// This round for all crowds: whoever is free rests or goes, whoever goes makes one leg. Publishes the counts; whether anybody
    /// has range left.
    pub fn crowds(&self, crowds: &mut Crowds, counts: &mut Counts) -> bool {
        let first = self.round == 0;
        let free = if first { crowds.resting.take() } else { crowds.onward.take() };
        let published = &*counts;
        let nothing = || Moved { crowds: Crowds::default(), tally: Tally::new(self.world, published) };
        let mut moved = nothing();
        while let Some(arrival) = crowds.en_route.first_entry().filter(|e| first && *e.key() <= self.today.day) {
            arrival.remove().take().into_iter().for_each(|(spot, persons)| self.come_in(&mut moved, spot, persons));
        }
        let parts: Vec<&[(Spot, u32)]> = free.chunk_by(|a, b| a.0.whose() == b.0.whose()).collect();
        let few = if free.len() < FEW { parts.len() } else { 1 };
        let part = |mut moved: Moved, part: &&[(Spot, u32)]| {
            self.set_out_from(&mut moved, part);
            moved
        };
        let part = parts.par_iter().with_min_len(few).fold(nothing, part).reduce(nothing, Moved::and);
        let Moved { crowds: moved, tally } = moved.and(part);
        crowds.add(moved);
        tally.publish(self.world, counts);
        !crowds.onward.0.is_empty()
    }

    /// The day is over: those with range left stay where they are, and some leave the system for good.
    pub fn crowds_rest(&self, crowds: &mut Crowds, counts: &mut Counts) {
        std::mem::take(&mut crowds.onward.0).into_iter().for_each(|(spot, persons)| crowds.rest(spot, persons));
        if self.today.leave.is_empty() {
            return;
        }
        for part in crowds.resting.take().chunk_by(|a, b| a.0.whose() == b.0.whose()) {
            let mut luck = self.luck(part[0].0, Purpose::Leave);
            for (spot, persons) in part {
                let chance = self.today.leave.get(usize::from(spot.place)).map_or(0.0, |leave| leave.chance);
                let leaving = succeed(*persons, chance, &mut luck);
                let group = self.group_of(*spot);
                counts.present[usize::from(spot.place) * counts.groups + group] -= leaving;
                counts.change_state(group, State::Resting, State::Arrived, leaving);
                crowds.rest(*spot, persons - leaving);
            }
        }
    }

    /// The luck of a class at a place in this round: a stream of its own, so that it does not depend on who else there is.
    fn luck(&self, spot: Spot, purpose: Purpose) -> Philox {
        self.draws.stream(spot.whose(), self.today.day, purpose, self.round)
    }

    fn group_of(&self, spot: Spot) -> usize {
        self.world.classes[usize::from(spot.class)].group
    }

    /// Those of one class who are free at one place rest or go.
    fn set_out_from(&self, moved: &mut Moved, free: &[(Spot, u32)]) {
        let mut luck = self.luck(free[0].0, Purpose::Crowd);
        let (place, class) = (usize::from(free[0].0.place), usize::from(free[0].0.class));
        for (spot, persons) in free.iter().copied() {
            if spot.path != NO_PATH {
                let shut =
                    self.shut::<false>(self.paths.first(spot.path), class) || self.full[self.paths.end(spot.path)];
                self.take(moved, spot, if shut { STAY } else { spot.path }, persons);
                continue;
            }
            let going = succeed(persons, self.today.rest[place].chance, &mut luck);
            moved.crowds.rest(spot, persons - going);
            if going > 0 {
                let row = self.rows.get(place, self.roads.column(class), || (self.build)(place, class));
                row.split(going, &mut luck, |outcome, persons| self.take(moved, spot, outcome, persons));
            }
        }
    }

    /// A leg ends today for so many `persons`: at its end or, if it has been closed, back at its start.
    fn come_in(&self, moved: &mut Moved, spot: Spot, persons: u32) {
        let (class, link) = (usize::from(spot.class), self.paths.first(spot.path));
        let leg = &self.roads.legs[link];
        let (group, tally) = (self.group_of(spot), &mut moved.tally);
        tally.change(group, State::EnRoute, State::Resting, persons as i32);
        if leg.free && self.shut::<false>(link, class) {
            tally.arrive(leg.from, tally.groups, group, persons);
            moved.crowds.rest(Spot { place: leg.from, path: NO_PATH, ..spot }, persons);
        } else {
            self.reach(moved, spot, link, persons);
        }
    }

    /// So many `persons` at `spot` meet an `outcome` of their choice.
    fn take(&self, moved: &mut Moved, spot: Spot, outcome: u32, persons: u32) {
        if persons == 0 {
            return;
        }
        if outcome >= REST {
            return moved.crowds.rest(Spot { path: NO_PATH, ..spot }, persons);
        }
        let link = self.paths.first(outcome);
        let leg = &self.roads.legs[link];
        let (group, tally) = (self.group_of(spot), &mut moved.tally);
        tally.set_out(link, leg, tally.groups, group, persons);
        let whole = f32::from_bits(spot.moved) + leg.length;
        let (nights, last) = self.days_of(leg, spot.km(), whole);
        let covered = if nights == 0 { whole } else { last };
        let spot = Spot { place: leg.to, path: outcome, moved: covered.to_bits(), ..spot };
        if nights == 0 {
            return self.reach(moved, spot, link, persons);
        }
        tally.change(group, State::Resting, State::EnRoute, persons as i32);
        let arrival = self.today.day.saturating_add(nights);
        moved.crowds.en_route.entry(arrival).or_default().add(spot, persons);
    }

    /// So many `persons` arrive at the end of `link`, the first of their path: they go on if they can still cover ground today.
    fn reach(&self, moved: &mut Moved, spot: Spot, link: usize, persons: u32) {
        let leg = &self.roads.legs[link];
        moved.tally.arrive(leg.to, moved.tally.groups, self.group_of(spot), persons);
        let spot = Spot { path: self.paths.rest(spot.path), arrived: true, ..spot };
        if f32::from_bits(spot.moved) < leg.range {
            moved.crowds.onward.add(spot, persons);
        } else {
            moved.crowds.rest(spot, persons);
        }
    }
}
