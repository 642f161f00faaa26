//! Expose: protection risks act, by place, way, class and time waited, as competing hazards.
//!
//! `h_k = base_k * threat(place) * vulnerability(class, tier) / protection(place)`; each waiting party has a cumulated-hazard
//! clock on the sum over kinds k: struck when `H(place, group)`, which is cumulated for people of vulnerability 1, has risen since it
//! came by an exponential draw over its vulnerability; which kind it is follows the shares of the h_k. The exponential law has no
//! memory, so a change of tier, class or place, and a strike, draw anew. Those at rest are not visited: a heap for each place and
//! group knows who is next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use crate::scenario::world::{Day, Risk, World};

use super::agents::{Agents, State};
use super::care::Reach;
use super::counts::{Counts, Incident};
use super::draws::{Draws, Purpose, threshold, unit};
use super::rounds::Rounds;
use super::schedule::Today;
use super::serve::Queues;
use super::strand::{Spells, intensity};
use super::travel::{Peril, release_day};

/// Kinds of risk that strike people who wait, in the order of [`Risk`].
const KINDS: [Incident; Risk::COUNT] = [
    Incident::Violence,
    Incident::Detention,
    Incident::Exploitation,
    Incident::Robbery,
    Incident::Death,
    Incident::Illness,
    Incident::Separation,
];
const TIERS: usize = 4;

/// One waiting party's appointment with harm: it lapses once the party waits no more, or another one has been drawn for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Appointment {
    /// Cumulated hazard at which the party is struck, as bits, which order positive numbers.
    at: u64,
    row: u32,
    /// How many draws the party had had.
    number: u16,
}

/// Added to the round of a draw that follows a strike: whoever is struck on the day of a draw must not draw the same again.
const STRUCK: u8 = 16;

/// The clock of the people of one group who wait at one place.
#[derive(Debug, Clone, Default)]
struct Clock {
    /// Cumulated hazard for people of vulnerability 1.
    hazard: f64,
    appointments: BinaryHeap<Reverse<Appointment>>,
}

/// Clocks of protection risks at places.
#[derive(Debug, Clone, Default)]
pub struct Clocks {
    groups: usize,
    /// By how much risks are greater, by class and tier.
    vulnerability: Vec<f64>,
    /// Most that the hazards per day of somebody of vulnerability 1 can ever come to, by place.
    greatest: Vec<f64>,
    /// By place and group.
    clocks: Vec<Clock>,
    /// By row: draws so far.
    drawn: Vec<u16>,
}

impl Clocks {
    /// All clocks at 0.
    pub fn new(world: &World) -> Self {
        let p = &world.parameters.risk;
        let base = p.violence + p.detention + p.exploitation + p.robbery + p.death + p.illness + p.separation;
        let greatest = |place: usize| (0..world.days).map(|day| intensity(world, day, place)).fold(0.0, f64::max);
        let vulnerable = |spot: usize| vulnerability(world, spot / TIERS, spot % TIERS);
        Self {
            groups: world.groups.len(),
            vulnerability: (0..world.classes.len() * TIERS).map(vulnerable).collect(),
            greatest: (0..world.places.len()).map(|place| base * (p.ambient + greatest(place)) / 1000.0).collect(),
            clocks: vec![Clock::default(); world.places.len() * world.groups.len()],
            drawn: Vec::new(),
        }
    }

    /// Somebody begins to wait, or waits as another class or in another tier, from today on.
    pub fn enter(&mut self, world: &World, draws: &Draws, today: Day, agents: &Agents, row: usize) {
        self.draw(world, draws, today, agents, row, agents.tier(row));
    }

    /// The party in `row` draws when it will be struck, with the words of that `round`. At the next review (a change of tier) it draws
    /// anew, so whoever cannot be struck before it, or before the end, gets no appointment.
    fn draw(&mut self, world: &World, draws: &Draws, today: Day, agents: &Agents, row: usize, round: u8) {
        let tier = agents.tier(row);
        let words = draws.words(agents.person[row], today, Purpose::Risk, round);
        if self.drawn.len() <= row {
            self.drawn.resize(agents.len(), 0);
        }
        self.drawn[row] = self.drawn[row].wrapping_add(1);
        let days = f64::from(agents.next[row].min(world.days).saturating_sub(today));
        let (place, class) = (usize::from(agents.place[row]), agents.class[row]);
        let vulnerability = self.vulnerability[usize::from(class) * TIERS + usize::from(tier)];
        let most = days * self.greatest[place] * vulnerability;
        // 1 - x <= exp(-x) settles most cases.
        if unit(words) < 1.0 - most || unit(words) < libm::exp(-most) {
            return;
        }
        let clock = &mut self.clocks[place * self.groups + world.classes[usize::from(class)].group];
        let at = clock.hazard - libm::log(unit(words)) / vulnerability;
        clock.appointments.push(Reverse(Appointment { at: at.to_bits(), row: row as u32, number: self.drawn[row] }));
    }

    /// Lets today's hazards act on those who wait.
    #[allow(clippy::too_many_arguments)]
    pub fn expose(
        &mut self,
        world: &World,
        today: &Today,
        reach: &Reach,
        draws: &Draws,
        agents: &mut Agents,
        queues: &mut Queues,
        spells: &mut Spells,
        counts: &mut Counts,
        rounds: &mut Rounds,
    ) {
        let mut struck = Vec::new();
        for place in (0..world.places.len()).filter(|place| counts.waiting[*place] > 0) {
            let threat = Threat::at(world, today, counts, place);
            for group in 0..self.groups {
                let clock = &mut self.clocks[place * self.groups + group];
                if clock.appointments.is_empty() {
                    continue;
                }
                // The hazards together; what care does is the same for all classes of a group.
                clock.hazard += threat.hazards(1.0, &reach.eased(world, today, place, group)).iter().sum::<f64>();
                let now = clock.hazard.to_bits();
                while let Some(next) = clock.appointments.peek_mut().filter(|next| next.0.at <= now) {
                    let Reverse(Appointment { row, number, .. }) = PeekMut::pop(next);
                    let row = row as usize;
                    if agents.state(row) == State::Waiting && self.drawn[row] == number {
                        struck.push((row, place));
                    }
                }
            }
        }
        for (row, place) in struck {
            let kind = self.which(world, today, reach, draws, counts, (row, place), agents);
            self.strike(world, today, draws, agents, queues, spells, counts, row, kind);
            rounds.wake(row, agents.next[row]);
        }
    }

    /// Which of the competing risks it is that strikes.
    #[allow(clippy::too_many_arguments)]
    fn which(
        &self,
        world: &World,
        today: &Today,
        reach: &Reach,
        draws: &Draws,
        counts: &Counts,
        (row, place): (usize, usize),
        agents: &Agents,
    ) -> Incident {
        let (class, tier) = (usize::from(agents.class[row]), usize::from(agents.tier(row)));
        let eased = reach.eased(world, today, place, world.classes[class].group);
        let threat = Threat::at(world, today, counts, place);
        let h = threat.hazards(self.vulnerability[class * TIERS + tier], &eased);
        let mut left = unit(draws.words(agents.person[row], today.day, Purpose::Risk, 8)) * h.iter().sum::<f64>();
        for (kind, rate) in KINDS.into_iter().zip(h) {
            left -= rate;
            if left < 0.0 {
                return kind;
            }
        }
        Incident::Separation
    }

    #[allow(clippy::too_many_arguments)]
    fn strike(
        &mut self,
        world: &World,
        today: &Today,
        draws: &Draws,
        agents: &mut Agents,
        queues: &mut Queues,
        spells: &mut Spells,
        counts: &mut Counts,
        row: usize,
        kind: Incident,
    ) {
        let (place, class) = (usize::from(agents.place[row]), usize::from(agents.class[row]));
        let group = world.classes[class].group;
        let size = world.size(agents.composition[row]);
        // Nobody is separated from himself.
        if kind != Incident::Separation || size > 1 {
            counts.incident(place, kind, group, size);
        }
        match kind {
            Incident::Detention | Incident::Death => {
                spells.leave(world, agents, row, place, class);
                queues.remove(world, draws, agents, row as u32);
                if kind == Incident::Death {
                    counts.change_state(group, State::Waiting, State::Dead, size);
                    counts.present[place * counts.groups + group] -= size;
                    agents.end(row, State::Dead);
                } else {
                    counts.change_state(group, State::Waiting, State::Detained, size);
                    agents.set(row, State::Detained, 0);
                    let word = draws.words(agents.person[row], today.day, Purpose::Risk, 9)[0];
                    agents.next[row] = release_day(world, today, place, group, word);
                }
                return;
            }
            Incident::Robbery => agents.money[row] /= 2,
            _ => {}
        }
        self.draw(world, draws, today.day, agents, row, agents.tier(row) | STRUCK);
    }
}

/// By how much risks are greater for people of `class` in `tier`.
fn vulnerability(world: &World, class: usize, tier: usize) -> f64 {
    let (p, held) = (&world.parameters.risk, &world.classes[class]);
    let papers = if held.documents || held.supported { 1.0 } else { p.undocumented };
    (0.5 + world.groups[held.group].target_risk) * papers * (1.0 + p.tier_step * tier as f64)
}

/// What threatens people who wait at a place today, whoever they are.
struct Threat {
    /// Hazards per day of each of [`KINDS`] for people of vulnerability 1 without protection, in thousandths.
    rates: [f64; Risk::COUNT],
    /// By how much shelter divides them.
    protection: f64,
}

impl Threat {
    fn at(world: &World, today: &Today, counts: &Counts, place: usize) -> Self {
        let p = &world.parameters.risk;
        // Fighting does all of it; a flood or an epidemic neither robs, beats nor arrests.
        let fighting = p.ambient + f64::from(world.conflict.at(today.day, place));
        let threat = p.ambient + intensity(world, today.day, place);
        let waiting = f64::from(counts.waiting[place].max(1));
        let protection = 1.0 + p.shelter_protection * (f64::from(counts.sheltered[place]) / waiting).min(1.0);
        let rates = [
            p.violence * fighting,
            p.detention * fighting,
            p.exploitation * threat,
            p.robbery * fighting,
            p.death * threat,
            p.illness * threat,
            p.separation * threat,
        ];
        Self { rates, protection }
    }

    /// Hazards per day of each of [`KINDS`] for people of that vulnerability; `eased`: what care leaves of them ([`Reach::eased`]).
    fn hazards(&self, vulnerability: f64, eased: &[f64; Risk::COUNT]) -> [f64; Risk::COUNT] {
        let scale = vulnerability / self.protection / 1000.0;
        std::array::from_fn(|kind| self.rates[kind] * scale * eased[kind])
    }
}

/// Whether anybody can come to harm on the way.
pub fn perilous(world: &World) -> bool {
    let p = &world.parameters.risk;
    [p.way_death, p.way_detention, p.way_robbery, p.sea_death].iter().any(|rate| *rate > 0.0)
}

/// Chances of harm on every link today, `links x target risks`, firewalls left aside; empty where no link is dangerous.
pub fn perils(world: &World, today: &Today, target_risks: &[f64]) -> Vec<Peril> {
    let p = &world.parameters.risk;
    let calm = world.conflict.on(today.day).is_empty() && world.hazard.on(today.day).is_empty();
    if calm && world.links.iter().all(|l| l.risk == 0.0) {
        return Vec::new();
    }
    let chance = |c: f64| threshold(c).min(u64::from(u32::MAX)) as u32;
    let mut perils = Vec::with_capacity(world.links.len() * target_risks.len());
    for (index, link) in world.links.iter().enumerate() {
        let left = f64::from(today.danger[index]);
        let there = left * intensity(world, today.day, link.to);
        let fighting = left * f64::from(world.conflict.at(today.day, link.to));
        let way = left * f64::from(link.risk);
        perils.extend(target_risks.iter().map(|target_risk| {
            if !link.free || way + there <= 0.0 {
                return Peril::default();
            }
            if world.is_boat_crossing(link) {
                return Peril { death: chance(left * p.sea_death), detention: 0, robbery: 0 };
            }
            let danger = (way + fighting) * (0.1 + target_risk);
            Peril {
                death: chance(p.way_death * (way + there)),
                detention: chance(p.way_detention * danger),
                robbery: chance(p.way_robbery * danger),
            }
        }));
    }
    perils
}

/// Shelter places at every place today, and persons under a roof there.
pub fn shelter(world: &World, today: &Today, counts: &mut Counts) {
    let mut places = vec![0u32; world.places.len()];
    for (shelter, open) in world.shelters.iter().zip(&today.shelter) {
        places[shelter.place] = places[shelter.place].saturating_add(*open);
    }
    for (place, spot) in world.places.iter().enumerate() {
        let standing = spot.capacity.filter(|_| !world.cells.is_empty()).map_or(0, |c| c as u32);
        counts.sheltered[place] = counts.present_at(place).min(places[place].max(standing));
    }
}
