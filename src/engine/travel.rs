//! Move, in rounds: everybody who is free chooses on the counts published at the round's start; everybody moves one leg;
//! arrivals are summed and published; those with range left today go on to the next round, until nobody has.
//!
//! People on the way are visited on the day of arrival only, people who rest on the day on which they go on.

use crate::scenario::world::{Day, NEVER, World};

use super::agents::{LEAVING, NO_PATH, Piece, State};
use super::care::Reach;
use super::choose::{REST, Row, Rows, STAY};
use super::counts::Incident;
use super::draws::{Draws, Purpose};
use super::paths::Paths;
use super::roads::{Kind, Leg, Roads, nights};
use super::rounds::PIECE;
use super::schedule::{Rest, Today};
use super::tally::Tally;

/// Walkers whose draws are made together, so that the processor can overlap them.
const BATCH: usize = 32;

/// Rows looked at together when searching for those whose day has come.
const BLOCK: usize = 64;

/// Chances of harm on a link at a target risk, as thresholds of a 32-bit word.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Peril {
    /// Below: dies or goes missing.
    pub death: u32,
    /// Below (and not dead): is detained, where no firewall keeps it from that.
    pub detention: u32,
    /// Below (and neither): is robbed.
    pub robbery: u32,
}

/// What one round is made on.
#[derive(Clone, Copy)]
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
    /// Harm on links, `links x target risks`; empty: none.
    pub perils: &'a [Peril],
    /// One over the day's range.
    pub per_range: f32,
    /// Number of the round, from 0.
    pub round: u8,
}

/// How a walker's step ends.
enum Step {
    /// It has range left.
    Onward,
    /// It rests for so many days from today.
    Rest(Day),
    /// It is back in the columns.
    Done,
}

/// Somebody who moves today, taken out of the columns until today's last stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walker {
    /// Row within the piece.
    row: u32,
    person: u32,
    /// Plan still to be followed.
    path: u32,
    /// Length moved today.
    moved: f32,
    recent: f32,
    km: f32,
    /// Words left of the last block of draws: trial, way, trial.
    words: [u32; 3],
    place: u16,
    class: u16,
    size: u8,
    /// Whether it has arrived somewhere today.
    arrived: bool,
    /// Whether it was on the way this morning.
    en_route: bool,
}

impl Round<'_> {
    /// All rounds of the day for `piece`. Gives the day of its next event.
    pub(super) fn whole_day(&self, piece: &mut Piece<'_>, woken: bool, tally: &mut Tally) -> Day {
        let mut walkers = std::mem::take(&mut tally.walkers);
        let earliest = self.wake_due(piece, woken, &mut walkers, tally);
        for number in 1..=u8::MAX {
            if walkers.is_empty() {
                break;
            }
            Round { round: number, ..*self }.advance(piece, &mut walkers, tally);
        }
        walkers.drain(..).for_each(|walker| {
            self.rest_for(piece, &walker, 1);
        });
        tally.walkers = walkers;
        earliest
    }

    /// Whether what [`Roads::alike`] says holds today.
    fn alike(&self) -> bool {
        self.roads.alike && self.perils.is_empty()
    }

    /// Round 0: everybody in `piece` whose day has come. Gives the day of the piece's next event.
    pub(super) fn wake_due(
        &self,
        piece: &mut Piece<'_>,
        woken: bool,
        onward: &mut Vec<Walker>,
        tally: &mut Tally,
    ) -> Day {
        match (self.alike(), self.roads.needs.path) {
            (true, false) => self.wake::<true, false>(piece, woken, onward, tally),
            (true, true) => self.wake::<true, true>(piece, woken, onward, tally),
            (false, _) => self.wake::<false, true>(piece, woken, onward, tally),
        }
    }

    /// [`Round::wake_due`]; with `ALIKE` what [`Roads::alike`] says is known to the compiler, and without `PLANS` that nobody plans
    /// beyond the next place.
    fn wake<const ALIKE: bool, const PLANS: bool>(
        &self,
        piece: &mut Piece<'_>,
        woken: bool,
        onward: &mut Vec<Walker>,
        tally: &mut Tally,
    ) -> Day {
        let day = self.today.day;
        if woken {
            (0..piece.next.len()).for_each(|i| self.redraw_rest(piece, i));
        }
        let mut arrived = std::mem::take(&mut tally.arriving);
        let mut quiet = true;
        onward.clear();
        for start in (0..piece.next.len()).step_by(BLOCK) {
            let block = &piece.next[start..piece.next.len().min(start + BLOCK)];
            // A byte for each row, so that many are compared at once; then eight rows are looked at together.
            let mut due = [0u8; BLOCK];
            due.iter_mut().zip(block).for_each(|(due, next)| *due = u8::from(*next <= day));
            for (eight, flags) in due.as_chunks::<8>().0.iter().enumerate() {
                let mut flags = u64::from_le_bytes(*flags);
                while flags != 0 {
                    let row = start + eight * 8 + flags.trailing_zeros() as usize / 8;
                    flags &= flags - 1;
                    quiet = false;
                    self.event::<ALIKE, PLANS>(piece, row, onward, &mut arrived, tally);
                }
            }
        }
        if onward.capacity() > 4 * onward.len() + PIECE / 8 {
            onward.shrink_to(2 * onward.len());
        }
        self.step_all::<ALIKE, PLANS>(piece, onward, tally);
        onward.append(&mut arrived);
        tally.arriving = arrived;
        // A quiet piece is left alone until its next event.
        if quiet { piece.next.iter().fold(NEVER, |least, next| least.min(*next)) } else { day.saturating_add(1) }
    }

    /// Whoever rests at a place whose law of rest changed today draws again: the geometric law has no memory.
    fn redraw_rest(&self, piece: &mut Piece<'_>, i: usize) {
        let place = usize::from(piece.place[i]);
        if !self.today.woken[place] && !self.today.alarmed[place] {
            return;
        }
        let resting = piece.state(i) == State::Resting && piece.path[i] == NO_PATH;
        let safety = self.roads.seeks_safety(piece.class[i]);
        if resting && self.today.woken[place] && safety {
            let word = self.draws.words(piece.person[i], self.today.day, Purpose::Rest, 0)[0];
            let days = self.today.rest[place].failures(word);
            piece.next[i] = self.today.day.saturating_add(days);
            if let Some(days) = self.leaves_before(piece.person[i], place, days) {
                piece.next[i] = self.today.day.saturating_add(days);
                piece.path[i] = LEAVING;
            }
        }
        let in_refuge = !safety && piece.state(i) == State::Resting && piece.next[i] == NEVER;
        if in_refuge && self.today.alarmed[place] {
            piece.next[i] = self.today.day;
        }
    }

    /// What is due today for the party in row `i`: those who may go are added to `free`, those who arrive with range left to
    /// `arrived`.
    #[inline(always)]
    fn event<const ALIKE: bool, const PLANS: bool>(
        &self,
        piece: &mut Piece<'_>,
        i: usize,
        free: &mut Vec<Walker>,
        arrived: &mut Vec<Walker>,
        tally: &mut Tally,
    ) {
        let day = self.today.day;
        match piece.state(i) {
            State::Resting if !ALIKE && self.roads.needs.path && piece.path[i] == LEAVING => {
                let walker = Walker { path: NO_PATH, ..self.walker::<ALIKE, PLANS>(piece, i) };
                self.leave(piece, &walker, tally);
            }
            State::Resting => {
                let mut walker = self.walker::<ALIKE, PLANS>(piece, i);
                if self.world.movement.avoid_short_stints {
                    let idle = day.saturating_sub(piece.since[i]).saturating_sub(1);
                    walker.recent = piece.recent[i] * halved(idle);
                }
                free.push(walker);
            }
            State::EnRoute => arrived.extend(self.complete_leg::<ALIKE, PLANS>(piece, i, tally)),
            State::Waiting => {
                piece.next[i] = NEVER;
                tally.reviews.push((piece.first + i) as u32);
            }
            State::Detained => {
                let walker = self.walker::<ALIKE, PLANS>(piece, i);
                let group = usize::from(self.roads.kinds[usize::from(walker.class)].group);
                tally.change(group, State::Detained, State::Resting, i32::from(walker.size));
                piece.set(i, State::Resting);
                piece.since[i] = day;
                free.push(walker);
            }
            State::Arrived | State::Dead => piece.next[i] = NEVER,
        }
    }

    #[inline(always)]
    fn walker<const ALIKE: bool, const PLANS: bool>(&self, piece: &Piece<'_>, i: usize) -> Walker {
        let mut needs = self.roads.needs;
        if ALIKE {
            (needs.class, needs.composition, needs.path, needs.km) = (false, false, PLANS, false);
        }
        Walker {
            row: i as u32,
            person: if needs.person { piece.person[i] } else { (piece.first + i) as u32 },
            path: if needs.path { piece.path[i] } else { NO_PATH },
            moved: 0.0,
            recent: 0.0,
            km: if needs.km { piece.km[i] } else { 0.0 },
            words: [0; 3],
            place: piece.place[i],
            class: if needs.class { piece.class[i] } else { 0 },
            size: if needs.composition { self.roads.sizes[usize::from(piece.composition[i])] } else { 1 },
            arrived: false,
            en_route: false,
        }
    }

    /// A leg of several days ends today: at its end, or, if it has been closed, back at its start.
    #[inline(always)]
    fn complete_leg<const ALIKE: bool, const PLANS: bool>(
        &self,
        piece: &mut Piece<'_>,
        i: usize,
        tally: &mut Tally,
    ) -> Option<Walker> {
        let day = self.today.day;
        let path = piece.path[i];
        let mut walker = Walker { path, en_route: true, ..self.walker::<ALIKE, PLANS>(piece, i) };
        let class = usize::from(walker.class);
        let link = self.first_of::<PLANS>(path);
        let leg = &self.roads.legs[link];
        let range = self.world.movement.range;
        let recent = piece.recent[i];
        let safety = ALIKE || self.roads.seeks_safety(walker.class);
        walker.moved = if !self.roads.fresh {
            recent
        } else if !ALIKE && leg.walk_chance > 0.0 {
            leg.length - self.paced(walker.person, piece.since[i], leg, Some(day))
        } else {
            self.nights(leg, walker.km).1
        };
        walker.recent = recent;
        if self.world.movement.avoid_short_stints && safety {
            // Full days on the way between the first and today: recent travel tends to its share of the range.
            let steady = self.range_of(leg, walker.km) / range;
            let days = day.saturating_sub(piece.since[i]).saturating_sub(1);
            walker.recent = steady + (recent - steady) * halved(days);
        }
        let group = if ALIKE { 0 } else { usize::from(self.roads.kinds[class].group) };
        let size = i32::from(walker.size);
        tally.change(group, State::EnRoute, State::Resting, size);
        if safety {
            [_, walker.words[0], walker.words[1], walker.words[2]] =
                self.draws.words(walker.person, day, Purpose::Move, self.round);
        }
        if leg.free && self.shut::<ALIKE>(link, class) {
            walker.place = leg.from;
            walker.path = NO_PATH;
            walker.arrived = true;
            tally.arrive(leg.from, tally.groups, group, size as u32);
            self.rest_or_leave(piece, &walker, self.rest(&walker), tally);
            return None;
        }
        let moved = walker.moved;
        match self.arrive::<ALIKE, PLANS>(piece, &mut walker, path, link, moved, tally) {
            Step::Onward => return Some(walker),
            Step::Rest(days) if ALIKE => drop(self.rest_for(piece, &walker, days)),
            Step::Rest(days) => self.rest_or_leave(piece, &walker, days, tally),
            Step::Done => {}
        }
        None
    }

    /// A walker at the end of `link`, the first of `path`, after moving `moved` today: goes on if it can still cover ground.
    #[allow(clippy::too_many_arguments)]
    #[inline(always)]
    fn arrive<const ALIKE: bool, const PLANS: bool>(
        &self,
        piece: &mut Piece<'_>,
        walker: &mut Walker,
        path: u32,
        link: usize,
        moved: f32,
        tally: &mut Tally,
    ) -> Step {
        let leg = &self.roads.legs[link];
        let kind = if ALIKE { Kind::ONLY } else { self.roads.kinds[usize::from(walker.class)] };
        let group = usize::from(kind.group);
        let size = if ALIKE { 1 } else { i32::from(walker.size) };
        walker.place = leg.to;
        walker.path = if PLANS { self.paths.rest(path) } else { NO_PATH };
        if !ALIKE {
            walker.km += leg.km;
        }
        walker.moved = moved;
        walker.arrived = true;
        if !ALIKE && kind.home == leg.to {
            tally.arrived[usize::from(leg.to)] += size as u32;
            tally.change(group, State::Resting, State::Arrived, size);
            walker.path = NO_PATH;
            self.stop(piece, walker, State::Arrived, NEVER);
            return Step::Done;
        }
        tally.arrive(leg.to, if ALIKE { 1 } else { tally.groups }, group, size as u32);
        if moved < if ALIKE { leg.range } else { self.range_of(leg, walker.km) } {
            Step::Onward
        } else {
            let by_law = ALIKE && walker.path == NO_PATH;
            Step::Rest(if by_law { self.rest_by_law(walker) } else { self.rest(walker) })
        }
    }

    /// All of `walkers` make one step; those with range left after it stay in the list.
    pub(super) fn advance(&self, piece: &mut Piece<'_>, walkers: &mut Vec<Walker>, tally: &mut Tally) {
        match (self.alike(), self.roads.needs.path) {
            (true, false) => self.step_all::<true, false>(piece, walkers, tally),
            (true, true) => self.step_all::<true, true>(piece, walkers, tally),
            (false, _) => self.step_all::<false, true>(piece, walkers, tally),
        }
    }

    /// [`Round::advance`]; with `ALIKE` what [`Roads::alike`] says is known to the compiler, and without `PLANS` that nobody plans
    /// beyond the next place.
    fn step_all<const ALIKE: bool, const PLANS: bool>(
        &self,
        piece: &mut Piece<'_>,
        walkers: &mut Vec<Walker>,
        tally: &mut Tally,
    ) {
        let mut kept = 0;
        // One block of draws serves two rounds: way now, trial and way in the next, trial in the one after.
        let fresh = self.round.is_multiple_of(2);
        for start in (0..walkers.len()).step_by(BATCH) {
            let end = walkers.len().min(start + BATCH);
            let mut ways = [0u32; BATCH];
            let mut trials = [0u32; BATCH];
            let seek = |walker: &Walker| ALIKE || self.roads.seeks_safety(walker.class);
            for (walker, (way, trial)) in walkers[start..end].iter_mut().zip(ways.iter_mut().zip(&mut trials)) {
                if !seek(walker) {
                    continue;
                }
                if fresh {
                    let [now, words @ ..] = self.draws.words(walker.person, self.today.day, Purpose::Move, self.round);
                    (*trial, *way) = (walker.words[2], now);
                    walker.words = words;
                } else {
                    [*trial, *way, _] = walker.words;
                }
            }
            let (mut onward, mut count) = ([0; BATCH], 0);
            for k in start..end {
                let words = [ways[(k - start) % BATCH], trials[(k - start) % BATCH]];
                match self.step::<ALIKE, PLANS>(piece, &mut walkers[k], words, tally) {
                    Step::Onward => {
                        onward[count % BATCH] = k;
                        count += 1;
                    }
                    Step::Rest(days) if ALIKE => drop(self.rest_for(piece, &walkers[k], days)),
                    Step::Rest(days) => self.rest_or_leave(piece, &walkers[k], days, tally),
                    Step::Done => {}
                }
            }
            // Copied only now: what has just been written is slow to read as a whole.
            for k in onward[..count.min(BATCH)].iter().copied() {
                if kept < k {
                    walkers[kept] = walkers[k];
                }
                kept += 1;
            }
        }
        walkers.truncate(kept);
    }

    /// One step of a walker: it rests, waits, or takes the next link of its plan or of a new one.
    #[inline(always)]
    fn step<const ALIKE: bool, const PLANS: bool>(
        &self,
        piece: &mut Piece<'_>,
        walker: &mut Walker,
        [way, trial]: [u32; 2],
        tally: &mut Tally,
    ) -> Step {
        let class = if ALIKE { 0 } else { usize::from(walker.class) };
        let kind = if ALIKE { Kind::ONLY } else { self.roads.kinds[class] };
        let place = usize::from(walker.place);
        let outcome = if !PLANS || walker.path == NO_PATH {
            if self.round > 0 && kind.safety {
                let rest = &self.today.rest[place];
                if rest.fails(trial) && !self.forced_on(walker) {
                    return Step::Rest(rest.failures(trial));
                }
            }
            let row = self.rows.get(place, usize::from(kind.column), || (self.build)(place, class));
            if kind.safety {
                row.draw(way)
            } else {
                row.sole().unwrap_or_else(|| row.pick(self.draws.taste(walker.person, walker.place)))
            }
        } else {
            let (path, link) = (walker.path, self.paths.first(walker.path));
            if self.shut::<ALIKE>(link, class) || self.full[self.paths.end(path)] { STAY } else { path }
        };
        if outcome >= REST {
            return self.stay(piece, walker, outcome, tally);
        }
        let link = self.first_of::<PLANS>(outcome);
        let leg = &self.roads.legs[link];
        let (group, size) = (usize::from(kind.group), if ALIKE { 1 } else { i32::from(walker.size) });
        if !ALIKE {
            let peril = self
                .perils
                .get(link * self.roads.targets.len() + usize::from(kind.target))
                .copied()
                .unwrap_or_default();
            let harmless = leg.fee == 0 && peril == Peril::default();
            if !harmless && self.pays_or_stops(piece, walker, link, peril, tally) {
                return Step::Done;
            }
        }
        let groups = if ALIKE { 1 } else { tally.groups };
        tally.set_out(link, leg, groups, group, size as u32);
        let whole = walker.moved + leg.length;
        let today = if self.roads.fresh { leg.nights == 0 } else { whole <= leg.range };
        if (ALIKE || self.roads.plain) && today {
            return self.arrive::<ALIKE, PLANS>(piece, walker, outcome, link, whole, tally);
        }
        if ALIKE {
            self.be_on_the_way(piece, walker, outcome, link, self.days_of(leg, walker.km, whole), tally);
            return Step::Done;
        }
        self.set_out(piece, walker, outcome, link, tally)
    }

    /// The link to take next on `path`. Where nobody plans beyond a link, that is its number.
    #[inline(always)]
    fn first_of<const PLANS: bool>(&self, path: u32) -> usize {
        if PLANS { self.paths.first(path) } else { path as usize }
    }

    /// Whether `link` is closed today, or barred to `class`.
    #[inline(always)]
    pub(super) fn shut<const ALIKE: bool>(&self, link: usize, class: usize) -> bool {
        self.today.closed[link] || !ALIKE && self.today.barred[link].contains(class)
    }

    /// Outcomes that are no way: stay today, settle in refuge, wait.
    #[cold]
    fn stay(&self, piece: &mut Piece<'_>, walker: &mut Walker, outcome: u32, tally: &mut Tally) -> Step {
        walker.path = NO_PATH;
        match outcome {
            STAY => {
                return Step::Rest(self.rest(walker));
            }
            REST => self.stop(piece, walker, State::Resting, NEVER),
            _ => self.wait(piece, walker, tally),
        }
        Step::Done
    }

    /// Pays the fee and runs the risks of a link; true if the journey does not go on today.
    #[cold]
    fn pays_or_stops(
        &self,
        piece: &mut Piece<'_>,
        walker: &Walker,
        link: usize,
        peril: Peril,
        tally: &mut Tally,
    ) -> bool {
        let fee = self.roads.legs[link].fee;
        if fee > piece.money[walker.row as usize] {
            self.wait(piece, walker, tally);
            return true;
        }
        if peril != Peril::default() && self.harm(piece, walker, link, peril, tally) {
            return true;
        }
        piece.money[walker.row as usize] -= fee;
        false
    }

    /// Begins to wait for something to take it on.
    fn wait(&self, piece: &mut Piece<'_>, walker: &Walker, tally: &mut Tally) {
        let group = usize::from(self.roads.kinds[usize::from(walker.class)].group);
        tally.change(group, State::Resting, State::Waiting, i32::from(walker.size));
        tally.waiting.push((piece.first + walker.row as usize) as u32);
        self.stop(piece, walker, State::Waiting, NEVER);
    }

    /// Whether somebody who has moved less than half of the range lately must go on from a town.
    #[inline(always)]
    fn forced_on(&self, walker: &Walker) -> bool {
        self.world.movement.avoid_short_stints
            && self.today.town[usize::from(walker.place)]
            && walker.recent + walker.moved * self.per_range < 1.0
    }

    /// Travels along `link`, the first of `path`: arrives today if the range allows, else on the day that its length tells.
    #[inline(never)]
    fn set_out(&self, piece: &mut Piece<'_>, walker: &mut Walker, path: u32, link: usize, tally: &mut Tally) -> Step {
        let leg = &self.roads.legs[link];
        let whole = walker.moved + leg.length;
        let (nights, last) = if self.roads.fresh && leg.walk_chance > 0.0 {
            (self.paced(walker.person, self.today.day, leg, None).min(65_534.0) as Day, 0.0)
        } else {
            self.days_of(leg, walker.km, whole)
        };
        if nights == 0 {
            return self.arrive::<false, true>(piece, walker, path, link, whole, tally);
        }
        self.be_on_the_way(piece, walker, path, link, (nights, last), tally);
        Step::Done
    }

    /// Nights on the way on a leg where nobody walks, and what is covered on the last day, for somebody who has come `km` so far and
    /// will have moved `whole` since this morning.
    #[inline(always)]
    pub(super) fn days_of(&self, leg: &Leg, km: f32, whole: f32) -> (Day, f32) {
        if self.roads.fresh { self.nights(leg, km) } else { self.remaining(whole, self.range_of(leg, km)) }
    }

    /// What is left of the day's range is used first, the rest by whole days: nights, and what is covered on the last day.
    #[inline(always)]
    fn remaining(&self, whole: f32, range: f32) -> (Day, f32) {
        // Rounded up less one, without a call of the mathematics library.
        let days = whole / range;
        let full = days.min(65_535.0) as u32 as f32;
        let nights = if full < days { full } else { (full - 1.0).max(0.0) }.min(65_534.0);
        (nights as Day, whole - nights * range)
    }

    /// Is on `link`, the first of `path`, from today on for so many nights.
    #[inline(always)]
    fn be_on_the_way(
        &self,
        piece: &mut Piece<'_>,
        walker: &Walker,
        path: u32,
        link: usize,
        (nights, last): (Day, f32),
        tally: &mut Tally,
    ) {
        let leg = &self.roads.legs[link];
        let day = self.today.day;
        let group = usize::from(self.roads.kinds[usize::from(walker.class)].group);
        tally.change(group, State::Resting, State::EnRoute, i32::from(walker.size));
        let i = walker.row as usize;
        piece.set(i, State::EnRoute);
        piece.place[i] = leg.to;
        piece.path[i] = path;
        piece.next[i] = day.saturating_add(nights);
        piece.since[i] = day;
        if self.roads.needs.km {
            piece.km[i] = walker.km;
        }
        if !self.roads.fresh {
            piece.recent[i] = last;
        } else if self.world.movement.avoid_short_stints {
            let v = self.range_of(leg, walker.km);
            piece.recent[i] = (walker.recent + (walker.moved + v) * self.per_range) / 2.0;
        }
    }

    /// Range of a day on `leg`: walking until the first arrival where people start on foot.
    #[inline(always)]
    fn range_of(&self, leg: &Leg, km: f32) -> f32 {
        match self.world.movement.range_on_foot {
            Some(foot) if km == 0.0 => foot,
            _ => leg.range,
        }
    }

    /// Nights on the way on `leg` at a full range each day, and what is covered on the last day.
    #[inline(always)]
    fn nights(&self, leg: &Leg, km: f32) -> (Day, f32) {
        match self.world.movement.range_on_foot {
            Some(foot) if km == 0.0 => nights(leg.length, foot),
            _ => (leg.nights, leg.last),
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
    fn harm(&self, piece: &mut Piece<'_>, walker: &Walker, link: usize, peril: Peril, tally: &mut Tally) -> bool {
        let group = usize::from(self.roads.kinds[usize::from(walker.class)].group);
        let place = walker.place;
        let size = i32::from(walker.size);
        let words = self.draws.words(walker.person, self.today.day, Purpose::Leg, self.round);
        if words[0] < peril.death {
            tally.change(group, State::Resting, State::Dead, size);
            tally.present[usize::from(place) * tally.groups + group] -= size;
            tally.deaths[link] += size as u32;
            tally.incidents.push((place, Incident::Death, group as u16, size as u32));
            self.stop(piece, walker, State::Dead, NEVER);
            return true;
        }
        let left = || Reach::firewall(self.world, self.today, usize::from(place), group);
        if words[1] < peril.detention && f64::from(words[1]) < f64::from(peril.detention) * left() {
            tally.change(group, State::Resting, State::Detained, size);
            tally.incidents.push((place, Incident::Detention, group as u16, size as u32));
            let released = release_day(self.world, self.today, usize::from(place), group, words[3]);
            self.stop(piece, walker, State::Detained, released);
            return true;
        }
        if words[2] < peril.robbery {
            tally.incidents.push((place, Incident::Robbery, group as u16, size as u32));
            let money = &mut piece.money[walker.row as usize];
            *money = (*money / 2).max(self.roads.legs[link].fee);
        }
        false
    }

    /// Days of rest from today: by the place's law of rest, or until tomorrow with a plan or a home to go to.
    #[inline(always)]
    fn rest(&self, walker: &Walker) -> Day {
        if walker.path != NO_PATH || !self.roads.seeks_safety(walker.class) {
            return 1;
        }
        self.rest_by_law(walker)
    }

    /// Days of rest from today by the place's law of rest.
    #[inline(always)]
    fn rest_by_law(&self, walker: &Walker) -> Day {
        // The next round's trial will not be needed.
        let word = walker.words[if self.round.is_multiple_of(2) { 0 } else { 2 }];
        self.today.rest[usize::from(walker.place)].failures(word).saturating_add(1)
    }

    /// Days until somebody who rests at `place` for `days` days leaves the system for good, if that comes first: one trial at the end
    /// of each day, today's included.
    fn leaves_before(&self, person: u32, place: usize, days: Day) -> Option<Day> {
        let leave = self.today.leave.get(place)?;
        let until = leave.failures(self.draws.words(person, self.today.day, Purpose::Leave, self.round)[0]);
        (until < days).then_some(until)
    }

    /// Rests for `days` days, or until it leaves the system for good.
    fn rest_or_leave(&self, piece: &mut Piece<'_>, walker: &Walker, days: Day, tally: &mut Tally) {
        match self.leaves_before(walker.person, usize::from(walker.place), days) {
            None => drop(self.rest_for(piece, walker, days)),
            Some(0) => self.leave(piece, walker, tally),
            Some(days) => drop(self.rest_for(piece, &Walker { path: LEAVING, ..*walker }, days)),
        }
    }

    /// Leaves the system for good.
    fn leave(&self, piece: &mut Piece<'_>, walker: &Walker, tally: &mut Tally) {
        let group = usize::from(self.roads.kinds[usize::from(walker.class)].group);
        let size = i32::from(walker.size);
        tally.present[usize::from(walker.place) * tally.groups + group] -= size;
        tally.change(group, State::Resting, State::Arrived, size);
        self.stop(piece, walker, State::Arrived, NEVER);
    }

    /// Rests for `days` days from today; gives the day on which it goes on.
    #[inline(always)]
    pub(super) fn rest_for(&self, piece: &mut Piece<'_>, walker: &Walker, days: Day) -> Day {
        let movement = &self.world.movement;
        let next = self.today.day.saturating_add(days);
        self.stop(piece, walker, State::Resting, next);
        if self.roads.needs.recent {
            piece.since[walker.row as usize] = self.today.day;
            if movement.avoid_short_stints {
                piece.recent[walker.row as usize] = (walker.recent + walker.moved * self.per_range) / 2.0;
            }
        }
        next
    }

    /// Today's last stop: the walker goes back into the columns.
    #[inline(always)]
    fn stop(&self, piece: &mut Piece<'_>, walker: &Walker, state: State, next: Day) {
        let i = walker.row as usize;
        let needs = self.roads.needs;
        piece.next[i] = next;
        if walker.arrived {
            piece.place[i] = walker.place;
            if needs.recent {
                piece.since[i] = self.today.day;
            }
        }
        if state != State::Resting || walker.en_route {
            piece.set(i, state);
        }
        if needs.path || walker.en_route {
            piece.path[i] = walker.path;
        }
        if needs.km {
            piece.km[i] = walker.km;
        }
    }
}

/// Day on which somebody of `group` detained at `place` today is released, for a uniform `word`: a geometric law of mean
/// `risk.detention_days`, or of what firewalls there leave of it.
pub fn release_day(world: &World, today: &Today, place: usize, group: usize, word: u32) -> Day {
    let mean = world.parameters.risk.detention_days * Reach::firewall(world, today, place, group);
    let held = Rest::new(1.0 / mean.max(1.0)).failures(word);
    today.day.saturating_add(held.saturating_add(1)).min(NEVER - 1)
}

/// `2^-days`.
#[inline(always)]
fn halved(days: Day) -> f32 {
    f32::from_bits(u32::from(127 - days.min(127)) << 23)
}
