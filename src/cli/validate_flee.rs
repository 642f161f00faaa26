//! `corridor validate` on a Flee folder.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::options::Common;
use super::run_flee::{case_of, name_of};
use super::{Outcome, out_folder};
use crate::experiment::validate_flee::{Validation, summarize};
use crate::report::write::Folder;

/// What is asked for beside the case.
#[derive(Debug)]
pub struct Options<'a> {
    /// Number of replications.
    pub replications: u32,
    /// Print JSON.
    pub json: bool,
    /// No warnings.
    pub quiet: bool,
    /// Draw, into this folder or the usual one.
    pub plots: Option<Option<&'a Path>>,
}

/// Validates, and prints the scores to `out`.
pub fn run(common: &Common, options: &Options<'_>, out: &mut impl Write) -> Outcome {
    let started = Instant::now();
    let (case, scale) = case_of(common, options.quiet)?;
    let name = name_of(&common.scenario);
    let usual = || PathBuf::from("outputs").join(&name).join("validation");
    let plots = options.plots.map(|dir| out_folder(dir, usual)).transpose()?;
    let (threads, (validation, runs, summary)) = common.in_pool(|| {
        let validation = Validation::new(&case, scale, case.period.days, common.flee.rules);
        let runs = validation.runs(common.runs.seed, options.replications);
        let summary = summarize(&validation, &runs);
        (validation, runs, summary)
    })?;
    let wall = started.elapsed();
    if options.json {
        writeln!(out, "{:#}", summary.json(&name, threads, wall.as_secs_f64()))?;
    } else {
        out.write_all(summary.table(&name, threads, wall.as_secs_f64()).as_bytes())?;
    }
    if let Some(dir) = plots {
        let picture = validation.picture(&name, common.runs.seed, &runs);
        let (svg, png) = (picture.svg().map_err(anyhow::Error::from)?, picture.png().map_err(anyhow::Error::from)?);
        let folder = Folder::begin(&dir)?;
        folder.add("camps.svg", svg.as_bytes())?;
        folder.add("camps.png", &png)?;
        folder.finish()?;
        if !options.json {
            writeln!(out, "Drawn in {}", dir.display())?;
        }
    }
    Ok(())
}
