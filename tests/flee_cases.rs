//! Flee's cases run by Flee's rules: the made-up one always, real ones against Flee's own figures where they are at hand.

use std::path::{Path, PathBuf};

mod common;

use corridor::experiment::validate_flee::{CampRun, Validation, mean_sd, run};
use corridor::formats::flee::world::{Rules, world};
use corridor::formats::flee::{self, FleeCase, import};
use corridor::scenario::build::{Options, build};
use corridor::scenario::problem::Problems;
use corridor::scenario::read;
use corridor::scenario::write::write_folder;

fn mini() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/flee-mini")
}

fn case(dir: &Path, days: Option<u32>) -> FleeCase {
    flee::read_for_days(dir, days).unwrap_or_else(|problems| panic!("{problems}")).0
}

/// The shared cases with their lines of Flee's figures; none where they are not at hand.
fn shared() -> Vec<(PathBuf, Vec<String>, Vec<String>)> {
    let Some((cases, reference)) = common::flee_reference() else { return Vec::new() };
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<String>>();
    let mut lines = reference.lines();
    let header = cells(lines.next().unwrap());
    lines.map(cells).map(|line| (cases.join(&line[0]), header.clone(), line)).collect()
}

fn figure<T: std::str::FromStr>(header: &[String], line: &[String], name: &str) -> T {
    let column = header.iter().position(|cell| cell == name).unwrap();
    line[column].parse().ok().unwrap()
}

#[test]
fn agents_and_agent_steps_of_runs_are_those_of_flee() {
    for (dir, header, line) in shared() {
        let case = case(&dir, Some(figure(&header, &line, "days")));
        let validation = Validation::new(&case, figure(&header, &line, "hasten"), case.period.days, Rules::Flee);
        let run = validation.run(1, 0);
        assert_eq!(run.agents.last().copied(), Some(figure(&header, &line, "final_agents")), "{}", dir.display());
        assert_eq!(run.agent_steps, figure::<u64>(&header, &line, "agent_steps"), "{}", dir.display());
    }
}

/// Three cases that run fast; the error may be above Flee's by 0.02 at most, and not far below it either, which would mean
/// that other rules are at work.
#[test]
fn the_error_is_that_of_flee() {
    for (dir, header, line) in shared() {
        if !["mali2012", "burundi2015", "fab_ethiopia"].contains(&line[0].as_str()) {
            continue;
        }
        let case = case(&dir, Some(figure(&header, &line, "days")));
        let validation = Validation::new(&case, figure(&header, &line, "hasten"), case.period.days, Rules::Flee);
        let errors: Vec<f64> =
            validation.runs(1, 6).iter().map(|run| validation.scores(run).unwrap().ard.plain).collect();
        let (mean, _) = mean_sd(&errors);
        let flee: f64 = figure(&header, &line, "flee_ard_mean");
        assert!((mean - flee).abs() < 0.02, "{}: {mean} against {flee}", line[0]);
    }
}

/// By Corridor's own rules the error is, on the mean of all cases, at least a fifth below Flee's.
#[test]
fn the_error_by_corridors_rules_is_lower() {
    let (mut flee, mut corridor) = (Vec::new(), Vec::new());
    for (dir, header, line) in shared() {
        let case = case(&dir, Some(figure(&header, &line, "days")));
        let validation = Validation::new(&case, figure(&header, &line, "hasten"), case.period.days, Rules::Corridor);
        let errors: Vec<f64> =
            validation.runs(1, 3).iter().map(|run| validation.scores(run).unwrap().ard.plain).collect();
        corridor.push(mean_sd(&errors).0);
        flee.push(figure::<f64>(&header, &line, "flee_ard_mean"));
    }
    if !flee.is_empty() {
        let (flee, corridor) = (mean_sd(&flee).0, mean_sd(&corridor).0);
        assert!(corridor < 0.8 * flee, "{corridor} against {flee}");
    }
}

#[test]
fn people_are_neither_lost_nor_made() {
    let case = case(&mini(), None);
    let validation = Validation::new(&case, 1, case.period.days, Rules::Flee);
    let run = validation.run(3, 0);
    assert_eq!(run.agents, case.agents_by_day(1));
    assert_eq!(run.agent_steps, run.agents.iter().sum::<u64>());
    for (day, agents) in run.agents.iter().enumerate() {
        let in_camps: u64 = run.camps.iter().map(|camp| u64::from(camp[day])).sum();
        assert!(in_camps <= *agents);
    }
    assert!(run.camps.iter().any(|camp| camp.last() > camp.first()), "somebody reaches a camp");
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let case = case(&mini(), None);
    // More rows than a piece of the engine holds, so that threads have something to share.
    let world = {
        let mut world = world(&case, 1, case.period.days, Rules::Flee);
        if let corridor::scenario::world::Departures::Series { per_day, .. } = &mut world.departures {
            per_day.iter_mut().for_each(|persons| *persons *= 300);
        }
        world
    };
    let runs: Vec<CampRun> = [1, 2, 3]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&world, &case.camps(), 5, 0))
        })
        .collect();
    assert!(runs[0].agents.last().is_some_and(|agents| *agents > 100_000));
    assert!(runs[0] == runs[1] && runs[0] == runs[2]);
    assert_ne!(runs[0].camps, run(&world, &case.camps(), 6, 0).camps, "another seed, other luck");
}

/// Camp by camp and day by day, what the imported scenario gives for `days` days is what the Flee folder gives.
fn imports_to_the_same(dir: &Path, days: Option<u32>) {
    let case = case(dir, days);
    let mut lost = Problems::default();
    let files = import::files(&case, case.period.days, &mut lost);
    assert_eq!(lost, Problems::default(), "{}", dir.display());
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("imported");
    write_folder(&out, &files).unwrap();
    let (scenario, warnings) = read::read(&out).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(!warnings.has_errors());
    let native = build(&scenario, "none", &Options::default()).unwrap();
    let of_flee = world(&case, 1, case.period.days, Rules::Flee);
    assert_eq!(native.conflict, of_flee.conflict, "{}", dir.display());
    for seed in [1, 2] {
        assert_eq!(
            run(&native, &case.camps(), seed, 0),
            run(&of_flee, &case.camps(), seed, 0),
            "{}, seed {seed}",
            dir.display()
        );
    }
}

#[test]
fn an_imported_case_gives_the_same_results() {
    imports_to_the_same(&mini(), None);
}

#[test]
fn real_cases_import_to_the_same_results() {
    for (dir, _, line) in shared() {
        if ["mali2012", "fab_mali2012", "burundi2015"].contains(&line[0].as_str()) {
            imports_to_the_same(&dir, Some(60));
        }
    }
}

/// The scenario that ships is the case that it was made of.
#[test]
fn the_shipped_case_of_mali_is_that_of_flee() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/mali-2012");
    let (scenario, _) = read::read(&shipped).unwrap_or_else(|problems| panic!("{problems}"));
    let native = build(&scenario, "none", &Options::default()).unwrap();
    let places: Vec<usize> = (0..native.places.len()).collect();
    let ran = run(&native, &places, 1, 0);
    assert_eq!(ran.agents.last(), Some(&89_991), "10 838 at the start and 79 153 who arrive");
    for (dir, _, line) in shared().into_iter().filter(|(_, _, line)| line[0] == "mali2012") {
        let case = case(&dir, None);
        assert_eq!(ran, run(&world(&case, 1, case.period.days, Rules::Flee), &places, 1, 0), "{}", line[0]);
    }
}
