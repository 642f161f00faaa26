//! Choose: which way a free party takes. One row of outcomes for each place and column (class): an alias table for people who look
//! for safety; for people who want to go home a cumulated one, so that whoever keeps a taste (the same word at the same place)
//! keeps to a choice when chances change a little.
//!
//! Weight of a way to E: `[(w0 + score(E)) / (d0 + cost)^p * room(E)]^q`. For people who look for safety, the ways are all
//! open paths within their horizon and the cost is km; for people who want to go home, the ways are first legs and the cost
//! is that of the whole journey (`journey.rs`). Staying and waiting are outcomes like any other.

use std::sync::OnceLock;

use rand_philox::Philox;
use smallvec::SmallVec;

use crate::scenario::world::World;

use super::draws::succeed;
use super::paths::Candidate;

/// Outcome: stay here today.
pub const STAY: u32 = u32::MAX;
/// Outcome: join those who wait here.
pub const WAIT: u32 = u32::MAX - 1;

/// Outcome: settle here for now, in refuge.
pub const REST: u32 = u32::MAX - 2;

/// One slot of an alias table: a word below `threshold` gives the first outcome, else the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    threshold: u32,
    outcomes: [u32; 2],
}

/// Slots of a row; of few, as there mostly are, a list takes no memory of its own.
type Slots = SmallVec<[Slot; 4]>;

/// The outcomes open to the people of one class at one place, with their chances.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    slots: Slots,
}

impl Row {
    /// A row over `outcomes` with chances proportional to their weights (Walker's alias method; Vose 1991). Weights that are
    /// no positive number count as nothing; where all do, every outcome is as likely as the others.
    pub fn new(outcomes: &[(u32, f64)]) -> Self {
        let n = outcomes.len();
        let total: f64 = outcomes.iter().map(|(_, w)| clean(*w)).sum();
        let share = |w: f64| if total > 0.0 && total.is_finite() { clean(w) / total * n as f64 } else { 1.0 };
        let mut left: Vec<f64> = outcomes.iter().map(|(_, w)| share(*w)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..n).partition(|i| left[*i] < 1.0);
        let mut slots: Slots =
            outcomes.iter().map(|(own, _)| Slot { threshold: u32::MAX, outcomes: [*own; 2] }).collect();
        while let (Some(s), Some(l)) = (small.pop(), large.pop()) {
            slots[s].threshold = (left[s] * 4_294_967_296.0) as u32;
            slots[s].outcomes[1] = outcomes[l].0;
            left[l] -= 1.0 - left[s];
            if left[l] < 1.0 { small.push(l) } else { large.push(l) }
        }
        Self { slots }
    }

    /// A cumulated row over `outcomes`, which are put in the order of their numbers, for [`Row::pick`]. Weights as in [`Row::new`].
    pub fn cumulated(outcomes: &mut [(u32, f64)]) -> Self {
        outcomes.sort_by_key(|(outcome, _)| *outcome);
        let total: f64 = outcomes.iter().map(|(_, w)| clean(*w)).sum();
        let (mut sum, count) = (0.0, outcomes.len() as f64);
        let slots = outcomes.iter().map(|(outcome, weight)| {
            sum += if total > 0.0 { clean(*weight) / total } else { 1.0 / count };
            Slot { threshold: (sum * 4_294_967_296.0) as u32, outcomes: [*outcome; 2] }
        });
        let mut slots: Slots = slots.collect();
        if let Some(last) = slots.last_mut() {
            last.threshold = u32::MAX;
        }
        Self { slots }
    }

    /// The outcome of a row that leaves no choice.
    #[inline(always)]
    pub fn sole(&self) -> Option<u32> {
        if let [slot] = &self.slots[..] { Some(slot.outcomes[0]) } else { None }
    }

    /// The outcome of a cumulated row that a uniform word draws; [`WAIT`] where there is none at all.
    #[inline(always)]
    pub fn pick(&self, word: u32) -> u32 {
        let slot = self.slots.iter().find(|slot| word <= slot.threshold);
        slot.map_or(WAIT, |slot| slot.outcomes[0])
    }

    /// The outcome that a uniform word draws; [`WAIT`] where there is none at all. Its high part finds the slot, its low part
    /// the outcome within: chances are exact to 2^-32 times the number of slots.
    #[inline(always)]
    pub fn draw(&self, word: u32) -> u32 {
        let spread = u64::from(word) * self.slots.len() as u64;
        match self.slots.get((spread >> 32) as usize) {
            // Both are at hand, so that no branch has to be guessed.
            Some(s) => s.outcomes[usize::from(spread as u32 >= s.threshold)],
            None => WAIT,
        }
    }

    /// Shares so many `persons` out, each of them drawing for themselves as [`Row::draw`] does; `take` hears of outcomes and how many
    /// take them, of some outcomes more than once.
    pub fn split(&self, persons: u32, luck: &mut Philox, mut take: impl FnMut(u32, u32)) {
        let slots = self.slots.len();
        if slots == 0 || persons as usize <= slots {
            return (0..persons).for_each(|_| take(self.draw(luck.next_u32()), 1));
        }
        let mut left = persons;
        for (before, slot) in self.slots.iter().enumerate() {
            let here = succeed(left, 1.0 / (slots - before) as f64, luck);
            let own = succeed(here, f64::from(slot.threshold) / 4_294_967_296.0, luck);
            take(slot.outcomes[0], own);
            take(slot.outcomes[1], here - own);
            left -= here;
        }
    }

    /// Probability of each outcome of a row that is no cumulated one, for tests and explanations.
    pub fn chances(&self) -> Vec<(u32, f64)> {
        let mut chances = std::collections::BTreeMap::new();
        for slot in &self.slots {
            let own = f64::from(slot.threshold) / 4_294_967_296.0;
            *chances.entry(slot.outcomes[0]).or_insert(0.0) += own / self.slots.len() as f64;
            *chances.entry(slot.outcomes[1]).or_insert(0.0) += (1.0 - own) / self.slots.len() as f64;
        }
        chances.into_iter().collect()
    }
}

/// A weight that counts: nothing where it is no positive number.
fn clean(weight: f64) -> f64 {
    if weight.is_finite() && weight > 0.0 { weight } else { 0.0 }
}

/// Rows by place and column, each built when somebody first needs it. What is built depends on published counts only, so
/// that it does not matter who comes first.
#[derive(Debug, Default)]
pub struct Rows {
    places: usize,
    rows: Vec<OnceLock<Row>>,
}

impl Rows {
    /// An empty table.
    pub fn new(places: usize, columns: usize) -> Self {
        Self { places, rows: (0..places * columns).map(|_| OnceLock::new()).collect() }
    }

    /// The row of `place` and `column`, made by `build` if nobody needed it before.
    #[inline(always)]
    pub fn get(&self, place: usize, column: usize, build: impl FnOnce() -> Row) -> &Row {
        self.rows[column * self.places + place].get_or_init(build)
    }

    /// Forgets the row of one place and column.
    pub fn clear_one(&mut self, place: usize, column: usize) {
        self.rows[column * self.places + place].take();
    }

    /// Forgets the rows of one column.
    pub fn clear_column(&mut self, column: usize) {
        self.rows[column * self.places..(column + 1) * self.places].iter_mut().for_each(|row| {
            row.take();
        });
    }
}

/// How people who look for safety weigh what they see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighing {
    /// `w0`: added to every score.
    pub weight_offset: f64,
    /// `d0`: km added to every distance.
    pub distance_offset: f64,
    /// `p`.
    pub distance_power: f64,
    /// `q`.
    pub weight_power: f64,
    /// Camps with less room than this are not gone to today.
    pub least_room: f64,
    /// Ways with less than the best weight divided by this are dropped; below 1.001: none is.
    pub pruning: f64,
}

impl Weighing {
    /// How the people of `world` weigh.
    pub fn of(world: &World) -> Self {
        let p = &world.parameters.choice;
        Self {
            weight_offset: p.weight_offset,
            distance_offset: p.distance_offset,
            distance_power: p.distance_power,
            weight_power: p.weight_power,
            least_room: p.least_room,
            pruning: p.pruning,
        }
    }

    /// The part of a candidate's weight that never changes: `(d0 + km)^-p`.
    pub fn distance_factor(&self, km: f64) -> f64 {
        let distance = self.distance_offset + km;
        if self.distance_power == 1.0 { 1.0 / distance } else { libm::pow(distance, -self.distance_power) }
    }

    /// The part of it for the great-circle distance from here: `(d0 + km)^-power`.
    pub fn far_factor(&self, km: f64, power: f64) -> f64 {
        libm::pow(self.distance_offset + km, -power)
    }

    /// Row of somebody who looks for safety: `score` and `room` by place; a camp without enough room means staying today, and so
    /// does seeing no way at all.
    pub fn row(
        &self,
        candidates: &[Candidate],
        factors: &[f64],
        score: impl Fn(usize) -> f64,
        room: &[f64],
        is_camp: &[bool],
    ) -> Row {
        let mut outcomes: Vec<(u32, f64)> = candidates
            .iter()
            .zip(factors)
            .map(|(candidate, factor)| {
                let end = usize::from(candidate.end);
                let weight = (self.weight_offset + score(end)) * factor * room[end];
                let weight = if self.weight_power == 1.0 { weight } else { libm::pow(weight, self.weight_power) };
                let full = is_camp[end] && room[end] < self.least_room;
                (if full { STAY } else { candidate.path }, weight)
            })
            .collect();
        if self.pruning >= 1.001 {
            let best = outcomes.iter().map(|(_, w)| *w).fold(0.0, f64::max);
            outcomes.retain(|(_, w)| *w >= best / self.pruning);
        }
        if outcomes.is_empty() {
            outcomes.push((STAY, 1.0));
        }
        Row::new(&outcomes)
    }
}

/// Room at a place with `present` persons: 1 up to `buffer` of the capacity, then falling to 0 when it is full.
pub fn room(present: u32, capacity: f64, scaling: f64, buffer: f64) -> f64 {
    let capacity = capacity * scaling;
    let (present, least) = (f64::from(present), buffer * capacity);
    if capacity < 1.0 || present <= least {
        1.0
    } else if present >= capacity {
        0.0
    } else {
        1.0 - (present - least) / (capacity * (1.0 - buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_proportional_to_weights() {
        let row = Row::new(&[(10, 1.0), (11, 2.0), (12, 5.0), (13, 0.0), (14, f64::NAN)]);
        let chance = |outcome| row.chances().iter().find(|c| c.0 == outcome).map_or(0.0, |c| c.1);
        for (outcome, expected) in [(10, 0.125), (11, 0.25), (12, 0.625), (13, 0.0), (14, 0.0)] {
            assert!((chance(outcome) - expected).abs() < 1e-8, "{outcome}: {}", chance(outcome));
        }
    }

    #[test]
    fn a_cumulated_row_gives_shares_in_the_order_of_outcomes() {
        let row = Row::cumulated(&mut [(WAIT, 2.0), (3, 1.0), (1, 1.0), (2, f64::NAN)]);
        let word = |share: f64| (share * 4_294_967_296.0) as u32;
        let picked: Vec<u32> = [0.1, 0.24, 0.26, 0.49, 0.51, 0.99].iter().map(|s| row.pick(word(*s))).collect();
        assert_eq!(picked, [1, 1, 3, 3, WAIT, WAIT]);
        assert_eq!(Row::default().pick(5), WAIT);
    }

    #[test]
    fn all_zero_weights_are_uniform_and_no_outcome_means_waiting() {
        let row = Row::new(&[(1, 0.0), (2, 0.0)]);
        assert!(row.chances().iter().all(|c| (c.1 - 0.5).abs() < 1e-8));
        assert_eq!(Row::default().draw(5), WAIT);
    }

    #[test]
    fn room_falls_from_one_to_zero_between_buffer_and_full() {
        assert_eq!(room(90, 100.0, 1.0, 0.9), 1.0);
        assert!((room(95, 100.0, 1.0, 0.9) - 0.5).abs() < 1e-12);
        assert_eq!(room(100, 100.0, 1.0, 0.9), 0.0);
        assert_eq!(room(1_000_000, 0.0, 1.0, 0.9), 1.0, "no capacity given: no limit");
    }
}
