//! Report: tables, pictures and words for people.
//!
//! [`write_run`] writes all that a run has to say into one folder, at once. [`crate::outcome::watch`] says what is kept of each
//! replication for it.

pub mod answer;
pub mod bars;
mod coastlines;
pub mod columns;
pub mod comparison;
pub mod comparison_pictures;
pub mod flee_csv;
pub mod html;
pub mod lines;
pub mod map;
pub mod picture;
pub mod pictures;
pub mod scatter;
pub mod summary;
pub mod tables;
pub mod ticks;
pub mod write;

use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::experiment::compare::Comparison;
use crate::experiment::firing::{self, Fired};
use crate::outcome::Outcome;
use crate::outcome::record::{Compared, compare_rows};
use crate::outcome::watch::{Replication, Watch};
use crate::scenario::scenario::Scenario;
use crate::scenario::world::World;

use html::{Lang, Words};
use picture::PictureError;
use write::{Folder, WriteError};

/// What every output says about itself.
pub const DISCLAIMER: &str = "Simulated, not observed. A comparison of response options under stated assumptions; not a forecast of \
people's movements. Not for border enforcement, interception, or decisions about individuals.";

/// All that the report of a run is made from.
#[derive(Debug, Clone, Copy)]
pub struct RunReport<'a> {
    /// What was written.
    pub scenario: &'a Scenario,
    /// What was run.
    pub world: &'a World,
    /// What was watched.
    pub watch: &'a Watch,
    /// What was kept of each replication, in order; at least one.
    pub replications: &'a [Replication],
    /// The whole outcome of replication 0, from which tables and maps are made.
    pub first: &'a Outcome,
    /// Seed of all draws.
    pub seed: u64,
    /// Threads used.
    pub threads: usize,
    /// Time that the runs took.
    pub wall: Duration,
    /// How it was asked for.
    pub asked: &'a Asked,
}

/// How a run was asked for: what it takes to make it again, beside strategy, seed and scale.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Folder of the scenario, as it was typed.
    pub folder: PathBuf,
    /// Parameters set on the command line, as they were typed.
    pub set: Vec<String>,
    /// Language of `report.html`.
    pub lang: Lang,
}

impl<'a> RunReport<'a> {
    /// Every observation within the run, in the order of the record.
    pub fn compared(&self) -> Vec<Compared<'a>> {
        compare_rows(&self.scenario.observations, self.scenario.header.fitted_until, self.watch, self.replications)
    }

    /// When each trigger fired in each run.
    pub fn firings(&self) -> Vec<Fired> {
        let of_run = |(replication, kept): (usize, &Replication)| {
            let peak = kept.measured.overall("M04_day").map(|day| day as u16 - 1);
            firing::log(self.world, replication as u32, &kept.fired, peak)
        };
        self.replications.iter().enumerate().flat_map(of_run).collect()
    }
}

/// Why a report was not written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A picture could not be drawn.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// Writes the report of a run into the folder `dir`: tables, summary, pictures, the answer in words. Nothing is there before all
/// is; an earlier output is replaced as a whole. Everything but `run.json` is the same, byte by byte, for the same input.
pub fn write_run(dir: &Path, run: &RunReport<'_>) -> Result<(), ReportError> {
    let folder = Folder::begin(dir)?;
    let (world, first) = (run.world, run.first);
    let compared = run.compared();
    folder.stream("daily.csv", |out| tables::daily(out, world, first))?;
    folder.stream("routes.csv", |out| tables::routes(out, world, first))?;
    folder.stream("groups.csv", |out| tables::groups(out, world, first))?;
    if !world.flows.is_empty() {
        folder.stream("flows.csv", |out| tables::flows(out, world, first))?;
    }
    if !first.constraints.is_empty() {
        folder.stream("constraints.csv", |out| tables::constraints(out, world, first))?;
    }
    folder.stream("triggers.csv", |out| tables::triggers(out, &run.firings()))?;
    if !compared.is_empty() {
        folder.stream("fit.csv", |out| tables::fit(out, &compared))?;
    }
    folder.stream("data-dictionary.csv", tables::data_dictionary)?;
    folder.add("summary.json", summary::summary(run, &compared).as_bytes())?;
    folder.add("answer.txt", answer::answer(run).as_bytes())?;
    folder.add("run.json", summary::run_json(run).as_bytes())?;
    folder.add("report.html", html::run_page(run, &compared)?.as_bytes())?;
    for (name, picture) in pictures::pictures(run, &Words::new(Lang::En), false) {
        folder.add(&format!("pictures/{name}.svg"), picture.svg()?.as_bytes())?;
        folder.add(&format!("pictures/{name}.png"), &picture.png()?)?;
    }
    Ok(folder.finish()?)
}

/// Writes the report of a comparison of strategies of `scenario` into the folder `dir`: the page, the text, JSON, and the log of
/// triggers. Nothing is there before all is; an earlier output is replaced as a whole.
pub fn write_comparison(
    dir: &Path,
    scenario: &Scenario,
    comparison: &Comparison,
    lang: Lang,
) -> Result<(), ReportError> {
    let folder = Folder::begin(dir)?;
    folder.add("report.html", html::comparison_page(scenario, comparison, lang)?.as_bytes())?;
    folder.add("comparison.txt", format!("{}\n{DISCLAIMER}\n", comparison::text(comparison)).as_bytes())?;
    folder.add("comparison.json", comparison::json(comparison).as_bytes())?;
    folder.stream("triggers.csv", |out| tables::triggers(out, &comparison.evidence.firings))?;
    folder.stream("data-dictionary.csv", tables::data_dictionary)?;
    Ok(folder.finish()?)
}
