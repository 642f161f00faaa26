//! A Flee case held against its record: many replications, and the scores of each.

use std::fmt::Write as _;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::engine::Run;
use crate::engine::agents::State;
use crate::formats::flee::FleeCase;
use crate::formats::flee::world::{Rules, world};
use crate::outcome::fit::{self, Ard, Naive};
use crate::report::DISCLAIMER;
use crate::report::flee_csv::{FleeDay, out_csv};
use crate::report::lines::{LineChart, Panel, Recorded, Series, line_chart};
use crate::report::picture::Picture;
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
        let sim = numbers(&run.camps);
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

/// How the runs of a case fit the record of one camp, or of all camps together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// Name of the camp, or `all`.
    pub camp: String,
    /// Flee's error, mean over replications.
    pub ard: Option<f64>,
    /// The same with the simulated camps brought to the recorded total of each day.
    pub ard_rescaled: Option<f64>,
    /// Mean absolute scaled error against the flat forecast from day 7; mean over replications.
    pub mase7: Option<f64>,
    /// The same from day 30.
    pub mase30: Option<f64>,
    /// Error (as `ard`) of the forecast that everything stays as on [`Summary::persistence_day`], over the days after it.
    pub persistence: Option<f64>,
    /// Mean fair continuous ranked probability score over the records, persons; needs two replications.
    pub crps: Option<f64>,
    /// Share of records inside the 5 to 95 % band of the replications; needs two replications.
    pub inside_band: Option<f64>,
    /// Number of records: days of the run on which the data have a row.
    pub records: usize,
}

/// How the runs of a case fit its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    days: u32,
    scale: u32,
    replications: usize,
    agents: u64,
    agent_steps: u64,
    ard: (f64, f64),
    rescaled: (f64, f64),
    /// Day on which the naive forecast stands.
    pub persistence_day: usize,
    /// All camps together.
    pub all: Fit,
    /// Each camp.
    pub camps: Vec<Fit>,
}

/// Scores of `runs` by camp and together.
pub fn summarize(validation: &Validation<'_>, runs: &[CampRun]) -> Summary {
    let days = usize::from(validation.world.days);
    let persistence_day = [30, 7, 0].into_iter().find(|day| day + 1 < days).unwrap_or(0);
    let sims: Vec<Vec<Vec<f64>>> = runs.iter().map(|run| numbers(&run.camps)).collect();
    let rescaled: Vec<Vec<Vec<f64>>> =
        sims.iter().map(|sim| fit::rescale(sim, &validation.real).unwrap_or_default()).collect();
    let scores: Vec<Scores> = runs.iter().filter_map(|run| validation.scores(run)).collect();
    let of = |value: fn(&Scores) -> f64| mean_sd(&scores.iter().map(value).collect::<Vec<_>>());
    let mean = |values: Vec<Option<f64>>| -> Option<f64> {
        let values: Option<Vec<f64>> = values.into_iter().collect();
        values.filter(|values| !values.is_empty()).map(|values| mean_sd(&values).0)
    };
    let total: Vec<f64> = (0..days).map(|day| validation.real.iter().map(|camp| camp[day]).sum()).collect();
    let one = |camp: usize| {
        let actual = std::slice::from_ref(&validation.real[camp]);
        let ard = |tables: &[Vec<Vec<f64>>]| {
            mean(tables.iter().map(|sim| Some(fit::flee_ard(&sim[camp..=camp], actual)?.plain)).collect())
        };
        let mase = |start: usize| {
            let naive = fit::naive_forecast(Naive::Flat, &actual[0], &total, start)?;
            mean(rescaled.iter().map(|sim| fit::mase(&sim[camp], &actual[0], &naive, start)).collect())
        };
        let records = validation.record_days(camp);
        let members = |day: usize| sims.iter().map(|sim| sim[camp][day]).collect::<Vec<f64>>();
        Fit {
            camp: validation.case.locations[validation.camps[camp]].name.clone(),
            ard: ard(&sims),
            ard_rescaled: ard(&rescaled),
            mase7: mase(7),
            mase30: mase(30),
            persistence: fit::persistence_ard(actual, persistence_day),
            crps: crps(validation, records.iter().map(|day| (members(*day), actual[0][*day]))),
            inside_band: inside(records.iter().map(|day| (members(*day), actual[0][*day]))),
            records: records.len(),
        }
    };
    let camps: Vec<Fit> = (0..validation.camps.len()).map(one).collect();
    let everywhere = |pairs: &dyn Fn(usize, usize) -> (Vec<f64>, f64)| -> Vec<(Vec<f64>, f64)> {
        let camps = 0..validation.camps.len();
        camps.flat_map(|camp| validation.record_days(camp).into_iter().map(move |day| pairs(camp, day))).collect()
    };
    let pairs = everywhere(&|camp, day| {
        (sims.iter().map(|sim| sim[camp][day]).collect::<Vec<f64>>(), validation.real[camp][day])
    });
    let all = Fit {
        camp: "all".to_owned(),
        ard: Some(of(|s| s.ard.plain).0),
        ard_rescaled: Some(of(|s| s.ard.rescaled).0),
        mase7: mean(scores.iter().map(|s| s.mase[0]).collect()),
        mase30: mean(scores.iter().map(|s| s.mase[1]).collect()),
        persistence: fit::persistence_ard(&validation.real, persistence_day),
        crps: crps(validation, pairs.iter().cloned()),
        inside_band: inside(pairs.iter().cloned()),
        records: pairs.len(),
    };
    Summary {
        days: u32::from(validation.world.days),
        scale: validation.world.scale,
        replications: runs.len(),
        agents: runs.first().and_then(|run| run.agents.last()).copied().unwrap_or(0),
        agent_steps: runs.first().map_or(0, |run| run.agent_steps),
        ard: of(|s| s.ard.plain),
        rescaled: of(|s| s.ard.rescaled),
        persistence_day,
        all,
        camps,
    }
}

fn numbers(camps: &[Vec<u32>]) -> Vec<Vec<f64>> {
    camps.iter().map(|camp| camp.iter().map(|&agents| f64::from(agents)).collect()).collect()
}

/// Mean score in persons.
fn crps(validation: &Validation<'_>, pairs: impl Iterator<Item = (Vec<f64>, f64)>) -> Option<f64> {
    let scores: Option<Vec<f64>> = pairs.map(|(members, record)| fit::crps_fair(&members, record)).collect();
    let scores = scores.filter(|scores| !scores.is_empty())?;
    Some(mean_sd(&scores).0 * f64::from(validation.world.scale))
}

fn inside(pairs: impl Iterator<Item = (Vec<f64>, f64)>) -> Option<f64> {
    let (mut bands, mut records) = (Vec::new(), Vec::new());
    for (members, record) in pairs {
        if members.len() < 2 {
            return None;
        }
        bands.push(fit::band90(&members)?);
        records.push(record);
    }
    fit::share_inside(&bands, &records)
}

impl Validation<'_> {
    /// Days of the run on which the data of the camp (index into [`Validation::camps`]) have a row.
    fn record_days(&self, camp: usize) -> Vec<usize> {
        let Some(record) = self.case.record_of(self.camps[camp]) else { return Vec::new() };
        let rows = self.case.records[record].files.iter().flatten();
        let mut days: Vec<usize> = rows.filter_map(|(day, _)| usize::try_from(*day).ok()).collect();
        days.retain(|day| *day < usize::from(self.world.days));
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The band of the runs beside the record, one panel for each camp, in persons.
    pub fn picture(&self, name: &str, seed: u64, runs: &[CampRun]) -> Picture {
        let scale = f64::from(self.world.scale);
        let date = |day: usize| self.world.start + chrono::Days::new(day as u64);
        let panel = |camp: usize| {
            let day = |day: usize| {
                let members: Vec<f64> = runs.iter().map(|run| f64::from(run.camps[camp][day]) * scale).collect();
                let (low, high) = fit::band90(&members).unwrap_or_default();
                (date(day), fit::quantile(&members, 0.5).unwrap_or(0.0), low, high)
            };
            let days: Vec<_> = (0..usize::from(self.world.days)).map(day).collect();
            let record = |day: usize| {
                let value = self.real[camp][day] * scale;
                Recorded { date: date(day), value, low: value, high: value }
            };
            Panel {
                title: self.case.locations[self.camps[camp]].name.clone(),
                series: vec![Series {
                    name: "simulated, median".to_owned(),
                    values: days.iter().map(|d| (d.0, d.1)).collect(),
                    band: days.iter().map(|d| (d.0, d.2, d.3)).collect(),
                }],
                records: self.record_days(camp).into_iter().map(record).collect(),
            }
        };
        line_chart(&LineChart {
            title: format!("People in camps, {name}: simulated and recorded"),
            subtitle: format!("{} replications; band: 5 to 95 % of them", runs.len()),
            y_title: "Persons in the camp".to_owned(),
            note: format!("{name}, one agent for {} persons, seed {seed}. Simulated, not observed.", self.world.scale),
            panels: (0..self.camps.len()).map(panel).collect(),
            same_scale: false,
            band_name: "5 to 95 %".to_owned(),
            record_name: "recorded".to_owned(),
            ..LineChart::default()
        })
    }
}

impl Summary {
    /// As JSON.
    pub fn json(&self, case: &str, threads: usize, wall_seconds: f64) -> Value {
        json!({
            "simulated": true,
            "disclaimer": DISCLAIMER,
            "case": case,
            "days": self.days,
            "scale": self.scale,
            "agents": self.agents,
            "replications": self.replications,
            "ard_mean": self.ard.0,
            "ard_sd": self.ard.1,
            "ard_rescaled_mean": self.rescaled.0,
            "ard_rescaled_sd": self.rescaled.1,
            "agent_steps": self.agent_steps,
            "wall_seconds": wall_seconds,
            "threads": threads,
            "persistence_day": self.persistence_day,
            "all": self.all,
            "camps": self.camps,
        })
    }

    /// As a plain table.
    pub fn table(&self, case: &str, threads: usize, wall_seconds: f64) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{case}: {} days, {} replications, one agent for {} persons; {} agents at the end, {} agent-steps each",
            self.days, self.replications, self.scale, self.agents, self.agent_steps
        );
        let _ = writeln!(
            text,
            "ARD {:.4} (sd {:.4}), rescaled {:.4} (sd {:.4}); {wall_seconds:.3} s on {threads} threads\n",
            self.ard.0, self.ard.1, self.rescaled.0, self.rescaled.1
        );
        let width = self.camps.iter().map(|fit| fit.camp.chars().count()).max().unwrap_or(0).max(4);
        let _ = writeln!(
            text,
            "{:<width$} {:>8} {:>8} {:>8} {:>8} {:>9} {:>10} {:>8} {:>8}",
            "camp", "ARD", "rescaled", "MASE7", "MASE30", "naive ARD", "CRPS", "in band", "records"
        );
        let number = |value: Option<f64>, digits: usize| value.map_or("-".to_owned(), |v| format!("{v:.digits$}"));
        for fit in self.camps.iter().chain([&self.all]) {
            let _ = writeln!(
                text,
                "{:<width$} {:>8} {:>8} {:>8} {:>8} {:>9} {:>10} {:>8} {:>8}",
                fit.camp,
                number(fit.ard, 4),
                number(fit.ard_rescaled, 4),
                number(fit.mase7, 4),
                number(fit.mase30, 4),
                number(fit.persistence, 4),
                number(fit.crps, 1),
                fit.inside_band.map_or("-".to_owned(), |share| format!("{:.0} %", 100.0 * share)),
                fit.records
            );
        }
        let _ = writeln!(
            text,
            "\nnaive ARD: everything stays as on day {}; CRPS in persons; in band: records inside 5 to 95 % of the replications",
            self.persistence_day
        );
        let _ = writeln!(text, "\n{DISCLAIMER}");
        text
    }
}
