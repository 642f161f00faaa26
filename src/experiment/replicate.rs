//! Replications of one world, or of several under the same luck: run in parallel, each reduced to what is wanted of it at once, so
//! that memory does not grow.

use std::borrow::Borrow;
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

/// Runs those `replications` under `seed` of every one of the `worlds` that each of them meets, the same luck in all of them, and
/// gives by replication, then world, what `reduce` makes of each (its number, itself, the replication, what came out).
pub fn side_by_side<W: Borrow<World> + Sync, T: Send>(
    worlds: impl Fn(&Draws) -> Vec<W> + Sync,
    seed: u64,
    replications: Range<u32>,
    reduce: impl Fn(usize, &World, u32, Outcome) -> T + Sync,
) -> Vec<Vec<T>> {
    let replication = |replication: u32| {
        let draws = Draws::new(seed, replication);
        let worlds = worlds(&draws);
        let Some(first) = worlds.first().map(Borrow::borrow) else { return Vec::new() };
        // What strategies do not change is drawn once for all of them.
        let settlers = Settlers::draw(first, &draws);
        let run = |(number, world): (usize, &W)| {
            let world = world.borrow();
            let run = if world.same_people(first) {
                Run::among(world, draws, &settlers)
            } else {
                Run::new(world, seed, replication)
            };
            reduce(number, world, replication, Outcome::of(world, run, |_| ()))
        };
        worlds.par_iter().enumerate().with_max_len(1).map(run).collect()
    };
    replications.into_par_iter().with_max_len(1).map(replication).collect()
}
