//! `corridor compare`: what it says, that it says it the same way for any number of threads, and how it refuses.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use corridor::scenario::write::write_template;
use serde_json::Value;

fn template(dir: &Path) -> PathBuf {
    let scenario = dir.join("mini");
    write_template(&scenario).expect("the template is written");
    scenario
}

/// Exit code, standard output, standard error.
fn corridor(arguments: &[&str]) -> (i32, String, String) {
    // Outputs go to a room of their own.
    let room = tempfile::tempdir().unwrap();
    let output = Command::cargo_bin("corridor").unwrap().current_dir(&room).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

fn json(arguments: &[&str]) -> Value {
    let (code, out, err) = corridor(arguments);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).expect("JSON")
}

fn metric<'a>(document: &'a Value, id: &str) -> &'a Value {
    document["metrics"].as_array().unwrap().iter().find(|m| m["id"] == id).expect(id)
}

#[test]
fn a_comparison_says_what_changes_and_is_the_same_for_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = template(dir.path());
    let scenario = scenario.to_str().unwrap();
    let (_, one, _) =
        corridor(&["compare", scenario, "--scale", "20", "--replications", "12", "--threads", "1", "--json"]);
    let (_, two, _) =
        corridor(&["compare", scenario, "--scale", "20", "--replications", "12", "--threads", "2", "--json"]);
    assert_eq!(one, two);
    let document: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(document["simulated"], true);
    assert_eq!(document["replications"], 12);
    let stranded = metric(&document, "M03");
    assert_eq!(stranded["strategies"][0]["strategy"], "none");
    let change = &stranded["strategies"][1]["change"];
    assert_eq!(change["verdict"], "better");
    let (low, mean, high) =
        (change["low"].as_f64().unwrap(), change["mean"].as_f64().unwrap(), change["high"].as_f64().unwrap());
    assert!(low < mean && mean < high && high < 0.0, "{low} {mean} {high}");
    // The difference of the means is the mean of the paired differences.
    let value = |s: usize| stranded["strategies"][s]["value"]["mean"].as_f64().unwrap();
    assert!((value(1) - value(0) - mean).abs() < 1e-6 * value(0));
    let cost = &document["efficiency"][0];
    let per_day = cost["extra_cost_usd"].as_f64().unwrap() / cost["averted"].as_f64().unwrap();
    assert!((cost["usd_per_day_averted"].as_f64().unwrap() / per_day - 1.0).abs() < 1e-12);
    assert!(document["warnings"][0].as_str().unwrap().contains("12 replications are few"));
}

#[test]
fn where_nobody_is_stranded_the_trapped_say_which_response_leads() {
    let flood = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/flood-coast");
    let arguments = ["compare", flood.to_str().unwrap(), "--baseline", "none", "--replications", "20"];
    let document = json(&[&arguments[..], &["--json"]].concat());
    assert_eq!(document["aim"], "trapped");
    assert_eq!(document["leading"]["strategy"], "warned", "{}", document["leading"]);
    // The same people are trapped with a dyke and meals, which cost more: no fewer, and not fewer perhaps.
    assert_eq!(document["leading"]["equal"], serde_json::json!(["prepared"]));
    assert_eq!(document["leading"]["tied"], serde_json::json!([]));
    let mean = |s: usize| metric(&document, "M07")["strategies"][s]["value"]["mean"].as_f64().unwrap();
    for (s, row) in document["efficiency"].as_array().unwrap().iter().enumerate() {
        assert!((row["averted"].as_f64().unwrap() - (mean(0) - mean(s + 1))).abs() < 1e-6 * mean(0), "{row}");
    }
    assert_eq!(document["efficiency"][1]["dominated_by"], Value::Array(Vec::new()));
    let (_, text, _) = corridor(&arguments);
    assert!(text.contains("for each trapped day averted") && !text.contains("leaves no fewer stranded"), "{text}");
}

#[test]
fn triggers_are_told_with_how_often_and_when_they_fired() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = template(dir.path());
    let strategy = "extends = \"none\"\n[[intervention]]\nlever = \"shelter\"\nplaces = \"transit_camp\"\ncapacity = 500\n\
                    when = \"waiting(transit_camp) > 2000 for 2 days\"\ndelay_days = 3\n";
    std::fs::write(scenario.join("strategies/waits.toml"), strategy).unwrap();
    let path = scenario.to_str().unwrap();
    let arguments = ["compare", path, "--scale", "20", "--replications", "5", "--strategies", "waits"];
    let document = json(&[&arguments[..], &["--json"]].concat());
    let firing = &document["firings"][0];
    assert_eq!((&firing["strategy"], &firing["share"]), (&Value::from("waits"), &Value::from(1.0)), "{firing}");
    assert!(firing["lead_days"].as_f64().unwrap() > 0.0, "people gather after the trigger: {firing}");
    let (_, text, _) = corridor(&arguments);
    assert!(text.contains("waiting(transit_camp) > 2000 for 2 days: in 100 %"), "{text}");
    // A place that is not there, and a slip in the condition, are refused with their line.
    for (slip, expected) in [("transit_camp) >", "transit_cmp) >"), ("waiting(", "waitng(")].map(|(a, b)| (a, b)) {
        std::fs::write(scenario.join("strategies/waits.toml"), strategy.replace(slip, expected)).unwrap();
        let (code, _, err) = corridor(&arguments);
        assert!(code == 2 && err.contains("waits.toml, line") && err.contains("'when'"), "{err}");
    }
}

#[test]
fn the_text_has_range_direction_and_notice_and_no_ranking_without_weights() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = template(dir.path());
    let scenario = scenario.to_str().unwrap();
    let (code, text, _) = corridor(&["compare", scenario, "--scale", "20", "--replications", "8"]);
    assert_eq!(code, 0);
    for expected in
        ["Stranded person-days (M03)", "less is better", "In words", "between", "USD", "Simulated, not observed"]
    {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
    assert!(!text.contains("Composite"));
    let weighed = ["compare", scenario, "--scale", "20", "--replications", "8", "--weights", "M03=3,M40=1"];
    let (_, text, _) = corridor(&weighed);
    assert!(text.contains("M03 75 %, M40 25 %") && text.contains("of all possible weights"), "{text}");
}

#[test]
fn precision_adds_replications_until_it_is_reached_or_says_that_it_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = template(dir.path());
    let base = ["compare", scenario.to_str().unwrap(), "--scale", "200", "--replications", "8", "--json"];
    let with = |more: &[&str]| json(&[&base[..], more].concat());
    let few = with(&[]);
    let reached = few["precision"].as_f64().unwrap();
    let wanted = format!("{}", reached / 1.7);
    let more = with(&["--until-precision", &wanted]);
    assert!(more["replications"].as_u64().unwrap() >= 16, "{}", more["replications"]);
    assert!(more["precision"].as_f64().unwrap() <= reached / 1.7);
    let capped = with(&["--until-precision", "0.000001", "--most-replications", "16"]);
    assert_eq!(capped["replications"], 16);
    assert!(capped["warnings"].to_string().contains("was not reached"), "{}", capped["warnings"]);
    // Where nobody is ever stranded, nothing differs, and that is known.
    let flood = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/flood-coast");
    let arguments = ["compare", flood.to_str().unwrap(), "--replications", "8", "--json", "--until-precision", "0.02"];
    let same = json(&[&arguments[..], &["--most-replications", "100"]].concat());
    assert_eq!((&same["replications"], &same["precision"]), (&20.into(), &0.0.into()), "fewer bound no precision");
}

#[test]
fn futures_give_regret_that_is_0_for_the_best_of_each() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = template(dir.path());
    let ranges = dir.path().join("ranges.toml");
    std::fs::write(&ranges, "[[range]]\nparameter = \"departure.conflict\"\nlow = 0.05\nhigh = 0.3\n").unwrap();
    let document = json(&[
        "compare",
        scenario.to_str().unwrap(),
        "--scale",
        "200",
        "--replications",
        "3",
        "--futures",
        ranges.to_str().unwrap(),
        "--points",
        "5",
        "--future-replications",
        "2",
        "--json",
    ]);
    let futures = &document["futures"];
    assert_eq!(futures["points"].as_array().unwrap().len(), 5);
    let (id, rows) = (&futures["metrics"][0][0], futures["metrics"][0][1].as_array().unwrap());
    assert_eq!(id, "M03");
    let regret = |s: usize, what: &str| rows[s][what].as_f64().unwrap();
    assert!(regret(0, "greatest_regret") > 0.0, "doing nothing is regretted");
    assert_eq!((regret(1, "greatest_regret"), regret(1, "best_share")), (0.0, 1.0));
    assert_eq!(rows[1]["better_share"], 1.0);
}

#[test]
fn what_cannot_be_compared_is_refused_with_exit_code_2() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = template(dir.path());
    let scenario = scenario.to_str().unwrap();
    let missing = dir.path().join("no-such.toml");
    let cases: &[(&[&str], &str)] = &[
        (&["--strategies", "flight"], "there is no strategy 'flight'"),
        (&["--baseline", "nothing"], "there is no strategy 'nothing'"),
        (&["--strategies", "none"], "named twice"),
        (&["--metrics", "M3"], "there is no metric 'M3'"),
        (&["--weights", "M03"], "write METRIC=WEIGHT"),
        (&["--weights", "M03=-1"], "must be above 0"),
        (&["--weights", "M99=1"], "cannot be weighed"),
        (&["--until-precision", "0"], "write a share above 0"),
        (&["--replications", "1"], "2..=100000"),
        (&["--until", "1999-01-01"], "outside the scenario"),
        (&["--set", "departure.conflct=1"], "did you mean"),
        (&["--futures", missing.to_str().unwrap()], "cannot be read"),
    ];
    for (arguments, expected) in cases {
        let (code, out, err) = corridor(&[&["compare", scenario, "--scale", "500"], *arguments].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        assert!(err.contains(expected), "{arguments:?}: {err}");
    }
}

#[test]
fn a_weighted_metric_without_a_value_leaves_no_composite_and_that_is_said() {
    let closed = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/closed-borders");
    for weights in ["M03=1,M45=1", "M45=1,M03=1"] {
        let arguments =
            ["compare", closed.to_str().unwrap(), "--metrics", "M03,M45", "--weights", weights, "--replications", "6"];
        let document = json(&[&arguments[..], &["--json"]].concat());
        assert_eq!((&document["composite"], &document["not_weighed"]), (&Value::Null, &serde_json::json!(["M45"])));
        let (_, text, _) = corridor(&arguments);
        assert!(text.contains("there is no composite: M45 has a weight and no value"), "{text}");
    }
    let dir = tempfile::tempdir().unwrap();
    let scenario = template(dir.path());
    let arguments = ["compare", scenario.to_str().unwrap(), "--scale", "200", "--replications", "8", "--json"];
    let composite = |weights: &str| json(&[&arguments[..], &["--weights", weights]].concat())["composite"].clone();
    assert_eq!(composite("M03=1e308,M40=1e308"), composite("M03=1,M40=1"), "weights count beside each other");
}
