//! One day, in the order of `docs/model.md`: schedule, depart, move in rounds, serve, expose, record.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::earth::great_circle_km;
use crate::scenario::world::{Aim, ClassSet, Conversion, Day, Departures, NEVER, PlaceKind, World};

use super::after;
use super::agents::{Agents, NO_PATH, State};
use super::care::Reach;
use super::choose::{REST, Row, Rows, Weighing};
use super::counts::Counts;
use super::crowds::Crowds;
use super::cycles::Cycles;
use super::depart::{Book, Settled, Settlers};
use super::draws::{Draws, Purpose};
use super::expose::{self, Clocks};
use super::flows::Visitors;
use super::journey::Journeys;
use super::look::{Lookout, Sight};
use super::paths::{Candidate, Paths};
use super::respond::Responder;
use super::roads::Roads;
use super::rounds::Rounds;
use super::schedule::Today;
use super::serve::{Hall, PARTS_OF_LINE, Queues};
use super::strand::Spells;
use super::travel::{Peril, Round};

/// A run in progress: the world, the people, and what was published last.
#[derive(Debug)]
pub struct Run<'w> {
    world: &'w World,
    draws: Draws,
    day: Day,
    agents: Agents,
    /// Those who have left, where they are alike and counted together: then `agents` is empty.
    crowds: Option<Crowds>,
    settled: Settled,
    responder: Responder,
    today: Today,
    journeys: Journeys,
    paths: Paths,
    sights: Vec<Sight>,
    /// By place: places from which it is seen.
    seen_from: Vec<Vec<u16>>,
    basis: Basis,
    /// Room at every place this morning: on it stand the choices of those who weigh whole journeys.
    morning_room: Vec<f64>,
    rows: Rows,
    roads: Roads,
    rounds: Rounds,
    queues: Queues,
    spells: Spells,
    /// By flow that is only counted.
    visitors: Vec<Visitors>,
    clocks: Clocks,
    reach: Reach,
    cycles: Cycles,
    perilous: bool,
    perils: Vec<Peril>,
    counts: Counts,
    returning: Vec<bool>,
    agent_steps: u64,
}

/// What the choice rows of people who look for safety were made on.
#[derive(Debug, Clone, Default)]
struct Basis {
    score: Vec<f64>,
    kind: Vec<PlaceKind>,
    fighting: Vec<bool>,
    room: Vec<f64>,
}

impl Basis {
    fn of(today: &Today, room: &[f64]) -> Self {
        let (score, kind, fighting) = (today.score.clone(), today.kind.clone(), today.fighting.clone());
        Self { score, kind, fighting, room: room.to_vec() }
    }

    fn is_for(&self, today: &Today) -> bool {
        self.score == today.score && self.kind == today.kind && self.fighting == today.fighting
    }
}

impl<'w> Run<'w> {
    /// A run of `world` under `seed`, replication number `replication`, before its first day.
    pub fn new(world: &'w World, seed: u64, replication: u32) -> Self {
        let draws = Draws::new(seed, replication);
        Self::among(world, draws, &Settlers::draw(world, &draws))
    }

    /// The same on the luck of those `draws`, for people who have been drawn with it before.
    pub fn among(world: &'w World, draws: Draws, settlers: &Settlers) -> Self {
        Self::begin(world, draws, settlers, Crowds::hold(world).then(Crowds::default))
    }

    /// The same with a row for each party even where people are alike: the same law, other luck, more time.
    pub fn person_by_person(world: &'w World, seed: u64, replication: u32) -> Self {
        let draws = Draws::new(seed, replication);
        Self::begin(world, draws, &Settlers::draw(world, &draws), None)
    }

    fn begin(world: &'w World, draws: Draws, settlers: &Settlers, mut crowds: Option<Crowds>) -> Self {
        let mut counts = Counts::new(world);
        let mut settled = Settled::new(world, settlers, &mut counts);
        let mut agents = Agents::default();
        let mut book = crowds.as_mut().map_or(Book::Rows(&mut agents), Book::Crowds);
        settled.displaced_at_start(world, &draws, &mut book, &mut counts);
        let journeys = Journeys::new(world);
        let roads = Roads::new(world, &journeys, &counts, &agents);
        let mut rounds = Rounds::default();
        rounds.grow(agents.len(), 0, 0);
        Self {
            world,
            draws,
            day: 0,
            agents,
            crowds,
            settled,
            responder: Responder::new(world),
            today: Today::new(world),
            journeys,
            paths: Paths::new(world),
            sights: Vec::new(),
            seen_from: Vec::new(),
            basis: Basis::default(),
            morning_room: Vec::new(),
            rows: Rows::new(world.places.len(), roads.columns),
            roads,
            rounds,
            queues: Queues::new(world),
            spells: Spells::new(world),
            visitors: vec![Visitors::default(); world.flows.len()],
            clocks: Clocks::new(world),
            reach: Reach::new(world),
            cycles: Cycles::new(world),
            perilous: expose::perilous(world),
            perils: Vec::new(),
            counts,
            returning: vec![false; world.classes.len()],
            agent_steps: 0,
        }
    }

    /// Runs the next day and gives what it published; `None` when the last day is over.
    pub fn step(&mut self) -> Option<&Counts> {
        if self.day >= self.world.days {
            return None;
        }
        self.schedule();
        self.go_home();
        self.depart();
        self.travel();
        self.serve();
        self.expose();
        self.record();
        self.day += 1;
        if self.day == self.world.days {
            self.spells.close(self.world, &self.agents, &self.queues);
        }
        Some(&self.counts)
    }

    /// What was published last.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The day that the next step runs.
    pub fn day(&self) -> Day {
        self.day
    }

    /// Parties that have left so far.
    pub fn agents(&self) -> &Agents {
        &self.agents
    }

    /// Parties that have left, the dead left out.
    pub fn parties(&self) -> u64 {
        match &self.crowds {
            Some(_) => self.alive(),
            None => (0..self.agents.len()).filter(|row| self.agents.state(*row) != State::Dead).count() as u64,
        }
    }

    /// Persons of `class` who have left and are counted together: none where each party has a row.
    pub fn counted_together(&self, class: usize) -> u32 {
        self.crowds.as_ref().map_or(0, |crowds| crowds.persons(class))
    }

    /// Persons who have left, the dead left out.
    fn alive(&self) -> u64 {
        let states = self.counts.state.iter().enumerate();
        states.filter(|(i, _)| i % State::COUNT != State::Dead as usize).map(|(_, n)| u64::from(*n)).sum()
    }

    /// Sum over days of the persons in the system (left, and not dead): Flee's measure of work.
    pub fn agent_steps(&self) -> u64 {
        self.agent_steps
    }

    /// Spells of stranding; those that last are counted once the run is over.
    pub fn spells(&self) -> &Spells {
        &self.spells
    }

    /// Those who wait.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Best journeys as last planned.
    pub fn journeys(&self) -> &Journeys {
        &self.journeys
    }

    /// By class: whether those in refuge go back to where they lived.
    pub fn returning(&self) -> &[bool] {
        &self.returning
    }

    /// By trigger: the day on which it fired, if it has.
    pub fn fired(&self) -> &[Option<Day>] {
        &self.responder.fired
    }

    /// How far what triggers saw lay off the latest true counts, as a share of these; `None` where they counted nobody.
    pub fn tracking_error(&self) -> Option<f64> {
        let (off, all) = self.responder.tracked;
        (all > 0.0).then(|| off / all)
    }

    /// What held on the last day.
    pub fn today(&self) -> &Today {
        &self.today
    }

    /// 1. Shocks, policies, interventions; news of ways and waits, and who changes plans for it.
    fn schedule(&mut self) {
        let world = self.world;
        self.responder.look(world, &self.draws, self.day, &self.counts);
        self.counts.start_day();
        let is_camp = |kind: PlaceKind| kind == PlaceKind::Camp;
        let opens_or_shuts = |c: &Conversion| is_camp(c.kind) != is_camp(self.today.kind[c.place]);
        let mut conversions = world.conversions.iter().filter(|c| c.day == self.day);
        let camps_changed = self.sees_camps_only() && conversions.any(opens_or_shuts);
        self.today.turn(world, self.day, &self.responder.fired);
        self.responder.open(world, &mut self.today, &mut self.counts);
        if self.perilous {
            self.perils = expose::perils(world, &self.today, &self.roads.targets);
        }
        if world.safety_classes().next().is_some() && (self.today.ways_changed || camps_changed) {
            self.look_around();
        }
        self.look_again();
        after::uprooted_again(world, &self.today, &self.agents, &mut self.counts.uprooted_again);
        let before = self.returning.clone();
        let returning = self.after();
        if self.has_homeward() {
            self.see_room();
            let concerned = self.hear_news(&returning, returning != before);
            self.reconsider(&concerned);
        }
    }

    /// News of ways and waits, if there is any today: the classes whom it concerns plan anew, all of them if ways have opened or
    /// closed or some have `turned` to go back. Gives these classes.
    fn hear_news(&mut self, returning: &[bool], turned: bool) -> ClassSet {
        let world = self.world;
        let news = world.parameters.choice.news_days as Day;
        let alarmed = self.today.alarmed.iter().any(|a| *a);
        let open = self.today.ways_changed || alarmed || turned || self.day == 0;
        if !open && news >= 2 && !self.day.is_multiple_of(news) {
            return ClassSet::default();
        }
        let mut offers = self.queues.offers(world, &self.today, &self.journeys);
        let told = self.journeys.offers();
        let concerned = if open {
            ClassSet::from_fn(world.classes.len(), |_| true)
        } else {
            let news: Vec<usize> = offers.news(told).collect();
            // Who is told nothing new of a service goes on with what was told before.
            let mut waits = told.wait_days.clone();
            news.iter().for_each(|service| waits[*service] = offers.wait_days[*service]);
            offers.wait_days = waits;
            self.journeys.concerned(news.into_iter())
        };
        if concerned.iter().next().is_some() {
            self.journeys.plan(world, &self.today, offers, returning, &concerned);
            let columns: BTreeSet<usize> = concerned.iter().map(|class| self.roads.column(class)).collect();
            columns.into_iter().for_each(|column| self.rows.clear_column(column));
        }
        concerned
    }

    /// On days on which everybody is at home, those who are not on the way are put there, to go on when that time is over.
    fn go_home(&mut self) {
        let at_home = &self.world.conditions.at_home;
        let is = |day: Day| at_home.get(usize::from(day)).copied().unwrap_or(false);
        if !is(self.day) {
            return;
        }
        let until = (self.day..self.world.days).find(|day| !is(*day)).unwrap_or(NEVER);
        for row in 0..self.agents.len() {
            if self.agents.state(row) != State::Resting {
                continue;
            }
            let (home, place) = (self.agents.home[row], self.agents.place[row]);
            let class = usize::from(self.agents.class[row]);
            let group = self.world.classes[class].group;
            let size = self.world.size(self.agents.composition[row]);
            self.counts.present[usize::from(place) * self.counts.groups + group] -= size;
            self.counts.present[usize::from(home) * self.counts.groups + group] += size;
            self.agents.place[row] = home;
            self.agents.path[row] = NO_PATH;
            self.agents.next[row] = until;
            self.rounds.wake(row, until);
        }
    }

    /// Whether people who look for safety see camps and no other place.
    fn sees_camps_only(&self) -> bool {
        self.world.parameters.choice.camps_only >= 0.5
    }

    fn has_homeward(&self) -> bool {
        self.world.classes.iter().any(|c| c.aim != Aim::Safety)
    }

    /// Classes in refuge whose place of origin has been calm long enough go back; those who rest in refuge set out when their
    /// day comes (`after.rs`).
    fn after(&mut self) -> Vec<bool> {
        let returning = after::returning(self.world, &self.today);
        for class in (0..returning.len()).filter(|c| returning[*c] && !self.returning[*c]) {
            for row in after::set_out(self.world, &self.draws, self.day, class, &mut self.agents) {
                self.rounds.wake(row, self.agents.next[row]);
            }
        }
        self.returning.clone_from(&returning);
        (0..returning.len()).filter(|class| returning[*class]).for_each(|class| self.stay_home(class));
        returning
    }

    /// Those of `class` who never got away from where they lived, which is calm again, have settled there again: they made no journey.
    fn stay_home(&mut self, class: usize) {
        let (world, group) = (self.world, self.world.classes[class].group);
        let Some(home) = world.classes[class].origin.filter(|home| self.queues.persons(*home, class) > 0) else {
            return;
        };
        for row in self.queues.release(world, &self.agents, home, class, |_, _| true) {
            self.spells.leave(world, &self.agents, row, home, class);
            let size = world.size(self.agents.composition[row]);
            self.counts.state[group * State::COUNT + State::Waiting as usize] -= size;
            self.counts.present[home * self.counts.groups + group] -= size;
            self.counts.settled[home * self.counts.groups + group] += size;
            self.agents.end(row, State::Arrived);
        }
    }

    /// Paths that people who look for safety see from every place, when ways have opened or closed.
    fn look_around(&mut self) {
        let (horizon, camps_only) = (self.world.parameters.choice.horizon as u8, self.sees_camps_only());
        let weighing = Weighing::of(self.world);
        let (paths, today, outgoing) = (&mut self.paths, &self.today, self.journeys.outgoing());
        let open = |link: usize| self.world.links[link].free && !today.closed[link];
        let far = self.world.conditions.distance_power;
        let from_here = |place: usize, candidate: &Candidate| {
            if far == 0.0 {
                return 1.0;
            }
            let (here, there) = (&self.world.places[place], &self.world.places[usize::from(candidate.end)]);
            weighing.far_factor(great_circle_km(here.at(), there.at()), far)
        };
        self.sights = (0..self.world.places.len())
            .map(|place| {
                let mut candidates = if camps_only {
                    paths.shortest(self.world, outgoing, open, place, |end| today.kind[end] == PlaceKind::Camp)
                } else {
                    paths.enumerate(self.world, outgoing, open, place, horizon)
                };
                for known in self.world.conditions.known_paths.iter().filter(|_| !camps_only) {
                    let begins = known.first().is_some_and(|link| self.world.links[*link].from == place);
                    if begins && known.len() > usize::from(horizon) && known.iter().all(|link| open(*link)) {
                        candidates.extend(paths.known(self.world, known));
                    }
                }
                let factors = candidates.iter().map(|c| weighing.distance_factor(c.km) * from_here(place, c)).collect();
                Sight { candidates, factors }
            })
            .collect();
        self.seen_from = vec![Vec::new(); self.world.places.len()];
        for (place, sight) in self.sights.iter().enumerate() {
            for candidate in &sight.candidates {
                let seen_from = &mut self.seen_from[usize::from(candidate.end)];
                if seen_from.last() != Some(&(place as u16)) {
                    seen_from.push(place as u16);
                }
            }
        }
        self.basis = Basis::default();
    }

    /// Forgets those rows of people who look for safety that were made on something that has changed: all of them with the places
    /// or the ways, else those that see a place with another `room`.
    fn refresh_rows(&mut self, room: &[f64]) {
        let (today, columns) = (&self.today, 0..self.roads.safety_columns);
        let same = self.basis.is_for(today);
        if !same || self.basis.room.len() != room.len() {
            columns.for_each(|column| self.rows.clear_column(column));
            self.basis = Basis::of(today, room);
            return;
        }
        for place in (0..room.len()).filter(|place| self.basis.room[*place] != room[*place]) {
            for from in self.seen_from.get(place).into_iter().flatten() {
                columns.clone().for_each(|column| self.rows.clear_one(usize::from(*from), column));
            }
        }
        self.basis.room.copy_from_slice(room);
    }

    /// What room camps have this morning. Those who weigh whole journeys choose anew where a leg leads to a camp with more or less.
    fn see_room(&mut self) {
        let room = self.today.room(self.world, &self.counts);
        let changed = |place: usize| self.morning_room.get(place) != Some(&room[place]);
        for link in self.world.links.iter().filter(|link| changed(link.to)) {
            (self.roads.safety_columns..self.roads.columns).for_each(|column| self.rows.clear_one(link.from, column));
        }
        self.morning_room = room;
    }

    /// Those who wait choose again, with what is left of their wait, where what they can choose from has changed lately: within
    /// `choice.reconsider_days` everybody once, on a day of their own, since a crowd that turned at once would meet itself again
    /// elsewhere. Only the classes `concerned` have heard anything new today.
    fn reconsider(&mut self, concerned: &ClassSet) {
        let days = self.world.parameters.choice.reconsider_days as Day;
        for place in 0..self.world.places.len() {
            // Those who share plans can choose from the same.
            let (mut options, mut choices) = (BTreeMap::new(), BTreeMap::new());
            let classes: Vec<usize> = self.queues.occupied(place).collect();
            for class in classes {
                let plans = self.journeys.planned_as(class);
                if concerned.contains(class) {
                    let asked = || self.journeys.options(self.world, &self.today, class, place);
                    let options = *options.entry(plans).or_insert_with(asked);
                    self.queues.note_options(place, class, options, self.day);
                }
                if self.day - self.queues.options_since(place, class) >= days {
                    continue;
                }
                let by_part = choices.entry(plans).or_insert_with(|| self.choices_left(place, class));
                let Some(by_part) = by_part else { continue };
                let (world, agents, draws) = (self.world, &self.agents, &self.draws);
                // The others would choose to wait again.
                let day = u32::from(self.day);
                let goes = |row: usize, part: usize| {
                    if !agents.person[row].wrapping_add(day).is_multiple_of(u32::from(days)) {
                        return false;
                    }
                    let outcome = by_part[part].pick(draws.taste(agents.person[row], place as u16));
                    outcome < REST && world.links[outcome as usize].fee <= agents.money[row]
                };
                let rows = self.queues.release(world, agents, place, class, goes);
                self.stop_waiting(place, class, rows);
            }
        }
    }

    /// The choices of those of `class` who wait at `place`, by part of their line; `None` where they can do nothing but wait.
    fn choices_left(&self, place: usize, class: usize) -> Option<[Row; PARTS_OF_LINE]> {
        let (world, journeys, today, room) = (self.world, &self.journeys, &self.today, &self.morning_room);
        journeys.legs(today, class, place).next()?;
        let build = || journeys.row(world, today, room, class, place);
        let newcomer = self.rows.get(place, self.roads.column(class), build);
        if newcomer.sole().is_some_and(|outcome| outcome >= REST) {
            return None;
        }
        // Whoever stands in the middle of a part has so much of the wait before it.
        let left = std::array::from_fn(|k| (k as f32 + 0.5) / PARTS_OF_LINE as f32);
        Some(journeys.rows(world, today, room, class, place, left))
    }

    /// Those who look around and wait because they cannot pay look again each day, by the choice that is theirs on that day: who
    /// can pay for the way that they choose goes on.
    fn look_again(&mut self) {
        let world = self.world;
        if world.links.iter().all(|link| link.fee == 0) || world.safety_classes().next().is_none() {
            return;
        }
        let room = self.today.room(world, &self.counts);
        for place in 0..world.places.len() {
            let looks = |class: &usize| world.classes[*class].aim == Aim::Safety;
            let classes: Vec<usize> = self.queues.occupied(place).filter(looks).collect();
            for class in classes {
                let lookout = Lookout::new(world, &self.today, &self.roads, &self.paths, &self.sights, &room);
                let choice = lookout.row(place, class);
                let (agents, draws, paths) = (&self.agents, &self.draws, &self.paths);
                let goes = |row: usize, _part: usize| {
                    let outcome = choice.draw(draws.words(agents.person[row], self.day, Purpose::Move, 0)[0]);
                    outcome < REST && world.links[paths.first(outcome)].fee <= agents.money[row]
                };
                let rows = self.queues.release(world, agents, place, class, goes);
                self.stop_waiting(place, class, rows);
            }
        }
    }

    /// Those in `rows`, of `class`, no longer wait at `place`: they are free to go today.
    fn stop_waiting(&mut self, place: usize, class: usize, rows: Vec<usize>) {
        let group = self.world.classes[class].group;
        for row in rows {
            self.spells.leave(self.world, &self.agents, row, place, class);
            let size = self.world.size(self.agents.composition[row]);
            self.counts.change_state(group, State::Waiting, State::Resting, size);
            let tier = self.agents.tier(row);
            self.agents.set(row, State::Resting, tier);
            self.agents.next[row] = self.day;
            self.rounds.wake(row, self.day);
        }
    }

    /// 2. Settled people decide to leave, or an observed series displaces them.
    fn depart(&mut self) {
        let before = self.agents.len();
        let (world, journeys) = (self.world, &self.journeys);
        match &world.departures {
            Departures::Hazard => self.settled.depart(
                world,
                &self.today,
                |class, place| journeys.hold(class, place),
                &mut self.agents,
                &mut self.counts,
            ),
            _ => {
                let mut book = self.crowds.as_mut().map_or(Book::Rows(&mut self.agents), Book::Crowds);
                self.settled.displace(world, &self.draws, &self.today, &mut book, &mut self.counts);
            }
        }
        self.rounds.grow(self.agents.len(), before, self.day);
    }

    /// 3. In rounds: everybody who is free chooses, everybody moves one leg, arrivals are published.
    fn travel(&mut self) {
        let world = self.world;
        let limited = world.places.iter().any(|p| p.capacity.is_some());
        let (mut waiting, mut reviews) = (Vec::new(), Vec::new());
        let (mut agents, mut rounds) = (std::mem::take(&mut self.agents), std::mem::take(&mut self.rounds));
        // Cut once a day: between two rounds little is done, so that other threads stay awake.
        let mut parts = rounds.parts(&mut agents);
        for number in 0..=u8::MAX {
            let room = self.today.room(world, &self.counts);
            if number == 0 || limited && !world.conditions.routes_of_the_day {
                self.refresh_rows(&room);
            }
            let (today, journeys) = (&self.today, &self.journeys);
            let lookout = Lookout::new(world, today, &self.roads, &self.paths, &self.sights, &room);
            let full = lookout.full();
            let build = |place: usize, class: usize| match world.classes[class].aim {
                Aim::Home(_) | Aim::Refuge => journeys.row(world, today, &self.morning_room, class, place),
                Aim::Safety => lookout.row(place, class),
            };
            let round = Round {
                world,
                roads: &self.roads,
                today,
                draws: &self.draws,
                paths: &self.paths,
                rows: &self.rows,
                build: &build,
                full: &full,
                perils: &self.perils,
                per_range: 1.0 / world.movement.range,
                round: number,
            };
            if let Some(crowds) = &mut self.crowds {
                if round.crowds(crowds, &mut self.counts) && number < u8::MAX {
                    continue;
                }
                round.crowds_rest(crowds, &mut self.counts);
                break;
            }
            let mut after = round.run(&mut parts, &mut self.counts);
            waiting.append(&mut after.waiting);
            reviews.append(&mut after.reviews);
            if !after.goes_on {
                break;
            }
            if number == u8::MAX {
                round.halt(&mut parts);
            }
        }
        (self.agents, self.rounds) = (agents, rounds);
        self.begin_to_wait(waiting);
        self.review(reviews);
    }

    fn begin_to_wait(&mut self, rows: Vec<u32>) {
        for row in &rows {
            let row = *row as usize;
            let (place, class) = (usize::from(self.agents.place[row]), usize::from(self.agents.class[row]));
            self.spells.enter(self.world, &self.today, &mut self.agents, row, place, class);
            self.rounds.wake(row, self.agents.next[row]);
            self.clocks.enter(self.world, &self.draws, self.day, &self.agents, row);
        }
        self.queues.join(self.world, &self.draws, &self.agents, rows);
    }

    fn review(&mut self, rows: Vec<u32>) {
        for row in rows {
            let row = row as usize;
            self.spells.review(self.world, self.day, &mut self.agents, row);
            self.clocks.enter(self.world, &self.draws, self.day, &self.agents, row);
            self.rounds.wake(row, self.agents.next[row]);
        }
    }

    /// 4. Desks and services grant to those who wait.
    fn serve(&mut self) {
        let mut hall = Hall {
            world: self.world,
            today: &self.today,
            draws: &self.draws,
            journeys: &self.journeys,
            agents: &mut self.agents,
            counts: &mut self.counts,
            spells: &mut self.spells,
            clocks: &mut self.clocks,
            rounds: &mut self.rounds,
            responder: &mut self.responder,
        };
        self.queues.open_desks(&mut hall);
        self.queues.serve(&mut hall);
    }

    /// 5. Protection risks act on those who wait.
    fn expose(&mut self) {
        for place in 0..self.world.places.len() {
            self.counts.waiting[place] = self.queues.waiting_at(place);
        }
        expose::shelter(self.world, &self.today, &mut self.counts);
        let (responder, world, day) = (&mut self.responder, self.world, self.day);
        let pay = |usd: f64| responder.spend(world, day, usd);
        self.reach.provide(world, &mut self.today, &mut self.counts, pay);
        self.clocks.expose(
            self.world,
            &self.today,
            &self.reach,
            &self.draws,
            &mut self.agents,
            &mut self.queues,
            &mut self.spells,
            &mut self.counts,
            &mut self.rounds,
        );
    }

    /// 6. Counts.
    fn record(&mut self) {
        self.spells.assess(self.world, &self.today, &self.journeys, &self.queues, &mut self.counts);
        let settled = self.settled.remaining(self.world);
        self.spells.assess_settled(self.world, &self.today, &self.journeys, settled, &mut self.counts);
        self.cycles.set_out(self.world, &self.today, &mut self.counts);
        for (index, flow) in self.world.flows.iter().enumerate() {
            self.counts.flow[index] = self.visitors[index].cross(flow, self.day);
        }
        self.queues.misled(self.world, &self.today, &self.journeys, &mut self.counts.misled);
        self.responder.receive(self.world, self.day, &mut self.counts);
        self.agent_steps += self.alive();
    }
}
