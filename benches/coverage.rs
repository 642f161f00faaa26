//! How often all intervals of a comparison hold the true differences: `cargo bench --bench coverage [-- COMPARISONS]`.
//!
//! First drawn from laws with known means (the strategies of a comparison share part of their noise), then from the engine: a
//! small world in which everybody takes one dangerous road, so that the true difference in deaths is persons x difference of
//! chances. Last the intervals of ratios, such as cost per day averted, also at six replications. Wanted: 94 to 96 % of comparisons in which every interval holds. Exit code 1 where a row that is held to this misses.

use std::process::ExitCode;

use corridor::engine::counts::Incident;
use corridor::experiment::paired::{joint, ratios};
use corridor::outcome::Outcome;
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;
use corridor::scenario::world::World;
use rand_distr::{Distribution, Exp1, Poisson, StandardNormal};
use rand_philox::Philox;
use rayon::prelude::*;

const LEVEL: f64 = 0.95;
const RESAMPLES: u32 = 999;
const WANTED: std::ops::RangeInclusive<f64> = 0.94..=0.96;

#[derive(Clone, Copy)]
enum Law {
    Normal,
    Poisson,
    Exponential,
    LogNormal,
}

impl Law {
    /// A draw with mean 0.
    fn draw(self, rng: &mut Philox) -> f64 {
        let normal = |rng: &mut Philox| -> f64 { StandardNormal.sample(rng) };
        match self {
            Law::Normal => normal(rng),
            Law::Poisson => Poisson::new(2.0).map_or(0.0, |p| p.sample(rng) - 2.0),
            Law::Exponential => {
                let e: f64 = Exp1.sample(rng);
                e - 1.0
            }
            Law::LogNormal => normal(rng).exp() - 0.5f64.exp(),
        }
    }
}

/// Share of comparisons in which every interval holds its true difference.
fn share(comparisons: u64, holds: impl Fn(u64) -> bool + Sync) -> f64 {
    (0..comparisons).into_par_iter().filter(|c| holds(*c)).count() as f64 / comparisons as f64
}

fn all_hold(differences: &[Vec<f64>], truth: &[f64], seed: u64) -> bool {
    let results = joint(differences, LEVEL, RESAMPLES, seed);
    results.iter().zip(truth).all(|(d, t)| d.interval.is_some_and(|(low, high)| low <= *t && *t <= high))
}

fn from_law(law: Law, strategies: usize, replications: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Philox::from_u64_seed(seed);
    let mut lists = vec![Vec::with_capacity(replications); strategies];
    for _ in 0..replications {
        let common: f64 = StandardNormal.sample(&mut rng);
        for list in &mut lists {
            list.push(0.7 * common + law.draw(&mut rng));
        }
    }
    lists
}

/// Whether the intervals of cost over days averted hold: days around 10, cost 2 a day and 5 more, each with noise of that law.
fn ratios_hold(law: Law, strategies: usize, replications: usize, seed: u64) -> bool {
    let plus = |list: &Vec<f64>, more: f64| -> Vec<f64> { list.iter().map(|x| more + x).collect() };
    let averted: Vec<Vec<f64>> =
        from_law(law, strategies, replications, 2_000_000 + seed).iter().map(|list| plus(list, 10.0)).collect();
    let noise = from_law(law, strategies, replications, 3_000_000 + seed);
    let cost = |(days, noise): (&Vec<f64>, &Vec<f64>)| days.iter().zip(noise).map(|(d, e)| 2.0 * d + 5.0 + e).collect();
    let cost: Vec<Vec<f64>> = averted.iter().zip(&noise).map(cost).collect();
    let intervals = ratios(&cost, &averted, LEVEL, RESAMPLES, seed);
    intervals.iter().all(|interval| interval.is_some_and(|(low, high)| low <= 2.5 && 2.5 <= high))
}

const PERSONS: u32 = 120;
/// Chance of dying on the road: the baseline's, then those of the strategies.
const CHANCES: [f64; 5] = [0.3, 0.25, 0.2, 0.32, 0.1];

/// Worlds in which everybody takes one road on which each dies with a chance of [`CHANCES`].
fn roads() -> Option<Vec<World>> {
    let dir = tempfile::tempdir().ok()?;
    let files = [
        ("scenario.toml", "title = \"One road\"\nstart = 2030-01-01\nend = 2030-01-03\n".to_owned()),
        ("locations.csv", "id,country,kind,lat,lon\ntown,XAA,town,0,0\norigin,XBB,hub,0,1\n".to_owned()),
        ("routes.csv", "from,to,mode,km,hours,two_way,risk\ntown,origin,road,120,4,0,1\n".to_owned()),
        ("groups.csv", "id,home,child_share,elderly_share\nM,origin,0,0\n".to_owned()),
        ("populations.csv", format!("group,place,persons,state\nM,town,{PERSONS},displaced\n")),
    ];
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).ok()?;
    }
    let (scenario, _) = read(dir.path()).inspect_err(|problems| eprint!("{problems}")).ok()?;
    let world = build(&scenario, "none", &Options::default())?;
    let road = |chance: f64| {
        let mut world = world.clone();
        world.parameters.risk.way_death = chance;
        (world.parameters.risk.way_detention, world.parameters.risk.way_robbery) = (0.0, 0.0);
        world
    };
    Some(CHANCES.map(road).to_vec())
}

fn deaths(world: &World, seed: u64, replication: u32) -> f64 {
    let outcome = Outcome::of_run(world, seed, replication, |_| ());
    let of = |counts: &corridor::engine::Counts| counts.incidents_of[Incident::Death as usize];
    outcome.days.iter().map(|counts| f64::from(of(counts))).sum()
}

fn main() -> ExitCode {
    let comparisons = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(5000u64);
    let mut missed = false;
    let mut row = |name: &str, strategies: usize, replications: usize, held_to: bool, share: f64| {
        let inside = WANTED.contains(&share);
        missed |= held_to && !inside;
        let verdict = if inside {
            ""
        } else if held_to {
            "MISSED"
        } else {
            "outside, as stated"
        };
        println!(
            "{name:<28} {strategies:>3} strategies {replications:>3} replications  {:.2} % {verdict}",
            100.0 * share
        );
    };
    println!("{comparisons} comparisons each; share in which every 95 % interval holds its true difference");
    for (name, law, held_to) in [
        ("normal", Law::Normal, true),
        ("Poisson, mean 2", Law::Poisson, true),
        ("exponential (skewness 2)", Law::Exponential, true),
        ("log-normal (skewness 6.2)", Law::LogNormal, false),
    ] {
        for (strategies, replications) in [(3, 20), (7, 20), (3, 50), (7, 50)] {
            let truth = vec![0.0; strategies];
            let hold = |c: u64| all_hold(&from_law(law, strategies, replications, 1_000_000 + c), &truth, c);
            row(name, strategies, replications, held_to, share(comparisons, hold));
        }
    }
    let Some(worlds) = roads() else {
        eprintln!("the small world cannot be built");
        return ExitCode::FAILURE;
    };
    let truth: Vec<f64> = CHANCES[1..].iter().map(|c| f64::from(PERSONS) * (c - CHANCES[0])).collect();
    for replications in [20u32, 50] {
        let hold = |c: u64| {
            let runs = |world: &World| -> Vec<f64> { (0..replications).map(|r| deaths(world, c, r)).collect() };
            let values: Vec<Vec<f64>> = worlds.iter().map(runs).collect();
            let pairs = |v: &Vec<f64>| v.iter().zip(&values[0]).map(|(a, b)| a - b).collect();
            let differences: Vec<Vec<f64>> = values[1..].iter().map(pairs).collect();
            all_hold(&differences, &truth, c)
        };
        row("engine, one dangerous road", truth.len(), replications as usize, true, share(comparisons, hold));
    }
    for (name, law, held_to) in [
        ("ratio, normal", Law::Normal, true),
        ("ratio, Poisson", Law::Poisson, true),
        ("ratio, exponential", Law::Exponential, false),
        ("ratio, log-normal", Law::LogNormal, false),
    ] {
        for (strategies, replications) in [(3, 6), (7, 6), (3, 20), (7, 20), (7, 50)] {
            let hold = |c: u64| ratios_hold(law, strategies, replications, c);
            row(name, strategies, replications, held_to && replications >= 20, share(comparisons, hold));
        }
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
