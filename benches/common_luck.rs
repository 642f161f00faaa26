//! How much common random numbers sharpen a comparison: `cargo bench --bench common_luck [-- SCENARIO A B SCALE REPLICATIONS]`.
//!
//! Strategy B against strategy A under the same luck and, for the same runs, as if each had had luck of its own: the variance of
//! the difference that independent seeds would give is the sum of the two variances. Printed for each metric: the ratio of both
//! (wanted: at least 5; 1 where nothing varies), as `corridor compare` draws (luck, and the numbers that have a range), and with
//! every number as stated (`--as-stated`: luck alone). Libya 2011, `historical` and `early`, at one agent for 20 persons,
//! 200 replications, if nothing is asked: with 20 a ratio is known to a factor of two only.

use std::path::Path;
use std::process::ExitCode;

use corridor::experiment::inputs;
use corridor::experiment::paired::variance_ratio;
use corridor::experiment::replicate::side_by_side;
use corridor::outcome::Outcome;
use corridor::outcome::metrics::{METRICS, measure};
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;
use corridor::scenario::world::World;

/// By replication and strategy: every metric.
type Table = Vec<Vec<Vec<Option<f64>>>>;

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
    let options = Options { scale, ..Options::default() };
    let stated: Vec<World> = strategies.iter().filter_map(|name| build(&scenario, name, &options)).collect();
    if stated.len() < strategies.len() {
        eprintln!("there is no strategy {} or {}", strategies[0], strategies[1]);
        return ExitCode::FAILURE;
    }
    let measured = |_, world: &World, _, outcome: Outcome| {
        let measured = measure(world, &outcome);
        METRICS.iter().map(|metric| measured.overall(metric.id)).collect()
    };
    let drawn: Table =
        side_by_side(|draws| inputs::worlds(&scenario, &strategies, &options, draws), 1, 0..replications, measured);
    let luck: Table = side_by_side(|_| stated.iter().collect::<Vec<_>>(), 1, 0..replications, measured);
    let count = inputs::count(&scenario, &strategies, &options);
    println!("{folder}, {} - {}, scale {scale}, {replications} replications", strategies[1], strategies[0]);
    println!("{count} numbers have a range");
    println!("{:<14} {:<64} {:>10} {:>10}", "id", "metric", "drawn", "as stated");
    for (index, metric) in METRICS.iter().enumerate() {
        let ratio = |table: &Table| {
            let of = |strategy: usize| table.iter().map(|run| run[strategy][index]).collect::<Option<Vec<f64>>>();
            let ratio = variance_ratio(&of(1)?, &of(0)?);
            ratio.is_finite().then_some(ratio)
        };
        let shown = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}"));
        let ratios = (ratio(&drawn), ratio(&luck));
        if ratios != (None, None) {
            println!("{:<14} {:<64} {:>10} {:>10}", metric.id, metric.name, shown(ratios.0), shown(ratios.1));
        }
    }
    ExitCode::SUCCESS
}
