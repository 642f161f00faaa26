//! What is kept of every replication: metrics, the figures that answer to the record, and a few daily totals. The rest of an
//! outcome is forgotten, so that memory grows little with the number of replications.

use super::Outcome;
use super::metrics::{Measured, measure};
use super::observe::{Observable, Spot};
use crate::scenario::scenario::ObservationRow;
use crate::scenario::world::World;

/// At most so many panels of the record are drawn.
const PANELS: usize = 9;

/// An observation of the record that lies within the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Index into the rows of the record.
    pub row: usize,
    /// Day of the run, from 0.
    pub day: usize,
    /// Index into [`Watch::observables`].
    pub observable: usize,
}

/// What is watched in every replication.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// The distinct things that the record observes.
    pub observables: Vec<Observable>,
    /// The observations that lie within the run, in the order of the record.
    pub observations: Vec<Watched>,
    /// The observables kept day by day, for pictures: indices into [`Watch::observables`].
    pub panels: Vec<usize>,
}

/// What answers to the record in one replication.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Followed {
    /// See [`Replication::observed`].
    pub observed: Vec<f64>,
    /// See [`Replication::panels`].
    pub panels: Vec<Vec<f64>>,
}

/// What is kept of one replication. People, not simulated persons.
#[derive(Debug, Clone, Default)]
pub struct Replication {
    /// All metrics.
    pub measured: Measured,
    /// The figure that answers to each of [`Watch::observations`].
    pub observed: Vec<f64>,
    /// The figure of every day of each of [`Watch::panels`].
    pub panels: Vec<Vec<f64>>,
    /// Persons waiting, on every day.
    pub waiting: Vec<f64>,
    /// Persons stranded, on every day.
    pub stranded: Vec<f64>,
    /// By trigger: the day on which it fired, if it has.
    pub fired: Vec<Option<u16>>,
    /// See [`Outcome::agents`].
    pub agents: u64,
    /// See [`Outcome::agent_steps`].
    pub agent_steps: u64,
}

impl Watch {
    /// What the record `observations` asks of runs of `world`. Observations outside the run are left out.
    pub fn new(observations: &[ObservationRow], world: &World) -> Self {
        let mut watch = Self::default();
        for (row, observation) in observations.iter().enumerate() {
            let day = (observation.date - world.start).num_days();
            let Some(spot) = Spot::named(world, &observation.where_) else { continue };
            if !(0..i64::from(world.days)).contains(&day) {
                continue;
            }
            let observable = Observable { measure: observation.measure, group: observation.group.clone(), spot };
            let known = watch.observables.iter().position(|o| *o == observable);
            let index = known.unwrap_or(watch.observables.len());
            if known.is_none() {
                watch.observables.push(observable);
            }
            watch.observations.push(Watched { row, day: day as usize, observable: index });
        }
        watch.panels = watch.choose_panels();
        watch
    }

    /// Of the measure and group that the record observes most, the spots that it observes most.
    fn choose_panels(&self) -> Vec<usize> {
        let times = |index: usize| self.observations.iter().filter(|o| o.observable == index).count();
        let same = |a: usize, b: usize| {
            let (a, b) = (&self.observables[a], &self.observables[b]);
            a.measure == b.measure && a.group == b.group
        };
        let all: Vec<usize> = (0..self.observables.len()).collect();
        let of_kind = |kind: usize| all.iter().copied().filter(move |other| same(kind, *other));
        // The first kind of those observed most often.
        let kind = all.iter().copied().rev().max_by_key(|kind| of_kind(*kind).map(times).sum::<usize>());
        let mut panels: Vec<usize> = kind.map_or(Vec::new(), |kind| of_kind(kind).collect());
        panels.sort_by_key(|index| (self.observables[*index].spot != Spot::Total, std::cmp::Reverse(times(*index))));
        panels.truncate(PANELS);
        panels
    }

    /// What of `outcome` answers to the record.
    pub fn follow(&self, world: &World, outcome: &Outcome) -> Followed {
        let series: Vec<Vec<f64>> = self.observables.iter().map(|o| o.series(world, outcome)).collect();
        let figure = |o: &Watched| series[o.observable].get(o.day).copied().unwrap_or(f64::NAN);
        Followed {
            observed: self.observations.iter().map(figure).collect(),
            panels: self.panels.iter().map(|index| series[*index].clone()).collect(),
        }
    }

    /// What is kept of `outcome`.
    pub fn reduce(&self, world: &World, outcome: &Outcome) -> Replication {
        let Followed { observed, panels } = self.follow(world, outcome);
        let daily = |total: fn(&crate::engine::Counts) -> u64| {
            outcome.days.iter().map(|counts| (total(counts) * u64::from(world.scale)) as f64).collect()
        };
        Replication {
            measured: measure(world, outcome),
            observed,
            panels,
            waiting: daily(|counts| counts.waiting.iter().map(|n| u64::from(*n)).sum()),
            stranded: daily(|counts| counts.stranded.iter().map(|n| u64::from(*n)).sum()),
            fired: outcome.fired.clone(),
            agents: outcome.agents,
            agent_steps: outcome.agent_steps,
        }
    }
}
