//! Waiting, stranded, trapped: who is stuck, by rules that do not flicker and cannot be gamed.
//!
//! - *waiting*: wants to go on and is not yet served; the clock runs from the end of the last completed leg.
//! - *feasible way*: a leg by own means that is open, admitted, documented and affordable, or a service whose expected wait is
//!   at most D; or back, once the country is calm.
//! - *stranded*: away from home (who has a home to go to is, who looks for refuge is once it has moved), waiting for at least D
//!   days, no feasible way, no lawful secure stay (not in the home country).
//! - *trapped*: at a place above the danger threshold, with no feasible way. "Chooses to stay" is counted apart.
//!
//! D is `stranding.border_days` at crossings, camps, ports and airports, `stranding.elsewhere_days` elsewhere.

use crate::scenario::world::{Aim, Day, NEVER, PlaceKind, World};

use super::agents::Agents;
use super::counts::Counts;
use super::journey::Journeys;
use super::schedule::Today;
use super::search::own_country;
use super::serve::Queues;

/// Days of waiting at which the tier of vulnerability rises further, after D. Assumed.
const TIER_DAYS: [Day; 2] = [14, 60];

/// Spells of waiting without a feasible way.
#[derive(Debug, Clone)]
pub struct Spells {
    classes: usize,
    /// Days without a feasible way so far, by place and class.
    stuck_days: Vec<u16>,
    /// Days in a row with a feasible way, by place and class: a way counts again once it has held for D days.
    open_days: Vec<Day>,
    /// Persons who have waited for D days or more, by place and class.
    long: Vec<u32>,
    /// Persons counted as stranded or trapped today, by place and class.
    stuck: Vec<u32>,
    /// Ended and unended spells: persons by group and length in days, `groups x (days + 1)`.
    pub ended: Vec<u32>,
    /// Spells that last at the end of the run.
    pub unended: Vec<u32>,
    /// Days of all parties together, by group and composition.
    party_days: Vec<u64>,
    length: usize,
}

impl Spells {
    /// Nobody waits.
    pub fn new(world: &World) -> Self {
        let (slots, groups) = (world.places.len() * world.classes.len(), world.groups.len());
        let length = usize::from(world.days) + 1;
        Self {
            classes: world.classes.len(),
            stuck_days: vec![0; slots],
            open_days: vec![Day::MAX; slots],
            long: vec![0; slots],
            stuck: vec![0; slots],
            ended: vec![0; groups * length],
            unended: vec![0; groups * length],
            party_days: vec![0; groups * world.compositions.len()],
            length,
        }
    }

    /// Somebody begins to wait (or goes on waiting after a new choice).
    pub fn enter(&mut self, world: &World, today: &Today, agents: &mut Agents, row: usize, place: usize, class: usize) {
        let goes_home = matches!(world.classes[class].aim, Aim::Home(_));
        let away = goes_home || agents.km[row] > 0.0 || world.places[place].foreign;
        agents.next[row] = NEVER;
        if away {
            let due = agents.since[row].saturating_add(patience(world, today, place));
            if due <= today.day {
                self.begin(world, today.day, agents, row, place, class);
            } else {
                agents.set(row, super::agents::State::Waiting, 0);
                agents.next[row] = due;
            }
        }
    }

    /// The review day of somebody who waits: the wait has become long, or longer.
    pub fn review(&mut self, world: &World, today: Day, agents: &mut Agents, row: usize) {
        let (place, class) = (usize::from(agents.place[row]), usize::from(agents.class[row]));
        if agents.tier(row) == 0 {
            self.begin(world, today, agents, row, place, class);
        } else {
            let tier = (agents.tier(row) + 1).min(3);
            self.set_tier(agents, row, tier);
        }
    }

    fn begin(&mut self, world: &World, today: Day, agents: &mut Agents, row: usize, place: usize, class: usize) {
        let slot = place * self.classes + class;
        self.long[slot] += world.size(agents.composition[row]);
        agents.recent[row] = f32::from(self.stuck_days[slot]);
        let waited = today.saturating_sub(agents.since[row]);
        let tier = 1 + TIER_DAYS.iter().filter(|days| waited >= **days).count() as u8;
        self.set_tier(agents, row, tier);
    }

    fn set_tier(&self, agents: &mut Agents, row: usize, tier: u8) {
        agents.set(row, super::agents::State::Waiting, tier);
        agents.next[row] = match TIER_DAYS.get(usize::from(tier) - 1) {
            Some(days) => agents.since[row].saturating_add(*days),
            None => NEVER,
        };
    }

    /// Somebody no longer waits at `place`: the spell ends.
    pub fn leave(&mut self, world: &World, agents: &Agents, row: usize, place: usize, class: usize) {
        if agents.tier(row) == 0 {
            return;
        }
        let slot = place * self.classes + class;
        let size = world.size(agents.composition[row]);
        self.long[slot] -= size;
        let days = usize::from(self.stuck_days[slot].saturating_sub(agents.recent[row] as u16));
        self.count(world, agents, row, days, true);
    }

    fn count(&mut self, world: &World, agents: &Agents, row: usize, days: usize, ended: bool) {
        if days == 0 {
            return;
        }
        let group = world.classes[usize::from(agents.class[row])].group;
        let composition = agents.composition[row];
        let spells = if ended { &mut self.ended } else { &mut self.unended };
        spells[group * self.length + days.min(self.length - 1)] += world.size(composition);
        self.party_days[group * world.compositions.len() + usize::from(composition)] += days as u64;
    }

    /// Stranded person-days by group, sex (female, male) and age (0-4, 5-11, 12-17, 18-59, 60+).
    pub fn person_days(&self, world: &World) -> Vec<[[u64; 5]; 2]> {
        let mut person_days = vec![[[0; 5]; 2]; world.groups.len()];
        for (spot, days) in self.party_days.iter().enumerate() {
            let (group, composition) = (spot / world.compositions.len(), spot % world.compositions.len());
            let persons = world.compositions[composition].persons().iter().flatten();
            let sums = person_days[group].iter_mut().flatten();
            sums.zip(persons).for_each(|(sum, persons)| *sum += u64::from(*persons) * days);
        }
        person_days
    }

    /// Counts those stranded and trapped today.
    pub fn assess(&mut self, world: &World, today: &Today, journeys: &Journeys, queues: &Queues, counts: &mut Counts) {
        counts.stranded.fill(0);
        counts.trapped.fill(0);
        counts.staying.fill(0);
        self.stuck.fill(0);
        let danger = world.parameters.stranding.danger_threshold;
        let calm = is_calm(world, today.day);
        for place in 0..world.places.len() {
            counts.waiting[place] = queues.waiting_at(place);
            let intensity = intensity(world, today.day, place);
            for class in queues.occupied(place) {
                let slot = place * self.classes + class;
                let back = calm && world.places[place].foreign;
                let way = back || feasible(world, today, journeys, class, place);
                self.open_days[slot] = if way { self.open_days[slot].saturating_add(1) } else { 0 };
                if way && self.open_days[slot] >= patience(world, today, place)
                    || own_country(world, class, place)
                    || intensity < danger && may_stay(world, today, class, place)
                {
                    continue;
                }
                self.stuck_days[slot] += 1;
                let spot = place * counts.groups + world.classes[class].group;
                if intensity >= danger {
                    self.stuck[slot] = queues.persons(place, class);
                    counts.trapped[spot] += self.stuck[slot];
                } else {
                    self.stuck[slot] = self.long[slot];
                    counts.stranded[spot] += self.stuck[slot];
                }
            }
        }
    }

    /// Counts those of the `settled`, as (class, place, persons), who are in danger: trapped if they have no way, else staying.
    pub fn assess_settled(
        &mut self,
        world: &World,
        today: &Today,
        journeys: &Journeys,
        settled: impl Iterator<Item = (usize, usize, u32)>,
        counts: &mut Counts,
    ) {
        let danger = world.parameters.stranding.danger_threshold;
        let in_danger = |place| intensity(world, today.day, place) >= danger;
        let in_danger: Vec<bool> = (0..world.places.len()).map(in_danger).collect();
        for (class, place, persons) in settled.filter(|(_, place, persons)| in_danger[*place] && *persons > 0) {
            let plans = world.classes[class].aim != Aim::Safety;
            if plans && !feasible(world, today, journeys, class, place) {
                counts.trapped[place * counts.groups + world.classes[class].group] += persons;
                self.stuck[place * self.classes + class] += persons;
            } else {
                counts.staying[place] += persons;
            }
        }
    }

    /// Those counted as stranded or trapped today, as (place, class, persons), in the order of places and classes.
    pub fn stuck(&self) -> impl Iterator<Item = (usize, usize, u32)> + '_ {
        let spot = |slot: usize| (slot / self.classes, slot % self.classes);
        let here = self.stuck.iter().enumerate().filter(|(_, persons)| **persons > 0);
        here.map(move |(slot, persons)| (spot(slot).0, spot(slot).1, *persons))
    }

    /// Spells that last at the end of the run are counted as such.
    pub fn close(&mut self, world: &World, agents: &Agents, queues: &Queues) {
        for place in 0..world.places.len() {
            for class in queues.occupied(place) {
                let slot = place * self.classes + class;
                for row in queues.rows(place, class).filter(|row| agents.tier(*row) > 0) {
                    let days = usize::from(self.stuck_days[slot].saturating_sub(agents.recent[row] as u16));
                    self.count(world, agents, row, days, false);
                }
            }
        }
    }
}

/// Whether temporary protection or a permit makes the stay of `class` at `place` lawful and secure today.
fn may_stay(world: &World, today: &Today, class: usize, place: usize) -> bool {
    let mut stays = world.response.stays.iter().zip(&today.stay);
    stays.any(|(stay, strength)| *strength > 0.0 && stay.classes.contains(class) && stay.places.contains(&place))
}

/// D: days of waiting at `place`, as what it is today, from which on one can be stranded.
pub fn patience(world: &World, today: &Today, place: usize) -> Day {
    let p = &world.parameters.stranding;
    match today.kind[place] {
        PlaceKind::Crossing | PlaceKind::Camp | PlaceKind::Port | PlaceKind::Airport => p.border_days as Day,
        _ => p.elsewhere_days as Day,
    }
}

/// Strongest of conflict and hazard at `place`.
pub fn intensity(world: &World, day: Day, place: usize) -> f64 {
    f64::from(world.conflict.at(day, place).max(world.hazard.at(day, place)))
}

/// Whether somebody of `class` has a feasible way on from `place`.
pub fn feasible(world: &World, today: &Today, journeys: &Journeys, class: usize, place: usize) -> bool {
    journeys.legs(today, class, place).next().is_some()
        || journeys.expected_wait(world, today, class, place) <= f32::from(patience(world, today, place))
}

/// Whether the country of the crisis is so calm that going back is feasible.
pub fn is_calm(world: &World, day: Day) -> bool {
    let calm = world.parameters.stranding.calm_threshold;
    (0..world.places.len()).filter(|p| !world.places[*p].foreign).all(|p| intensity(world, day, p) < calm)
}
