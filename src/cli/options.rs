//! What commands that run something have in common: scenario, strategy, seed, threads, length, scale, parameters.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::Failure;
use crate::scenario::Scenario;
use crate::scenario::build::{Options, build};
use crate::scenario::world::World;

/// Options of every command that runs a scenario.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Folder that holds scenario.toml
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,
    /// Strategy to run [default: that of scenario.toml]
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    /// Seed of all draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Threads to use [default: all cores]; results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Last day to run, e.g. 2011-04-30 [default: the scenario's last]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<NaiveDate>,
    /// One simulated person stands for N people
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub scale: u32,
    /// Set a parameter, e.g. --set departure.conflict=0.2; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

impl Common {
    /// Runs `work` on the threads asked for; gives their number with its result.
    pub fn in_pool<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<(usize, T), Failure> {
        in_pool(self.threads, work)
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

/// The world that `common` asks for.
pub fn world_of(scenario: &Scenario, common: &Common) -> Result<World, Failure> {
    let name = common.strategy.as_deref().unwrap_or(&scenario.header.default_strategy);
    let options = options_of(scenario, common.until, common.scale, &common.set)?;
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
    for setting in set {
        let parsed = setting.split_once('=').and_then(|(key, value)| Some((key.trim(), value.trim().parse().ok()?)));
        let Some((key, value)) = parsed else {
            return Err(Failure::Usage(format!("--set '{setting}' is not NAME=NUMBER, e.g. departure.conflict=0.2")));
        };
        parameters.set(key, value).map_err(|reason| Failure::Usage(format!("--set {setting}: {reason}")))?;
    }
    Ok(Options { until, scale, parameters: Some(parameters) })
}
