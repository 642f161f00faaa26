//! The people on the move, in columns: one row for each travelling party that has left. People who have not left have no row.

use crate::scenario::world::{Day, NEVER};

/// No path: nothing is planned beyond the present place.
pub const NO_PATH: u32 = u32::MAX;

/// No way onward: the party leaves the system for good on the day of its next event.
pub const LEAVING: u32 = u32::MAX - 1;

/// Where a party stands in its journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// At a place, free to go on; `next` is the day on which it goes.
    Resting = 0,
    /// On a link; `next` is the day of arrival.
    EnRoute = 1,
    /// At a place, wants to go on and is not yet served; `next` is the day of the next review.
    Waiting = 2,
    /// Where its journey ends.
    Arrived = 3,
    /// Held; `next` is the day of release.
    Detained = 4,
    /// Died or went missing.
    Dead = 5,
}

impl State {
    /// Number of states.
    pub const COUNT: usize = 6;
    /// All states in the order of their numbers.
    pub const ALL: [State; Self::COUNT] =
        [State::Resting, State::EnRoute, State::Waiting, State::Arrived, State::Detained, State::Dead];
}

/// Columns of the parties that have left, in the order in which they left.
#[derive(Debug, Clone, Default)]
pub struct Agents {
    /// Permanent identity: keys every draw.
    pub person: Vec<u32>,
    /// Place; for those en route the place that the link leads to.
    pub place: Vec<u16>,
    /// Path in progress, its first link being the one travelled; [`NO_PATH`] for none.
    pub path: Vec<u32>,
    /// Index into `World::classes`.
    pub class: Vec<u16>,
    /// Day of arrival at the place, or of entry into the link.
    pub since: Vec<Day>,
    /// Day of the next event; [`NEVER`] for none.
    pub next: Vec<Day>,
    /// Index into `World::compositions`.
    pub composition: Vec<u8>,
    /// State in the low nibble, tier (0-3) in the high one.
    state: Vec<u8>,
    /// USD per person in hand.
    pub money: Vec<u16>,
    /// Where it lived; empty where that matters to nobody.
    pub home: Vec<u16>,
    /// Kilometres travelled so far.
    pub km: Vec<f32>,
    /// Recent travel in days of range (exponential mean) for people who look for safety; what is covered on the last day for those on a
    /// leg where a day's range is shared; days without a feasible way counted at the start of a long wait for people who wait.
    pub recent: Vec<f32>,
}

impl Agents {
    /// Number of parties that have left so far.
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether nobody has left yet.
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }

    /// Adds a party resting at `place` that goes on on `day`; gives its row.
    pub fn push(&mut self, person: u32, place: u16, class: u16, composition: u8, money: u16, day: Day) -> usize {
        self.person.push(person);
        self.place.push(place);
        self.path.push(NO_PATH);
        self.class.push(class);
        self.since.push(day);
        self.next.push(day);
        self.composition.push(composition);
        self.state.push(State::Resting as u8);
        self.money.push(money);
        self.km.push(0.0);
        self.recent.push(0.0);
        self.len() - 1
    }

    /// Makes room for `more` parties, a quarter more than there are at least, so that columns grow seldom and waste little.
    pub fn reserve(&mut self, more: usize) {
        if self.len() + more > self.person.capacity() {
            let more = more.max(self.len() / 4);
            self.person.reserve_exact(more);
            self.place.reserve_exact(more);
            self.path.reserve_exact(more);
            self.class.reserve_exact(more);
            self.since.reserve_exact(more);
            self.next.reserve_exact(more);
            self.composition.reserve_exact(more);
            self.state.reserve_exact(more);
            self.money.reserve_exact(more);
            self.km.reserve_exact(more);
            self.recent.reserve_exact(more);
        }
    }

    /// State of the party in `row`.
    #[inline(always)]
    pub fn state(&self, row: usize) -> State {
        State::from_bits(self.state[row])
    }

    /// Tier (0-3) of the party in `row`: days of waiting, in four steps.
    pub fn tier(&self, row: usize) -> u8 {
        self.state[row] >> 4
    }

    /// Sets state and tier.
    pub fn set(&mut self, row: usize, state: State, tier: u8) {
        self.state[row] = state as u8 | tier << 4;
    }

    /// Ends the journey of the party in `row`.
    pub fn end(&mut self, row: usize, state: State) {
        self.set(row, state, 0);
        self.next[row] = NEVER;
        self.path[row] = NO_PATH;
    }

    /// The columns cut into pieces of `size` rows, to be worked on in parallel.
    pub fn pieces(&mut self, size: usize) -> Vec<Piece<'_>> {
        let count = self.len().div_ceil(size);
        let mut person = self.person.chunks(size);
        let mut class = self.class.chunks(size);
        let mut composition = self.composition.chunks(size);
        let mut place = self.place.chunks_mut(size);
        let mut path = self.path.chunks_mut(size);
        let mut since = self.since.chunks_mut(size);
        let mut next = self.next.chunks_mut(size);
        let mut state = self.state.chunks_mut(size);
        let mut money = self.money.chunks_mut(size);
        let mut km = self.km.chunks_mut(size);
        let mut recent = self.recent.chunks_mut(size);
        (0..count)
            .filter_map(|i| {
                Some(Piece {
                    first: i * size,
                    person: person.next()?,
                    class: class.next()?,
                    composition: composition.next()?,
                    place: place.next()?,
                    path: path.next()?,
                    since: since.next()?,
                    next: next.next()?,
                    state: state.next()?,
                    money: money.next()?,
                    km: km.next()?,
                    recent: recent.next()?,
                })
            })
            .collect()
    }
}

/// A run of rows of [`Agents`], borrowed column by column.
pub struct Piece<'a> {
    /// Row number of the first one.
    pub first: usize,
    /// See [`Agents::person`].
    pub person: &'a [u32],
    /// See [`Agents::class`].
    pub class: &'a [u16],
    /// See [`Agents::composition`].
    pub composition: &'a [u8],
    /// See [`Agents::place`].
    pub place: &'a mut [u16],
    /// See [`Agents::path`].
    pub path: &'a mut [u32],
    /// See [`Agents::since`].
    pub since: &'a mut [Day],
    /// See [`Agents::next`].
    pub next: &'a mut [Day],
    /// State and tier.
    state: &'a mut [u8],
    /// See [`Agents::money`].
    pub money: &'a mut [u16],
    /// See [`Agents::km`].
    pub km: &'a mut [f32],
    /// See [`Agents::recent`].
    pub recent: &'a mut [f32],
}

impl Piece<'_> {
    /// State of row `i` of this piece.
    #[inline(always)]
    pub fn state(&self, i: usize) -> State {
        State::from_bits(self.state[i])
    }

    /// Sets the state of row `i` and its tier to 0.
    #[inline(always)]
    pub fn set(&mut self, i: usize, state: State) {
        self.state[i] = state as u8;
    }
}

impl State {
    #[inline(always)]
    fn from_bits(bits: u8) -> State {
        State::ALL[usize::from(bits & 0x0f) % State::COUNT]
    }
}
