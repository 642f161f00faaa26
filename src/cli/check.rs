//! `corridor check`: everything that is wrong with a scenario, and what it holds.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Failure, Outcome, tell};
use crate::scenario::Scenario;
use crate::scenario::reach::{Reach, reach};
use crate::scenario::read::read;
use crate::scenario::scenario::{Aim, PlaceKind};

/// Find everything that is wrong in a scenario, and say what it holds
///
/// Prints who is where, which places nobody can reach, and which groups have no way home under the default strategy even if nothing
/// were limited. Errors and warnings go to standard error, each with file, line, column, value and fix.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  corridor check my-scenario\n  corridor check my-scenario --strategy none")]
pub struct Arguments {
    /// Folder that holds scenario.toml
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Strategy whose services count as ways [default: that of scenario.toml]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
}

/// Checks, and prints the summary to `out`.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let (scenario, warnings) = read(&arguments.dir)?;
    let name = arguments.strategy.as_deref().unwrap_or(&scenario.header.default_strategy);
    let Some(strategy) = scenario.strategy(name) else {
        let known: Vec<&str> = scenario.strategies.keys().map(String::as_str).collect();
        return Err(Failure::Usage(format!("there is no strategy '{name}'; known are {}", known.join(", "))));
    };
    tell(&warnings.to_string());
    if !warnings.0.is_empty() {
        tell(&format!("{}\n", warnings.count()));
    }
    summary(&scenario, out)?;
    ways(&scenario, name, &reach(&scenario, &strategy), out)
}

fn summary(scenario: &Scenario, out: &mut impl Write) -> Outcome {
    let header = &scenario.header;
    writeln!(out, "{}", header.title)?;
    writeln!(
        out,
        "{} to {}, {} days; content {}",
        header.start,
        header.end,
        header.days(),
        &scenario.content_hash[..16]
    )?;

    let mut persons: BTreeMap<&str, (u64, usize)> = BTreeMap::new();
    for row in &scenario.populations {
        let sum = persons.entry(&row.group).or_default();
        *sum = (sum.0 + row.persons, sum.1 + 1);
    }
    writeln!(out, "\nPeople: {}", persons.values().map(|(persons, _)| persons).sum::<u64>())?;
    for group in &scenario.groups {
        let (persons, places) = persons.get(group.id.as_str()).copied().unwrap_or_default();
        let aim = group.home.as_ref().map_or_else(|| group.aim.to_string(), |home| format!("{} ({home})", group.aim));
        writeln!(out, "  {:<12} {persons:>12} persons at {places} places; {}, aim {aim}", group.id, group.status)?;
    }
    if !scenario.departures.is_empty() {
        let sum: u64 = scenario.departures.iter().map(|row| row.persons).sum();
        writeln!(out, "  departures.csv: {sum} persons on {} days", scenario.departures.len())?;
    }

    writeln!(out, "\nPlaces: {}", scenario.locations.len())?;
    for kind in PlaceKind::ALL {
        let count = scenario.locations.iter().filter(|row| row.kind == *kind).count();
        if count > 0 {
            writeln!(out, "  {kind:<12} {count:>12}")?;
        }
    }
    let counts = [
        ("routes", scenario.routes.len()),
        ("shocks", scenario.shocks.len()),
        ("policies", scenario.policies.len()),
        ("flows", scenario.flows.len()),
        ("cycles", scenario.cycles.len()),
        ("observations", scenario.observations.len()),
    ];
    let counts: Vec<String> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
    writeln!(out, "{}", counts.join(", "))?;

    writeln!(out, "\nStrategies: {}", scenario.strategies.len())?;
    for (name, strategy) in &scenario.strategies {
        let whole = scenario.strategy(name).unwrap_or_default();
        let (services, shelters, interventions) =
            (whole.services.len(), whole.shelters.len(), whole.interventions.len());
        let default = if *name == header.default_strategy { " (default)" } else { "" };
        writeln!(
            out,
            "  {name}{default}: {}; {services} services, {shelters} shelters, {interventions} interventions",
            strategy.title
        )?;
    }
    Ok(())
}

fn ways(scenario: &Scenario, strategy: &str, reach: &Reach, out: &mut impl Write) -> Outcome {
    writeln!(out, "\nWays under the strategy '{strategy}', capacities, dates, documents and money left aside:")?;
    let stuck: u64 = reach.no_way_home.iter().map(|row| row.persons).sum();
    if scenario.groups.iter().all(|group| group.aim == Aim::Safety) {
        writeln!(out, "  no group heads home")?;
    } else if reach.no_way_home.is_empty() {
        writeln!(out, "  everybody who wants to go home has a way")?;
    } else {
        writeln!(out, "  no way home: {stuck} persons")?;
    }
    for group in &scenario.groups {
        let rows: Vec<_> = reach.no_way_home.iter().filter(|row| row.group == group.id).collect();
        if let Some(first) = rows.first() {
            let persons: u64 = rows.iter().map(|row| row.persons).sum();
            let places = some(rows.iter().map(|row| row.place.as_str()));
            writeln!(out, "    {} to {}: {persons} persons at {places}", group.id, first.home)?;
        }
    }
    if reach.unreachable.is_empty() {
        writeln!(out, "  every place can be reached by somebody")?;
    } else {
        let places = some(reach.unreachable.iter().map(String::as_str));
        writeln!(out, "  places that nobody reaches: {} ({places})", reach.unreachable.len())?;
    }
    Ok(())
}

/// The first ten names, and how many more there are.
fn some<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let more = names.len().saturating_sub(10);
    let first = names[..names.len() - more].join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}
