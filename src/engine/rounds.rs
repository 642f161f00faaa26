//! Rounds: a round is run over all people at once, cut into parts that threads share; then its changes are published.

use std::sync::Mutex;

use rayon::prelude::*;

use crate::scenario::world::{Aim, Day, NEVER};

use super::agents::{Agents, Piece};
use super::counts::Counts;
use super::tally::Tally;
use super::travel::{Round, Walker};

/// Rows of agents worked on together; fixed, so that results do not depend on the number of threads.
pub const PIECE: usize = 1 << 13;

/// Walkers who are moved on one thread: fewer are not worth another one's waking.
const FEW: usize = 1 << 10;

/// State of the rounds of one day.
#[derive(Debug, Default)]
pub struct Rounds {
    /// By piece: those who go on in the next round.
    onward: Vec<Vec<Walker>>,
    /// Earliest event in each piece, for skipping.
    earliest: Vec<Day>,
}

/// A part of the people, with those of it who go on in the next round and the day of its next event.
pub struct Part<'a> {
    piece: Piece<'a>,
    onward: &'a mut Vec<Walker>,
    earliest: &'a mut Day,
}

/// What a round leaves to be done in order.
#[derive(Debug, Default)]
pub struct AfterRound {
    /// Rows of those who wait from now on, in order.
    pub waiting: Vec<u32>,
    /// Rows of those who wait and whose review day has come, in order.
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

    /// The people cut into parts, to be worked on in parallel through all rounds of a day.
    pub fn parts<'a>(&'a mut self, agents: &'a mut Agents) -> Vec<Part<'a>> {
        let own = self.onward.iter_mut().zip(self.earliest.iter_mut());
        let part = |(piece, (onward, earliest))| Part { piece, onward, earliest };
        agents.pieces(PIECE).into_iter().zip(own).map(part).collect()
    }
}

impl Round<'_> {
    /// Moves everybody who moves in this round, in parallel, and publishes the counts.
    pub fn run(&self, parts: &mut [Part<'_>], counts: &mut Counts) -> AfterRound {
        let day = self.today.day;
        let first = self.round == 0;
        let any = |places: &[bool]| places.iter().any(|place| *place);
        let woken = first
            && (self.world.safety_classes().next().is_some() && any(&self.today.woken)
                || self.world.classes.iter().any(|class| class.aim == Aim::Refuge) && any(&self.today.alarmed));
        let has_work = |part: &Part<'_>| if first { woken || *part.earliest <= day } else { !part.onward.is_empty() };
        let few = if first {
            parts.iter().filter(|part| has_work(part)).nth(1).is_none()
        } else {
            parts.iter().map(|part| part.onward.len()).sum::<usize>() < FEW
        };
        let published = &*counts;
        let work = Mutex::new(parts.iter_mut().filter(|part| has_work(part)));
        // Threads take the next part from either end: until they meet each has its own, the same ones in every round.
        let drain = |front: bool| {
            let mut tally = None;
            let next = || work.lock().ok().and_then(|mut work| if front { work.next() } else { work.next_back() });
            while let Some(part) = next() {
                let tally = tally.get_or_insert_with(|| Tally::new(self.world, published));
                self.work(part, woken, tally);
            }
            tally
        };
        let both = |a: Option<Tally>, b: Option<Tally>| match (a, b) {
            (Some(a), Some(b)) => Some(a.and(b)),
            (a, b) => a.or(b),
        };
        let tally = if few {
            drain(true)
        } else {
            let threads = 0..rayon::current_num_threads();
            threads.into_par_iter().map(|thread| drain(thread.is_multiple_of(2))).reduce(|| None, both)
        };
        let Some(mut tally) = tally else { return AfterRound::default() };
        tally.publish(self.world, counts);
        // Who took which part is not known.
        tally.waiting.sort_unstable();
        tally.reviews.sort_unstable();
        let goes_on = parts.iter().any(|part| !part.onward.is_empty());
        AfterRound { waiting: tally.waiting, reviews: tally.reviews, goes_on }
    }

    /// What this round does with `part`.
    fn work(&self, Part { piece, onward, earliest }: &mut Part<'_>, woken: bool, tally: &mut Tally) {
        if !self.roads.stepwise {
            **earliest = self.whole_day(piece, woken, tally);
        } else if self.round == 0 {
            **earliest = self.wake_due(piece, woken, onward, tally);
        } else {
            // Parts with events today are looked at tomorrow, too.
            self.advance(piece, onward, tally);
        }
    }

    /// Everybody who would still go on after this round, the last one, stops where it is until tomorrow.
    pub fn halt(&self, parts: &mut [Part<'_>]) {
        for Part { piece, onward, earliest } in parts {
            for walker in std::mem::take(*onward) {
                **earliest = (**earliest).min(self.rest_for(piece, &walker, 1));
            }
        }
    }
}
