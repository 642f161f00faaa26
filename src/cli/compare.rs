//! `corridor compare`: what each strategy changes against a baseline, with its range, its cost and whom it harms.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::options::{Runs, in_pool, options_of, people_at_scale};
use super::run::progress;
use super::{Failure, Outcome, out_folder, tell};
use crate::experiment::compare::{ENOUGH, Plan, compare};
use crate::experiment::{futures, scores};
use crate::outcome::metrics::{METRICS, info};
use crate::report::DISCLAIMER;
use crate::report::comparison::{json, text};
use crate::report::html::Lang;
use crate::report::write_comparison;
use crate::scenario::idle::gives_care;
use crate::scenario::problem::{At, Problems, nearest};
use crate::scenario::read::read;
use crate::scenario::{Scenario, parameters};

/// Compare strategies with a baseline: what each changes, how sure that is, what it costs, whom it harms
///
/// Writes report.html (a page for people who decide), the same as text and JSON, and when triggers fired. Every strategy meets the same
/// people with the same luck, and the same numbers where the files state a range (low, high), so differences are paired. The intervals
/// of a metric are of the mean of the replications, and hold for all strategies together. The report names the response that leaves the
/// fewest stranded, by a rule that it prints; several metrics are weighed against each other only if you give weights.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  corridor compare scenarios/libya-2011
  corridor compare scenarios/libya-2011 --strategies early,combined --baseline historical --replications 100
  corridor compare scenarios/libya-2011 --lang fr --out outputs/libya-fr
  corridor compare scenarios/libya-2011 --until-precision 0.02
  corridor compare scenarios/libya-2011 --scale 50 --futures ranges.toml
  corridor compare scenarios/libya-2011 --weights M03=2,M19=5 --json")]
pub struct Arguments {
    /// Folder that holds scenario.toml
    #[arg(value_name = "SCENARIO")]
    dir: PathBuf,
    /// Strategies to compare, separated by commas [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    strategies: Vec<String>,
    /// Strategy that the others are compared with
    #[arg(long, value_name = "NAME", default_value = "none")]
    baseline: String,
    /// Replications of each strategy
    #[arg(long, value_name = "R", default_value_t = 30, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    replications: u32,
    /// Go on until intervals of the mean of the first metric are within this share of the baseline's mean, e.g. 0.02; at least 20
    #[arg(long, value_name = "SHARE", value_parser = share)]
    until_precision: Option<f64>,
    /// Most replications that --until-precision may take
    #[arg(long, value_name = "R", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    most_replications: u32,
    #[command(flatten)]
    runs: Runs,
    /// Metrics to compare by, separated by commas; the first is that of --until-precision; `all` for every one [default: a few]
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    metrics: Vec<String>,
    /// TOML file of [[range]] tables (parameter, low, high; docs/scenario-format.md, "Files of futures"): regret over futures drawn from them
    #[arg(long, value_name = "FILE")]
    futures: Option<PathBuf>,
    /// Futures to draw
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    points: u32,
    /// Replications of each strategy in each future
    #[arg(long, value_name = "R", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    future_replications: u32,
    /// Take every number as the files state it; without this each replication draws those that have a range (low, high) within it
    #[arg(long)]
    as_stated: bool,
    /// Weights of metrics for one composite score, e.g. M03=2,M19=5 [default: no composite]
    #[arg(long, value_name = "WEIGHTS", value_delimiter = ',', value_parser = weight)]
    weights: Vec<(String, f64)>,
    /// Where to write [default: outputs/<scenario>/comparison-<seed>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Language of report.html
    #[arg(long, value_enum, value_name = "LANG", default_value_t)]
    lang: Lang,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    /// Print nothing but errors (and, with --json, the comparison)
    #[arg(long)]
    quiet: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "this is not a number")?;
    if value > 0.0 && value <= 1.0 { Ok(value) } else { Err("write a share above 0, up to 1".into()) }
}

fn weight(text: &str) -> Result<(String, f64), String> {
    let (id, value) = text.split_once('=').ok_or("write METRIC=WEIGHT, e.g. M03=2")?;
    let value: f64 = value.trim().parse().map_err(|_| format!("the weight of {id} is not a number"))?;
    Ok((id.trim().to_owned(), value))
}

/// Compares, and writes text or JSON to `out`.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let (scenario, mut warnings) = read(&arguments.dir)?;
    let ranges = match &arguments.futures {
        Some(path) => whole(path, futures::read(path)?)?,
        None => Vec::new(),
    };
    let asked = &arguments.runs;
    warnings.0.extend(people_at_scale(&scenario, &arguments.dir, asked, arguments.replications)?.0);
    let mut strategies = vec![arguments.baseline.clone()];
    if arguments.strategies.is_empty() {
        strategies.extend(scenario.strategies.keys().filter(|name| **name != arguments.baseline).cloned());
    } else {
        strategies.extend(arguments.strategies.iter().map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()));
    }
    Failure::of_slips(slips(arguments, &scenario, &strategies))?;
    let options = options_of(&scenario, asked.until, asked.scale.unwrap_or(1), &asked.set)?;
    let usual = || Path::new("outputs").join(&scenario.name).join(format!("comparison-{}", asked.seed));
    let dir = out_folder(arguments.out.as_deref(), usual)?;
    if !arguments.quiet {
        tell(&warnings.to_string());
    }
    let plan = Plan {
        // Fewer bound no precision: the interval itself is not known well.
        replications: match arguments.until_precision {
            Some(_) => arguments.replications.max(ENOUGH.min(arguments.most_replications)),
            None => arguments.replications,
        },
        seed: asked.seed,
        options,
        metrics: metric_ids(&arguments.metrics, &scenario, &strategies).into_iter().filter_map(info).collect(),
        precision: arguments.until_precision,
        most_replications: arguments.most_replications.max(arguments.replications),
        futures: arguments.points as usize,
        future_replications: arguments.future_replications,
        weights: arguments.weights.clone(),
        as_stated: arguments.as_stated,
        strategies,
        ranges,
    };
    let points = if plan.ranges.is_empty() { 0 } else { plan.futures as u64 * u64::from(plan.future_replications) };
    let runs = plan.strategies.len() as u64 * (u64::from(plan.replications) + points);
    let last = plan.options.until.unwrap_or(scenario.header.end);
    let days = (last - scenario.header.start).num_days().unsigned_abs() + 1;
    let bar = progress(runs * days, arguments.quiet);
    let (_, compared) = in_pool(asked.threads, || compare(&scenario, &plan, &|| bar.inc(days)))?;
    bar.finish_and_clear();
    let comparison = compared.map_err(Failure::Usage)?;
    write_comparison(&dir, &scenario, &comparison, arguments.lang).map_err(|error| Failure::Other(error.into()))?;
    if arguments.json {
        out.write_all(json(&comparison).as_bytes())?;
    } else if !arguments.quiet {
        write!(out, "{}", text(&comparison))?;
        writeln!(out, "\n{DISCLAIMER}\nWritten to {}: report.html says it for people who decide", dir.display())?;
    }
    Ok(())
}

/// The ids of the metrics asked for; those compared by default where there are none, and unmet needs where any of `strategies` gives care.
fn metric_ids<'a>(ids: &'a [String], scenario: &Scenario, strategies: &[String]) -> Vec<&'a str> {
    let cares = || strategies.iter().filter_map(|name| scenario.lineage(name)).flatten().any(gives_care);
    match ids {
        [] => scores::DEFAULT.iter().copied().chain(cares().then_some("M23")).collect(),
        [all] if all == "all" => METRICS.iter().map(|m| m.id).collect(),
        ids => ids.iter().map(|id| id.trim()).collect(),
    }
}

/// Everything in what was typed that cannot be.
fn slips(arguments: &Arguments, scenario: &Scenario, strategies: &[String]) -> Vec<String> {
    let mut slips = Vec::new();
    let known: Vec<&str> = scenario.strategies.keys().map(String::as_str).collect();
    let missing = strategies.iter().filter(|name| !known.contains(&name.as_str()));
    slips.extend(missing.map(|name| format!("there is no strategy '{name}'; known are {}", known.join(", "))));
    let metrics = metric_ids(&arguments.metrics, scenario, strategies);
    for id in metrics.iter().filter(|id| info(id).is_none()) {
        if matches!(*id, "M41" | "M42") {
            slips.push(format!(
                "{id} belongs to pairs of strategies: it always stands in the table of costs, so leave it out"
            ));
            continue;
        }
        let near =
            nearest(id, METRICS.iter().map(|m| m.id)).map_or(String::new(), |n| format!("; did you mean '{n}'?"));
        slips.push(format!("there is no metric '{id}'{near}"));
    }
    let can_be_weighed = |id: &&str| info(id).is_some_and(|metric| metric.lower_is_better.is_some());
    let weighable: Vec<&str> = metrics.into_iter().filter(can_be_weighed).collect();
    for (index, (id, _)) in arguments.weights.iter().enumerate() {
        if !weighable.contains(&id.as_str()) {
            slips.push(format!("--weights: '{id}' cannot be weighed; metrics that can are {}", weighable.join(", ")));
        } else if arguments.weights[..index].iter().any(|(earlier, _)| earlier == id) {
            slips.push(format!("--weights gives {id} a weight twice; give it one"));
        }
    }
    let (first, most) = (arguments.replications, arguments.most_replications);
    if arguments.until_precision.is_some() && most < first {
        slips.push(format!("--most-replications {most} is less than --replications {first}, with which runs begin"));
    }
    slips
}

/// The ranges of the file at `path`; an error where one is of a parameter that takes whole numbers only, which no draw gives.
fn whole(path: &Path, ranges: Vec<futures::Range>) -> Result<Vec<futures::Range>, Failure> {
    let mut problems = Problems::default();
    let file = path.display().to_string();
    for name in ranges.iter().map(|range| &range.parameter) {
        if parameters::info(name).is_some_and(|info| info.is_whole()) {
            let at = At { file: &file, column: "parameter", value: name, ..At::default() };
            let message = "this parameter takes whole numbers only, and futures are drawn between low and high";
            problems.error(at, message, format!("remove the range, and compare again with --set {name}=..."));
        }
    }
    Ok(problems.into_result(ranges)?.0)
}
