//! What commands that run something have in common: scenario, strategy, seed, threads, length, scale, parameters.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;

use super::Failure;
use crate::engine::crowds::Crowds;
use crate::formats::flee::world::Rules;
use crate::scenario::Scenario;
use crate::scenario::build::{Options, build};
use crate::scenario::problem::Problems;
use crate::scenario::size;
use crate::scenario::world::World;

/// Options of every command that runs a scenario.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Folder that holds scenario.toml, or a folder of Flee
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,
    /// Strategy to run [default: that of scenario.toml]
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    #[command(flatten)]
    pub runs: Runs,
    #[command(flatten)]
    pub flee: FleeOptions,
}

/// How runs are made: luck, threads, length, scale, parameters.
#[derive(Debug, Clone, Args)]
pub struct Runs {
    /// Seed of all draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Threads to use [default: all cores]; results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Last day to run, e.g. 2011-04-30 [default: the scenario's last]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<NaiveDate>,
    /// One simulated person stands for N people [default: 1; in a Flee folder what its settings say]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub scale: Option<u32>,
    /// Set a parameter, e.g. --set departure.conflict=0.2; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// Options for the folders of Flee.
#[derive(Debug, Clone, Copy, Args)]
pub struct FleeOptions {
    /// Run the first N days only
    #[arg(long, value_name = "N", conflicts_with = "until", value_parser = clap::value_parser!(u32).range(1..=36_525))]
    pub days: Option<u32>,
    /// Rules of movement, for a Flee folder
    #[arg(long, value_enum, value_name = "RULES", default_value_t)]
    pub rules: Rules,
}

impl Common {
    /// Whether the folder is one of Flee: it has no scenario.toml, but something of Flee's.
    pub fn is_flee(&self) -> bool {
        let has = |name: &str| self.scenario.join(name).exists();
        !has("scenario.toml") && ["input_csv", "simsetting.yml", "sim_period.csv"].into_iter().any(has)
    }

    /// Fails if an option was given that only scenarios in Corridor's own format have.
    pub fn only_flee(&self) -> Result<(), Failure> {
        let given = [
            ("--strategy", self.strategy.is_some()),
            ("--set", !self.runs.set.is_empty()),
            ("--until", self.runs.until.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Failure::Usage(format!(
                "{option} does not go with a Flee folder; `corridor import flee` makes a scenario of it that has all options"
            ))),
            None => Ok(()),
        }
    }

    /// Runs `work` on the threads asked for; gives their number with its result.
    pub fn in_pool<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<(usize, T), Failure> {
        in_pool(self.runs.threads, work)
    }
}

/// A date as it is typed.
pub fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "not a date; write it like 2011-04-30".to_owned())
}

/// Runs `work` on so many threads (all cores where none are asked for); gives their number with its result.
pub fn in_pool<T: Send>(threads: Option<u16>, work: impl FnOnce() -> T + Send) -> Result<(usize, T), Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.map_or(0, usize::from))
        .build()
        .map_err(|error| Failure::Other(error.into()))?;
    Ok((pool.current_num_threads(), pool.install(work)))
}

/// Fails where more people are to be simulated in so many `runs` than can be; gives a warning where `scale` leaves many out.
pub fn people_at_scale(scenario: &Scenario, dir: &Path, asked: &Runs, runs: u32) -> Result<Problems, Failure> {
    let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32);
    let threads = asked.threads.map_or_else(cores, u32::from);
    let options = || options_of(scenario, asked.until, asked.scale.unwrap_or(1), &asked.set);
    let alone = || options().is_ok_and(|options| one_by_one(scenario, &options));
    Ok(size::check(scenario, dir, asked.scale.unwrap_or(1), runs.min(threads), alone)?)
}

/// Whether people are followed one by one, and not counted together as in worlds in which nothing tells them apart.
pub fn one_by_one(scenario: &Scenario, options: &Options) -> bool {
    build(scenario, &scenario.header.default_strategy, options).is_none_or(|world| !Crowds::hold(&world))
}

/// The world that `common` asks for.
pub fn world_of(scenario: &Scenario, common: &Common) -> Result<World, Failure> {
    let name = common.strategy.as_deref().unwrap_or(&scenario.header.default_strategy);
    let header = &scenario.header;
    let after_days = |days: u32| (header.start + chrono::Days::new(u64::from(days) - 1)).min(header.end);
    let until = common.flee.days.map(after_days).or(common.runs.until);
    let options = options_of(scenario, until, common.runs.scale.unwrap_or(1), &common.runs.set)?;
    build(scenario, name, &options).ok_or_else(|| {
        let known: Vec<&str> = scenario.strategies.keys().map(String::as_str).collect();
        Failure::Usage(format!("there is no strategy '{name}'; known are {}", known.join(", ")))
    })
}

/// What `--until`, `--scale` and `--set` ask of a world of `scenario`.
pub fn options_of(
    scenario: &Scenario,
    until: Option<NaiveDate>,
    scale: u32,
    set: &[String],
) -> Result<Options, Failure> {
    let header = &scenario.header;
    if let Some(until) = until.filter(|until| !(header.start..=header.end).contains(until)) {
        let (start, end) = (header.start, header.end);
        return Err(Failure::Usage(format!("--until {until} lies outside the scenario ({start} to {end})")));
    }
    let mut parameters = scenario.parameters.clone();
    let mut slips = Vec::new();
    for setting in set {
        let parsed = setting.split_once('=').and_then(|(key, value)| Some((key.trim(), value.trim().parse().ok()?)));
        match parsed {
            None => slips.push(format!("--set '{setting}' is not NAME=NUMBER, e.g. departure.conflict=0.2")),
            Some((key, value)) => {
                slips.extend(parameters.set(key, value).err().map(|reason| format!("--set {setting}: {reason}")));
            }
        }
    }
    Failure::of_slips(slips)?;
    Ok(Options { until, scale, parameters: Some(parameters) })
}
