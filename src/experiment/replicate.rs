//! Replications of one world: run in parallel, each reduced to what is wanted of it at once, so that memory does not grow.

use rayon::prelude::*;

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
