//! Depart: settled people decide to leave.
//!
//! `lambda(t) = (K_g(t) * departure_g * [base + conflict*((1-w)*C_i(t) + w*Cbar(t)) + hazard*H_i(t) + economy*E_i(t)
//! plus social*(share of the group at i that left)] + order_c(t)) * deterrence(t, i)`, `Lambda = sum lambda dt`; person k leaves on the first
//! day on which `Lambda >= e_k = ((1-u_k)^(-v) - 1)/v` (gamma frailty of variance v; v = 0: exponential). Thresholds belong to
//! people, not to days or strategies, and are sorted once: those who stay cost nothing.
//!
//! Employers and States call out those whom they support as they have seats for them: `order_c(t)` is `order` calls per seat that
//! leaves the country today, over the supported people at home whom that seat may take and who can get to it.

use std::sync::Arc;

use rayon::prelude::*;

use crate::scenario::world::{Cell, Day, Departures, Law, World};

use super::agents::{Agents, State};
use super::choose::Row;
use super::counts::Counts;
use super::crowds::Crowds;
use super::draws::{Draws, Purpose};
use super::schedule::Today;

/// A party that has not left, in one number: the uniform draw behind its threshold, which orders them, who it is (its first
/// person's number in the cell), and its composition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Settler(u128);

impl Settler {
    fn new(draw: u64, offset: u32, composition: u8) -> Self {
        Self(u128::from(draw) << 64 | u128::from(offset) << 32 | u128::from(composition))
    }

    fn draw(self) -> u64 {
        (self.0 >> 64) as u64
    }

    fn offset(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn composition(self) -> u8 {
        self.0 as u8
    }
}

/// Settlers' draws are below this number.
const ALL: f64 = 18_446_744_073_709_551_616.0;

/// The people of each cell as they are drawn before the first day, in the order in which they would leave. Worlds of the
/// [`World::same_people`] share them under the same luck.
#[derive(Debug, Clone)]
pub struct Settlers {
    by_cell: Vec<Arc<Vec<Settler>>>,
}

impl Settlers {
    /// The people of `world`: thresholds and parties drawn, sorted.
    pub fn draw(world: &World, draws: &Draws) -> Self {
        let by_cell = |cell: &Cell| {
            let mut settlers = Vec::with_capacity(cell.persons as usize);
            let mut offset = 0;
            while offset < cell.persons {
                let [high, low, ..] = draws.words(cell.first + offset, 0, Purpose::Depart, 0);
                let (composition, size) = party(world, draws, cell, offset);
                settlers.push(Settler::new(u64::from(high) << 32 | u64::from(low), offset, composition));
                offset += size;
            }
            settlers.sort_unstable();
            settlers.shrink_to_fit();
            Arc::new(settlers)
        };
        Self { by_cell: world.cells.par_iter().map(by_cell).collect() }
    }
}

/// The people of a cell who have not left.
#[derive(Debug, Clone)]
struct Household {
    /// Those before `gone` have left.
    settlers: Arc<Vec<Settler>>,
    gone: usize,
    persons_gone: u32,
    /// Cumulated hazard.
    hazard: f64,
    /// Cumulated hazard below which nobody more leaves; infinite once everybody has.
    due: f64,
}

/// All people who have not left.
#[derive(Debug, Clone)]
pub struct Settled {
    /// In the order of [`World::cells`].
    households: Vec<Household>,
    /// Settled persons at the start, by place and group.
    initial: Vec<u32>,
    /// Persons displaced so far by an observed series: their identities.
    displaced: u32,
    residents: Vec<f64>,
    /// By place in the country of the crisis: the places there that can be reached by own means on the ways of today. Empty where
    /// nobody is supported.
    reach: Vec<Vec<bool>>,
}

/// How those who have left are kept: one row each, or counted together (`crowds.rs`).
pub enum Book<'a> {
    /// A row for each party.
    Rows(&'a mut Agents),
    /// Numbers of persons who are alike.
    Crowds(&'a mut Crowds),
}

/// Composition of the party that begins with person number `offset` of `cell`. A party that does not fit is a person alone.
fn party(world: &World, draws: &Draws, cell: &Cell, offset: u32) -> (u8, u32) {
    let word = u64::from(draws.words(cell.first + offset, 0, Purpose::Party, 0)[0]);
    let parties = world.parties(cell);
    let drawn = parties.get(parties.partition_point(|(_, below)| *below <= word)).map_or(0, |(index, _)| *index);
    let size = world.size(drawn);
    if offset + size <= cell.persons { (drawn, size) } else { (0, 1) }
}

impl Settled {
    /// Everybody at home.
    pub fn new(world: &World, settlers: &Settlers, counts: &mut Counts) -> Self {
        let household = |settlers: &Arc<Vec<Settler>>| {
            let settlers = Arc::clone(settlers);
            Household { settlers, gone: 0, persons_gone: 0, hazard: 0.0, due: 0.0 }
        };
        let households: Vec<Household> = settlers.by_cell.iter().map(household).collect();
        for cell in &world.cells {
            counts.settled[cell.place * counts.groups + world.classes[cell.class].group] += cell.persons;
        }
        let residents = world.places.iter().map(|p| p.residents).collect();
        Self { households, initial: counts.settled.clone(), displaced: 0, residents, reach: Vec::new() }
    }

    /// Puts the people who are displaced from the first day on their rows.
    pub fn displaced_at_start(&mut self, world: &World, draws: &Draws, book: &mut Book<'_>, counts: &mut Counts) {
        if let Book::Rows(agents) = book {
            // Room for all whom a series will displace, too: columns that grow are copied.
            let later = if let Departures::Series { per_day, .. } = &world.departures { &per_day[..] } else { &[] };
            let persons = world.displaced.iter().map(|cell| &cell.persons).chain(later);
            agents.reserve(persons.map(|persons| *persons as usize).sum());
        }
        for cell in &world.displaced {
            match book {
                Book::Crowds(crowds) => {
                    set_out(world, counts, cell.class, cell.place, cell.persons);
                    crowds.join(cell.class, cell.place, cell.persons);
                }
                Book::Rows(agents) => {
                    let mut offset = 0;
                    while offset < cell.persons {
                        let (composition, size) = party(world, draws, cell, offset);
                        push(world, agents, counts, cell.class, cell.place, cell.first + offset, composition, 0);
                        offset += size;
                    }
                }
            }
            self.displaced = self.displaced.max(cell.first + cell.persons);
        }
    }

    /// Those whose time has come leave their homes: they rest where they lived, free to go today. `hold` is the share of the
    /// hazard that is left when danger on the way of a class from a place holds people back.
    pub fn depart(
        &mut self,
        world: &World,
        today: &Today,
        hold: impl Fn(usize, usize) -> f64,
        agents: &mut Agents,
        counts: &mut Counts,
    ) {
        let p = &world.parameters.departure;
        let day = today.day;
        let national = national_intensity(world, world.conflict.on(day));
        // What drives anybody from a place, and how far those of a group follow it.
        let driven = |place: usize| {
            let local = f64::from(world.conflict.at(day, place));
            p.base
                + p.conflict * ((1.0 - p.national_share) * local + p.national_share * national)
                + p.hazard * f64::from(world.hazard.at(day, place))
                + p.economy * f64::from(world.economy.at(day, place))
        };
        let drive: Vec<f64> = (0..world.places.len()).map(driven).collect();
        let follows = world.groups.iter().map(|g| informed(day, g.info_day, g.info_width) * g.departure);
        let follows: Vec<f64> = follows.collect();
        let orders = self.orders(world, today);
        for (index, (household, cell)) in self.households.iter_mut().zip(&world.cells).enumerate() {
            if household.due == f64::INFINITY {
                continue;
            }
            let group = world.classes[cell.class].group;
            let spot = cell.place * counts.groups + group;
            let initial = f64::from(self.initial[spot].max(1));
            let left = 1.0 - f64::from(counts.settled[spot]) / initial;
            let order = p.order * orders.get(index).copied().unwrap_or(0.0);
            let rate = follows[group] * (drive[cell.place] + p.social * left) + order;
            if rate <= 0.0 {
                continue;
            }
            household.hazard += rate * hold(cell.class, cell.place);
            if household.hazard < household.due {
                continue;
            }
            // Orders of employers and States do not depend on how ready people are to leave.
            let frailty = if world.classes[cell.class].supported { 0.0 } else { world.groups[group].frailty };
            let below = (share_left(household.hazard, frailty) * ALL) as u64;
            while let Some(settler) = household.settlers.get(household.gone).filter(|s| s.draw() < below) {
                let (person, composition) = (cell.first + settler.offset(), settler.composition());
                let size = world.size(composition);
                push(world, agents, counts, cell.class, cell.place, person, composition, day);
                counts.settled[spot] -= size;
                counts.left_home[group] += size;
                household.gone += 1;
                household.persons_gone += size;
            }
            // A little less than exact, so that rounding keeps nobody at home.
            let next = household.settlers.get(household.gone).map(|s| s.draw() as f64 / ALL * (1.0 - 1e-9));
            household.due = next.map_or(f64::INFINITY, |share| hazard_at(share, frailty));
        }
    }

    /// By household: seats today per supported person at home whom they may take and who can get there; empty where nobody is
    /// supported.
    fn orders(&mut self, world: &World, today: &Today) -> Vec<f64> {
        let supported: Vec<usize> = (0..self.households.len())
            .filter(|h| world.classes[world.cells[*h].class].supported && self.at_home(world, *h) > 0)
            .collect();
        if supported.is_empty() {
            return Vec::new();
        }
        if today.ways_changed {
            let ways = ways_within(world, today);
            let within = |place: usize| if world.places[place].foreign { Vec::new() } else { reachable(&ways, place) };
            self.reach = (0..world.places.len()).map(within).collect();
        }
        let mut orders = vec![0.0; self.households.len()];
        for (service, seats) in world.services.iter().zip(&today.rate) {
            let out = |link: &usize| world.places[world.links[*link].to].foreign;
            let leaves = service.boards.iter().any(|(place, _)| !world.places[*place].foreign)
                && service.links.iter().flatten().any(out);
            if service.is_crossing() || *seats <= 0.0 || !leaves {
                continue;
            }
            let takes = |household: &&usize| {
                let Cell { class, place: from, .. } = world.cells[**household];
                let near = |(board, _): &(usize, f32)| self.reach[from].get(*board).is_some_and(|reached| *reached);
                service.eligible.contains(class)
                    && service.links[world.classes[class].group].is_some()
                    && service.boards.iter().any(near)
            };
            let called: Vec<usize> = supported.iter().filter(takes).copied().collect();
            let persons: u32 = called.iter().map(|household| self.at_home(world, *household)).sum();
            called.iter().for_each(|h| orders[*h] += seats / f64::from(persons.max(1)));
        }
        orders
    }

    /// Persons of a household who have not left.
    fn at_home(&self, world: &World, household: usize) -> u32 {
        world.cells[household].persons - self.households[household].persons_gone
    }

    /// Persons who have not left, as (class, place, persons).
    pub fn remaining<'a>(&'a self, world: &'a World) -> impl Iterator<Item = (usize, usize, u32)> + 'a {
        let cells = self.households.iter().zip(&world.cells);
        cells.map(|(household, cell)| (cell.class, cell.place, cell.persons - household.persons_gone))
    }

    /// Displaces people today as an observed series or the places themselves ask for; nobody where departures follow hazards.
    pub fn displace(&mut self, world: &World, draws: &Draws, today: &Today, book: &mut Book<'_>, counts: &mut Counts) {
        match &world.departures {
            Departures::Hazard => {}
            Departures::Series { per_day, class, take_from_residents } => {
                let persons = per_day.get(usize::from(today.day)).copied().unwrap_or(0);
                let weight = |i: usize| self.residents[i] * today.displacement[i];
                let weights: Vec<(u32, f64)> = (0..world.places.len()).map(|i| (i as u32, weight(i))).collect();
                if persons == 0 || weights.iter().all(|(_, w)| *w <= 0.0) {
                    return;
                }
                let origins = Row::new(&weights);
                let mixes = Mixes::new(world, *class);
                for _ in 0..persons {
                    let words = draws.words(self.displaced, today.day, Purpose::Origin, 0);
                    let place = origins.draw(words[0]) as usize;
                    self.displace_one(world, draws, today, (place, words[2]), &mixes, book, counts);
                    if *take_from_residents {
                        self.residents[place] = (self.residents[place] - 1.0).max(0.0);
                    }
                }
            }
            Departures::Places { rate, law, class, take_from_residents } => {
                let mixes = Mixes::new(world, *class);
                for place in 0..world.places.len() {
                    let rate = rate.get(usize::from(today.day) * world.places.len() + place).copied().unwrap_or(0.0);
                    let persons = match law {
                        Law::Constant => rate as u32,
                        Law::ShareOfResidents => (rate * self.residents[place]) as u32,
                        Law::Poisson => draws.poisson(rate, place as u32, today.day),
                    };
                    for _ in 0..persons {
                        let words = draws.words(self.displaced, today.day, Purpose::Origin, 0);
                        self.displace_one(world, draws, today, (place, words[2]), &mixes, book, counts);
                    }
                    if *take_from_residents {
                        self.residents[place] = (self.residents[place] - f64::from(persons)).max(0.0);
                    }
                }
            }
        }
    }

    /// The next person is displaced from a place; the word decides how long it rests there.
    #[allow(clippy::too_many_arguments)]
    #[inline(always)]
    fn displace_one(
        &mut self,
        world: &World,
        draws: &Draws,
        today: &Today,
        (place, word): (usize, u32),
        mixes: &Mixes,
        book: &mut Book<'_>,
        counts: &mut Counts,
    ) {
        let class = mixes.class(draws, place, self.displaced, today.day);
        match book {
            Book::Crowds(crowds) => {
                set_out(world, counts, class, place, 1);
                crowds.join(class, place, 1);
            }
            Book::Rows(agents) => {
                let row = push(world, agents, counts, class, place, self.displaced, 0, today.day);
                agents.next[row] = today.day.saturating_add(today.rest[place].failures(word));
            }
        }
        counts.left_home[world.classes[class].group] += 1;
        self.displaced += 1;
    }
}

/// By place: where in the country of the crisis one can go on from it today by own means.
fn ways_within(world: &World, today: &Today) -> Vec<Vec<usize>> {
    let mut ways = vec![Vec::new(); world.places.len()];
    for (leg, closed) in world.links.iter().zip(&today.closed) {
        if leg.free && !closed && !world.places[leg.to].foreign {
            ways[leg.from].push(leg.to);
        }
    }
    ways
}

/// Places that can be reached from `place` by `ways`.
fn reachable(ways: &[Vec<usize>], place: usize) -> Vec<bool> {
    let mut reached = vec![false; ways.len()];
    reached[place] = true;
    let mut open = vec![place];
    while let Some(here) = open.pop() {
        for to in ways[here].iter().copied() {
            if !reached[to] {
                reached[to] = true;
                open.push(to);
            }
        }
    }
    reached
}

/// Which class somebody displaced from a place belongs to.
struct Mixes {
    class: usize,
    by_place: Vec<Row>,
}

impl Mixes {
    fn new(world: &World, class: usize) -> Self {
        Self { class, by_place: world.conditions.mix.iter().map(|mix| Row::new(mix)).collect() }
    }

    #[inline(always)]
    fn class(&self, draws: &Draws, place: usize, person: u32, day: Day) -> usize {
        match self.by_place.get(place) {
            None => self.class,
            Some(mix) => {
                let words = draws.words(person, day, Purpose::Party, 0);
                mix.draw(words[0]) as usize
            }
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn push(
    world: &World,
    agents: &mut Agents,
    counts: &mut Counts,
    class: usize,
    place: usize,
    person: u32,
    composition: u8,
    day: Day,
) -> usize {
    set_out(world, counts, class, place, world.size(composition));
    if !world.conditions.at_home.is_empty() {
        agents.home.push(place as u16);
    }
    agents.push(person, place as u16, class as u16, composition, world.classes[class].money, day)
}

/// Counts so many `persons` of a class who leave what was their home at `place`.
fn set_out(world: &World, counts: &mut Counts, class: usize, place: usize, persons: u32) {
    let group = world.classes[class].group;
    counts.present[place * counts.groups + group] += persons;
    counts.state[group * State::COUNT + State::Resting as usize] += persons;
}

/// `K_g(t)`: share of a group that has understood by `day` what is happening, a logistic curve.
pub fn informed(day: Day, midpoint: f64, width: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-(f64::from(day) - midpoint) / width.max(1e-9)))
}

/// Share that has left at cumulated hazard `hazard` under gamma frailty of variance `v`: `1 - (1 + v*hazard)^(-1/v)`.
pub fn share_left(hazard: f64, v: f64) -> f64 {
    if v <= 1e-9 { -libm::expm1(-hazard) } else { -libm::expm1(-libm::log1p(v * hazard) / v) }
}

/// `Cbar`: mean conflict intensity over places in the country of the crisis, weighted by residents; 0 where there is none.
fn national_intensity(world: &World, conflict: &[f32]) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for (place, intensity) in world.places.iter().zip(conflict).filter(|(p, _)| !p.foreign) {
        sum += place.residents * f64::from(*intensity);
        weight += place.residents;
    }
    if weight > 0.0 { sum / weight } else { 0.0 }
}

/// Cumulated hazard at which `share` has left: the inverse of [`share_left`].
pub fn hazard_at(share: f64, v: f64) -> f64 {
    let log = libm::log1p(-share);
    if v <= 1e-9 { -log } else { libm::expm1(-v * log) / v }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threshold_and_share_are_inverse() {
        for v in [0.0, 0.5, 4.0, 9.0] {
            for share in [1e-6, 0.06, 0.25, 0.75] {
                let again = share_left(hazard_at(share, v), v);
                assert!((again - share).abs() < 1e-9, "v {v}: {again} against {share}");
            }
        }
    }

    #[test]
    fn information_is_half_at_its_midpoint_and_rises() {
        assert!((informed(10, 10.0, 3.0) - 0.5).abs() < 1e-12);
        assert!(informed(13, 10.0, 3.0) > 0.7 && informed(7, 10.0, 3.0) < 0.3);
    }
}
