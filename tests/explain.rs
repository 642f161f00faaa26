//! Why people are stuck, and what a tenth more of each capacity changes: worlds in which both are known.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

const PLACES: &str = "id,country,kind,lat,lon\ntown,AAA,town,0,0\npost,BBB,crossing,0,1\norigin,CCC,hub,0,2\n";
const DAYS: u64 = 12;

/// What stands between 1,000 people at a post abroad and their home.
struct Case<'a> {
    routes: &'a str,
    documents: u32,
    policies: &'a str,
    strategy: &'a str,
    services: &'a str,
}

const ROAD: &str = "from,to,mode,km,hours,two_way,fee_usd\ntown,post,road,50,2,0,0\npost,origin,road,50,2,0,0\n";
const RULES: &str = "rule,from,to,groups,start,end,persons_per_day,share\n";
const CASE: Case<'_> = Case { routes: ROAD, documents: 1, policies: "", strategy: "", services: "" };

fn scenario(dir: &Path, case: &Case<'_>) -> PathBuf {
    let folder = dir.join("world");
    fs::create_dir_all(folder.join("strategies")).unwrap();
    let harmless = "[risk]\nviolence = 0\ndetention = 0\nexploitation = 0\nrobbery = 0\ndeath = 0\nillness = 0\n";
    let head = format!(
        "title = \"Test\"\nstart = 2030-01-01\nend = 2030-01-{DAYS}\ndefault_strategy = \"s\"\n{harmless}[choice]\nnews_days = 1\n\
         [departure]\nconflict = 0\n"
    );
    let people = "group,place,persons,state\nG,post,1000,displaced\nG,town,1,settled\n";
    let groups =
        format!("id,aim,home,party_size,documents,money_usd,money_spread\nG,home,origin,1,{},50,1\n", case.documents);
    let rules = format!("{RULES}{}", case.policies);
    for (name, text) in [
        ("scenario.toml", head.as_str()),
        ("locations.csv", PLACES),
        ("routes.csv", case.routes),
        ("groups.csv", &groups),
        ("populations.csv", people),
        ("shocks.csv", "place,kind,start,intensity\ntown,conflict,2030-01-01,0.5\n"),
        ("policies.csv", &rules),
        ("strategies/s.toml", case.strategy),
        ("strategies/s.csv", case.services),
    ] {
        if !(name.ends_with("s.csv") && name.starts_with("strat") && text.is_empty()) {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    folder
}

/// Exit code, standard output, standard error.
fn corridor(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("corridor").unwrap().current_dir(dir).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

/// Runs the case and explains it.
fn explained(case: &Case<'_>) -> Value {
    let room = tempfile::tempdir().unwrap();
    scenario(room.path(), case);
    let (code, _, err) = corridor(room.path(), &["run", "world", "--out", "out", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = corridor(room.path(), &["explain", "out", "--place", "post", "--json"]);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// The one constraint that binds everybody.
fn only(answer: &Value) -> &str {
    let constraints = answer["constraints_of_run"].as_array().unwrap();
    assert_eq!(constraints.len(), 1, "{constraints:?}");
    assert_eq!(constraints[0]["share"], 1.0);
    constraints[0]["name"].as_str().unwrap()
}

fn effect<'a>(answer: &'a Value, capacity: &str) -> &'a Value {
    let effects = answer["effects"].as_array().unwrap();
    effects.iter().find(|e| e["capacity"].as_str().unwrap().contains(capacity)).expect(capacity)
}

/// Sums of stranded people when so many of 1,000 are let through each day, from the third day of waiting on.
fn stranded(per_day: u64) -> u64 {
    (3..DAYS).map(|day| 1000 - per_day * (day + 1)).sum()
}

#[test]
fn in_a_world_with_one_queue_the_queue_binds_and_a_tenth_more_lets_a_tenth_more_go() {
    let policies = "throughput,post,origin,all,2030-01-01,2030-01-12,50,\n";
    let answer = explained(&Case { policies, ..CASE });
    assert_eq!(only(&answer), "queue");
    assert_eq!(answer["person_days"], stranded(50));
    assert_eq!((&answer["stuck"], &answer["day"]), (&Value::from(800), &Value::from("2030-01-04")));
    let more = effect(&answer, "crossings");
    assert_eq!(more["person_days"], stranded(55) as f64 - stranded(50) as f64);
    assert_eq!(more["on_the_day"], -20.0, "five more a day for four days");
    assert_eq!(more["everywhere"], more["person_days"]);
    assert_eq!(more["rows"], 1);
}

#[test]
fn in_a_world_with_one_service_its_seats_bind() {
    let routes = "from,to,mode,km,hours,two_way,fee_usd\ntown,post,road,50,2,0,0\n";
    let services =
        "lever,from,to,mode,groups,start,end,persons_per_day\nL11,post,HOME,road,all,2030-01-01,2030-01-12,20\n";
    let answer = explained(&Case { routes, strategy: "services = [\"s.csv\"]\n", services, ..CASE });
    assert_eq!(only(&answer), "seat");
    assert_eq!(answer["person_days"], stranded(20));
    assert_eq!(effect(&answer, "L11")["person_days"], stranded(22) as f64 - stranded(20) as f64);
}

#[test]
fn what_binds_is_what_would_open_a_way_if_it_were_lifted() {
    let fare = "from,to,mode,km,hours,two_way,fee_usd\ntown,post,road,50,2,0,0\npost,origin,road,50,2,0,100\n";
    let no_road = "from,to,mode,km,hours,two_way,fee_usd\ntown,post,road,50,2,0,0\n";
    let always = "2030-01-01,2030-01-12";
    let documents = format!("documents,post,origin,all,{always},,\n");
    let refuse = format!("refuse,post,origin,all,{always},,1\n");
    let closed = format!("closed,post,origin,all,{always},,\n");
    let cases = [
        ("documents", Case { documents: 0, policies: &documents, ..CASE }),
        ("refused", Case { policies: &refuse, ..CASE }),
        ("closed", Case { policies: &closed, ..CASE }),
        ("money", Case { routes: fare, ..CASE }),
        ("several", Case { routes: fare, policies: &closed, ..CASE }),
        ("no_way", Case { routes: no_road, ..CASE }),
    ];
    for (expected, case) in cases {
        let answer = explained(&case);
        assert_eq!(only(&answer), expected);
        assert_eq!(answer["person_days"], 9000, "nobody gets on: {expected}");
        for effect in answer["effects"].as_array().unwrap() {
            assert_eq!(effect["person_days"], 0.0, "no capacity helps: {expected}, {effect}");
        }
    }
}

#[test]
fn the_log_of_constraints_adds_up_to_those_stuck_and_is_the_same_for_any_number_of_threads() {
    let room = tempfile::tempdir().unwrap();
    corridor::scenario::write::write_template(&room.path().join("mini")).unwrap();
    for threads in ["1", "2"] {
        let arguments = ["run", "mini", "--scale", "20", "--quiet", "--threads", threads, "--out", threads];
        assert_eq!(corridor(room.path(), &arguments).0, 0);
    }
    let read = |threads: &str, file: &str| fs::read_to_string(room.path().join(threads).join(file)).unwrap();
    for file in ["constraints.csv", "triggers.csv", "report.html"] {
        assert_eq!(read("1", file), read("2", file), "{file}");
    }
    let rows = |file: &str| -> Vec<std::collections::BTreeMap<String, String>> {
        csv::Reader::from_path(room.path().join("1").join(file)).unwrap().deserialize().map(|r| r.unwrap()).collect()
    };
    let sum = |file: &str, column: &str| rows(file).iter().map(|r| r[column].parse::<u64>().unwrap()).sum::<u64>();
    let stuck = sum("daily.csv", "stranded") + sum("daily.csv", "trapped");
    assert!(stuck > 0);
    assert_eq!(sum("constraints.csv", "persons"), stuck);
    let (code, one, err) = corridor(room.path(), &["explain", "1", "--threads", "1"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(one, corridor(room.path(), &["explain", "1", "--threads", "2"]).1);
    assert!(one.contains("Simulated, not observed") && one.contains("10 % more of each capacity"), "{one}");
}

#[test]
fn what_cannot_be_explained_is_refused_with_the_reason() {
    let room = tempfile::tempdir().unwrap();
    let folder =
        scenario(room.path(), &Case { policies: "throughput,post,origin,all,2030-01-01,2030-01-12,50,\n", ..CASE });
    assert_eq!(corridor(room.path(), &["run", "world", "--out", "out", "--quiet"]).0, 0);
    let refused = |arguments: &[&str], reason: &str| {
        let (code, out, err) = corridor(room.path(), arguments);
        assert!(code == 2 && out.is_empty() && err.contains(reason), "{arguments:?}: {code}, {err}");
    };
    refused(&["explain", "nowhere"], "name a folder that `corridor run`");
    refused(&["explain", "out", "--place", "posst"], "did you mean 'post'?");
    refused(&["explain", "out", "--group", "X"], "there is no group 'X'");
    refused(&["explain", "out", "--day", "2031-01-01"], "lies outside the run");
    refused(&["explain", "out", "--scenario", "elsewhere"], "is not found from this folder");
    let constraints = fs::read_to_string(room.path().join("out/constraints.csv")).unwrap();
    fs::write(room.path().join("out/constraints.csv"), constraints.replacen("queue", "quue", 1)).unwrap();
    refused(&["explain", "out"], "'quue' is no constraint");
    fs::write(room.path().join("out/constraints.csv"), constraints.replacen(",800,", ",801,", 1)).unwrap();
    refused(&["explain", "out"], "running again does not give what the folder holds");
    fs::write(room.path().join("out/constraints.csv"), constraints).unwrap();
    assert_eq!(corridor(room.path(), &["explain", "out"]).0, 0);
    let policies = fs::read_to_string(folder.join("policies.csv")).unwrap();
    fs::write(folder.join("policies.csv"), policies.replace(",50,", ",60,")).unwrap();
    refused(&["explain", "out"], "the scenario has changed since the run was made");
}
