//! `report.html`: whole, well-formed, alone and readable by everybody, in every language.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use corridor::experiment::scores::Aim;
use corridor::report::html::{Lang, Words};
use corridor::scenario::write::write_template;

/// The template with a strategy that waits for a trigger.
fn scenario(dir: &Path) -> PathBuf {
    let folder = dir.join("mini");
    write_template(&folder).unwrap();
    let waits = "title = \"Tents when needed\"\nextends = \"none\"\n[[intervention]]\nlever = \"shelter\"\nplaces = \"transit_camp\"\n\
                 capacity = 500\ncost_per_unit_usd = 2\nactor = \"A < B & \\\"C\\\"\"\nwhen = \"waiting(transit_camp) > 2000 for 2 days\"\ndelay_days = 3\n";
    fs::write(folder.join("strategies/waits.toml"), waits).unwrap();
    folder
}

fn corridor(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("corridor").unwrap().current_dir(dir).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

/// Start tags as (name, attributes), in order; fails where tags do not match or text holds a bare `<`.
fn tags(page: &str) -> Vec<(String, String)> {
    const VOID: [&str; 3] = ["meta", "br", "hr"];
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if tag.starts_with('!') {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "</{name}> closes nothing");
            continue;
        }
        let (name, attributes) = tag.split_once(|c: char| c.is_whitespace()).unwrap_or((tag.trim_end_matches('/'), ""));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "<{name}");
        assert_eq!(attributes.matches('"').count() % 2, 0, "<{tag}>");
        all.push((name.to_owned(), attributes.to_owned()));
        if name == "style" {
            rest = &rest[rest.find("</style>").expect("the style ends")..];
        }
        if !VOID.contains(&name) && !attributes.trim_end().ends_with('/') && !tag.ends_with('/') {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
    all
}

/// Everything that holds for every page in every language.
fn check(page: &str, lang: Lang, sections: &[&str]) {
    let words = Words::new(lang);
    let tags = tags(page);
    let has = |name: &str, part: &str| tags.iter().any(|(n, a)| n == name && a.contains(part));
    let count = |name: &str| tags.iter().filter(|(n, _)| n == name).count();
    assert!(has("html", &format!("lang=\"{}\"", lang.tag())) && has("html", &format!("dir=\"{}\"", lang.dir())));
    for id in sections {
        assert!(has("section", &format!("id=\"{id}\"")), "{lang:?}: section {id} is missing");
    }
    // Alone: nothing is loaded, nothing runs.
    for tag in ["script", "link", "img", "iframe", "object", "form"] {
        assert_eq!(count(tag), 0, "<{tag}>");
    }
    for (name, attributes) in &tags {
        for loads in ["src=", "href=\"http", "xlink", "onload", "onclick", "url("] {
            assert!(!attributes.contains(loads), "<{name} {attributes}>");
        }
    }
    assert!(!page.contains("@import") && !page.contains("url("));
    // Every text was there, and every blank was filled.
    for section in ["page.", "brief.", "picture.", "table.", "plan.", "assume.", "todo.", "unsure.", "form.", "lever."]
    {
        assert!(!page.contains(&format!("[{section}")), "{lang:?}: a text of {section} is missing");
    }
    for key in words.texts().values().flat_map(|t| t.split('{').skip(1)).filter_map(|t| t.split('}').next()) {
        assert!(!page.contains(&format!("{{{key}}}")), "{lang:?}: {{{key}}} was not filled");
    }
    assert!(
        page.matches(&words.say("page.notice").replace('\'', "&#39;")).count()
            + page.matches(&words.say("page.notice")).count()
            >= 2
    );
    // Accessible: a way past the head, headings in order, captions, scopes, names of pictures.
    assert!(has("a", "class=\"skip\"") && has("main", "id=\"main\""));
    let headings: Vec<u32> = tags.iter().filter_map(|(n, _)| n.strip_prefix('h')?.parse().ok()).collect();
    assert_eq!(headings[0], 1);
    assert_eq!(headings.iter().filter(|h| **h == 1).count(), 1);
    assert!(headings.windows(2).all(|h| h[1] <= h[0] + 1), "{headings:?}");
    assert_eq!(count("caption"), count("table"));
    assert!(tags.iter().filter(|(n, _)| n == "th").all(|(_, a)| a.contains("scope=")));
    assert!(count("svg") >= 3 && count("desc") == count("svg"));
    let svgs = tags.iter().filter(|(n, _)| n == "svg");
    assert!(
        svgs.clone()
            .all(|(_, a)| a.contains("role=\"img\"") && a.contains("aria-label=\"") && !a.contains("aria-label=\"\""))
    );
    assert_eq!(count("figcaption"), count("figure"));
    assert!(count("table") > count("svg"), "a table beside every picture");
    let ids: Vec<&str> = tags.iter().filter_map(|(_, a)| a.split("id=\"").nth(1)?.split('"').next()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "an id stands twice");
    // What a file says is text, whatever it holds.
    assert!(!page.contains("A < B"));
}

const COMPARISON: [&str; 9] = ["brief", "changes", "time", "cost", "groups", "map", "triggers", "plan", "assumptions"];
const RUN: [&str; 8] = ["brief", "figures", "time", "states", "map", "triggers", "plan", "assumptions"];

#[test]
fn pages_are_whole_and_well_formed_in_every_language_and_the_same_for_any_number_of_threads() {
    let room = tempfile::tempdir().unwrap();
    scenario(room.path());
    for lang in Lang::ALL {
        let tag = lang.tag();
        for threads in ["1", "2"] {
            let out = format!("{tag}{threads}");
            let arguments = [
                "compare",
                "mini",
                "--scale",
                "50",
                "--replications",
                "5",
                "--lang",
                tag,
                "--threads",
                threads,
                "--out",
                &out,
            ];
            let (code, _, err) = corridor(room.path(), &arguments);
            assert_eq!(code, 0, "{err}");
        }
        let read = |threads: &str, file: &str| {
            fs::read_to_string(room.path().join(format!("{tag}{threads}")).join(file)).unwrap()
        };
        for file in ["report.html", "comparison.json", "comparison.txt", "triggers.csv", "data-dictionary.csv"] {
            assert_eq!(read("1", file), read("2", file), "{file}");
        }
        check(&read("1", "report.html"), lang, &COMPARISON);
        let arguments = [
            "run",
            "mini",
            "--strategy",
            "waits",
            "--scale",
            "50",
            "--replications",
            "2",
            "--lang",
            tag,
            "--quiet",
            "--out",
            "run",
        ];
        assert_eq!(corridor(room.path(), &arguments).0, 0);
        check(&fs::read_to_string(room.path().join("run/report.html")).unwrap(), lang, &RUN);
    }
    let (code, _, err) = corridor(room.path(), &["compare", "mini", "--lang", "de"]);
    assert!(code == 2 && err.contains("possible values: en, fr, ar, es"), "{err}");
}

#[test]
fn the_brief_says_which_response_to_fund_and_how_sure_that_is() {
    let room = tempfile::tempdir().unwrap();
    scenario(room.path());
    let arguments = ["compare", "mini", "--scale", "20", "--replications", "8", "--json", "--out", "out"];
    let (code, out, err) = corridor(room.path(), &arguments);
    assert_eq!(code, 0, "{err}");
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let leading = &document["leading"];
    assert_eq!((&leading["strategy"], &leading["better_in"]), (&"flights".into(), &8.into()), "{leading}");
    let (mean, low, high) = (
        leading["averted"][0].as_f64().unwrap(),
        leading["averted"][1].as_f64().unwrap(),
        leading["averted"][2].as_f64().unwrap(),
    );
    let m03 = document["metrics"].as_array().unwrap().iter().find(|m| m["id"] == "M03").unwrap();
    let change = &m03["strategies"].as_array().unwrap().iter().find(|s| s["strategy"] == "flights").unwrap()["change"];
    assert!((mean + change["mean"].as_f64().unwrap()).abs() < 1e-6);
    assert!(
        (low + change["high"].as_f64().unwrap()).abs() < 1e-6 && (high + change["low"].as_f64().unwrap()).abs() < 1e-6
    );
    let page = fs::read_to_string(room.path().join("out/report.html")).unwrap();
    let brief = page.split("<nav").next().unwrap();
    let words = Words::new(Lang::En);
    for expected in [
        "fund “Flights home and tents” (flights)",
        "in all 8 runs it stranded fewer than “No response”",
        &words.range(low, high),
        &words.number(mean),
    ] {
        assert!(brief.contains(expected), "{expected} is not in the brief");
    }
    // Tents alone avert no stranded day, and cost something: that is said.
    assert!(brief.contains("on average costs no less and averts no more than “none”"), "{brief}");
}

#[test]
fn the_log_of_triggers_says_when_each_fired() {
    let room = tempfile::tempdir().unwrap();
    scenario(room.path());
    let arguments = ["run", "mini", "--strategy", "waits", "--scale", "20", "--replications", "3", "--out", "out"];
    let (code, answer, err) = corridor(room.path(), &arguments);
    assert_eq!(code, 0, "{err}");
    let log = |folder: &str| -> Vec<BTreeMap<String, String>> {
        let path = room.path().join(folder).join("triggers.csv");
        csv::Reader::from_path(path).unwrap().deserialize().map(|r| r.unwrap()).collect()
    };
    let rows = log("out");
    assert_eq!(rows.len(), 3);
    let day = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<chrono::NaiveDate>().unwrap();
    for (r, row) in rows.iter().enumerate() {
        assert_eq!((row["strategy"].as_str(), row["replication"].as_str()), ("waits", r.to_string().as_str()));
        assert_eq!(row["condition"], "waiting(transit_camp) > 2000 for 2 days");
        assert_eq!(day(row, "begins") - day(row, "fired"), chrono::TimeDelta::days(3));
    }
    // Its condition held on the two days before the first run's trigger fired, and not on the day before those.
    let daily: Vec<BTreeMap<String, String>> =
        csv::Reader::from_path(room.path().join("out/daily.csv")).unwrap().deserialize().map(|r| r.unwrap()).collect();
    let waiting = |date: chrono::NaiveDate| {
        let row = daily.iter().find(|r| r["place"] == "transit_camp" && r["date"] == date.to_string());
        row.map_or(0, |r| r["waiting"].parse::<u64>().unwrap())
    };
    let fired = day(&rows[0], "fired");
    let before = |days: u64| waiting(fired - chrono::Days::new(days));
    assert!(before(1) > 2000 && before(2) > 2000 && before(3) <= 2000, "{} {} {}", before(1), before(2), before(3));
    assert!(answer.contains("Triggers") && answer.contains("in 3 of 3 runs"), "{answer}");
    let compare =
        ["compare", "mini", "--strategies", "waits", "--scale", "20", "--replications", "3", "--out", "compared"];
    assert_eq!(corridor(room.path(), &[&compare[..], &["--as-stated"]].concat()).0, 0);
    assert_eq!(log("compared"), rows, "the same luck");
    let text = || fs::read_to_string(room.path().join("compared/comparison.txt")).unwrap();
    assert!(!text().contains("within the ranges stated"));
    // A comparison draws what has a range, so that its runs are no longer those of `run`.
    assert_eq!(corridor(room.path(), &compare).0, 0);
    assert_ne!(log("compared"), rows);
    assert!(text().contains("draws within the ranges stated for them"));
}

#[test]
fn where_nobody_is_stranded_the_page_asks_who_is_trapped() {
    let room = tempfile::tempdir().unwrap();
    let flood = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/flood-coast");
    let compare = ["compare", flood.to_str().unwrap(), "--replications", "20", "--out", "out"];
    for lang in Lang::ALL {
        let (code, _, err) = corridor(room.path(), &[&compare[..], &["--lang", lang.tag()]].concat());
        assert_eq!(code, 0, "{err}");
        let page = fs::read_to_string(room.path().join("out/report.html")).unwrap();
        let words = Words::for_aim(lang, Aim::Trapped);
        let isolated = |text: &str| page.replace(['\u{2068}', '\u{2069}'], "").contains(text);
        let fund =
            words.say("brief.fund").replace("{title}", "Warned, and boats at the pier").replace("{name}", "warned");
        assert!(isolated(&fund), "{lang:?}: {fund}");
        assert!(page.contains(&words.say("picture.courses_title")), "{lang:?}");
        check(&page, lang, &COMPARISON);
    }
    // Where nobody is trapped either, that aim tells none apart.
    let calm = ["compare", flood.to_str().unwrap(), "--replications", "20", "--until", "2030-09-11", "--out", "calm"];
    let (code, _, err) = corridor(room.path(), &calm);
    assert_eq!(code, 0, "{err}");
    let page = fs::read_to_string(room.path().join("calm/report.html")).unwrap();
    assert!(page.contains(&Words::new(Lang::En).say("brief.nobody_stuck")) && !page.contains("averts no more than"));
}

#[test]
fn too_few_runs_ask_for_more_and_say_nothing_of_funding_none() {
    let room = tempfile::tempdir().unwrap();
    scenario(room.path());
    // Also where stranded person-days are not among the metrics.
    for metrics in ["M03,M19", "M19"] {
        let arguments =
            ["compare", "mini", "--scale", "50", "--replications", "2", "--metrics", metrics, "--out", "out", "--json"];
        let (code, out, err) = corridor(room.path(), &arguments);
        assert_eq!(code, 0, "{err}");
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&document["too_few"], &document["leading"]), (&true.into(), &serde_json::Value::Null));
        let page = fs::read_to_string(room.path().join("out/report.html")).unwrap();
        assert!(page.contains("run more replications (--replications 30)"), "{metrics}");
        assert!(!page.contains("Fund none") && !page.contains("no reason to fund"), "{metrics}");
    }
}

#[test]
fn an_equal_response_is_told_as_equal_and_whoever_is_drawn_has_whole_toilets() {
    let room = tempfile::tempdir().unwrap();
    let flood = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/flood-coast");
    let compare = ["compare", flood.to_str().unwrap(), "--replications", "8", "--out", "out"];
    for lang in Lang::ALL {
        let (code, _, err) = corridor(room.path(), &[&compare[..], &["--lang", lang.tag()]].concat());
        assert_eq!(code, 0, "{err}");
        let page = fs::read_to_string(room.path().join("out/report.html")).unwrap();
        let plain = page.replace(['\u{2068}', '\u{2069}'], "");
        let words = Words::for_aim(lang, Aim::Trapped);
        let equal = words.say("brief.equal_dearer");
        let tied = words.say("brief.tied").replace("{others}", "");
        let start = equal.split('{').next().unwrap();
        assert!(plain.contains(start), "{lang:?}: {start}");
        assert!(!plain.contains(&tied), "{lang:?}: {tied}");
        // Toilets are whole, in the to-do and in the plan.
        let toilets = words.say("plan.size_toilets");
        let row = plain.split(&toilets).nth(1).unwrap().split("</tr>").next().unwrap();
        assert!(!row.split('>').any(|cell| cell.contains(words.say("form.decimal").as_str())), "{lang:?}: {row}");
    }
}

#[test]
fn weights_futures_and_a_precision_that_is_not_reached_stand_in_the_report() {
    let room = tempfile::tempdir().unwrap();
    scenario(room.path());
    let range = |low: f64, high: f64| {
        let text = format!("[[range]]\nparameter = \"departure.conflict\"\nlow = {low}\nhigh = {high}\n");
        fs::write(room.path().join("ranges.toml"), text).unwrap();
    };
    let arguments = [
        "compare",
        "mini",
        "--scale",
        "200",
        "--replications",
        "8",
        "--weights",
        "M03=3,M40=1",
        "--futures",
        "ranges.toml",
        "--points",
        "3",
        "--future-replications",
        "2",
        "--until-precision",
        "0.000001",
        "--most-replications",
        "8",
        "--out",
        "out",
    ];
    let page = |lang: Lang| {
        let (code, _, err) = corridor(room.path(), &[&arguments[..], &["--lang", lang.tag()]].concat());
        assert_eq!(code, 0, "{err}");
        fs::read_to_string(room.path().join("out/report.html")).unwrap()
    };
    range(0.05, 0.3);
    for lang in Lang::ALL {
        check(&page(lang), lang, &[&COMPARISON[..], &["futures"]].concat());
    }
    let english = page(Lang::En);
    for expected in [
        "Composite, on request: Stranded person-days 75 %, Cost of the response 25 %",
        "Stranded person-days: regret",
        "by this metric: Stranded person-days.",
        "The precision asked for (0.0001 %) was not reached",
    ] {
        assert!(english.contains(expected), "{expected}");
    }
    // A range that does nothing is not evidence that the order holds.
    range(0.2, 0.2);
    let english = page(Lang::En);
    assert!(english.contains("changed no figure") && !english.contains("by this metric"));
}

#[test]
fn groups_units_and_dates_are_told_in_words_of_the_language() {
    let room = tempfile::tempdir().unwrap();
    scenario(room.path());
    let cash = "title = \"Cash\"\n[[intervention]]\nlever = \"cash\"\nplaces = \"transit_camp\"\ngroups = \"MIG; NEI\"\n\
                per_day = 100\nusd = 50\nactor = \"A\"\n";
    fs::write(room.path().join("mini/strategies/cash.toml"), cash).unwrap();
    let page = |arguments: &[&str], lang: &str| {
        let (code, _, err) = corridor(room.path(), &[arguments, &["--lang", lang, "--quiet", "--out", "out"]].concat());
        assert_eq!(code, 0, "{err}");
        fs::read_to_string(room.path().join("out/report.html")).unwrap()
    };
    let english = page(&["run", "mini", "--strategy", "cash", "--scale", "50"], "en");
    assert!(english.contains("only Migrant workers from XCC, Traders from XBB") && !english.contains("MIG"));
    let french = page(&["run", "mini", "--strategy", "cash", "--scale", "50"], "fr");
    assert!(french.contains("du 1er mars 2030 au 29 mai 2030"), "dates of a part of the response");
    assert!(french.contains("<bdi>jours</bdi>") || french.contains(">jours</td>"), "unit of a parameter");
    assert!(!french.contains(">days<"), "unit of a parameter");
    // Arrows that lead beyond the map say so in French.
    let libya = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/libya-2011");
    let french = page(&["run", libya.to_str().unwrap(), "--until", "2011-03-01", "--scale", "500"], "fr");
    assert!(french.contains("vers Cairo") && !french.contains("to Cairo"), "arrows of the map");
}
