//! Flee's folders: a made-up one, what can be wrong with it, and real ones where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

use corridor::formats::flee::{self, Closing, FleeCase, LocationType};

fn mini() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/flee-mini")
}

fn read(dir: &Path) -> FleeCase {
    match flee::read(dir) {
        Ok((case, _)) => case,
        Err(problems) => panic!("{problems}"),
    }
}

/// Reference runs of Flee: agents at the end and agent-steps at a given hasten and number of days.
#[test]
fn agents_and_agent_steps_are_those_of_flee() {
    let shared = std::env::var_os("CORRIDOR_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let cases = shared.join("flee-cases");
    let Ok(reference) = fs::read_to_string(cases.join("reference.csv")) else {
        eprintln!("skipped: no reference cases at {} (set CORRIDOR_SHARED)", cases.display());
        return;
    };
    let mut lines = reference.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|&cell| cell == name).unwrap();
    let mut compared = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |name: &str| cells[column(name)].parse::<u64>().unwrap();
        let name = cells[column("case")];
        let days = u32::try_from(number("days")).unwrap();
        let scale = u32::try_from(number("hasten")).unwrap();
        let (case, _) =
            flee::read_for_days(&cases.join(name), Some(days)).unwrap_or_else(|problems| panic!("{problems}"));
        let agents = case.agents_by_day(scale);
        assert_eq!(case.locations.len() as u64, number("locations"), "{name}: locations");
        assert_eq!(case.camps().len() as u64, number("camps"), "{name}: camps");
        assert_eq!(agents.last().copied(), Some(number("final_agents")), "{name}: agents at the end");
        assert_eq!(agents.iter().sum::<u64>(), number("agent_steps"), "{name}: agent-steps");
        assert_eq!(case.days_without_origin(scale), [], "{name}");
        compared += 1;
    }
    assert!(compared > 0);
}
