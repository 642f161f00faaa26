//! `corridor run`: one scenario under one strategy, and the report of it.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::options::{Common, people_at_scale, world_of};
use super::{Failure, Outcome, out_folder, run_flee, tell};
use crate::experiment::replicate::replicate;
use crate::outcome::watch::Watch;
use crate::report::html::Lang;
use crate::report::{Asked, RunReport};
use crate::report::{answer, summary, write_run};
use crate::scenario::Scenario;
use crate::scenario::read::read;
use crate::scenario::world::World;

/// Run a scenario under one strategy and write the report: tables, pictures, the answer in words
///
/// Everything that is written, but run.json, is the same for the same scenario, strategy, seed and version, whatever the threads.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  corridor run scenarios/libya-2011
  corridor run scenarios/libya-2011 --strategy none --seed 7
  corridor run scenarios/libya-2011 --replications 20 --out /tmp/libya
  corridor run scenarios/flood-coast --json --quiet > summary.json
  corridor run my-flee-folder --format flee --out out")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Number of replications: the same scenario under other luck
    #[arg(long, value_name = "R", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replications: u32,
    /// Where to write [default: outputs/<scenario>/<strategy>-<seed>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Language of report.html
    #[arg(long, value_enum, value_name = "LANG", default_value_t)]
    lang: Lang,
    /// Print summary.json to standard output
    #[arg(long)]
    json: bool,
    /// Print nothing but errors (and, with --json, the summary)
    #[arg(long)]
    quiet: bool,
}

/// What a run writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Tables, pictures and the answer in words
    #[default]
    Report,
    /// Flee's out.csv, for a Flee folder
    Flee,
}

/// Runs, writes the report, prints the answer to `out`.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let flee = arguments.common.is_flee();
    if arguments.format == Format::Flee {
        if !flee {
            return Err(Failure::Usage("--format flee needs a Flee folder".to_owned()));
        }
        return run_flee::out_csv(&arguments.common, arguments.out.as_deref(), arguments.quiet, out);
    }
    if flee {
        let (scenario, world) = run_flee::prepared(&arguments.common, arguments.quiet)?;
        return report(arguments, &scenario, &world, out);
    }
    let (scenario, mut warnings) = read(&arguments.common.scenario)?;
    let common = &arguments.common;
    warnings.0.extend(people_at_scale(&scenario, &common.scenario, &common.runs, arguments.replications)?.0);
    let world = world_of(&scenario, common)?;
    if !arguments.quiet {
        tell(&warnings.to_string());
    }
    report(arguments, &scenario, &world, out)
}

/// Runs `world`, which is made of `scenario`, and writes the report.
fn report(arguments: &Arguments, scenario: &Scenario, world: &World, out: &mut impl Write) -> Outcome {
    let usual = || {
        let name = format!("{}-{}", world.strategy, arguments.common.runs.seed);
        Path::new("outputs").join(&scenario.name).join(name)
    };
    let dir = out_folder(arguments.out.as_deref(), usual)?;
    let started = Instant::now();
    let watch = Watch::new(&scenario.observations, world);
    let bar = progress(u64::from(world.days) * u64::from(arguments.replications), arguments.quiet);
    let (threads, results) = arguments.common.in_pool(|| {
        let reduce = |replication, outcome| {
            let kept = watch.reduce(world, &outcome);
            (kept, (replication == 0).then_some(outcome))
        };
        replicate(world, arguments.common.runs.seed, arguments.replications, || bar.inc(1), reduce)
    })?;
    bar.finish_and_clear();
    let wall = started.elapsed();
    let (replications, outcomes): (Vec<_>, Vec<_>) = results.into_iter().unzip();
    let Some(first) = outcomes.into_iter().flatten().next() else {
        return Err(Failure::Usage("there is no replication to report".to_owned()));
    };
    let common = &arguments.common;
    let asked = Asked { folder: common.scenario.clone(), set: common.runs.set.clone(), lang: arguments.lang };
    let report = RunReport {
        scenario,
        world,
        watch: &watch,
        replications: &replications,
        first: &first,
        seed: arguments.common.runs.seed,
        threads,
        wall,
        asked: &asked,
    };
    write_run(&dir, &report).map_err(|error| Failure::Other(error.into()))?;
    if arguments.json {
        out.write_all(summary::summary(&report, &report.compared()).as_bytes())?;
    } else if !arguments.quiet {
        out.write_all(answer::answer(&report).as_bytes())?;
        writeln!(out, "Written to {}", dir.display())?;
    }
    Ok(())
}

/// A count of runs on a terminal, nothing elsewhere.
pub fn spinner(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new_spinner() }
}

/// A bar on a terminal, nothing elsewhere.
pub fn progress(steps: u64, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{elapsed_precise} [{wide_bar}] {pos}/{len} days, {eta} left");
    ProgressBar::new(steps).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
