//! `corridor import`: other people's folders as scenarios.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Failure, Outcome, tell};
use crate::formats::flee::{self, import};
use crate::scenario::problem::Problems;
use crate::scenario::write::write_folder;

/// Turn other people's files into a scenario
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    Flee(FleeArguments),
}

/// Turn a Flee folder into a scenario folder that gives the same results
///
/// One simulated person is one real person, whatever the settings of the Flee folder say. What Corridor's format has no place for is
/// told as a warning.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  corridor import flee my-flee-folder my-scenario && corridor validate my-scenario")]
struct FleeArguments {
    /// Folder of Flee
    #[arg(value_name = "FLEE_DIR")]
    dir: PathBuf,
    /// Folder to make; it must not exist, or be empty
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Take the first N days only
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_525))]
    days: Option<u32>,
}

/// Reads, converts, writes; tells the files.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let From::Flee(arguments) = &arguments.from;
    let (case, mut warnings) = flee::read_for_days(&arguments.dir, arguments.days)?;
    no_day_without_origin(&case, 1)?;
    let files = import::files(&case, case.period.days, &mut warnings);
    tell(&warnings.to_string());
    write_folder(&arguments.out, &files)?;
    for (name, _) in &files {
        writeln!(out, "{}", arguments.out.join(name).display())?;
    }
    writeln!(out, "Next: corridor validate {}", arguments.out.display())?;
    Ok(())
}

/// An error if people are to be placed at this scale on a day on which no place in conflict has residents.
pub fn no_day_without_origin(case: &flee::FleeCase, scale: u32) -> Result<(), Failure> {
    let Some(&(day, people)) = case.days_without_origin(scale).first() else { return Ok(()) };
    let mut problems = Problems::default();
    let file = case.dir.display().to_string();
    problems.error(
        crate::scenario::problem::At { file: &file, ..Default::default() },
        format!(
            "{people} agents are to be placed on day {day} at scale {scale}, but no place with residents is in conflict"
        ),
        "use a smaller --scale, or give a place in conflict a population",
    );
    Err(Failure::Input(problems))
}
