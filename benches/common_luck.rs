//! How much common random numbers sharpen a comparison: `cargo bench --bench common_luck [-- SCENARIO A B SCALE REPLICATIONS]`.
//!
//! Strategy B against strategy A under the same luck and, for the same runs, as if each had had luck of its own: the variance of
//! the difference that independent seeds would give is the sum of the two variances. Printed for each metric: the ratio of both
//! (wanted: at least 5; 1 where nothing varies). Libya 2011, `historical` and `early`, at one agent for 20 persons,
//! 200 replications, if nothing is asked: with 20 a ratio is known to a factor of two only.

use std::path::Path;
use std::process::ExitCode;

use corridor::experiment::paired::variance_ratio;
use corridor::outcome::Outcome;
use corridor::outcome::metrics::{METRICS, measure};
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;
use rayon::prelude::*;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let word = |at: usize, default: &'static str| asked.get(at).cloned().unwrap_or_else(|| default.to_owned());
    let (folder, strategies) = (word(0, "scenarios/libya-2011"), [word(1, "historical"), word(2, "early")]);
    let (Ok(scale), Ok(replications)) = (word(3, "20").parse::<u32>(), word(4, "200").parse::<u32>()) else {
        eprintln!("SCALE and REPLICATIONS must be whole numbers");
        return ExitCode::FAILURE;
    };
    let scenario = match read(Path::new(&folder)) {
        Ok((scenario, _)) => scenario,
        Err(problems) => {
            eprint!("{problems}");
            return ExitCode::FAILURE;
        }
    };
    let mut values = Vec::new();
    for strategy in &strategies {
        let Some(world) = build(&scenario, strategy, &Options { scale, ..Options::default() }) else {
            eprintln!("there is no strategy {strategy}");
            return ExitCode::FAILURE;
        };
        let run = |replication: u32| {
            let measured = measure(&world, &Outcome::of_run(&world, 1, replication, |_| ()));
            METRICS.iter().map(|metric| measured.overall(metric.id)).collect::<Vec<_>>()
        };
        values.push((0..replications).into_par_iter().map(run).collect::<Vec<_>>());
    }
    println!("{folder}, {} - {}, scale {scale}, {replications} replications", strategies[1], strategies[0]);
    println!("{:<14} {:<64} {:>6}", "id", "metric", "ratio");
    for (index, metric) in METRICS.iter().enumerate() {
        let of = |strategy: usize| values[strategy].iter().map(|run| run[index]).collect::<Option<Vec<f64>>>();
        let (Some(a), Some(b)) = (of(0), of(1)) else { continue };
        let ratio = variance_ratio(&b, &a);
        if ratio.is_finite() {
            println!("{:<14} {:<64} {ratio:>6.1}", metric.id, metric.name);
        }
    }
    ExitCode::SUCCESS
}
