//! The report of a run: written whole, the same bytes for the same input, consistent with itself and with the data dictionary.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use corridor::experiment::replicate::replicate;
use corridor::outcome::Outcome;
use corridor::outcome::metrics::{METRICS, NOT_MODELLED};
use corridor::outcome::watch::{Replication, Watch};
use corridor::report::columns::COLUMNS;
use corridor::report::html::{Lang, Words};
use corridor::report::{Asked, RunReport, answer, write_run};
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;
use corridor::scenario::scenario::Scenario;
use corridor::scenario::world::World;

struct Ran {
    scenario: Scenario,
    world: World,
    watch: Watch,
    replications: Vec<Replication>,
    first: Outcome,
    asked: Asked,
}

impl Ran {
    fn report(&self) -> RunReport<'_> {
        RunReport {
            scenario: &self.scenario,
            world: &self.world,
            watch: &self.watch,
            replications: &self.replications,
            first: &self.first,
            seed: 7,
            threads: 1,
            wall: Duration::from_millis(1500),
            asked: &self.asked,
        }
    }
}

fn run(name: &str, strategy: &str, until: Option<&str>, scale: u32, replications: u32) -> Ran {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let (scenario, _) = read(&folder).unwrap();
    let until = until.map(|date| date.parse::<NaiveDate>().unwrap());
    let world = build(&scenario, strategy, &Options { until, scale, parameters: None }).unwrap();
    let watch = Watch::new(&scenario.observations, &world);
    let kept = replicate(
        &world,
        7,
        replications,
        || {},
        |r, outcome| (watch.reduce(&world, &outcome), (r == 0).then_some(outcome)),
    );
    let (replications, mut first): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
    let first = first.swap_remove(0).unwrap();
    Ran { scenario, world, watch, replications, first, asked: Asked::default() }
}

fn libya() -> Ran {
    run("libya-2011", "historical", Some("2011-03-20"), 20, 3)
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

fn rows(folder: &Path, file: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn sum(rows: &[BTreeMap<String, String>], column: &str) -> u64 {
    rows.iter().map(|row| row[column].parse::<u64>().unwrap()).sum()
}

#[test]
fn a_report_is_complete_consistent_and_repeatable() {
    let ran = libya();
    let room = tempfile::tempdir().unwrap();
    let (a, b) = (room.path().join("a"), room.path().join("b"));
    write_run(&a, &ran.report()).unwrap();
    write_run(&b, &libya().report()).unwrap();
    let (of_a, of_b) = (files(&a), files(&b));
    assert_eq!(of_a.len(), of_b.len());
    for ((path, bytes), other) in of_a.iter().zip(of_b.values()) {
        assert!(path.ends_with("run.json") || bytes == other, "{} differs between equal runs", path.display());
    }
    for picture in ["record", "waiting", "states", "map"] {
        assert!(
            a.join(format!("pictures/{picture}.svg")).is_file() && a.join(format!("pictures/{picture}.png")).is_file()
        );
    }

    // Every table has the columns that the data dictionary tells, in that order.
    for file in
        ["daily.csv", "routes.csv", "groups.csv", "flows.csv", "fit.csv", "constraints.csv", "data-dictionary.csv"]
    {
        let mut reader = csv::Reader::from_path(a.join(file)).unwrap();
        let told: Vec<&str> = COLUMNS.iter().filter(|c| c.file == file).map(|c| c.column).collect();
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), told, "{file}");
        assert!(reader.records().count() > 0, "{file} is empty");
    }
    assert_eq!(rows(&a, "data-dictionary.csv").len(), COLUMNS.len());

    // The same people, counted in different tables and in the metrics.
    let (daily, groups) = (rows(&a, "daily.csv"), rows(&a, "groups.csv"));
    for column in ["waiting", "stranded", "trapped", "settled"] {
        assert_eq!(sum(&daily, column), sum(&groups, column), "{column}");
    }
    assert_eq!(sum(&rows(&a, "constraints.csv"), "persons"), sum(&groups, "stranded") + sum(&groups, "trapped"));
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(a.join("summary.json")).unwrap()).unwrap();
    let metrics = summary["metrics"].as_array().unwrap();
    assert_eq!(metrics.len(), METRICS.len());
    let first = &ran.replications[0].measured;
    assert_eq!(first.overall("M03").unwrap() as u64, sum(&groups, "stranded"));
    assert_eq!(first.overall("M07").unwrap() as u64, sum(&groups, "trapped"));
    assert_eq!(first.overall("M19").unwrap() as u64, sum(&daily, "death"));
    let last = format!("{}", ran.world.start + chrono::Days::new(u64::from(ran.world.days) - 1));
    let at_end: Vec<_> = groups.iter().filter(|row| row["date"] == last).cloned().collect();
    assert_eq!(first.overall("M01_home").unwrap() as u64, sum(&at_end, "arrived"));
    assert_eq!(first.overall("M01_left").unwrap() as u64, sum(&at_end, "left_home_cumulative"));
    assert_eq!(first.overall("M10_assisted").unwrap() as u64, sum(&daily, "assisted"));
    assert_eq!(first.overall("M18_end").unwrap() as u64, sum(&at_end, "detained"));
    let m03 = metrics.iter().find(|m| m["id"] == "M03").unwrap();
    let by_group: f64 = first.get("M03").unwrap().by_group.values().flatten().sum();
    assert_eq!(by_group, first.overall("M03").unwrap());
    assert!(m03["overall"]["p05"].as_f64() <= m03["overall"]["median"].as_f64());
    assert_eq!(m03["overall"]["defined"], 3);

    // The record: one row for each observation within the run, and the figures add up.
    let inside = ran.scenario.observations.iter().filter(|o| o.date.to_string() <= last).count();
    assert_eq!(rows(&a, "fit.csv").len(), inside);
    assert_eq!(summary["fit"]["all"]["observations"], inside);

    // The answer fits one screen, and says what it is not.
    let text = fs::read_to_string(a.join("answer.txt")).unwrap();
    assert!(text.lines().count() <= answer::LINES, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= answer::WIDTH), "{text}");
    assert!(text.contains("Simulated, not observed."), "{text}");
    assert!(text.contains("decisions about individuals."), "{text}");
}

#[test]
fn a_scenario_without_a_record_or_flows_is_reported_too() {
    let ran = run("flood-coast", "warned", None, 1, 1);
    let room = tempfile::tempdir().unwrap();
    let out = room.path().join("out");
    write_run(&out, &ran.report()).unwrap();
    assert!(!out.join("fit.csv").exists() && !out.join("flows.csv").exists());
    assert!(out.join("pictures/states.svg").is_file() && !out.join("pictures/record.svg").exists());
    assert!(rows(&out, "daily.csv").len() > 10);
    let text = fs::read_to_string(out.join("answer.txt")).unwrap();
    assert!(text.lines().count() <= answer::LINES, "{text}");
}

#[test]
fn where_nobody_is_stranded_the_report_speaks_of_the_trapped_and_no_sentence_has_a_dash() {
    for scenario in ["flood-coast", "slow-drought"] {
        for lang in Lang::ALL {
            let mut ran = run(scenario, "none", None, 1, 1);
            ran.asked.lang = lang;
            let room = tempfile::tempdir().unwrap();
            write_run(&room.path().join("out"), &ran.report()).unwrap();
            let page = fs::read_to_string(room.path().join("out/report.html")).unwrap();
            let brief = page.split_once("id=\"brief\"").unwrap().1.split("<nav").next().unwrap();
            let brief = brief.replace(['\u{2068}', '\u{2069}'], "");
            let words = Words::new(lang);
            let figure =
                |id: &str| words.number(ran.replications[0].measured.overall(id).filter(|n| *n > 0.0).unwrap());
            let told = words
                .say("brief.stuck_trapped")
                .replace("{trapped}", "0")
                .replace("{peak}", &figure("M07_peak"))
                .replace("{days}", &figure("M07"))
                .replace('\'', "&#39;");
            assert!(
                brief.contains(&told) || brief.contains(&told.replace("&#39;", "'")),
                "{scenario}: {told}\n{brief}"
            );
            assert!(!brief.contains('–'), "{brief}");
        }
    }
}

#[test]
fn the_docs_tell_every_metric() {
    let text = include_str!("../docs/metrics.md");
    for m in METRICS {
        let better = match m.lower_is_better {
            Some(true) => "lower",
            Some(false) => "higher",
            None => "-",
        };
        let row = format!("| {} | {} | {} | {better} | {} | `{}` |", m.id, m.name, m.unit, m.formula, m.function);
        assert!(text.contains(&row), "docs/metrics.md lacks this row:\n{row}");
    }
    for m in NOT_MODELLED {
        let row = format!("| {} | {} | {} |", m.id, m.name, m.reason);
        assert!(text.contains(&row), "docs/metrics.md lacks this row:\n{row}");
    }
    for number in 1..=47 {
        let id = format!("M{number:02}");
        let told = METRICS.iter().any(|m| m.id.split('_').next() == Some(&id));
        let excused = NOT_MODELLED.iter().any(|m| m.id == id);
        assert!(told != excused, "{id} must be either a metric or told not to be modelled");
    }
}
