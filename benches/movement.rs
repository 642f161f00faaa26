//! The dense movement kernel: everybody on the move every day among 60 places, several hops a day.
//!
//! `cargo bench --bench movement` prints agent-steps (persons x days) per second from 10^5 to 10^7 agents, person by person at 1 and 2
//! threads, and by crowds, as such a world is run: all in it are alike. `cargo bench --bench movement -- 100000000` runs that number
//! of agents alone. Times are the best of five.

use std::fmt::Write;
use std::time::Instant;

use corridor::engine::Run;
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;
use corridor::scenario::world::World;

const PLACES: usize = 60;
const DAYS: u32 = 11;

/// A ring of 60 places with shortcuts, legs of 3 to 9 hours at 12 hours of travel a day; everybody goes on every day.
fn world(agents: u32) -> World {
    let mut locations = String::from("id,country,kind,lat,lon,move_chance\n");
    let mut routes = String::from("from,to,mode,km,hours\n");
    let mut people = String::from("group,place,persons,state\n");
    for i in 0..PLACES {
        let angle = i as f64 / PLACES as f64 * std::f64::consts::TAU;
        let _ = writeln!(locations, "p{i},AAA,town,{:.4},{:.4},1", angle.sin(), angle.cos());
        let _ = writeln!(routes, "p{i},p{},road,{},{}", (i + 1) % PLACES, 12 + i % 7, 3 + i % 4);
        if i % 2 == 0 {
            let _ = writeln!(routes, "p{i},p{},road,{},{}", (i + 7) % PLACES, 80 + i, 6 + i % 4);
        }
        if i % 3 == 0 {
            let _ = writeln!(routes, "p{i},p{},road,{},{}", (i + 13) % PLACES, 160 + i, 9);
        }
        let share = agents / PLACES as u32 + u32::from((i as u32) < agents % PLACES as u32);
        let _ = writeln!(people, "G,p{i},{share},displaced");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let head = format!(
        "title = \"Dense\"\nstart = 2030-01-01\nend = 2030-01-{DAYS}\ndefault_strategy = \"none\"\n[choice]\nhorizon = 1\n[travel]\nhours_per_day = 12\nmove_chance_town = 1\n[risk]\nway_death = 0\nway_detention = 0\nway_robbery = 0\nsea_death = 0\n"
    );
    for (name, text) in [
        ("scenario.toml", head.as_str()),
        ("locations.csv", &locations),
        ("routes.csv", &routes),
        ("groups.csv", "id,aim,party_size,documents,supported,money_usd,money_spread\nG,safety,1,1,0,0,1\n"),
        ("populations.csv", &people),
    ] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let (scenario, _) = read(folder.path()).unwrap_or_else(|problems| panic!("{problems}"));
    build(&scenario, "none", &Options::default()).expect("the strategy is there")
}

/// Agent-steps per second over the days after the first, and hops per agent and day.
fn speed(mut run: Run<'_>, threads: usize) -> (f64, f64) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        run.step();
        let (mut hops, mut agents) = (0u64, 0u64);
        let started = Instant::now();
        while let Some(counts) = run.step() {
            hops += counts.entered.iter().map(|n| u64::from(*n)).sum::<u64>();
            agents += counts.state.iter().map(|n| u64::from(*n)).sum::<u64>();
        }
        (agents as f64 / started.elapsed().as_secs_f64(), hops as f64 / agents as f64)
    })
}

/// Greatest memory use of this process so far, bytes; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn main() {
    let asked: Vec<u32> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![100_000, 1_000_000, 10_000_000] } else { asked };
    println!(
        "{:>11} {:>17} {:>7} {:>22} {:>15} {:>9} {:>10}",
        "agents", "moved", "threads", "agent-steps/s", "hops/agent-day", "2 over 1", "peak MB"
    );
    for agents in sizes {
        let world = world(agents);
        let times = if agents > 20_000_000 { 2 } else { 5 };
        let line = |crowds: bool, threads: usize, one: Option<f64>| {
            let begin = || if crowds { Run::new(&world, 1, 0) } else { Run::person_by_person(&world, 1, 0) };
            let runs = (0..times).map(|_| speed(begin(), threads));
            let (steps, hops) = runs.fold((0.0, 0.0), |a: (f64, f64), b| if a.0 > b.0 { a } else { b });
            let moved = if crowds { "by crowds" } else { "person by person" };
            let ratio = one.map_or(String::new(), |one| format!("{:.2}", steps / one));
            let memory = peak_memory() / 1_000_000;
            println!("{agents:>11} {moved:>17} {threads:>7} {steps:>22.0} {hops:>15.2} {ratio:>9} {memory:>10}");
            steps
        };
        line(true, 1, None);
        let one = line(false, 1, None);
        line(false, 2, Some(one));
    }
}
