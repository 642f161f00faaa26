//! `corridor explain`: why people were stuck in a run, and what more of each capacity would have changed.

use std::io::Write;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::options::{date, in_pool, one_by_one, options_of};
use super::run::spinner;
use super::{Failure, Outcome, tell};
use crate::experiment::explain::{Question, explain, read_run};
use crate::scenario::read::read;
use crate::scenario::size;

/// Say why people were stuck in a run, and what 10 % more of each capacity would have changed
///
/// Reads the folder that `corridor run` wrote: who was stuck where, and what bound them (no documents, no money, not admitted, way closed,
/// a queue, no seat). Then runs the scenario again with the same people and the same luck, once for each capacity enlarged by a tenth.
/// With --place, only the capacities there are enlarged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  corridor run scenarios/libya-2011 --scale 20 --out outputs/libya
  corridor explain outputs/libya
  corridor explain outputs/libya --place choucha --day 2011-03-07
  corridor explain outputs/libya --group BGD --replications 5 --json")]
pub struct Arguments {
    /// Folder that `corridor run` wrote
    #[arg(value_name = "OUTDIR")]
    dir: PathBuf,
    /// Only at this place (location id)
    #[arg(long, value_name = "ID")]
    place: Option<String>,
    /// Only people of this group (group id)
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// On this day [default: the day on which most are stuck]
    #[arg(long, value_name = "DATE", value_parser = date)]
    day: Option<NaiveDate>,
    /// Folder of the scenario, if it has moved since [default: where it was]
    #[arg(long, value_name = "DIR")]
    scenario: Option<PathBuf>,
    /// Runs of each variant; ranges are told from 2 on
    #[arg(long, value_name = "R", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    replications: u32,
    /// Threads to use [default: all cores]; results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
}

/// Explains, and writes text or JSON to `out`.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let (made, rows) = read_run(&arguments.dir).map_err(Failure::Usage)?;
    let folder = arguments.scenario.as_ref().unwrap_or(&made.scenario);
    if !folder.join("scenario.toml").is_file() {
        let known = if folder.is_dir() { "holds no scenario.toml" } else { "is not found from this folder" };
        return Err(Failure::Usage(format!(
            "{} {known}; go where the run was made, or name the folder of the scenario that was run with --scenario (runs of \
             Flee folders cannot be explained)",
            folder.display()
        )));
    }
    let (scenario, _) = read(folder)?;
    if scenario.content_hash == made.scenario_hash && made.version != env!("CARGO_PKG_VERSION") {
        tell(&format!("note: the run was made by version {}\n", made.version));
    }
    let until = Some(made.until).filter(|until| (scenario.header.start..=scenario.header.end).contains(until));
    let options = options_of(&scenario, until, made.scale.max(1), &made.set)?;
    size::check(&scenario, folder, options.scale, 1, || one_by_one(&scenario, &options))?;
    let question = Question {
        place: arguments.place.clone(),
        group: arguments.group.clone(),
        day: arguments.day,
        replications: arguments.replications,
    };
    let bar = spinner(arguments.quiet);
    let (_, answer) =
        in_pool(arguments.threads, || explain(&scenario, &made, &rows, &options, &question, || bar.inc(1)))?;
    bar.finish_and_clear();
    let answer = answer.map_err(Failure::Usage)?;
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, &answer).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        out.write_all(answer.text().as_bytes())?;
    }
    Ok(())
}
