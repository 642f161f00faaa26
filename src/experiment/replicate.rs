//! Replications of one world, or of several under the same luck: run in parallel, each reduced to what is wanted of it at once, so
//! that memory does not grow.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::day::Run;
use crate::engine::depart::Settlers;
use crate::engine::draws::Draws;
use crate::outcome::Outcome;
use crate::scenario::world::World;

/// Runs replications 0 to `replications - 1` of `world` under `seed` and gives, in order, what `reduce` makes of each.
/// `on_day` hears of every day that is over in any of them. Replication 0, which tables show, also says what binds those
/// who are stuck.
pub fn replicate<T: Send>(
    world: &World,
    seed: u64,
    replications: u32,
    on_day: impl Fn() + Sync,
    reduce: impl Fn(u32, Outcome) -> T + Sync,
) -> Vec<T> {
    (0..replications)
        .into_par_iter()
        .map(|replication| {
            let run = if replication == 0 { Outcome::explained } else { Outcome::of_run };
            reduce(replication, run(world, seed, replication, |_| on_day()))
        })
        .collect()
}

/// Runs those `replications` of every one of `worlds` under `seed`, the same luck in all of them, and gives by replication, then
/// world, what `reduce` makes of each (its world's number, its replication, what came out).
pub fn side_by_side<T: Send>(
    worlds: &[&World],
    seed: u64,
    replications: Range<u32>,
    reduce: impl Fn(usize, u32, Outcome) -> T + Sync,
) -> Vec<Vec<T>> {
    let Some(first) = worlds.first() else { return Vec::new() };
    // What strategies do not change is drawn once for all of them.
    let shared: Vec<bool> = worlds.iter().map(|world| world.same_people(first)).collect();
    replications
        .into_par_iter()
        .with_max_len(1)
        .map(|replication| {
            let draws = Draws::new(seed, replication);
            let settlers = Settlers::draw(first, &draws);
            let run = |(number, world): (usize, &&World)| {
                let run = if shared[number] {
                    Run::among(world, draws, &settlers)
                } else {
                    Run::new(world, seed, replication)
                };
                reduce(number, replication, Outcome::of(world, run, |_| ()))
            };
            worlds.par_iter().enumerate().with_max_len(1).map(run).collect()
        })
        .collect()
}
