//! Keyed randomness: every draw is a function of (seed, replication; person, day, purpose, round), never of how many
//! draws were made before. One more lever or thread shifts nobody else's luck, and two strategies share theirs.

use rand_distr::{Binomial, Distribution, Poisson};
use rand_philox::{Philox, splitmix64};

use crate::scenario::world::Day;

/// What a draw decides. Draws for different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// When somebody understands and leaves: the departure threshold.
    Depart = 1,
    /// Who travels together.
    Party = 2,
    /// Stay or which way.
    Move = 3,
    /// How long somebody rests before going on.
    Rest = 4,
    /// Place in a queue among those who arrived on the same day.
    Queue = 5,
    /// Admission at a border that turns back a share.
    Admission = 6,
    /// What happens on the way.
    Leg = 7,
    /// When a protection risk strikes somebody who waits, and which.
    Risk = 8,
    /// Where somebody is displaced, when a series drives departures.
    Origin = 9,
    /// Speed of somebody who sometimes walks.
    Pace = 10,
    /// When somebody leaves the system for good.
    Leave = 12,
    /// Which way home somebody prefers at a place.
    Taste = 13,
    /// Error of displacement tracking.
    Noise = 11,
    /// How many of a crowd rest, and how many take which way; class and place stand in for the person.
    Crowd = 14,
}

/// The source of all draws of one run.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    key: u64,
}

impl Draws {
    /// Draws of replication `replication` under `seed`.
    pub fn new(seed: u64, replication: u32) -> Self {
        let key = splitmix64(splitmix64(seed).wrapping_add(u64::from(replication)).wrapping_add(0x9e37_79b9_7f4a_7c15));
        Self { key }
    }

    /// Four independent uniform words for this person, day, purpose and round.
    #[inline(always)]
    pub fn words(&self, person: u32, day: Day, purpose: Purpose, round: u8) -> [u32; 4] {
        let when = u32::from(day) | u32::from(round) << 16 | (purpose as u32) << 24;
        let [one, two] = philox2x64_7([u64::from(person) | u64::from(when) << 32, 0], self.key);
        [(one >> 32) as u32, one as u32, (two >> 32) as u32, two as u32]
    }

    /// The word of a person's taste for the ways home from a place: the same on every day.
    #[inline(always)]
    pub fn taste(&self, person: u32, place: u16) -> u32 {
        self.lasting(person, place, Purpose::Taste)
    }

    /// The word of a person's turn among those who came to a place on the same day.
    #[inline(always)]
    pub fn turn(&self, person: u32, place: u16) -> u32 {
        self.lasting(person, place, Purpose::Queue)
    }

    /// A uniform word that stays with a person at a place. It is looked up again and again, so it is hashed: by the mixing function of
    /// SplitMix64 (Steele, Lea & Flood 2014), twice, so that two replications share no sequence.
    #[inline(always)]
    fn lasting(&self, person: u32, place: u16, purpose: Purpose) -> u32 {
        let spot = u64::from(person) | u64::from(place) << 32 | (purpose as u64) << 48;
        (splitmix64(splitmix64(spot) ^ self.key) >> 32) as u32
    }

    /// A uniform number in the open interval (0, 1) with 53 random bits.
    pub fn uniform(&self, person: u32, day: Day, purpose: Purpose, round: u8) -> f64 {
        unit(self.words(person, day, purpose, round))
    }

    /// A draw from the Poisson law of the given mean for the people of `place` on `day`.
    pub fn poisson(&self, mean: f64, place: u32, day: Day) -> u32 {
        let mut stream = self.stream(place, day, Purpose::Origin, 1);
        Poisson::new(mean).map_or(0, |law| Distribution::<f64>::sample(&law, &mut stream) as u32)
    }

    /// A uniform number in the open interval (0, 1) for something that has a `name`, the same whatever else is drawn: names are hashed
    /// (FNV-1a of 64 bits).
    pub fn named(&self, name: &str) -> f64 {
        let join = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        // The second word of the counter, which is 0 for all other draws, keeps names apart from people.
        let [word, _] = philox2x64_7([name.bytes().fold(0xcbf2_9ce4_8422_2325, join), 1], self.key);
        unit([(word >> 32) as u32, word as u32, 0, 0])
    }

    /// A stream of draws, for what takes a number of them that is not known before.
    pub fn stream(&self, key: u32, day: Day, purpose: Purpose, round: u8) -> Philox {
        let words = self.words(key, day, purpose, round);
        Philox::from_u64_seed(u64::from(words[0]) << 32 | u64::from(words[1]))
    }
}

/// The block function Philox2x64 with seven rounds (Salmon, Moraes, Dror & Shaw 2011): a bijection of the counter for each key. Six
/// rounds pass all tests of BigCrush there, the seventh is for safety.
#[inline(always)]
fn philox2x64_7(counter: [u64; 2], mut key: u64) -> [u64; 2] {
    let [mut left, mut right] = counter;
    for _ in 0..7 {
        let product = u128::from(left) * 0xd2b7_4407_b1ce_6e93;
        (left, right) = ((product >> 64) as u64 ^ key ^ right, product as u64);
        key = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    }
    [left, right]
}

/// How many of so many `persons` succeed, each for themselves with the same `chance`: the binomial law.
pub fn succeed(persons: u32, chance: f64, luck: &mut Philox) -> u32 {
    Binomial::new(u64::from(persons), chance.clamp(0.0, 1.0)).map_or(0, |law| law.sample(luck) as u32)
}

/// The first two words as a number in the open interval (0, 1).
pub fn unit(words: [u32; 4]) -> f64 {
    let bits = (u64::from(words[0]) << 32 | u64::from(words[1])) >> 11;
    (bits as f64 + 0.5) / (1u64 << 53) as f64
}

/// `probability` as a threshold: a uniform word below it is a success.
pub fn threshold(probability: f64) -> u64 {
    (probability.clamp(0.0, 1.0) * 4_294_967_296.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of Philox2x64-7 from Random123 (kat_vectors).
    #[test]
    fn block_function_gives_the_published_vectors() {
        assert_eq!(philox2x64_7([0; 2], 0), [0xb41d_a69f_bfef_c666, 0x511e_9ce1_a553_4056]);
        assert_eq!(philox2x64_7([u64::MAX; 2], u64::MAX), [0xa469_6cc0_4462_015d, 0x7247_82da_e171_69e9]);
        assert_eq!(
            philox2x64_7([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344], 0xa409_3822_299f_31d0),
            [0x98ed_1534_392b_f372, 0x6752_8b15_6888_2fd5]
        );
    }

    #[test]
    fn draws_differ_by_person_day_purpose_round_replication_and_seed() {
        let draws = Draws::new(1, 0);
        let base = draws.words(7, 3, Purpose::Move, 0);
        assert_eq!(base, Draws::new(1, 0).words(7, 3, Purpose::Move, 0));
        assert_ne!(base, draws.words(8, 3, Purpose::Move, 0));
        assert_ne!(base, draws.words(7, 4, Purpose::Move, 0));
        assert_ne!(base, draws.words(7, 3, Purpose::Rest, 0));
        assert_ne!(base, draws.words(7, 3, Purpose::Move, 1));
        assert_ne!(base, Draws::new(1, 1).words(7, 3, Purpose::Move, 0));
        assert_ne!(base, Draws::new(2, 0).words(7, 3, Purpose::Move, 0));
    }

    #[test]
    fn lasting_words_are_uniform_and_those_of_neighbours_tell_nothing_of_each_other() {
        let (draws, other) = (Draws::new(42, 0), Draws::new(42, 1));
        let centred = |word: u32| f64::from(word) / 4_294_967_296.0 - 0.5;
        let (mut n, mut mean, mut square) = (0.0, 0.0, 0.0);
        let mut products = [0.0; 4];
        for person in 0..20_000 {
            for place in 0..10 {
                let own = centred(draws.taste(person, place));
                let beside = [
                    draws.taste(person + 1, place),
                    draws.taste(person, place + 1),
                    draws.turn(person, place),
                    other.taste(person, place),
                ];
                n += 1.0;
                mean += own;
                square += own * own;
                products.iter_mut().zip(beside).for_each(|(sum, word)| *sum += own * centred(word));
            }
        }
        // standard errors: 0.00065 and 0.00017, and 1/sqrt(n) = 0.0022 of correlations
        assert!((mean / n).abs() < 0.003 && (square / n - 1.0 / 12.0).abs() < 0.001, "{} {}", mean / n, square / n);
        for product in products {
            assert!((product / square).abs() < 0.01, "correlation {}", product / square);
        }
    }

    #[test]
    fn uniform_draws_have_the_mean_and_variance_of_the_uniform_law() {
        let draws = Draws::new(42, 0);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for person in 0..n {
            let u = draws.uniform(person, 5, Purpose::Depart, 0);
            sum += u;
            squares += u * u;
        }
        let mean = sum / f64::from(n);
        let variance = squares / f64::from(n) - mean * mean;
        // standard errors: 0.00065 and 0.00017
        assert!((mean - 0.5).abs() < 0.003 && (variance - 1.0 / 12.0).abs() < 0.001, "{mean} {variance}");
    }
}
