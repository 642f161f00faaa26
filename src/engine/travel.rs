//! Move, in rounds: everybody who is free chooses on the counts published at the round's start; everybody moves one leg;
//! arrivals are summed and published; those with range left today go on to the next round, until nobody has.
//!
//! People on the way are visited on the day of arrival only, people who rest on the day on which they go on.

use rayon::prelude::*;

use crate::scenario::world::{Aim, Day, NEVER, World};

use super::agents::{Agents, NO_PATH, Piece, State};
use super::choose::{REST, Row, Rows, STAY, WAIT};
use super::counts::{Counts, Incident};
use super::draws::{Draws, Purpose};
use super::paths::Paths;
use super::schedule::{Rest, Today};

/// Rows of agents worked on together; fixed, so that results do not depend on the number of threads.
pub const PIECE: usize = 1 << 13;
/// Rows looked at together when searching for those whose day has come.
const BLOCK: usize = 64;

/// What the move step needs to know of a link.
#[derive(Debug, Clone, Copy)]
struct Leg {
    to: u16,
    from: u16,
    length: f32,
    range: f32,
    km: f32,
    fee: u16,
    walk_chance: f32,
    free: bool,
    /// Index among the border links whose crossings are counted, or `u32::MAX`.
    border: u32,
}

/// Chances of harm on a link for a group, as thresholds of a 32-bit word.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Peril {
    /// Below: dies or goes missing.
    pub death: u32,
    /// Below (and not dead): is detained.
    pub detention: u32,
    /// Below (and neither): is robbed.
    pub robbery: u32,
}

/// The lasting tables of the move step.
#[derive(Debug)]
pub struct Roads {
    legs: Vec<Leg>,
    sizes: Vec<u8>,
    group: Vec<u16>,
    home: Vec<u16>,
    column: Vec<u16>,
    /// Number of columns of choice rows: one for all who look for safety, one for each class that heads home.
    pub columns: usize,
}

/// What one round is made on.
pub struct Round<'a> {
    /// The world.
    pub world: &'a World,
    /// Lasting tables.
    pub roads: &'a Roads,
    /// What holds today.
    pub today: &'a Today,
    /// Draws.
    pub draws: &'a Draws,
    /// Paths in progress.
    pub paths: &'a Paths,
    /// Choice rows made so far.
    pub rows: &'a Rows,
    /// Makes the choice row of a place and class.
    pub build: &'a (dyn Fn(usize, usize) -> Row + Sync),
    /// Camps that people on a planned path do not enter today.
    pub full: &'a [bool],
    /// Harm on links, `links x groups`; empty: none.
    pub perils: &'a [Peril],
    /// Number of the round, from 0.
    pub round: u8,
}

/// What a round changed: sums over agents, in integers.
#[derive(Debug, Clone)]
struct Tally {
    groups: usize,
    present: Vec<i32>,
    state: Vec<i32>,
    entered: Vec<u32>,
    crossed: Vec<u32>,
    arrived: Vec<u32>,
    departed: Vec<u32>,
    incidents: Vec<(u16, Incident, u16, u32)>,
    deaths: Vec<u32>,
    /// Rows of those who wait from now on.
    waiting: Vec<u32>,
    /// Rows of those who wait and whose review day has come.
    reviews: Vec<u32>,
}

impl Roads {
    /// Tables of `world`; `counts` says which border links are counted.
    pub fn new(world: &World, counts: &Counts) -> Self {
        let range = world.movement.range;
        let legs = world
            .links
            .iter()
            .enumerate()
            .map(|(index, link)| Leg {
                to: link.to as u16,
                from: link.from as u16,
                length: link.length,
                range: link.range.unwrap_or(range),
                km: link.km,
                fee: link.fee,
                walk_chance: link.walk_chance,
                free: link.free,
                border: counts.border_links.binary_search(&index).map_or(u32::MAX, |i| i as u32),
            })
            .collect();
        let mut columns = 1u16;
        let mut column = Vec::new();
        let mut home = Vec::new();
        for class in &world.classes {
            match class.aim {
                Aim::Safety => {
                    column.push(0);
                    home.push(u16::MAX);
                }
                Aim::Home(_) | Aim::Refuge => {
                    let end = if let Aim::Home(place) = class.aim { Some(place) } else { class.origin };
                    column.push(columns);
                    home.push(end.map_or(u16::MAX, |place| place as u16));
                    columns += 1;
                }
            }
        }
        Self {
            legs,
            sizes: world.compositions.iter().map(|c| c.size()).collect(),
            group: world.classes.iter().map(|c| c.group as u16).collect(),
            home,
            column,
            columns: usize::from(columns),
        }
    }
}

impl Tally {
    fn new(world: &World, counts: &Counts) -> Self {
        let (places, groups, links) = (world.places.len(), world.groups.len(), world.links.len());
        Self {
            groups,
            present: vec![0; places * groups],
            state: vec![0; groups * State::COUNT],
            entered: vec![0; links],
            crossed: vec![0; counts.crossed.len()],
            arrived: vec![0; places],
            departed: vec![0; places],
            incidents: Vec::new(),
            deaths: vec![0; links],
            waiting: Vec::new(),
            reviews: Vec::new(),
        }
    }

    fn and(mut self, mut other: Tally) -> Tally {
        fn add<T: Copy + std::ops::AddAssign>(mine: &mut [T], theirs: &[T]) {
            mine.iter_mut().zip(theirs).for_each(|(m, t)| *m += *t);
        }
        add(&mut self.present, &other.present);
        add(&mut self.state, &other.state);
        add(&mut self.entered, &other.entered);
        add(&mut self.crossed, &other.crossed);
        add(&mut self.arrived, &other.arrived);
        add(&mut self.departed, &other.departed);
        add(&mut self.deaths, &other.deaths);
        self.incidents.append(&mut other.incidents);
        self.waiting.append(&mut other.waiting);
        self.reviews.append(&mut other.reviews);
        self
    }

    fn publish(&self, counts: &mut Counts) {
        let shift = |stock: &mut [u32], change: &[i32]| {
            stock.iter_mut().zip(change).for_each(|(s, c)| *s = s.wrapping_add_signed(*c));
        };
        let add = |flow: &mut [u32], more: &[u32]| flow.iter_mut().zip(more).for_each(|(f, m)| *f += m);
        shift(&mut counts.present, &self.present);
        shift(&mut counts.state, &self.state);
        add(&mut counts.entered, &self.entered);
        add(&mut counts.crossed, &self.crossed);
        add(&mut counts.arrived, &self.arrived);
        add(&mut counts.departed, &self.departed);
        add(&mut counts.deaths_on_link, &self.deaths);
        for (place, kind, group, persons) in &self.incidents {
            counts.incident(usize::from(*place), *kind, usize::from(*group), *persons);
        }
    }

    #[inline(always)]
    fn change(&mut self, group: usize, from: State, to: State, persons: i32) {
        self.state[group * State::COUNT + from as usize] -= persons;
        self.state[group * State::COUNT + to as usize] += persons;
    }
}

/// Those of a piece who go on in the next round: row within the piece, length moved today.
type Onward = Vec<(u32, f32)>;

/// State of the rounds of one day.
#[derive(Debug, Default)]
pub struct Rounds {
    onward: Vec<Onward>,
    /// Earliest event in each piece, for skipping.
    earliest: Vec<Day>,
}

/// What a round leaves to be done in order.
#[derive(Debug, Default)]
pub struct AfterRound {
    /// Rows of those who wait from now on.
    pub waiting: Vec<u32>,
    /// Rows of those who wait and whose review day has come.
    pub reviews: Vec<u32>,
    /// Whether anybody has range left.
    pub goes_on: bool,
}

impl Rounds {
    /// An event of the agent in `row` now lies on `day`: makes sure that it is seen.
    pub fn wake(&mut self, row: usize, day: Day) {
        if let Some(earliest) = self.earliest.get_mut(row / PIECE) {
            *earliest = (*earliest).min(day);
        }
    }

    /// New agents have been added from row `from` on.
    pub fn grow(&mut self, agents: usize, from: usize, day: Day) {
        self.earliest.resize(agents.div_ceil(PIECE), NEVER);
        self.onward.resize_with(agents.div_ceil(PIECE), Vec::new);
        for piece in from / PIECE..self.earliest.len() {
            self.earliest[piece] = self.earliest[piece].min(day);
        }
    }

    /// Moves everybody who moves in `round`, in parallel, and publishes the counts.
    pub fn run(&mut self, agents: &mut Agents, round: &Round<'_>, counts: &mut Counts) -> AfterRound {
        let day = round.today.day;
        let first = round.round == 0;
        let woken = first && round.today.woken.iter().chain(&round.today.alarmed).any(|w| *w);
        let published = &*counts;
        let new_tally = || None::<Tally>;
        let work: Vec<_> = agents
            .pieces(PIECE)
            .into_iter()
            .zip(self.onward.iter_mut().zip(self.earliest.iter_mut()))
            .filter(|(_, (onward, earliest))| if first { woken || **earliest <= day } else { !onward.is_empty() })
            .collect();
        let tally = work
            .into_par_iter()
            .fold(new_tally, |tally, (mut piece, (onward, earliest))| {
                let mut tally = tally.unwrap_or_else(|| Tally::new(round.world, published));
                if first {
                    onward.clear();
                    *earliest = round.wake_due(&mut piece, woken, onward, &mut tally);
                } else {
                    for (row, moved) in std::mem::take(onward) {
                        round.go_on(&mut piece, row as usize, moved, onward, &mut tally);
                        *earliest = (*earliest).min(piece.next[row as usize]);
                    }
                }
                Some(tally)
            })
            .reduce(new_tally, |a, b| match (a, b) {
                (Some(a), Some(b)) => Some(a.and(b)),
                (a, b) => a.or(b),
            });
        let Some(tally) = tally else { return AfterRound::default() };
        tally.publish(counts);
        let goes_on = self.onward.iter().any(|o| !o.is_empty());
        AfterRound { waiting: tally.waiting, reviews: tally.reviews, goes_on }
    }
}

impl Round<'_> {
    /// Round 0: everybody in `piece` whose day has come. Gives the day of the piece's next event.
    fn wake_due(&self, piece: &mut Piece<'_>, woken: bool, onward: &mut Onward, tally: &mut Tally) -> Day {
        let day = self.today.day;
        let mut earliest = NEVER;
        let rows = piece.next.len();
        for start in (0..rows).step_by(BLOCK) {
            let end = (start + BLOCK).min(rows);
            let soonest = piece.next[start..end].iter().fold(NEVER, |least, next| least.min(*next));
            if soonest > day && !woken {
                earliest = earliest.min(soonest);
                continue;
            }
            for i in start..end {
                if woken {
                    self.redraw_rest(piece, i);
                }
                if piece.next[i] <= day {
                    self.event(piece, i, onward, tally);
                }
                earliest = earliest.min(piece.next[i]);
            }
        }
        earliest
    }

    /// Whoever rests at a place whose law of rest changed today draws again: the geometric law has no memory.
    fn redraw_rest(&self, piece: &mut Piece<'_>, i: usize) {
        let place = usize::from(piece.place[i]);
        let resting = piece.state(i) == State::Resting && piece.path[i] == NO_PATH;
        if resting && self.today.woken[place] && self.roads.column[usize::from(piece.class[i])] == 0 {
            let word = self.draws.words(piece.person[i], self.today.day, Purpose::Rest, 0)[0];
            piece.next[i] = self.today.day.saturating_add(self.today.rest[place].failures(word));
        }
        let in_refuge = piece.state(i) == State::Resting && piece.next[i] == NEVER;
        if in_refuge && self.today.alarmed[place] {
            piece.next[i] = self.today.day;
        }
    }

    #[inline(always)]
    fn event(&self, piece: &mut Piece<'_>, i: usize, onward: &mut Onward, tally: &mut Tally) {
        let day = self.today.day;
        match piece.state(i) {
            State::Resting => {
                if self.world.movement.avoid_short_stints {
                    let idle = day.saturating_sub(piece.since[i]).saturating_sub(1);
                    piece.recent[i] *= halved(idle);
                }
                self.go(piece, i, 0.0, onward, tally);
            }
            State::EnRoute => self.complete_leg(piece, i, onward, tally),
            State::Waiting => {
                piece.next[i] = NEVER;
                tally.reviews.push((piece.first + i) as u32);
            }
            State::Detained => {
                let group = usize::from(self.roads.group[usize::from(piece.class[i])]);
                let size = i32::from(self.roads.sizes[usize::from(piece.composition[i])]);
                tally.change(group, State::Detained, State::Resting, size);
                piece.set(i, State::Resting);
                piece.since[i] = day;
                self.go(piece, i, 0.0, onward, tally);
            }
            State::Arrived | State::Dead => piece.next[i] = NEVER,
        }
    }

    /// A leg of several days ends today: at its end, or, if it has been closed, back at its start.
    fn complete_leg(&self, piece: &mut Piece<'_>, i: usize, onward: &mut Onward, tally: &mut Tally) {
        let day = self.today.day;
        let class = usize::from(piece.class[i]);
        let link = self.paths.first(piece.path[i]);
        let leg = &self.roads.legs[link];
        let range = self.world.movement.range;
        let moved = if !self.world.movement.fresh_range_each_leg {
            piece.recent[i]
        } else if leg.walk_chance > 0.0 {
            leg.length - self.paced(piece.person[i], piece.since[i], leg, Some(day))
        } else {
            let v = self.range_of(leg, piece.km[i]);
            leg.length - v * (leg.length / v).floor()
        };
        if self.world.movement.avoid_short_stints && self.roads.column[class] == 0 {
            // Full days on the way between the first and today: recent travel tends to its share of the range.
            let steady = self.range_of(leg, piece.km[i]) / range;
            let days = day.saturating_sub(piece.since[i]).saturating_sub(1);
            piece.recent[i] = steady + (piece.recent[i] - steady) * halved(days);
        }
        let group = usize::from(self.roads.group[class]);
        let size = self.roads.sizes[usize::from(piece.composition[i])];
        if leg.free && (self.today.closed[link] || self.today.barred[link].contains(class)) {
            tally.change(group, State::EnRoute, State::Resting, i32::from(size));
            piece.set(i, State::Resting);
            piece.place[i] = leg.from;
            piece.path[i] = NO_PATH;
            tally.present[usize::from(leg.from) * tally.groups + group] += i32::from(size);
            tally.arrived[usize::from(leg.from)] += u32::from(size);
            self.rest(piece, i, moved);
            return;
        }
        tally.change(group, State::EnRoute, State::Resting, i32::from(size));
        self.arrive(piece, i, link, moved, onward, tally);
    }

    /// A party at the end of `link` after moving `moved` today.
    fn arrive(&self, piece: &mut Piece<'_>, i: usize, link: usize, moved: f32, onward: &mut Onward, tally: &mut Tally) {
        let leg = &self.roads.legs[link];
        let class = usize::from(piece.class[i]);
        let group = usize::from(self.roads.group[class]);
        let size = i32::from(self.roads.sizes[usize::from(piece.composition[i])]);
        piece.set(i, State::Resting);
        piece.place[i] = leg.to;
        piece.path[i] = self.paths.rest(piece.path[i]);
        piece.km[i] += leg.km;
        piece.since[i] = self.today.day;
        tally.arrived[usize::from(leg.to)] += size as u32;
        if self.roads.home[class] == leg.to {
            tally.change(group, State::Resting, State::Arrived, size);
            piece.set(i, State::Arrived);
            piece.path[i] = NO_PATH;
            piece.next[i] = NEVER;
            return;
        }
        tally.present[usize::from(leg.to) * tally.groups + group] += size;
        // `moved < range` holds for whoever can still cover ground today.
        if moved < self.range_of(leg, piece.km[i]) {
            // Marked for tomorrow, in case no further round is run.
            piece.next[i] = self.today.day.saturating_add(1);
            onward.push((i as u32, moved));
        } else {
            self.rest(piece, i, moved);
        }
    }

    /// Rounds after the first: a party with range left goes on, or rests.
    fn go_on(&self, piece: &mut Piece<'_>, i: usize, moved: f32, onward: &mut Onward, tally: &mut Tally) {
        let place = usize::from(piece.place[i]);
        let safety = self.roads.column[usize::from(piece.class[i])] == 0;
        let word = if safety && piece.path[i] == NO_PATH {
            self.draws.words(piece.person[i], self.today.day, Purpose::Rest, self.round)[0]
        } else {
            u32::MAX
        };
        let rest = &self.today.rest[place];
        if safety && piece.path[i] == NO_PATH && !self.forced_on(piece, i, moved) {
            let failures = rest.failures(word);
            if failures > 0 {
                self.rest_for(piece, i, moved, failures);
                return;
            }
        }
        self.go(piece, i, moved, onward, tally);
    }

    /// Whether somebody who has moved less than half of the range lately must go on from a town.
    fn forced_on(&self, piece: &Piece<'_>, i: usize, moved: f32) -> bool {
        let place = usize::from(piece.place[i]);
        self.world.movement.avoid_short_stints
            && self.today.is_town(place)
            && (piece.recent[i] + moved / self.world.movement.range) / 2.0 < 0.5
    }

    /// A free party chooses, if it has no plan, and enters its next link.
    #[inline(always)]
    fn go(&self, piece: &mut Piece<'_>, i: usize, moved: f32, onward: &mut Onward, tally: &mut Tally) {
        let class = usize::from(piece.class[i]);
        let place = usize::from(piece.place[i]);
        let words = self.draws.words(piece.person[i], self.today.day, Purpose::Move, self.round);
        let column = usize::from(self.roads.column[class]);
        let outcome = if piece.path[i] == NO_PATH {
            self.rows.get(place, column, || (self.build)(place, class)).draw(words[0], words[1])
        } else {
            let (path, link) = (piece.path[i], self.paths.first(piece.path[i]));
            if self.today.closed[link] || self.full[self.paths.end(path)] { STAY } else { path }
        };
        if outcome == STAY {
            piece.path[i] = NO_PATH;
            let failures = self.today.rest[place].failures(words[2]);
            self.rest_for(piece, i, moved, failures.saturating_add(1));
            return;
        }
        if outcome == REST {
            piece.next[i] = NEVER;
            return;
        }
        let group = usize::from(self.roads.group[class]);
        let size = i32::from(self.roads.sizes[usize::from(piece.composition[i])]);
        if outcome == WAIT || self.roads.legs[self.paths.first(outcome)].fee > piece.money[i] {
            tally.change(group, State::Resting, State::Waiting, size);
            piece.set(i, State::Waiting);
            piece.next[i] = NEVER;
            tally.waiting.push((piece.first + i) as u32);
            return;
        }
        let link = self.paths.first(outcome);
        let leg = &self.roads.legs[link];
        if !self.perils.is_empty() && self.harm(piece, i, link, group, tally) {
            return;
        }
        piece.path[i] = outcome;
        piece.money[i] -= leg.fee;
        tally.present[place * tally.groups + group] -= size;
        tally.entered[link] += size as u32;
        tally.departed[place] += size as u32;
        if leg.border != u32::MAX {
            tally.crossed[leg.border as usize * tally.groups + group] += size as u32;
        }
        self.enter(piece, i, link, moved, onward, tally);
    }

    /// Travels along `link`: arrives today if the range allows, else on the day that its length tells.
    #[inline(always)]
    fn enter(&self, piece: &mut Piece<'_>, i: usize, link: usize, moved: f32, onward: &mut Onward, tally: &mut Tally) {
        let leg = &self.roads.legs[link];
        let movement = &self.world.movement;
        let day = self.today.day;
        let safety = self.roads.column[usize::from(piece.class[i])] == 0;
        let v = self.range_of(leg, piece.km[i]);
        let (today, days, last) = if !movement.fresh_range_each_leg {
            // What is left of the day's range is used first; the rest by whole days.
            let whole = moved + leg.length;
            let nights = (whole / v).ceil() - 1.0;
            (whole <= v, nights, whole - nights * v)
        } else if leg.walk_chance > 0.0 {
            let days = self.paced(piece.person[i], day, leg, None);
            (days < 1.0, days, 0.0)
        } else {
            let days = (leg.length / v).floor();
            (v > leg.length, days, 0.0)
        };
        if today {
            self.arrive(piece, i, link, moved + leg.length, onward, tally);
            return;
        }
        let group = usize::from(self.roads.group[usize::from(piece.class[i])]);
        let size = i32::from(self.roads.sizes[usize::from(piece.composition[i])]);
        tally.change(group, State::Resting, State::EnRoute, size);
        piece.set(i, State::EnRoute);
        piece.place[i] = leg.to;
        piece.next[i] = day.saturating_add(days.min(65_534.0) as Day);
        if safety && movement.avoid_short_stints {
            piece.recent[i] = (piece.recent[i] + (moved + v) / movement.range) / 2.0;
        } else if !movement.fresh_range_each_leg {
            piece.recent[i] = last;
        }
        piece.since[i] = day;
    }

    /// Range of a day on `leg`: walking until the first arrival where people start on foot.
    #[inline(always)]
    fn range_of(&self, leg: &Leg, km: f32) -> f32 {
        match self.world.movement.range_on_foot {
            Some(foot) if km == 0.0 => foot,
            _ => leg.range,
        }
    }

    /// On a leg where people walk on some days: days until arrival (from entry on `since`), or, for a given day of arrival,
    /// the length covered before it. Draws are keyed by the day, so both agree.
    fn paced(&self, person: u32, since: Day, leg: &Leg, until: Option<Day>) -> f32 {
        let walk = self.world.parameters.travel.walk_km as f32;
        let mut covered = 0.0;
        for day in since..NEVER {
            if until == Some(day) {
                return covered;
            }
            let word = self.draws.words(person, day, Purpose::Pace, 0)[0];
            let walks = f64::from(word) < f64::from(leg.walk_chance) * 4_294_967_296.0;
            covered += if walks { walk } else { leg.range };
            if covered > leg.length {
                return f32::from(day - since);
            }
        }
        f32::from(NEVER)
    }

    /// What happens on the way, by the perils of the link: death, detention, robbery. True if the journey stops here.
    fn harm(&self, piece: &mut Piece<'_>, i: usize, link: usize, group: usize, tally: &mut Tally) -> bool {
        let peril = self.perils[link * tally.groups + group];
        if peril == Peril::default() {
            return false;
        }
        let place = piece.place[i];
        let size = i32::from(self.roads.sizes[usize::from(piece.composition[i])]);
        let words = self.draws.words(piece.person[i], self.today.day, Purpose::Leg, self.round);
        if words[0] < peril.death {
            tally.change(group, State::Resting, State::Dead, size);
            tally.present[usize::from(place) * tally.groups + group] -= size;
            tally.deaths[link] += size as u32;
            tally.incidents.push((place, Incident::Death, group as u16, size as u32));
            piece.set(i, State::Dead);
            piece.next[i] = NEVER;
            return true;
        }
        if words[1] < peril.detention {
            tally.change(group, State::Resting, State::Detained, size);
            tally.incidents.push((place, Incident::Detention, group as u16, size as u32));
            piece.set(i, State::Detained);
            piece.next[i] = release_day(self.world, self.today, words[3]);
            return true;
        }
        if words[2] < peril.robbery {
            tally.incidents.push((place, Incident::Robbery, group as u16, size as u32));
            piece.money[i] /= 2;
            piece.money[i] = piece.money[i].max(self.roads.legs[link].fee);
        }
        false
    }

    /// Rests after moving `moved` today; goes on after the place's law of rest, or tomorrow with a plan or a home to go to.
    fn rest(&self, piece: &mut Piece<'_>, i: usize, moved: f32) {
        let place = usize::from(piece.place[i]);
        let planned = piece.path[i] != NO_PATH || self.roads.column[usize::from(piece.class[i])] != 0;
        let failures = if planned {
            0
        } else {
            let words = self.draws.words(piece.person[i], self.today.day, Purpose::Rest, self.round);
            self.today.rest[place].failures(words[1])
        };
        self.rest_for(piece, i, moved, failures.saturating_add(1));
    }

    /// Rests for `days` days from today.
    fn rest_for(&self, piece: &mut Piece<'_>, i: usize, moved: f32, days: Day) {
        let movement = &self.world.movement;
        if movement.avoid_short_stints {
            piece.recent[i] = (piece.recent[i] + moved / movement.range) / 2.0;
        }
        piece.since[i] = self.today.day;
        piece.next[i] = self.today.day.saturating_add(days);
    }
}

/// Day on which somebody detained today is released, for a uniform `word`: a geometric law of mean `risk.detention_days`.
pub fn release_day(world: &World, today: &Today, word: u32) -> Day {
    let mean = world.parameters.risk.detention_days * today.held;
    let held = Rest::new(1.0 / mean.max(1.0)).failures(word);
    today.day.saturating_add(held.saturating_add(1)).min(NEVER - 1)
}

/// `2^-days`.
fn halved(days: Day) -> f32 {
    if days > 60 { 0.0 } else { 1.0 / (1u64 << days) as f32 }
}
