//! One replication without reports: `cargo bench --bench replication -- [SCENARIO] [STRATEGY] [TIMES]`.
//!
//! Runs the same replication so many times on one thread and prints the least and the median seconds, so thread-seconds, of
//! setting up (everybody at home, thresholds drawn) and of the whole.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use corridor::engine::day::Run;
use corridor::outcome::Outcome;
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;

fn main() -> ExitCode {
    // Cargo passes `--bench`.
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let argument = |i: usize, default: &str| asked.get(i).cloned().unwrap_or_else(|| default.to_owned());
    let (folder, strategy) = (argument(0, "scenarios/libya-2011"), argument(1, "historical"));
    let times: usize = argument(2, "10").parse().unwrap_or(10).max(1);
    let scenario = match read(Path::new(&folder)) {
        Ok((scenario, _)) => scenario,
        Err(problems) => {
            eprint!("{problems}");
            return ExitCode::FAILURE;
        }
    };
    let Some(world) = build(&scenario, &strategy, &Options::default()) else {
        eprintln!("there is no strategy {strategy}");
        return ExitCode::FAILURE;
    };
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else {
        eprintln!("a pool of one thread could not be made");
        return ExitCode::FAILURE;
    };
    let (mut set_up, mut whole, mut steps) = (Vec::new(), Vec::new(), 0);
    for _ in 0..times {
        set_up.push(pool.install(|| seconds(|| drop(Run::new(&world, 1, 0)))));
        whole.push(pool.install(|| seconds(|| steps = Outcome::of_run(&world, 1, 0, |_| ()).agent_steps)));
    }
    println!("{folder}, {strategy}, one replication on one thread, {times} times, {steps} agent-steps");
    for (name, mut took) in [("setting up", set_up), ("the whole", whole)] {
        took.sort_by(f64::total_cmp);
        println!("{name:<10}  least {:.2} s, median {:.2} s", took[0], took[times / 2]);
    }
    ExitCode::SUCCESS
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
