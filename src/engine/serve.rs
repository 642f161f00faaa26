//! Serve: limited services grant. A crossing lets so many through a day, a ship has so many seats, a desk so many hours.
//!
//! Those who wait stand in one order at each place: waiting since, then hash(person, place), then row; a service or desk with a
//! priority sees those first whom it names. It grants the longest prefix of its eligible people whose persons fit; it never skips
//! a party to fill the last seats. Lines are kept in that order by place, class and (where some priority asks for it) kind of
//! party, so a day costs in proportion to those served, not to those who wait.

use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::ops::Range;

use crate::scenario::world::{ClassSet, Composition, Day, Given, Priority, World};

use super::agents::{Agents, State};
use super::counts::{Counts, Incident};
use super::draws::{Draws, Purpose};
use super::expose::Clocks;
use super::journey::{Call, Journeys, NO_WAY, Offers};
use super::respond::Responder;
use super::rounds::Rounds;
use super::schedule::Today;
use super::strand::Spells;

/// A party's place in the order of those who wait at a place: waiting since, then hash(person, place), then row, in one number.
/// Smaller is served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(u128);

impl Rank {
    /// Bits that a rank takes.
    const BITS: u32 = 80;

    fn of(draws: &Draws, agents: &Agents, row: u32) -> Self {
        let (person, since) = (agents.person[row as usize], agents.since[row as usize]);
        let hash = draws.turn(person, agents.place[row as usize]);
        Self(u128::from(since) << 64 | u128::from(hash) << 32 | u128::from(row))
    }

    /// The party's row.
    fn row(self) -> u32 {
        self.0 as u32
    }
}

/// Share of the wait told last that people still expect if the queue has got shorter. Assumed.
const REMEMBERED: f32 = 0.5;

/// Parts of a line by which those who stand there tell how much of the wait is left for them. Assumed.
pub const PARTS_OF_LINE: usize = 4;

/// Services grant in the middle of a day.
const HALF_A_DAY: f32 = 0.5;

/// A line before a service or desk.
#[derive(Debug, Clone, Copy)]
struct Line<T> {
    /// Index among all lines.
    index: usize,
    place: usize,
    class: usize,
    /// What the service or desk means to those who stand there.
    means: T,
}

/// What a service means to a line.
#[derive(Debug, Clone, Copy)]
struct Boarding {
    /// Link that the service takes them along.
    link: usize,
    /// Hours of the ride to where it leaves.
    ride: f32,
    /// Share that the border does not turn back.
    admitted: f64,
}

/// The lines before a service or desk, by who is first in them.
struct Front<T> {
    lines: Vec<Line<T>>,
    /// Whether they come after those who have priority, their rank, and the number of their line, in one number ([`head`]).
    heads: BinaryHeap<Reverse<u128>>,
}

impl<T: Copy> Front<T> {
    fn new() -> Self {
        Self { lines: Vec::new(), heads: BinaryHeap::new() }
    }

    /// Those of `class` who wait at `place` stand before it, too.
    fn add(&mut self, queues: &Queues, priority: &Priority, (place, class): (usize, usize), means: T) {
        for kinds in 0..queues.kinds {
            let index = queues.line(place, class, kinds as u8);
            if let Some(rank) = queues.lines[index].front() {
                let later = !priority.is_for(class, kinds as u8);
                self.heads.push(Reverse(head(later, *rank, self.lines.len())));
                self.lines.push(Line { index, place, class, means });
            }
        }
    }

    /// Whether anybody stands there: after [`Front::next`] gave nobody, a party for which there is no room.
    fn stands(&self) -> bool {
        !self.heads.is_empty()
    }

    /// Takes whoever is next out of its line, if there `is_room` for the party in that row.
    fn next(&mut self, queues: &mut Queues, is_room: impl FnOnce(usize) -> bool) -> Option<(Rank, Line<T>)> {
        let mut first = self.heads.peek_mut()?;
        let (later, rank, number) = read_head(first.0);
        if !is_room(rank.row() as usize) {
            return None;
        }
        let line = self.lines[number];
        queues.lines[line.index].pop_front();
        match queues.lines[line.index].front() {
            Some(next) => *first = Reverse(head(later, *next, number)),
            None => drop(PeekMut::pop(first)),
        }
        Some((rank, line))
    }
}

/// Who is first in the line of that `number` before a service: whether they come `later` than those who have priority, then rank.
fn head(later: bool, rank: Rank, number: usize) -> u128 {
    u128::from(later) << (Rank::BITS + 32) | rank.0 << 32 | number as u128
}

/// What [`head`] put together.
fn read_head(head: u128) -> (bool, Rank, usize) {
    let rank = Rank(head >> 32 & ((1 << Rank::BITS) - 1));
    (head >> (Rank::BITS + 32) != 0, rank, head as u32 as usize)
}

/// Those who wait, by place and class, each in the order in which they are served.
#[derive(Debug, Clone)]
pub struct Queues {
    classes: usize,
    /// Kinds of party that stand in lines of their own: 1 where no priority asks for kinds.
    kinds: usize,
    /// By composition: its kinds, if they matter.
    kinds_of: Vec<u8>,
    /// By place, class and kinds.
    lines: Vec<VecDeque<Rank>>,
    /// Persons, by place and class.
    persons: Vec<u32>,
    /// Classes with somebody waiting, by place.
    occupied: Vec<ClassSet>,
    /// What people could choose from lately, and since which day, by place and class.
    options: Vec<(u64, Day)>,
    /// Seats or grants kept from earlier days, by service.
    kept: Vec<u32>,
    /// Grants kept from yesterday for a party that did not fit, by desk.
    kept_at_desk: Vec<u32>,
}

/// What the serve step works on.
pub struct Hall<'a> {
    /// The world.
    pub world: &'a World,
    /// What holds today.
    pub today: &'a Today,
    /// Draws.
    pub draws: &'a Draws,
    /// Best journeys: a service is used only if it brings people nearer.
    pub journeys: &'a Journeys,
    /// The people.
    pub agents: &'a mut Agents,
    /// Today's counts.
    pub counts: &'a mut Counts,
    /// Spells of waiting without a feasible way.
    pub spells: &'a mut Spells,
    /// Clocks of protection risks.
    pub clocks: &'a mut Clocks,
    /// Rounds, to be told of new events.
    pub rounds: &'a mut Rounds,
    /// Money.
    pub responder: &'a mut Responder,
}

impl Queues {
    /// Nobody waits.
    pub fn new(world: &World) -> Self {
        let (places, classes) = (world.places.len(), world.classes.len());
        let services = world.services.iter().map(|service| &service.priority);
        let mut priorities = services.chain(world.desks.iter().map(|desk| &desk.priority));
        let asked = priorities.any(|priority| priority.kinds != 0);
        let kinds = if asked { Composition::KINDS } else { 1 };
        Self {
            classes,
            kinds,
            kinds_of: world.compositions.iter().map(|c| if asked { c.kinds() } else { 0 }).collect(),
            lines: vec![VecDeque::new(); places * classes * kinds],
            persons: vec![0; places * classes],
            occupied: vec![ClassSet::default(); places],
            options: vec![(0, 0); places * classes],
            kept: vec![0; world.services.len()],
            kept_at_desk: vec![0; world.desks.len()],
        }
    }

    /// Persons of `class` waiting at `place`.
    pub fn persons(&self, place: usize, class: usize) -> u32 {
        self.persons[place * self.classes + class]
    }

    /// Rows of those of `class` waiting at `place`, in the order of each line.
    pub fn rows(&self, place: usize, class: usize) -> impl Iterator<Item = usize> + '_ {
        let lines = &self.lines[self.lines_of(place, class)];
        lines.iter().flatten().map(|rank| rank.row() as usize)
    }

    /// Where the lines of those of `class` at `place` stand among all.
    fn lines_of(&self, place: usize, class: usize) -> Range<usize> {
        let first = (place * self.classes + class) * self.kinds;
        first..first + self.kinds
    }

    fn line(&self, place: usize, class: usize, kinds: u8) -> usize {
        self.lines_of(place, class).start + usize::from(kinds)
    }

    /// The line in which the party in `row` waits.
    fn line_of(&self, agents: &Agents, row: u32) -> usize {
        let (place, class) = spot(agents, row);
        self.line(place, class, self.kinds_of[usize::from(agents.composition[row as usize])])
    }

    /// Classes with somebody waiting at `place`.
    pub fn occupied(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        self.occupied[place].iter()
    }

    /// Persons waiting at `place`.
    pub fn waiting_at(&self, place: usize) -> u32 {
        self.occupied(place).map(|class| self.persons(place, class)).sum()
    }

    /// Puts the agents in `rows`, who wait from now on, into their queues.
    pub fn join(&mut self, world: &World, draws: &Draws, agents: &Agents, rows: Vec<u32>) {
        // Line and rank in one number.
        let stand = |row: u32| (self.line_of(agents, row) as u128) << Rank::BITS | Rank::of(draws, agents, row).0;
        let mut newcomers: Vec<u128> = rows.into_iter().map(stand).collect();
        newcomers.sort_unstable();
        let rank = |newcomer: &u128| Rank(*newcomer & ((1 << Rank::BITS) - 1));
        for newcomers in newcomers.chunk_by(|a, b| a >> Rank::BITS == b >> Rank::BITS) {
            let index = (newcomers[0] >> Rank::BITS) as usize;
            let (line, slot) = (&mut self.lines[index], index / self.kinds);
            // Nearly all come behind those who wait already.
            let ahead = line.partition_point(|waiting| *waiting < rank(&newcomers[0]));
            let behind = line.len() - ahead;
            line.extend(newcomers.iter().map(rank));
            if behind > 0 {
                // Both are in order: a stable sort merges them.
                line.make_contiguous()[ahead..].sort();
            }
            let size = |newcomer: &u128| world.size(agents.composition[rank(newcomer).row() as usize]);
            self.persons[slot] += newcomers.iter().map(size).sum::<u32>();
            self.occupied[slot / self.classes].insert(slot % self.classes);
        }
    }

    /// Takes those of `class` at `place` out of the queue for whom `goes` holds: it hears of a row and in which of
    /// [`PARTS_OF_LINE`] that party stands, from 0, the first. Gives their rows.
    pub fn release(
        &mut self,
        world: &World,
        agents: &Agents,
        place: usize,
        class: usize,
        goes: impl Fn(usize, usize) -> bool,
    ) -> Vec<usize> {
        let mut released = Vec::new();
        let lines = self.lines_of(place, class);
        for line in &mut self.lines[lines] {
            let (parties, mut ahead, mut part) = (line.len(), 0, 0);
            line.retain(|rank| {
                while ahead * PARTS_OF_LINE >= (part + 1) * parties {
                    part += 1;
                }
                ahead += 1;
                let leaves = goes(rank.row() as usize, part);
                if leaves {
                    released.push(rank.row() as usize);
                }
                !leaves
            });
        }
        let persons = released.iter().map(|row| world.size(agents.composition[*row])).sum();
        self.left(place, class, persons);
        released
    }

    /// Takes one agent out of the queue (it was harmed).
    pub fn remove(&mut self, world: &World, draws: &Draws, agents: &Agents, row: u32) {
        let (place, class) = spot(agents, row);
        let line = self.line_of(agents, row);
        if let Ok(position) = self.lines[line].binary_search(&Rank::of(draws, agents, row)) {
            self.lines[line].remove(position);
            self.left(place, class, world.size(agents.composition[row as usize]));
        }
    }

    fn left(&mut self, place: usize, class: usize, persons: u32) {
        let slot = place * self.classes + class;
        self.persons[slot] -= persons;
        if self.persons[slot] == 0 {
            self.occupied[place].remove(class);
        }
    }

    /// Takes note of what people of `class` at `place` can choose from today.
    pub fn note_options(&mut self, place: usize, class: usize, options: u64, today: Day) {
        let (known, since) = &mut self.options[place * self.classes + class];
        if *known != options {
            (*known, *since) = (options, today);
        }
    }

    /// The day since which people of `class` at `place` have what they can choose from.
    pub fn options_since(&self, place: usize, class: usize) -> Day {
        self.options[place * self.classes + class].1
    }

    /// What today's services offer, on the queues as they stand and what `journeys` were planned on: the wait is that of whoever
    /// joins those who want the service. Of a service that begins everybody hears at once: all the eligible who wait in that
    /// country count as ahead. A long queue is remembered: the wait told is not below [`REMEMBERED`] of what was told last.
    pub fn offers(&self, world: &World, today: &Today, journeys: &Journeys) -> Offers {
        let mut at = vec![Vec::new(); world.places.len()];
        let told = journeys.offers();
        let rates = self.rates(world, today, journeys);
        let wait_days = world
            .services
            .iter()
            .enumerate()
            .map(|(index, service)| {
                let rate = today.rate[index] as f32;
                if rate <= 0.0 {
                    return NO_WAY;
                }
                if !service.is_crossing() {
                    for (board, (place, ride)) in service.boards.iter().enumerate() {
                        at[*place].push(Call { service: index, board, ride: *ride });
                    }
                } else if rate.is_finite() {
                    at[service.boards[0].0].push(Call { service: index, board: 0, ride: 0.0 });
                }
                match told.wait_days.get(index).copied().filter(|days| days.is_finite()) {
                    Some(before) => self.wait_days(world, journeys, index, &rates).max(REMEMBERED * before),
                    None => {
                        let country = |place: usize| world.places[place].country;
                        let there = |place: &usize| service.boards.iter().any(|b| country(b.0) == country(*place));
                        let ahead = (0..world.places.len()).filter(there).flat_map(|place| {
                            let waiting = self.occupied[place].common(&service.eligible);
                            waiting.map(move |class| u64::from(self.persons(place, class)))
                        });
                        (ahead.sum::<u64>() as f32 / rate - HALF_A_DAY).max(0.0)
                    }
                }
            })
            .collect();
        Offers { wait_days, at }
    }

    /// Persons a day that today's services take of each class where it waits, by place and class: the sum over those that it wants.
    fn rates(&self, world: &World, today: &Today, journeys: &Journeys) -> Vec<f32> {
        let mut rates = vec![0.0; self.persons.len()];
        for index in 0..world.services.len() {
            for slot in self.wanting(world, journeys, index) {
                rates[slot] += today.rate[index] as f32;
            }
        }
        rates
    }

    /// Where people wait who want service `index`, among all places and classes.
    fn wanting<'a>(
        &'a self,
        world: &'a World,
        journeys: &'a Journeys,
        index: usize,
    ) -> impl Iterator<Item = usize> + 'a {
        world.services[index].boards.iter().enumerate().flat_map(move |(board, (place, _))| {
            let (place, classes) = (*place, journeys.wanting(index, board).into_iter());
            let waiting = classes.flat_map(move |classes| self.occupied[place].common(classes));
            waiting.map(move |class| place * self.classes + class)
        })
    }

    /// Days until those who want service `index` have been served, in the middle of a day. Who wants several services is ahead in
    /// each by the share of it in all their `rates`. Only for a service that takes somebody today.
    fn wait_days(&self, world: &World, journeys: &Journeys, index: usize, rates: &[f32]) -> f32 {
        let ahead = self.wanting(world, journeys, index).map(|slot| self.persons[slot] as f32 / rates[slot]);
        (ahead.sum::<f32>() - HALF_A_DAY).max(0.0)
    }

    /// Counts, by group, those who wait for a service of whose wait they were told what the queues of tonight belie, by so much that
    /// it would be news.
    pub fn misled(&self, world: &World, today: &Today, journeys: &Journeys, misled: &mut [u32]) {
        misled.fill(0);
        let rates = self.rates(world, today, journeys);
        let wait = |service: usize| match today.rate[service] {
            0.0 => NO_WAY,
            _ => self.wait_days(world, journeys, service, &rates),
        };
        let now = Offers { wait_days: (0..world.services.len()).map(wait).collect(), at: Vec::new() };
        let news = now.news(journeys.offers());
        let wrong: BTreeSet<usize> = news.flat_map(|service| self.wanting(world, journeys, service)).collect();
        for slot in wrong {
            misled[world.classes[slot % self.classes].group] += self.persons[slot];
        }
    }

    /// Every service grants, in the order of [`World::services`]; each sees those not yet served.
    pub fn serve(&mut self, hall: &mut Hall<'_>) {
        for index in 0..hall.world.services.len() {
            let service = &hall.world.services[index];
            let today = hall.today.capacity[index];
            let runs = service.keeps_unused || hall.today.rate[index] > 0.0;
            let mut seats = today.saturating_add(if runs { self.kept[index] } else { 0 });
            if today == u32::MAX {
                continue;
            }
            let unpaid = seats.saturating_sub(hall.responder.affords_seats(hall.world, hall.today.day, service));
            let (mut paid, mut no_room) = (seats - unpaid, false);
            if paid > 0 {
                no_room = self.grant(hall, index, &mut paid);
                let granted = seats - unpaid - paid;
                let usd = if service.assistance { service.cost_per_person } else { 0.0 };
                hall.responder.pay(hall.world, granted, usd);
            }
            seats = paid + unpaid;
            // Kept for a party that does not fit: one that needs more than a day's seats would bar the way for good.
            self.kept[index] = match (service.keeps_unused, no_room) {
                (true, _) => seats,
                (false, true) => paid,
                (false, false) => 0,
            };
        }
    }

    /// Service `index` grants up to `seats` persons; what is left of them stays in `seats`. Gives whether a party stands there that does
    /// not fit.
    fn grant(&mut self, hall: &mut Hall<'_>, index: usize, seats: &mut u32) -> bool {
        let world = hall.world;
        let service = &world.services[index];
        let mut front = Front::new();
        for (board, (place, ride)) in service.boards.iter().enumerate() {
            let Some(wanting) = hall.journeys.wanting(index, board) else { continue };
            for class in self.occupied[*place].common(wanting) {
                if let Some(link) = service.links[world.classes[class].group] {
                    let boarding = Boarding { link, ride: *ride, admitted: hall.today.admitted(world, link, class) };
                    front.add(self, &service.priority, (*place, class), boarding);
                }
            }
        }
        let mut turned_back: Vec<(usize, Rank)> = Vec::new();
        let size = |agents: &Agents, row: usize| world.size(agents.composition[row]);
        while let Some((rank, line)) = front.next(self, |row| size(hall.agents, row) <= *seats) {
            let row = rank.row() as usize;
            let size = size(hall.agents, row);
            if hall.refused(line.means.admitted, row) {
                hall.counts.incident(line.place, Incident::Refusal, world.classes[line.class].group, size);
                turned_back.push((line.index, rank));
            } else {
                *seats -= size;
                self.left(line.place, line.class, size);
                hall.board(index, &line, row, size);
            }
        }
        turned_back.into_iter().rev().for_each(|(line, rank)| self.lines[line].push_front(rank));
        front.stands()
    }

    /// Every desk serves those who wait, first come first served: who gets documents goes on as another class.
    pub fn open_desks(&mut self, hall: &mut Hall<'_>) {
        for index in 0..hall.world.desks.len() {
            let desk = &hall.world.desks[index];
            let affordable = hall.responder.affords_served(hall.world, hall.today.day, desk.cost_per_person);
            let open = hall.today.desk[index].saturating_add(self.kept_at_desk[index]).min(affordable);
            let mut left = open;
            let mut front = Front::new();
            for place in &desk.places {
                for class in self.occupied[*place].common(&desk.eligible) {
                    front.add(self, &desk.priority, (*place, class), ());
                }
            }
            let mut changed = Vec::new();
            let size = |agents: &Agents, row: usize| hall.world.size(agents.composition[row]);
            while let Some((rank, line)) = front.next(self, |row| size(hall.agents, row) <= left) {
                let row = rank.row();
                let size = size(hall.agents, row as usize);
                self.left(line.place, line.class, size);
                left -= size;
                hall.counts.served[index] += size;
                hall.spells.leave(hall.world, hall.agents, row as usize, line.place, line.class);
                if let Given::Cash(usd) = desk.gives {
                    let money = &mut hall.agents.money[row as usize];
                    *money = money.saturating_add(usd);
                }
                if let Some(other) = desk.becomes[line.class] {
                    hall.agents.class[row as usize] = other as u16;
                }
                changed.push(row);
            }
            self.kept_at_desk[index] = if front.stands() { left } else { 0 };
            hall.responder.pay(hall.world, open - left, desk.cost_per_person);
            let (free, bound) = changed.into_iter().partition(|row| hall.has_way(*row));
            hall.choose_again(free);
            hall.rejoin(self, bound);
        }
    }
}

impl Hall<'_> {
    /// Whether a border that turns back a share turns back this party today.
    fn refused(&self, admitted: f64, row: usize) -> bool {
        let draw = || self.draws.uniform(self.agents.person[row], self.today.day, Purpose::Admission, 0);
        admitted < 1.0 && draw() >= admitted
    }

    /// The party in `row`, of `size` persons, boards service `index`: it leaves the queue and is on its way.
    fn board(&mut self, index: usize, line: &Line<Boarding>, row: usize, size: u32) {
        let (world, day) = (self.world, self.today.day);
        let service = &world.services[index];
        let Line { place, class, means: Boarding { link, ride, .. }, .. } = *line;
        let group = world.classes[class].group;
        let leg = &world.links[link];
        self.spells.leave(world, self.agents, row, place, class);
        let counts = &mut *self.counts;
        counts.granted[index] += size;
        if service.assistance {
            counts.assisted[group] += size;
            counts.assisted_at[place] += size;
        }
        counts.entered[link] += size;
        if !service.is_crossing() {
            counts.seated[link] += size;
        }
        counts.departed[place] += size;
        counts.present[place * counts.groups + group] -= size;
        if let Ok(border) = counts.border_links.binary_search(&link) {
            counts.crossed[border * counts.groups + group] += size;
        }
        let fee = if service.is_crossing() { leg.fee } else { service.fee };
        self.agents.money[row] = self.agents.money[row].saturating_sub(fee);
        self.agents.since[row] = day;
        let days = ((ride + leg.length) / 24.0) as Day;
        counts.change_state(group, State::Waiting, State::EnRoute, size);
        self.agents.set(row, State::EnRoute, 0);
        self.agents.path[row] = link as u32;
        self.agents.place[row] = leg.to as u16;
        // Whoever is served today travels in the evening and is there at the latest tomorrow morning, before choosing.
        self.agents.next[row] = day.saturating_add(days.max(1));
        self.agents.recent[row] = 0.0;
        self.rounds.wake(row, self.agents.next[row]);
    }

    /// Whether the party in `row` could go on by own means without waiting for anything.
    fn has_way(&self, row: u32) -> bool {
        let (place, class) = spot(self.agents, row);
        self.journeys.legs(self.today, class, place).next().is_some()
    }

    /// Agents to whom a desk has opened a way choose anew tomorrow; if they wait on, they keep their place in the order.
    fn choose_again(&mut self, rows: Vec<u32>) {
        for row in rows {
            let row = row as usize;
            let group = self.world.classes[usize::from(self.agents.class[row])].group;
            let size = self.world.size(self.agents.composition[row]);
            self.counts.change_state(group, State::Waiting, State::Resting, size);
            let tier = self.agents.tier(row);
            self.agents.set(row, State::Resting, tier);
            self.agents.next[row] = self.today.day + 1;
            self.rounds.wake(row, self.agents.next[row]);
        }
    }

    /// Puts agents who were served at a desk back into a queue, as the class that they are now.
    fn rejoin(&mut self, queues: &mut Queues, rows: Vec<u32>) {
        for row in &rows {
            let row = *row as usize;
            let (place, class) = (usize::from(self.agents.place[row]), usize::from(self.agents.class[row]));
            self.spells.enter(self.world, self.today, self.agents, row, place, class);
            self.clocks.enter(self.world, self.draws, self.today.day, self.agents, row);
            self.rounds.wake(row, self.agents.next[row]);
        }
        queues.join(self.world, self.draws, self.agents, rows);
    }
}

fn spot(agents: &Agents, row: u32) -> (usize, usize) {
    (usize::from(agents.place[row as usize]), usize::from(agents.class[row as usize]))
}
