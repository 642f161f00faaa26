//! Respond: triggers look at what was published, responses begin, and money binds.
//!
//! A trigger sees yesterday's counts at the earliest, later and with error where displacement tracking is like that. Once it
//! has fired it stays fired; what it starts begins after its lead time.

use std::f64::consts::TAU;

use crate::scenario::trigger::Watched;
use crate::scenario::world::{Day, Service, Trigger, World, whole_persons};

use super::agents::State;
use super::counts::{Counts, Incident};
use super::draws::{Draws, Purpose, unit};
use super::schedule::Today;
use super::strand;

/// What triggers have seen so far, and the money left.
#[derive(Debug, Clone)]
pub struct Responder {
    /// By trigger: the day on which it fired.
    pub fired: Vec<Option<Day>>,
    /// Sums over days and clauses that count people: how far what was seen lay off the latest true count, and that count.
    pub tracked: (f64, f64),
    /// True values of each clause on each day so far, by trigger and clause.
    seen: Vec<Vec<Vec<f64>>>,
    /// Days in a row on which the comparison of each clause was true.
    streak: Vec<Vec<Day>>,
    /// USD spent so far.
    spent: f64,
    /// By service: whether its fixed cost has been paid.
    paid: Vec<bool>,
    /// By group: persons who have come home and been supported there.
    received: Vec<u32>,
    /// By reception: fractions of persons left from earlier days.
    receptions_carried: Vec<f64>,
}

impl Responder {
    /// Nothing seen, nothing spent.
    pub fn new(world: &World) -> Self {
        let clauses = |t: &Trigger| t.places.len();
        let triggers = &world.response.triggers;
        Self {
            fired: vec![None; triggers.len()],
            tracked: (0.0, 0.0),
            seen: triggers.iter().map(|t| vec![Vec::new(); clauses(t)]).collect(),
            streak: triggers.iter().map(|t| vec![0; clauses(t)]).collect(),
            spent: 0.0,
            paid: vec![false; world.services.len()],
            received: vec![0; world.groups.len()],
            receptions_carried: vec![0.0; world.response.receptions.len()],
        }
    }

    /// Looks at what the day before `day` published, and fires the triggers whose condition holds.
    pub fn look(&mut self, world: &World, draws: &Draws, day: Day, counts: &Counts) {
        let tracking = &world.response.tracking;
        let Some(yesterday) = day.checked_sub(1) else { return };
        for (t, trigger) in world.response.triggers.iter().enumerate() {
            for (c, (clause, places)) in trigger.condition.clauses().zip(&trigger.places).enumerate() {
                let seen = &mut self.seen[t][c];
                seen.push(value(world, counts, yesterday, clause.watched, places));
                let every = tracking.every.max(1);
                let round = yesterday.checked_sub(tracking.delay).map(|d| d / every * every);
                let observed = round.map(|d| {
                    let person = (t as u32) << 8 | c as u32;
                    let noise = noise(draws, person, d, tracking.error);
                    seen[usize::from(d)] * if clause.watched == Watched::Intensity { 1.0 } else { noise }
                });
                if clause.watched != Watched::Intensity {
                    let latest = seen[usize::from(yesterday)];
                    self.tracked.0 += (observed.unwrap_or(0.0) - latest).abs();
                    self.tracked.1 += latest;
                }
                let holds = observed.is_some_and(|v| clause.comparator.holds(v, clause.limit));
                self.streak[t][c] = if holds { self.streak[t][c].saturating_add(1) } else { 0 };
            }
            let mut clauses = trigger.condition.clauses().zip(&self.streak[t]).map(|(c, streak)| *streak >= c.days);
            let mut any = false;
            for all in &trigger.condition.any {
                // Every clause is taken from the list, also after one that does not hold.
                let held = all.iter().filter(|_| clauses.next() == Some(true)).count();
                any |= held == all.len();
            }
            if any && self.fired[t].is_none() {
                self.fired[t] = Some(day);
            }
        }
    }

    /// Pays for what stands ready today whether it is used or not (shelter, fixed costs); what cannot be paid does not open.
    pub fn open(&mut self, world: &World, today: &mut Today, counts: &mut Counts) {
        let scale = f64::from(world.scale);
        for (gate, usd) in &world.response.costs {
            let began = today.day > 0 && gate.strength(today.day - 1, &self.fired) > 0.0;
            if !began && gate.strength(today.day, &self.fired) > 0.0 {
                self.spent += usd;
                counts.fixed_usd += *usd as u64;
            }
        }
        for (places, shelter) in today.shelter.iter_mut().zip(&world.shelters) {
            let unit_cost = shelter.cost_per_place_day * scale;
            *places = (*places).min(self.affords(world, today.day, unit_cost));
            self.spent += f64::from(*places) * unit_cost;
        }
        for (index, service) in world.services.iter().enumerate().filter(|(_, s)| s.assistance && s.cost_fixed > 0.0) {
            if today.rate[index] > 0.0 && !self.paid[index] {
                if self.left(world, today.day) >= service.cost_fixed {
                    self.spent += service.cost_fixed;
                    self.paid[index] = true;
                } else {
                    (today.rate[index], today.capacity[index]) = (0.0, 0);
                }
            }
        }
        counts.shelter_open.clone_from(&today.shelter);
        counts.offered.clone_from(&today.capacity);
    }

    /// Spends up to `usd`; gives what there was.
    pub fn spend(&mut self, world: &World, day: Day, usd: f64) -> f64 {
        let paid = usd.min(self.left(world, day));
        self.spent += paid;
        paid
    }

    /// Supports people who have come home and have not been supported yet, in equal shares of those of every group, whole persons.
    pub fn receive(&mut self, world: &World, day: Day, counts: &mut Counts) {
        for (index, reception) in world.response.receptions.iter().enumerate() {
            let rate = reception.gate.of(reception.capacity[usize::from(day)], day, &self.fired);
            let mut left = whole_persons(rate, &mut self.receptions_carried[index]).min(self.affords_served(
                world,
                day,
                reception.cost_per_person,
            ));
            let home = |g: usize| counts.in_state(g, State::Arrived).saturating_sub(self.received[g]);
            let waiting: Vec<(usize, u32)> = reception.groups.iter().map(|g| (*g, home(*g))).collect();
            let mut rest: u64 = waiting.iter().map(|(_, persons)| u64::from(*persons)).sum();
            for (group, persons) in waiting.into_iter().filter(|(_, persons)| *persons > 0) {
                let share = u64::from(left) * u64::from(persons) / rest;
                let supported = (share as u32).min(persons);
                rest -= u64::from(persons);
                left -= supported;
                self.received[group] += supported;
                counts.received[group] += supported;
                self.pay(world, supported, reception.cost_per_person);
                counts.care_usd += (f64::from(supported) * reception.cost_per_person * f64::from(world.scale)) as u64;
            }
        }
    }

    /// USD that may still be spent on `day`; infinite where there is no limit.
    fn left(&self, world: &World, day: Day) -> f64 {
        let released = world.response.funds.get(usize::from(day)).or(world.response.funds.last());
        released.map_or(f64::INFINITY, |usd| (usd - self.spent).max(0.0))
    }

    /// Units of `usd` each that can still be paid.
    fn affords(&self, world: &World, day: Day, usd: f64) -> u32 {
        if usd > 0.0 { (self.left(world, day) / usd + 1e-9).min(f64::from(u32::MAX)) as u32 } else { u32::MAX }
    }

    /// Simulated persons that `service` can still be paid for today.
    pub fn affords_seats(&self, world: &World, day: Day, service: &Service) -> u32 {
        let usd = if service.assistance { service.cost_per_person } else { 0.0 };
        self.affords(world, day, usd * f64::from(world.scale))
    }

    /// Simulated persons whom a desk can still serve today at `usd` each.
    pub fn affords_served(&self, world: &World, day: Day, usd: f64) -> u32 {
        self.affords(world, day, usd * f64::from(world.scale))
    }

    /// Takes note of `persons` simulated persons served at `usd` each.
    pub fn pay(&mut self, world: &World, persons: u32, usd: f64) {
        self.spent += f64::from(persons) * usd * f64::from(world.scale);
    }
}

/// True value of what a clause watches, in people (or intensity).
fn value(world: &World, counts: &Counts, day: Day, watched: Watched, places: &[usize]) -> f64 {
    let groups = counts.groups;
    let stock = |table: &[u32], place: usize| -> u64 {
        table[place * groups..(place + 1) * groups].iter().map(|n| u64::from(*n)).sum()
    };
    let persons = |place: usize| match watched {
        Watched::Waiting => u64::from(counts.waiting[place]),
        Watched::Present => stock(&counts.present, place),
        Watched::Stranded => stock(&counts.stranded, place),
        Watched::Trapped => stock(&counts.trapped, place),
        Watched::Arrived => u64::from(counts.arrived[place]),
        Watched::Departed => u64::from(counts.departed[place]),
        Watched::Deaths => u64::from(counts.incidents_at[place * Incident::COUNT + Incident::Death as usize]),
        Watched::Intensity => 0,
    };
    if watched == Watched::Intensity {
        return places.iter().map(|p| strand::intensity(world, day, *p)).fold(0.0, f64::max);
    }
    places.iter().map(|p| persons(*p)).sum::<u64>() as f64 * f64::from(world.scale)
}

/// Observed over true count: log-normal with mean 1 (a normal number by the method of Box and Muller).
fn noise(draws: &Draws, clause: u32, day: Day, error: f64) -> f64 {
    if error <= 0.0 {
        return 1.0;
    }
    let words = draws.words(clause, day, Purpose::Noise, 0);
    let (u, v) = (unit(words), unit([words[2], words[3], 0, 0]));
    let normal = libm::sqrt(-2.0 * libm::log(u)) * libm::cos(TAU * v);
    libm::exp(error * normal - error * error / 2.0)
}
