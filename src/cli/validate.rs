//! `corridor validate`: a scenario beside its record.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::options::{Common, people_at_scale, world_of};
use super::run::progress;
use super::{Failure, Outcome, tell, validate_flee};
use crate::experiment::validate::validate;
use crate::scenario::fields::OBSERVATIONS;
use crate::scenario::problem::{At, Problems};
use crate::scenario::read::{read, read_observations};

/// Set every observation of the record beside the run
///
/// Prints recorded and simulated figures (median, 5 and 95 % over replications), the relative error of each, and the errors by
/// place and overall, before and after the last date whose observations were used to set parameters.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  corridor validate scenarios/libya-2011
  corridor validate scenarios/libya-2011 --replications 20 --json
  corridor validate scenarios/libya-2011 --observations my-counts.csv
  corridor validate my-flee-folder --replications 10 --json
  corridor validate my-flee-folder --scale 1 --threads 1 --plots")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Observations to use instead of those of the scenario, in the columns of observations.csv
    #[arg(long, value_name = "FILE")]
    observations: Option<PathBuf>,
    /// Draw the simulated bands beside the record; for a Flee folder
    #[arg(long)]
    plots: bool,
    /// Where to write plots [default: outputs/<case>/validation]
    #[arg(long, value_name = "DIR", requires = "plots")]
    out: Option<PathBuf>,
    /// Number of replications
    #[arg(long, value_name = "R", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replications: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
}

/// Validates, and prints the comparison to `out`.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let common = &arguments.common;
    if common.is_flee() {
        let options = validate_flee::Options {
            replications: arguments.replications,
            json: arguments.json,
            quiet: arguments.quiet,
            plots: arguments.plots.then_some(arguments.out.as_deref()),
        };
        return validate_flee::run(common, &options, out);
    }
    if arguments.plots {
        return Err(Failure::Usage(
            "--plots needs a Flee folder; `corridor run` draws a scenario beside its record".to_owned(),
        ));
    }
    let (scenario, mut warnings) = read(&common.scenario)?;
    let rows = match &arguments.observations {
        Some(file) => {
            let (rows, more) = read_observations(file, &scenario)?;
            warnings.0.extend(more.0);
            rows
        }
        None => scenario.observations.clone(),
    };
    if rows.is_empty() {
        return Err(no_record(arguments));
    }
    warnings.0.extend(people_at_scale(&scenario, &common.scenario, &common.runs, arguments.replications)?.0);
    let world = world_of(&scenario, common)?;
    if !arguments.quiet {
        tell(&warnings.to_string());
    }
    let bar = progress(u64::from(world.days) * u64::from(arguments.replications), arguments.quiet);
    let until = scenario.header.fitted_until;
    let (_, validation) =
        common.in_pool(|| validate(&world, &rows, until, common.runs.seed, arguments.replications, || bar.inc(1)))?;
    bar.finish_and_clear();
    if arguments.json {
        writeln!(out, "{:#}", validation.json())?;
    } else {
        out.write_all(validation.table().as_bytes())?;
    }
    Ok(())
}

/// There is nothing to set beside the run.
fn no_record(arguments: &Arguments) -> Failure {
    let record = || arguments.common.scenario.join(OBSERVATIONS.name);
    let file = arguments.observations.clone().unwrap_or_else(record);
    let message =
        if file.exists() { "there is no observation in it" } else { "there is no record to hold the run against" };
    let mut problems = Problems::default();
    let fix =
        "write down what was observed, a row for each number, or name a table of observations with --observations";
    problems.error(At { file: &file.display().to_string(), ..At::default() }, message, fix);
    Failure::Input(problems)
}
