//! Small folders of Flee with known answers, mostly by `--rules corridor`, and the command line on Flee's folders.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use corridor::experiment::validate_flee::{CampRun, run};
use corridor::formats::flee;
use corridor::formats::flee::world::{Rules, world};
use tempfile::TempDir;

fn mini() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/flee-mini")
}

/// Six days in which 10 000 people come on day 1: `locations` and `routes` without their headers, closures with it.
fn folder(locations: &str, routes: &str, closures: &str, zones: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let intensities = zones.split(',').map(|_| ",1").collect::<String>();
    let days = (0..6).map(|day| format!("{day}{intensities}\n")).collect::<String>();
    let files = [
        ("locations.csv", format!("#name,region,country,lat,lon,location_type,conflict_date,pop/cap\n{locations}")),
        ("routes.csv", format!("#name1,name2,distance\n{routes}")),
        ("closures.csv", closures.to_owned()),
        ("conflicts.csv", format!("#Day,{zones}\n{days}")),
        ("sim_period.csv", "StartDate,2020-01-01\nLength,6\n".to_owned()),
        ("data_layout.csv", "total,camp.csv\nNear,camp.csv\nFar,camp.csv\n".to_owned()),
        ("camp.csv", "2020-01-01,0\n2020-01-02,5000\n".to_owned()),
        ("simsetting.yml", "move_rules:\n  max_move_speed: 1000.0\n  default_movechance: 1.0\n".to_owned()),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A town in conflict and two camps abroad: one near and large, one far and small.
fn two_camps(closures: &str) -> TempDir {
    let places = "Town,,Home,0,0,conflict_zone,0,50000\nNear,,Abroad,0,1,camp,,40000\nFar,,Abroad,0,6,camp,,10000\n";
    folder(places, "Town,Near,100\nTown,Far,600\n", closures, "Town")
}

fn run_of(dir: &Path, rules: Rules) -> CampRun {
    let case = flee::read(dir).unwrap_or_else(|problems| panic!("{problems}")).0;
    run(&world(&case, 1, case.period.days, rules), &case.camps(), 1, 0)
}

const NO_CLOSURE: &str = "#closure_type,name1,name2,closure_start,closure_end\n";

#[test]
fn people_are_shared_out_by_size_and_distance() {
    let folder = two_camps(NO_CLOSURE);
    let ran = run_of(folder.path(), Rules::Corridor);
    // sqrt(40 000) / (400 + 100) to sqrt(10 000) / (400 + 600) is 4 to 1. Neither camp is half full, and nobody leaves.
    let (near, far) = (ran.camps[0][5], ran.camps[1][5]);
    assert_eq!(near + far, 10_000);
    assert!((7_800..8_200).contains(&near), "{near}");
    assert_eq!(ran.camps[0][1..], [near; 5], "all arrive on the day on which they leave, and stay");
}

#[test]
fn a_camp_that_opens_later_is_not_gone_to_before() {
    let folder = two_camps(&format!("{NO_CLOSURE}camp,Near,,0,3\n"));
    assert_eq!(run_of(folder.path(), Rules::Corridor).camps[1][1..], [10_000; 5]);
}

#[test]
fn a_closure_holds_while_there_is_another_way_to_a_camp() {
    let folder = two_camps(&format!("{NO_CLOSURE}location,Near,,0,-1\n"));
    assert_eq!(run_of(folder.path(), Rules::Corridor).camps[1][5], 10_000);
}

#[test]
fn a_closure_that_shuts_everybody_in_does_not_hold() {
    let folder = two_camps(&format!("{NO_CLOSURE}location,Town,,0,4\n"));
    let free = two_camps(NO_CLOSURE);
    assert_eq!(run_of(folder.path(), Rules::Corridor), run_of(free.path(), Rules::Corridor));
    let by_flee = run_of(folder.path(), Rules::Flee);
    assert!(by_flee.camps.iter().all(|camp| camp[3] == 0), "by Flee's rules nobody gets out before day 4");
}

#[test]
fn a_case_without_camps_keeps_the_rules_of_flee() {
    let folder = two_camps(NO_CLOSURE);
    let locations = folder.path().join("locations.csv");
    let text = fs::read_to_string(&locations).unwrap().replace(",camp,", ",town,");
    fs::write(&locations, text).unwrap();
    let case = flee::read(folder.path()).unwrap_or_else(|problems| panic!("{problems}")).0;
    let everywhere = |rules| run(&world(&case, 1, 6, rules), &[0, 1, 2], 1, 0);
    assert_eq!(everywhere(Rules::Corridor), everywhere(Rules::Flee));
}

#[test]
fn the_rules_differ_on_the_same_people() {
    let (flee, corridor) = (run_of(&mini(), Rules::Flee), run_of(&mini(), Rules::Corridor));
    assert_eq!(flee.agents, corridor.agents);
    assert_ne!(flee.camps, corridor.camps);
}

/// Half of the people come into the camp in the first round of the day and fill it; the others are then two legs away from it.
#[test]
fn by_flees_rules_people_see_what_has_filled_earlier_in_the_day() {
    let places = "Town,,Home,0,0,conflict_zone,0,50000\nBorder,,Home,0,1,conflict_zone,0,50000\nHalfway,,Home,0,1,town,,0\n\
                  Near,,Abroad,0,2,camp,,1000\nFar,,Abroad,0,6,camp,,0\n";
    let routes = "Border,Near,10\nTown,Halfway,10\nHalfway,Near,10\n";
    let folder = folder(places, routes, NO_CLOSURE, "Town,Border");
    let near = run_of(folder.path(), Rules::Flee).camps[0][1];
    assert!((4_700..5_300).contains(&near), "only those from the border: {near}");
}

fn corridor(arguments: &[&str]) -> Vec<u8> {
    let output = Command::cargo_bin("corridor").unwrap().args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn validation_gives_the_same_scores_for_any_number_of_threads() {
    let mini = mini();
    let scores = |rules: &str, threads: &str| {
        let dir = mini.to_str().unwrap();
        let text = corridor(&[
            "validate",
            dir,
            "--rules",
            rules,
            "--threads",
            threads,
            "--replications",
            "3",
            "--json",
            "--quiet",
        ]);
        let mut json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        for key in ["wall_seconds", "threads"] {
            assert!(json.as_object_mut().unwrap().remove(key).is_some());
        }
        json
    };
    assert_eq!(scores("corridor", "1"), scores("corridor", "2"));
    assert_ne!(scores("corridor", "1")["ard_mean"], scores("flee", "1")["ard_mean"]);
}

#[test]
fn bands_are_drawn_beside_the_record() {
    let room = tempfile::tempdir().unwrap();
    let out = room.path().join("plots");
    let (mini, dir) = (mini(), out.to_str().unwrap());
    corridor(&["validate", mini.to_str().unwrap(), "--replications", "2", "--plots", "--out", dir, "--quiet"]);
    let drawn = fs::read_to_string(out.join("camps.svg")).unwrap();
    for part in ["Eastcamp", "Westcamp", "Simulated, not observed"] {
        assert!(drawn.contains(part), "{part}");
    }
    assert!(fs::read(out.join("camps.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn out_csv_has_the_columns_and_sums_of_flee() {
    let room = tempfile::tempdir().unwrap();
    for rules in ["flee", "corridor"] {
        let out = room.path().join(rules);
        let (mini, dir) = (mini(), out.to_str().unwrap());
        corridor(&["run", mini.to_str().unwrap(), "--format", "flee", "--rules", rules, "--out", dir, "--quiet"]);
        let text = fs::read_to_string(out.join("out.csv")).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some(
                "Day,Date,Eastcamp sim,Eastcamp data,Eastcamp error,Westcamp sim,Westcamp data,Westcamp error,Total error,refugees in \
                 camps (UNHCR),total refugees (simulation),raw UNHCR refugee count,refugees in camps (simulation),refugee_debt"
            )
        );
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 8);
        assert_eq!(rows[0][..2], ["0", "2020-02-28"], "the date is that of the day after");
        for row in &rows {
            let number = |column: usize| row[column].parse::<f64>().unwrap();
            assert_eq!(number(12), number(2) + number(5), "in camps");
            assert_eq!(number(9), number(3) + number(6), "recorded in camps");
            assert!(number(12) <= number(10));
            for (sim, data, error) in [(2, 3, 4), (5, 6, 7)] {
                let expected = if number(data) > 0.0 { (number(sim) / number(data) - 1.0).abs() } else { 0.0 };
                assert!((number(error) - expected).abs() <= 5.1e-5, "{row:?}");
            }
        }
    }
}
