//! A Flee case held against its record: many replications, and the scores of each.

use rayon::prelude::*;

use crate::engine::Run;
use crate::engine::agents::State;
use crate::formats::flee::FleeCase;
use crate::formats::flee::world::{Rules, world};
use crate::outcome::fit::{self, Ard, Naive};
use crate::report::flee_csv::{FleeDay, out_csv};
use crate::scenario::world::World;

/// What one run of a case published, in agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampRun {
    /// Agents in each camp at the end of each day, camp by camp in the order of [`FleeCase::camps`].
    pub camps: Vec<Vec<u32>>,
    /// Agents in the system at the end of each day.
    pub agents: Vec<u64>,
    /// Agents in the home country at the end of each day, those on the way left out.
    pub at_home: Vec<u64>,
    /// Sum of `agents` over the days.
    pub agent_steps: u64,
}

/// The record of the camps of a case on each day of a run, in agents, camp by camp.
pub fn record(case: &FleeCase, scale: u32, days: u32) -> Vec<Vec<i64>> {
    let data = case.data(scale);
    let camp = |camp: usize| match case.record_of(camp) {
        Some(record) => (0..days).map(|day| data.series[record].at(i64::from(day))).collect(),
        None => vec![0; days as usize],
    };
    case.camps().into_iter().map(camp).collect()
}

/// Runs replication `replication` of `world` under `seed` and keeps the people at `camps`.
pub fn run(world: &World, camps: &[usize], seed: u64, replication: u32) -> CampRun {
    let days = usize::from(world.days);
    let mut result = CampRun {
        camps: vec![Vec::with_capacity(days); camps.len()],
        agents: Vec::with_capacity(days),
        at_home: Vec::with_capacity(days),
        agent_steps: 0,
    };
    let mut run = Run::new(world, seed, replication);
    let home: Vec<usize> = (0..world.places.len()).filter(|place| !world.places[*place].foreign).collect();
    while let Some(counts) = run.step() {
        for (series, camp) in result.camps.iter_mut().zip(camps) {
            series.push(counts.present_at(*camp));
        }
        let dead = (0..world.groups.len()).map(|group| u64::from(counts.in_state(group, State::Dead))).sum::<u64>();
        let all: u64 = counts.state.iter().map(|persons| u64::from(*persons)).sum();
        result.agents.push(all - dead);
        result.at_home.push(home.iter().map(|place| u64::from(counts.present_at(*place))).sum());
    }
    result.agent_steps = run.agent_steps();
    result
}

/// A case, how it is to be run, and its record.
#[derive(Debug)]
pub struct Validation<'c> {
    /// The case.
    pub case: &'c FleeCase,
    /// Its world.
    pub world: World,
    /// Its camps.
    pub camps: Vec<usize>,
    /// Its record; see [`record`].
    pub data: Vec<Vec<i64>>,
    real: Vec<Vec<f64>>,
}

/// Scores of one replication.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Flee's error.
    pub ard: Ard,
    /// Flee's MASE against the flat forecast, from day 7 and from day 30; `None` where it is not defined.
    pub mase: [Option<f64>; 2],
}

impl<'c> Validation<'c> {
    /// `case` with one agent for `scale` persons, on its first `days` days.
    pub fn new(case: &'c FleeCase, scale: u32, days: u32, rules: Rules) -> Self {
        let world = world(case, scale, days, rules);
        let data = record(case, scale, u32::from(world.days));
        let real = data.iter().map(|camp| camp.iter().map(|&agents| agents as f64).collect()).collect();
        Self { case, world, camps: case.camps(), data, real }
    }

    /// Replication `replication` under `seed`.
    pub fn run(&self, seed: u64, replication: u32) -> CampRun {
        run(&self.world, &self.camps, seed, replication)
    }

    /// All replications in parallel, in order.
    pub fn runs(&self, seed: u64, replications: u32) -> Vec<CampRun> {
        (0..replications).into_par_iter().map(|replication| self.run(seed, replication)).collect()
    }

    /// The record as numbers.
    pub fn record(&self) -> &[Vec<f64>] {
        &self.real
    }

    /// Scores of a run; `None` for a case without camps.
    pub fn scores(&self, run: &CampRun) -> Option<Scores> {
        let sim: Vec<Vec<f64>> = run.camps.iter().map(|camp| camp.iter().map(|&n| f64::from(n)).collect()).collect();
        let ard = fit::flee_ard(&sim, &self.real)?;
        let mase = [7, 30].map(|start| fit::flee_mase(&sim, &self.real, Naive::Flat, start));
        Some(Scores { ard, mase })
    }

    /// Flee's out.csv of a run.
    pub fn out_csv(&self, run: &CampRun) -> String {
        let names: Vec<&str> = self.camps.iter().map(|&camp| self.case.locations[camp].name.as_str()).collect();
        let days = usize::from(self.world.days);
        let arrivals = self.case.arrivals(self.world.scale, u32::from(self.world.days));
        let from_record = self.case.settings.spawn.mode == crate::formats::flee::SpawnMode::FromRecord;
        let sim: Vec<Vec<i64>> =
            (0..days).map(|day| run.camps.iter().map(|camp| i64::from(camp[day])).collect()).collect();
        let data: Vec<Vec<i64>> = (0..days).map(|day| self.data.iter().map(|camp| camp[day]).collect()).collect();
        let rows: Vec<FleeDay<'_>> = (0..days)
            .map(|day| FleeDay {
                sim: &sim[day],
                data: &data[day],
                agents: run.agents[day],
                raw: if from_record { arrivals.raw[day] } else { 0 },
                debt: if from_record { arrivals.debt[day] } else { 0 },
                idps: (self.case.settings.log.idp_totals > 0).then(|| run.at_home[day]),
            })
            .collect();
        out_csv(&names, self.world.start, &rows)
    }
}

/// Mean and sample standard deviation; 0 for a single value.
pub fn mean_sd(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    (mean, if values.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 })
}
