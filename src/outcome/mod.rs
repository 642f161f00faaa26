//! Outcome: what a run published, day by day, and the metrics made of it.

mod fairness;
pub mod fit;
mod harm;
#[cfg(test)]
mod known_answers;
mod livelihoods;
mod living;
pub mod metrics;
mod moves;
mod needs;
pub mod observe;
pub mod record;
mod response;
pub mod savings;
pub mod scene;
mod solutions;
pub mod spread;
mod stuck;
pub mod watch;

use crate::engine::constraint::{Explainer, Stuck};
use crate::engine::{Counts, Run};
use crate::scenario::world::World;

pub(crate) use fairness::SMALLEST_GROUP;
pub(crate) use response::held_by_group;
use savings::Savings;

/// Everything that one run published. Counts are of simulated persons; each stands for [`World::scale`] people.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What each day published, in order.
    pub days: Vec<Counts>,
    /// Ended spells of stranding: persons by group and length in days, `groups x (days + 1)`.
    pub spells_ended: Vec<u32>,
    /// Spells of stranding that last at the end of the run, likewise.
    pub spells_unended: Vec<u32>,
    /// Stranded person-days by group, sex (female, male) and age (0-4, 5-11, 12-17, 18-59, 60+).
    pub stranded_person_days: Vec<[[u64; 5]; 2]>,
    /// By trigger of `World::response`: the day (from 0) on which it fired, if it has.
    pub fired: Vec<Option<u16>>,
    /// How far what triggers saw lay off the latest true counts, as a share of these.
    pub tracking_error: Option<f64>,
    /// By group: the money of those who have left their homes, at the end of the run.
    pub savings: Vec<Savings>,
    /// By day: what binds those stranded or trapped; empty unless the run was asked to explain itself.
    pub constraints: Vec<Vec<Stuck>>,
    /// Parties on the move at the end, the dead left out.
    pub agents: u64,
    /// Sum over days of persons in the system: Flee's measure of work.
    pub agent_steps: u64,
}

impl Outcome {
    /// Runs replication `replication` of `world` under `seed` to its end; `on_day` hears of each day that is over.
    pub fn of_run(world: &World, seed: u64, replication: u32, on_day: impl FnMut(usize)) -> Self {
        Self::of(world, Run::new(world, seed, replication), on_day)
    }

    /// What `run`, of `world`, publishes until its end.
    pub fn of(world: &World, run: Run<'_>, on_day: impl FnMut(usize)) -> Self {
        Self::run(world, run, None, on_day)
    }

    /// The same run, with the constraints of those who are stuck (`engine/constraint.rs`).
    pub fn explained(world: &World, seed: u64, replication: u32, on_day: impl FnMut(usize)) -> Self {
        Self::run(world, Run::new(world, seed, replication), Some(Explainer::new(world)), on_day)
    }

    fn run(
        world: &World,
        mut run: Run<'_>,
        mut explainer: Option<Explainer<'_>>,
        mut on_day: impl FnMut(usize),
    ) -> Self {
        let (mut days, mut constraints) = (Vec::new(), Vec::new());
        while let Some(counts) = run.step() {
            days.push(counts.clone());
            constraints.extend(explainer.as_mut().map(|e| e.stuck(&run)));
            on_day(days.len());
        }
        let spells = run.spells();
        Self {
            spells_ended: spells.ended.clone(),
            spells_unended: spells.unended.clone(),
            stranded_person_days: spells.person_days(world),
            fired: run.fired().to_vec(),
            tracking_error: run.tracking_error(),
            savings: savings::at_end(world, &run),
            constraints,
            agents: run.parties(),
            agent_steps: run.agent_steps(),
            days,
        }
    }
}

pub use fairness::{AGES, SEXES};
pub use harm::SEVERITY_CUTS;
