//! What is typed and cannot be done: told whole, with exit code 2, before anything is run or written.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use corridor::scenario::write::write_template;

/// A room with the template in it.
fn room() -> (tempfile::TempDir, PathBuf) {
    let room = tempfile::tempdir().unwrap();
    let scenario = room.path().join("mini");
    write_template(&scenario).unwrap();
    (room, scenario)
}

/// Exit code and standard error of `corridor` in the folder `room`.
fn corridor(room: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::cargo_bin("corridor").unwrap().current_dir(room).args(arguments).output().unwrap();
    (output.status.code().expect("an exit code"), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn people(scenario: &Path, persons: &str) {
    let path = scenario.join("populations.csv");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("port_city,12000,"));
    fs::write(path, text.replace("port_city,12000,", &format!("port_city,{persons},"))).unwrap();
}

#[test]
fn more_people_than_can_be_simulated_are_refused_with_a_scale() {
    let (room, scenario) = room();
    people(&scenario, "9000000000");
    for command in ["run", "compare"] {
        let (code, err) = corridor(room.path(), &[command, "mini", "--out", "out", "--quiet"]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("populations.csv: 9000046500 people") && err.contains("run with --scale "), "{err}");
    }
    assert!(!room.path().join("out").exists());
}

#[test]
fn whom_a_coarse_scale_leaves_out_is_told() {
    let (room, _) = room();
    let run = |scale: &str| {
        corridor(room.path(), &["run", "mini", "--out", "out", "--until", "2030-03-05", "--scale", scale])
    };
    assert_eq!(run("50"), (0, String::new()));
    let (code, err) = run("3000");
    assert!(code == 0 && err.contains("warning: ") && err.contains("4500 of 58500 people are left out"), "{err}");
    let (code, err) = run("10000");
    assert!(code == 0 && err.contains("nobody is left of NEI"), "{err}");
    let (code, err) = run("1000000");
    assert!(code == 2 && err.contains("nobody is left of 58500 people"), "{err}");
}

#[test]
fn all_slips_are_told_in_one_pass() {
    let (room, _) = room();
    let compare = [
        "compare",
        "mini",
        "--strategies",
        "flights,foo,bar",
        "--baseline",
        "baz",
        "--metrics",
        "M03,M99,foo",
        "--weights",
        "M03=2,M03=3",
        "--until-precision",
        "0.1",
        "--replications",
        "3",
        "--most-replications",
        "2",
    ];
    let (code, err) = corridor(room.path(), &compare);
    assert_eq!(code, 2, "{err}");
    for told in [
        "no strategy 'baz'",
        "no strategy 'foo'",
        "no strategy 'bar'",
        "no metric 'M99'",
        "no metric 'foo'",
        "--weights gives M03 a weight twice",
        "--most-replications 2 is less than --replications 3",
    ] {
        assert!(err.lines().any(|line| line.starts_with("error: ") && line.contains(told)), "{told}: {err}");
    }
    let sets =
        ["run", "mini", "--set", "choice.horizon=1.5", "--set", "foo=2", "--set", "travel.by_km=0.5", "--set", "x"];
    let (code, err) = corridor(room.path(), &sets);
    assert_eq!((code, err.lines().count()), (2, 4), "{err}");
    assert!(err.contains("choice.horizon must be a whole number") && err.contains("travel.by_km must be"), "{err}");
    assert!(!room.path().join("outputs").exists());
}

#[test]
fn futures_of_a_whole_number_are_refused() {
    let (room, _) = room();
    fs::write(room.path().join("f.toml"), "[[range]]\nparameter = \"choice.horizon\"\nlow = 0\nhigh = 3\n").unwrap();
    let (code, err) = corridor(room.path(), &["compare", "mini", "--futures", "f.toml", "--replications", "2"]);
    assert!(code == 2 && err.contains("f.toml, column 'parameter', value 'choice.horizon'"), "{err}");
}

#[test]
fn validating_without_a_record_says_what_is_missing() {
    let (room, scenario) = room();
    let (code, err) = corridor(room.path(), &["validate", "mini"]);
    assert!(code == 2 && err.contains("observations.csv: there is no record to hold the run against. Fix: "), "{err}");
    fs::write(scenario.join("observations.csv"), "date,where,measure,value\n").unwrap();
    let (code, err) = corridor(room.path(), &["validate", "mini"]);
    assert!(code == 2 && err.contains("observations.csv: there is no observation in it"), "{err}");
    let (code, err) = corridor(room.path(), &["validate", "mini", "--observations", "nofile"]);
    assert!(code == 2 && err.contains("nofile: there is no such file. Fix: name a CSV file"), "{err}");
}

#[test]
fn a_folder_with_other_things_in_it_is_bad_usage_and_stays_as_it_is() {
    let (room, _) = room();
    let other = room.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("letter.txt"), "dear").unwrap();
    let flee = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/flee-mini");
    let flee = flee.to_str().unwrap();
    let all: [&[&str]; 4] =
        [&["run", "mini"], &["compare", "mini"], &["run", flee, "--format", "flee"], &["validate", flee, "--plots"]];
    for command in all {
        for (out, told) in [("other", "not an output of Corridor"), ("other/letter.txt", "it is a file")] {
            let (code, err) = corridor(room.path(), &[command, &["--quiet", "--out", out]].concat());
            assert!(code == 2 && err.contains("error: --out: ") && err.contains(told), "{command:?}: {err}");
        }
    }
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1);
}
