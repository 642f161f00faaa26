//! Every kind of fault in a scenario is reported by `corridor check` with file, line, column, value and fix; nothing makes it panic.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use corridor::scenario::read::read;
use corridor::scenario::write::{TEMPLATE, write_template};
use proptest::prelude::*;

/// A change to one file of the valid scenario.
enum Edit {
    /// Replaces the first text by the second; the first must be there.
    Replace(&'static str, &'static str),
    /// Adds lines at the end.
    Append(&'static str),
    /// Writes these bytes instead.
    Write(&'static [u8]),
    /// Takes the file away.
    Remove,
}
use Edit::{Append, Remove, Replace, Write};

fn valid(dir: &Path) -> PathBuf {
    let scenario = dir.join("mini");
    write_template(&scenario).expect("the template is written");
    scenario
}

fn apply(scenario: &Path, file: &str, edit: &Edit) {
    let path = scenario.join(file);
    let text = || fs::read_to_string(&path).unwrap_or_default();
    match edit {
        Replace(from, to) => {
            assert!(text().contains(from), "{file} has no '{from}'");
            fs::write(&path, text().replacen(from, to, 1)).unwrap();
        }
        Append(lines) => fs::write(&path, text() + lines).unwrap(),
        Write(bytes) => fs::write(&path, bytes).unwrap(),
        Remove => fs::remove_file(&path).unwrap(),
    }
}

/// Exit code, standard output and standard error of `corridor check`.
fn check(scenario: &Path) -> (i32, String, String) {
    let output = Command::cargo_bin("corridor").unwrap().arg("check").arg(scenario).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

/// Name, file, edit, and what must stand together on one line of the message.
type Fault = (&'static str, &'static str, Edit, &'static [&'static str]);

const FAULTS: &[Fault] = &[
    // Files
    ("no scenario.toml", "scenario.toml", Remove, &["scenario.toml", "missing", "corridor new"]),
    ("no locations", "locations.csv", Remove, &["locations.csv", "missing", "Fix: add it"]),
    ("empty file", "groups.csv", Write(b""), &["groups.csv", "empty", "id,name,nationality"]),
    ("header only", "routes.csv", Write(b"from,to,mode,km\n"), &["routes.csv", "no rows", "add a row"]),
    ("UTF-16", "groups.csv", Write(b"\xff\xfei\0d\0"), &["groups.csv, line 1", "UTF-16", "CSV UTF-8"]),
    (
        "NUL byte",
        "policies.csv",
        Append("closed,border\0_post,transit_camp,all,,,,,,,,\n"),
        &["policies.csv, line 4", "NUL"],
    ),
    // Headers and shape
    (
        "missing column",
        "routes.csv",
        Replace(",km,", ",kilometres,"),
        &["routes.csv, line 1", "'km'", "missing", "add it"],
    ),
    (
        "duplicate header",
        "groups.csv",
        Replace("id,name", "id,id"),
        &["groups.csv, line 1", "'id'", "twice", "remove one"],
    ),
    (
        "too few cells",
        "shocks.csv",
        Append("port_city,conflict\n"),
        &["shocks.csv, line 3", "port_city", "2 cells", "10", "add the missing"],
    ),
    (
        "too many cells",
        "populations.csv",
        Append("CIT,hill_town,1,000,settled,assumed,\n"),
        &["populations.csv, line 6", "7 cells", "has 6", "quotes"],
    ),
    (
        "personal data",
        "populations.csv",
        Replace("notes", "passport_number"),
        &["populations.csv, line 1", "passport_number", "single persons", "remove"],
    ),
    (
        "personal data in groups",
        "groups.csv",
        Replace("language", "Date of birth"),
        &["groups.csv, line 1", "Date of birth", "single persons"],
    ),
    // Cells
    (
        "empty required cell",
        "locations.csv",
        Replace("10.6,19.2", ",19.2"),
        &["locations.csv, line 3", "'lat'", "empty", "degrees north"],
    ),
    (
        "negative number",
        "populations.csv",
        Replace("12000", "-12000"),
        &["populations.csv, line 2", "'persons'", "'-12000'", "negative", "whole number"],
    ),
    (
        "not a number",
        "routes.csv",
        Replace("120,4,", "far,4,"),
        &["routes.csv, line 2", "'km'", "'far'", "not a number", "Fix"],
    ),
    ("NaN", "routes.csv", Replace("120,4,", "NaN,4,"), &["routes.csv, line 2", "'km'", "'NaN'", "not a finite number"]),
    (
        "infinity",
        "groups.csv",
        Replace("0.05,120,", "0.05,inf,"),
        &["groups.csv, line 2", "'money_usd'", "'inf'", "not a finite number"],
    ),
    (
        "overflow",
        "populations.csv",
        Replace("12000", "1e400"),
        &["populations.csv, line 2", "'persons'", "'1e400'", "too large"],
    ),
    (
        "too many persons",
        "populations.csv",
        Replace("12000", "99999999999999999999"),
        &["populations.csv, line 2", "'persons'", "too large", "10000000000"],
    ),
    (
        "half a person",
        "populations.csv",
        Replace("12000", "0.5"),
        &["populations.csv, line 2", "'0.5'", "not a whole number"],
    ),
    (
        "decimal comma",
        "routes.csv",
        Replace("20,0.5,", "20,\"0,5\","),
        &["routes.csv, line 6", "'hours'", "'0,5'", "decimal comma", "write 0.5"],
    ),
    (
        "thousands",
        "populations.csv",
        Replace("12000", "\"12,000\""),
        &["populations.csv, line 2", "'12,000'", "thousands", "write 12000"],
    ),
    (
        "percentage",
        "routes.csv",
        Replace("5,0.2,", "5,20%,"),
        &["routes.csv, line 2", "'risk'", "'20%'", "percentage", "share from 0 to 1"],
    ),
    (
        "share above 1",
        "groups.csv",
        Replace("0.05,0.6,", "0.05,60,"),
        &["groups.csv, line 2", "'documents'", "'60'", "above 1", "0 to 1"],
    ),
    ("zero length", "routes.csv", Replace("120,4,", "0,4,"), &["routes.csv, line 2", "'km'", "greater than 0"]),
    (
        "party of twenty",
        "groups.csv",
        Replace("home_xcc,1.1", "home_xcc,20"),
        &["groups.csv, line 2", "'party_size'", "'20'", "too large", "1 to 8"],
    ),
    (
        "lat out of range",
        "locations.csv",
        Replace("10.6,19.2", "106,19.2"),
        &["locations.csv, line 3", "'lat'", "'106'", "too large", "-90 to 90"],
    ),
    (
        "lon out of range",
        "locations.csv",
        Replace("10.6,19.2", "10.6,-192"),
        &["locations.csv, line 3", "'lon'", "'-192'", "too small"],
    ),
    (
        "unknown kind",
        "locations.csv",
        Replace("XBB,camp", "XBB,kamp"),
        &["locations.csv, line 5", "'kind'", "'kamp'", "'camp'"],
    ),
    (
        "unknown mode",
        "routes.csv",
        Replace("foot", "walk"),
        &["routes.csv, line 4", "'mode'", "'walk'", "road, foot, sea, air"],
    ),
    (
        "not a date",
        "shocks.csv",
        Replace("2030-03-03", "03/03/2030"),
        &["shocks.csv, line 2", "'start'", "'03/03/2030'", "not a date", "YYYY-MM-DD"],
    ),
    (
        "no such day",
        "shocks.csv",
        Replace("2030-04-10", "2030-02-30"),
        &["shocks.csv, line 2", "'plateau_until'", "'2030-02-30'"],
    ),
    ("odd id", "groups.csv", Append("A|B,,,,safety,,,,,,,,,,\n"), &["groups.csv, line 5", "'id'", "'A|B'", "'|'"]),
    (
        "reserved id",
        "groups.csv",
        Append("all,,,,safety,,,,,,,,,,\n"),
        &["groups.csv, line 5", "'id'", "'all'", "choose another"],
    ),
    (
        "flag",
        "routes.csv",
        Write(b"from,to,mode,km,two_way\nport_city,hill_town,road,120,yes\n"),
        &["routes.csv, line 2", "'two_way'", "'yes'", "neither 0 nor 1", "write 1 for yes"],
    ),
    // References
    (
        "unknown place in routes",
        "routes.csv",
        Replace("port_city,hill_town", "port_city,hil_town"),
        &["routes.csv, line 2", "'to'", "'hil_town'", "write 'hill_town'"],
    ),
    (
        "unknown place in populations",
        "populations.csv",
        Append("CIT,nowhere,5,settled,,\n"),
        &["populations.csv, line 6", "'place'", "'nowhere'", "locations.csv"],
    ),
    (
        "unknown group in populations",
        "populations.csv",
        Append("CTI,port_city,5,settled,,\n"),
        &["populations.csv, line 6", "'group'", "'CTI'", "write 'CIT'"],
    ),
    ("unknown home", "groups.csv", Replace("home_xcc", "home_xdd"), &["groups.csv, line 2", "'home'", "'home_xdd'"]),
    ("no home", "groups.csv", Replace("home_xcc", ""), &["groups.csv, line 2", "'home'", "has none", "aim safety"]),
    (
        "unknown group in a groups cell",
        "policies.csv",
        Replace(",MIG,", ",non:MIGG,"),
        &["policies.csv, line 3", "'groups'", "'non:MIGG'", "write 'MIG'"],
    ),
    (
        "unknown country in policies",
        "policies.csv",
        Append("closed,XAA,XYB,all,,,,,,,,\n"),
        &["policies.csv, line 4", "'to'", "'XYB'"],
    ),
    (
        "throughput without number",
        "policies.csv",
        Replace("800,500,1200", ",,"),
        &["policies.csv, line 2", "'persons_per_day'", "without a number"],
    ),
    (
        "low above value",
        "policies.csv",
        Replace("800,500,1200", "800,900,1200"),
        &["policies.csv, line 2", "'low'", "'900'", "above persons_per_day"],
    ),
    (
        "route to itself",
        "routes.csv",
        Append("hill_town,hill_town,road,5,,,,,\n"),
        &["routes.csv, line 9", "'to'", "'hill_town'", "itself"],
    ),
    (
        "unknown place in shocks",
        "shocks.csv",
        Replace("port_city", "port_ciity"),
        &["shocks.csv, line 2", "'place'", "'port_ciity'", "'port_city'"],
    ),
    (
        "HOME without home",
        "strategies/flights-services.csv",
        Replace("air,IOM,MIG", "air,IOM,all"),
        &["strategies/flights-services.csv, line 3", "'to'", "'HOME'", "CIT", "non:CIT"],
    ),
    (
        "unknown need",
        "strategies/flights-services.csv",
        Replace("documents", "passport"),
        &["flights-services.csv, line 3", "'needs'", "'passport'", "documents"],
    ),
    (
        "unknown lever",
        "strategies/flights-services.csv",
        Replace("L10", "L99"),
        &["flights-services.csv, line 2", "'lever'", "'L99'", "L01 to L37"],
    ),
    (
        "unknown shelter",
        "strategies/flights-shelter.csv",
        Replace("transit_camp", "transit"),
        &["flights-shelter.csv, line 2", "'place'", "'transit'", "'transit_camp'"],
    ),
    // Duplicates
    (
        "duplicate place",
        "locations.csv",
        Append("hill_town,,XAA,town,10.6,19.2,,,,\n"),
        &["locations.csv, line 10", "'id'", "'hill_town'", "line 3", "choose another"],
    ),
    (
        "duplicate group",
        "groups.csv",
        Append("CIT,,,,safety,,,,,,,,,,\n"),
        &["groups.csv, line 5", "'id'", "'CIT'", "line 4"],
    ),
    (
        "duplicate population",
        "populations.csv",
        Append("MIG,port_city,1,displaced,,\n"),
        &["populations.csv, line 6", "MIG, port_city", "line 2", "add the two rows up"],
    ),
    (
        "place named like a country",
        "locations.csv",
        Append("XAA,,XAA,town,10.6,19.2,,,,\n"),
        &["locations.csv, line 10", "'XAA'", "country"],
    ),
    (
        "duplicate day",
        "departures.csv",
        Write(b"date,persons\n2030-03-02,5\n2030-03-02,6\n"),
        &["departures.csv, line 3", "2030-03-02", "line 2"],
    ),
    // Dates
    (
        "date far outside",
        "shocks.csv",
        Replace("2030-03-03,5,2030-04-10,20,,", "2003-03-03,5,2003-04-10,20,2003-05-01,"),
        &["shocks.csv, line 2", "'end'", "'2003-05-01'", "days outside the scenario", "correct the year"],
    ),
    (
        "reversed dates",
        "policies.csv",
        Replace("2030-03-01,2030-03-20", "2030-03-20,2030-03-01"),
        &["policies.csv, line 3", "'end'", "'2030-03-01'", "reversed"],
    ),
    (
        "start after end",
        "scenario.toml",
        Replace("end = 2030-05-29", "end = 2030-02-28"),
        &["scenario.toml, line 12", "'end'", "'2030-02-28'", "reversed"],
    ),
    (
        "too long",
        "scenario.toml",
        Replace("end = 2030-05-29", "end = 2130-05-29"),
        &["scenario.toml, line 12", "'end'", "at most 20000", "earlier"],
    ),
    (
        "plateau before the start",
        "shocks.csv",
        Replace("5,2030-04-10", "5,2030-03-01"),
        &["shocks.csv, line 2", "'plateau_until'", "'2030-03-01'", "before start 2030-03-03"],
    ),
    (
        "plateau after the end",
        "shocks.csv",
        Replace("2030-04-10,20,,", "2030-04-10,20,2030-04-01,"),
        &["shocks.csv, line 2", "'plateau_until'", "'2030-04-10'", "after end 2030-04-01"],
    ),
    (
        "plateau years after",
        "shocks.csv",
        Replace("2030-04-10,20,,", "2039-04-10,20,,"),
        &["shocks.csv, line 2", "'plateau_until'", "'2039-04-10'", "correct the year"],
    ),
    // scenario.toml
    (
        "key given twice",
        "scenario.toml",
        Append("elsewhere_days = 8\n"),
        &["scenario.toml, line 22", "'elsewhere_days'", "a second time", "remove one of the two"],
    ),
    (
        "no such day",
        "scenario.toml",
        Replace("start = 2030-03-01", "start = 2030-13-01"),
        &["scenario.toml, line 11", "'2030-13-01'", "invalid date", "YYYY-MM-DD"],
    ),
    (
        "half a hop",
        "scenario.toml",
        Append("\n[choice]\nhorizon = 1.5\n"),
        &["scenario.toml, line 24", "'choice.horizon'", "'1.5'", "a whole number from 0 to 8 (hops)"],
    ),
    (
        "half a flag",
        "scenario.toml",
        Append("\n[travel]\nby_km = { value = 0.5 }\n"),
        &["scenario.toml, line 24", "'travel.by_km.value'", "'0.5'", "a whole number from 0 to 1"],
    ),
    (
        "not TOML",
        "scenario.toml",
        Replace("status = \"illustrative\"", "status = illustrative"),
        &["scenario.toml, line 6", "character 10", "illustrative", "quotes"],
    ),
    (
        "unknown key",
        "scenario.toml",
        Replace("scope =", "skope ="),
        &["scenario.toml, line 10", "'skope'", "character 1", "'scope'"],
    ),
    (
        "unknown section",
        "scenario.toml",
        Replace("[stranding]", "[strandings]"),
        &["scenario.toml, line 19", "'strandings'", "'stranding'"],
    ),
    (
        "unknown parameter",
        "scenario.toml",
        Replace("border_days", "boarder_days"),
        &["scenario.toml, line 20", "'boarder_days'", "'border_days'"],
    ),
    (
        "parameter out of range",
        "scenario.toml",
        Replace("elsewhere_days = 7", "elsewhere_days = -7"),
        &["line 21", "'stranding.elsewhere_days'", "'-7'", "between 0 and 365"],
    ),
    (
        "parameter as text",
        "scenario.toml",
        Replace("elsewhere_days = 7", "elsewhere_days = \"7\""),
        &["line 21", "not a number", "from 0 to 365"],
    ),
    (
        "parameter not in its bounds",
        "scenario.toml",
        Replace("low = 0.05", "low = 0.2"),
        &["line 17", "'departure.conflict'", "not between low and high"],
    ),
    ("unknown key of a parameter", "scenario.toml", Replace("low = 0.05", "lo = 0.05"), &["line 17", "'lo'", "'low'"]),
    ("unknown word", "scenario.toml", Replace("\"sudden\"", "\"soon\""), &["line 8", "'onset'", "'soon'", "sudden"]),
    (
        "wrong type",
        "scenario.toml",
        Replace("title = \"Fighting reaches the port city\"", "title = 5"),
        &["line 4", "'title'", "'5'", "a text in quotes"],
    ),
    (
        "no title",
        "scenario.toml",
        Replace("title = \"Fighting reaches the port city\"", ""),
        &["scenario.toml", "'title'", "must not be empty"],
    ),
    (
        "unknown strategy",
        "scenario.toml",
        Replace("\"flights\"", "\"flihgts\""),
        &["'default_strategy'", "'flihgts'", "'flights'"],
    ),
    // Strategies
    (
        "unknown extends",
        "strategies/flights.toml",
        Replace("extends = \"none\"", "extends = \"noone\""),
        &["flights.toml, line 4", "'extends'", "'noone'", "'none'"],
    ),
    (
        "circle of extends",
        "strategies/none.toml",
        Append("extends = \"flights\"\n"),
        &["none.toml, line 4", "'extends'", "none -> flights -> none", "remove one"],
    ),
    (
        "unknown intervention",
        "strategies/flights.toml",
        Replace("\"information\"", "\"informaton\""),
        &["flights.toml, line 9", "'lever'", "'informaton'", "'information'"],
    ),
    (
        "unknown key of an intervention",
        "strategies/flights.toml",
        Replace("days_earlier", "days_erlier"),
        &["flights.toml, line 12", "'days_erlier'", "'days_earlier'"],
    ),
    (
        "lever without what it gives",
        "strategies/flights.toml",
        Replace("\"information\"", "\"remittances\""),
        &["flights.toml, line 9", "'lever'", "remittances needs the key 'usd'", "write usd"],
    ),
    (
        "resilience of nothing",
        "strategies/flights.toml",
        Replace("\"information\"", "\"resilience\""),
        &["flights.toml, line 9", "'lever'", "'share' or the key 'usd'", "write share"],
    ),
    (
        "table not there",
        "strategies/flights.toml",
        Replace("flights-shelter.csv", "tents.csv"),
        &["strategies/tents.csv", "missing"],
    ),
    (
        "table elsewhere",
        "strategies/flights.toml",
        Replace("flights-shelter.csv", "../shocks.csv"),
        &["flights.toml, line 6", "'shelters'", "'../shocks.csv'", "beside"],
    ),
    // The whole
    ("nobody", "populations.csv", Remove, &["populations.csv", "nobody", "how many persons"]),
];

#[test]
fn every_fault_is_named_with_its_place_and_fix() {
    let mut tried = 0;
    let mut silent = Vec::new();
    for (name, file, edit, expected) in FAULTS.iter().filter(|fault| !fault.3.is_empty()) {
        let dir = tempfile::tempdir().unwrap();
        let scenario = valid(dir.path());
        apply(&scenario, file, edit);
        let (code, out, err) = check(&scenario);
        let found = err.lines().any(|line| {
            line.starts_with("error: ") && line.contains("Fix: ") && expected.iter().all(|text| line.contains(text))
        });
        if code != 2 || !out.is_empty() || !found {
            silent.push(format!("{name}: exit code {code}, no line has all of {expected:?}:\n{err}{out}"));
        }
        tried += 1;
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
    assert!(tried >= 30);
}

#[test]
fn the_template_is_valid() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = check(&valid(dir.path()));
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("People: 58500"), "{out}");
    assert!(out.contains("everybody who wants to go home has a way"), "{out}");
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_line() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    let mut bytes = fs::read(scenario.join("locations.csv")).unwrap();
    let place = bytes.windows(4).position(|w| w == b"Hill").unwrap();
    bytes[place] = 0xe9;
    fs::write(scenario.join("locations.csv"), bytes).unwrap();
    let (code, _, err) = check(&scenario);
    assert_eq!(code, 2);
    assert!(err.contains("locations.csv, line 3: byte 0xe9 is not UTF-8. Fix: save the file as UTF-8"), "{err}");
}

#[test]
fn swapped_coordinates_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    let towns =
        "north,,XAA,town,24,40,,,,\nsouth,,XAA,town,1,33,,,,\nwest,,XAA,town,3,-10,,,,\nswapped,,XAA,town,38,5,,,,\n";
    fs::write(scenario.join("locations.csv"), fs::read_to_string(scenario.join("locations.csv")).unwrap() + towns)
        .unwrap();
    let (code, _, err) = check(&scenario);
    assert_eq!(code, 2);
    assert!(err.contains("locations.csv, line 13, column 'lat', value '38, 5': lat and lon look swapped"), "{err}");
    assert!(err.contains("write lat 5 and lon 38"), "{err}");
    assert_eq!(err.matches("swapped:").count(), 1, "{err}");
}

#[test]
fn a_cell_that_never_ends_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    let text = fs::read_to_string(scenario.join("shocks.csv")).unwrap();
    fs::write(scenario.join("shocks.csv"), text.replace("Fighting in the port city", &"x".repeat(10_001))).unwrap();
    let (code, _, err) = check(&scenario);
    assert_eq!(code, 2);
    assert!(err.contains("shocks.csv, line 2, column 'label'") && err.contains("more than 10000 characters"), "{err}");
}

#[test]
fn departures_need_a_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    fs::write(scenario.join("departures.csv"), "date,persons\n2030-03-02,5\n").unwrap();
    assert_eq!(check(&scenario).0, 0);
    fs::remove_file(scenario.join("shocks.csv")).unwrap();
    let (code, _, err) = check(&scenario);
    assert_eq!(code, 2);
    assert!(err.contains("departures.csv: persons leave places in conflict, and shocks.csv has no conflict"), "{err}");
}

#[test]
fn faults_in_two_files_are_found_in_one_pass() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    apply(&scenario, "routes.csv", &Replace("120,4,", "-120,4,"));
    apply(&scenario, "populations.csv", &Replace("12000", "many"));
    apply(&scenario, "scenario.toml", &Replace("border_days", "boarder_days"));
    let (code, _, err) = check(&scenario);
    assert_eq!(code, 2);
    for part in [
        "routes.csv, line 2, column 'km', value '-120'",
        "populations.csv, line 2, column 'persons', value 'many'",
        "'boarder_days'",
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
    assert!(err.ends_with("3 errors, 0 warnings\n"), "{err}");
}

#[test]
fn nothing_is_told_that_only_follows_from_another_fault() {
    let faults: &[(&str, Edit)] = &[
        ("shocks.csv", Replace("2030-03-03,5,", "03/03/2030,5,")),
        ("shocks.csv", Replace("2030-03-03,5,", ",5,")),
        ("scenario.toml", Replace("start = 2030-03-01", "start = \"soon\"")),
        ("scenario.toml", Replace("end = 2030-05-29", "end = \"late\"")),
        ("scenario.toml", Replace("end = 2030-05-29", "end = 5")),
        ("scenario.toml", Replace("end = 2030-05-29", "edn = 2030-05-29")),
        ("scenario.toml", Replace("title =", "titel =")),
        ("scenario.toml", Append("\n[stranding]\nborder_days = 4\nelsewhere_days = 4\n")),
        ("strategies/flights.toml", Replace("days_earlier", "dayz_earlier")),
        ("strategies/flights.toml", Replace("lever =", "levr =")),
    ];
    for (file, edit) in faults {
        let dir = tempfile::tempdir().unwrap();
        let scenario = valid(dir.path());
        apply(&scenario, file, edit);
        let (code, _, err) = check(&scenario);
        assert!(code == 2 && err.ends_with("\n1 error, 0 warnings\n"), "{file}: {err}");
    }
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    fs::write(scenario.join("departures.csv"), "date,persons\nsoon,5\nlater,6\n").unwrap();
    let (code, _, err) = check(&scenario);
    assert!(code == 2 && err.ends_with("\n2 errors, 0 warnings\n"), "{err}");
}

#[test]
fn a_scenario_that_is_cut_short_is_valid() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    apply(&scenario, "scenario.toml", &Replace("end = 2030-05-29", "end = 2030-04-01"));
    let (code, _, err) = check(&scenario);
    assert_eq!((code, err.as_str()), (0, ""));
    apply(&scenario, "policies.csv", &Append("closed,XAA,XBB,all,,2030-02-20,,,,,,\n"));
    let (code, _, err) = check(&scenario);
    assert!(code == 0 && err.contains("policies.csv, line 4, column 'end', value '2030-02-20'"), "{err}");
    assert!(err.contains("outside the scenario") && err.ends_with("0 errors, 1 warning\n"), "{err}");
}

/// An intervention that can do nothing in the template, and what is told of it.
const IDLE: &[(&str, &str)] = &[
    ("lever = \"search_and_rescue\"\nshare = 0.5", "column 'lever', value 'search_and_rescue': no way by sea"),
    ("lever = \"border\"\nplaces = [\"hill_town\"]\nper_day = 5", "no limited crossing starts at these places"),
    ("lever = \"training\"\nplaces = [\"hill_town\"]\nshare = 0.5", "and no desk is there"),
    ("lever = \"waiver\"\nplaces = [\"hill_town\"]", "there is nothing to lift"),
    ("lever = \"waiver\"\ngroups = \"NEI\"", "there is nothing to lift"),
    ("lever = \"corridor\"\nplaces = [\"port_city\"]\nshare = 0.5", "no way joins two of these places"),
    ("lever = \"tracking\"\nevery_days = 3", "no part of the strategy has a trigger"),
    ("lever = \"readiness\"\ndays_earlier = 3", "no part of the strategy has a delay"),
    ("lever = \"coordination\"", "no part of the strategy gives care"),
    ("lever = \"resilience\"\nshare = 0.5", "column 'share': no hazard or downturn strikes these places"),
    ("lever = \"information\"\ndays_earlier = 2\nlanguages = [\"Xisch\"]", "no group reads 'Xisch'. Fix: write 'Xish'"),
    ("lever = \"stay\"\ngroups = \"non:MIG;NEI;CIT\"", "column 'groups': nobody is in these groups"),
    ("lever = \"stay\"\nwhen = \"waiting(all) > 5000000 for 2 days\"", "there are not 5000000 people in the scenario"),
    (
        "lever = \"stay\"\nwhen = \"intensity(all) > 3\"",
        "column 'when', value 'intensity(all) > 3': this can never be true",
    ),
    (
        "lever = \"information\"\ndays_earlier = 2\nper_day = 5",
        "column 'per_day', value '5': the lever information does not use",
    ),
    (
        "lever = \"information\"\ndays_earlier = 2\nusd = 5",
        "column 'usd', value '5': the lever information does not use",
    ),
    ("lever = \"stay\"\ncapacity = 5", "column 'capacity', value '5': the lever stay does not use"),
    ("lever = \"stay\"\nerror = 1", "column 'error', value '1': the lever stay does not use"),
    ("lever = \"stay\"\npriority = [\"women\"]", "column 'priority', value 'women': the lever stay does not use"),
];

#[test]
fn a_lever_that_can_do_nothing_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    for (lever, told) in IDLE {
        fs::write(scenario.join("strategies/idle.toml"), format!("[[intervention]]\n{lever}\n")).unwrap();
        let (code, _, err) = check(&scenario);
        let found = err.lines().any(|line| {
            line.starts_with("warning: ") && line.contains("strategies/idle.toml, line ") && line.contains(told)
        });
        assert!(code == 0 && found && err.ends_with("0 errors, 1 warning\n"), "{lever}: {err}");
    }
    // Each of them does something where what it needs is there.
    let busy = "extends = \"none\"\n[[intervention]]\nlever = \"tracking\"\nevery_days = 3\n[[intervention]]\nlever = \"readiness\"\n\
                days_earlier = 3\n[[intervention]]\nlever = \"coordination\"\n[[intervention]]\nlever = \"wash\"\nshare = 0.5\n\
                when = \"waiting(XBB) > 5\"\ndelay_days = 4\n[[intervention]]\nlever = \"border\"\nplaces = [\"XAA\"]\nper_day = 5\n\
                [[intervention]]\nlever = \"training\"\nplaces = [\"border_post\"]\nshare = 0.5\n[[intervention]]\nlever = \"waiver\"\n\
                places = [\"XBB\"]\n[[intervention]]\nlever = \"corridor\"\nplaces = [\"port_city\", \"hill_town\"]\nshare = 0.5\n\
                [[intervention]]\nlever = \"information\"\ndays_earlier = 2\nlanguages = [\"xish\"]\n";
    fs::write(scenario.join("strategies/idle.toml"), busy).unwrap();
    assert_eq!(check(&scenario).2, "");
    // What a strategy lacks, one that extends it may have.
    fs::write(scenario.join("strategies/idle.toml"), "[[intervention]]\nlever = \"coordination\"\n").unwrap();
    fs::write(scenario.join("strategies/more.toml"), "extends = \"idle\"\n[[intervention]]\nlever = \"relief\"\n")
        .unwrap();
    assert_eq!(check(&scenario).2, "");
}

#[test]
fn what_waits_for_a_trigger_alone_is_not_shifted_and_that_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    let base = "[[intervention]]\nlever = \"stay\"\nwhen = \"waiting(XBB) > 5\"\n";
    fs::write(scenario.join("strategies/base.toml"), base).unwrap();
    fs::write(scenario.join("strategies/early.toml"), "extends = \"base\"\nshift_days = -5\n").unwrap();
    let told = "early.toml, column 'shift_days', value '-5': the lever stay of 'base' begins when its trigger fires";
    let (code, _, err) = check(&scenario);
    assert!(code == 0 && err.contains(told), "{err}");
    fs::write(scenario.join("strategies/base.toml"), base.to_owned() + "start = 2030-03-10\n").unwrap();
    assert_eq!(check(&scenario).2, "");
}

#[test]
fn a_crisis_without_shocks_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    apply(&scenario, "shocks.csv", &Replace(",0.8,", ",0,"));
    assert!(check(&scenario).2.contains("shocks.csv: no shock has an intensity above 0"));
    apply(&scenario, "shocks.csv", &Remove);
    let (code, _, err) = check(&scenario);
    assert!(code == 0 && err.contains("shocks.csv: there is no such file: nothing happens"), "{err}");
    // Those who are on the move from the first day need none.
    apply(&scenario, "populations.csv", &Replace("12000,settled", "12000,displaced"));
    assert_eq!(check(&scenario).2, "");
}

#[test]
fn an_observation_that_stands_twice_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    let rows =
        "date,where,measure,value\n2030-03-09,XBB,present,4\n2030-03-09,XBB,present,5\n2030-03-09,XBB,present,4\n";
    fs::write(scenario.join("observations.csv"), rows).unwrap();
    let (code, _, err) = check(&scenario);
    assert!(code == 0 && err.contains("observations.csv, line 4") && err.contains("line 2 too"), "{err}");
    assert!(err.ends_with("0 errors, 1 warning\n"), "{err}");
}

#[test]
fn shipped_scenarios_have_no_false_warnings() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("scenario.toml").is_file() {
            let (_, warnings) = read(&folder).unwrap_or_else(|problems| panic!("{problems}"));
            // The Flee case behind mali-2012 has routes that are too short.
            let odd: Vec<_> = warnings.0.iter().filter(|w| w.column != "km").collect();
            assert!(odd.is_empty(), "{odd:?}");
        }
    }
}

#[test]
fn an_unknown_column_is_a_warning_that_names_the_nearest() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    apply(&scenario, "routes.csv", &Replace(",fee_usd,", ",fee_us,"));
    let (code, _, err) = check(&scenario);
    assert_eq!(code, 0);
    assert!(
        err.contains("warning: ") && err.contains("routes.csv, line 1, column 'fee_us'") && err.contains("'fee_usd'"),
        "{err}"
    );
}

#[test]
fn a_rule_that_people_who_look_around_do_not_heed_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    let told = "policies.csv, line 2, column 'rule', value 'throughput': this rule does not hold for people who look around, such as 'CIT'";
    let (code, _, err) = check(&scenario);
    assert!(code == 0 && !err.contains(told), "{err}");
    let toml = fs::read_to_string(scenario.join("scenario.toml")).unwrap();
    fs::write(scenario.join("scenario.toml"), format!("{toml}\n[choice]\nhorizon = 2\n")).unwrap();
    let (code, _, err) = check(&scenario);
    assert!(code == 0 && err.contains(told), "{err}");
    apply(&scenario, "strategies/flights-services.csv", &Replace("road,IOM,MIG", "road,IOM,all"));
    apply(&scenario, "routes.csv", &Replace("confidence,notes", "persons_per_day,notes"));
    apply(&scenario, "routes.csv", &Replace("0.2,assumed", "0.2,90"));
    let routes = fs::read_to_string(scenario.join("routes.csv")).unwrap();
    fs::write(scenario.join("routes.csv"), routes.replace(",assumed,", ",,")).unwrap();
    let (_, _, err) = check(&scenario);
    let limit =
        "routes.csv, line 2, column 'persons_per_day', value '90': this limit does not hold for people who look around";
    assert!(err.contains(limit), "{err}");
    let idle = "people who look around, such as 'CIT', take no seats, papers, money or lanes";
    assert!(err.lines().any(|line| line.contains("strategies/flights.toml") && line.contains(idle)), "{err}");
}

#[test]
fn rows_outside_the_scenario_are_a_warning_and_far_outside_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    apply(&scenario, "policies.csv", &Append("closed,XAA,XBB,all,2030-07-01,2030-08-01,,,,,,\n"));
    let (code, _, err) = check(&scenario);
    assert_eq!(code, 0, "{err}");
    assert!(
        err.contains("warning: ") && err.contains("policies.csv, line 4, column 'start', value '2030-07-01'"),
        "{err}"
    );
    apply(&scenario, "policies.csv", &Replace("2030-07-01,2030-08-01", "2003-07-01,2003-08-01"));
    let (code, _, err) = check(&scenario);
    assert_eq!(code, 2, "{err}");
    assert!(
        err.contains("policies.csv, line 4, column 'end', value '2003-08-01'") && err.contains("correct the year"),
        "{err}"
    );
}

#[test]
fn tables_are_read_however_a_spreadsheet_saves_them() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    let plain = read(&scenario).expect("valid").0;
    let text = |file: &str| fs::read_to_string(scenario.join(file)).unwrap();
    let semicolons = text("locations.csv").replace(',', ";");
    fs::write(scenario.join("locations.csv"), semicolons).unwrap();
    let tabs = text("routes.csv").replace(',', "\t");
    fs::write(scenario.join("routes.csv"), tabs).unwrap();
    let told_to_excel = "sep=,\n".to_owned() + &text("shocks.csv");
    fs::write(scenario.join("shocks.csv"), told_to_excel).unwrap();
    let windows = "\u{feff}".to_owned() + text("groups.csv").replace('\n', "\r\n").trim_end();
    fs::write(scenario.join("groups.csv"), windows).unwrap();
    let hxl = text("populations.csv")
        .replacen('\n', "\n#group,#loc+id,#population,,,\n\n", 1)
        .replace("group,place", " Group ,\"PLÁCE\"");
    fs::write(scenario.join("populations.csv"), hxl).unwrap();
    let (read, warnings) = read(&scenario).expect("valid");
    assert_eq!(warnings.0, []);
    assert_eq!(read.locations, plain.locations);
    assert_eq!(read.routes, plain.routes);
    assert_eq!(read.groups, plain.groups);
    assert_eq!((read.shocks.len(), read.shocks[0].line), (1, 3), "after the line for Excel");
    let persons = |scenario: &corridor::scenario::Scenario| {
        scenario.populations.iter().map(|row| (row.group.clone(), row.persons)).collect::<Vec<_>>()
    };
    assert_eq!(persons(&read), persons(&plain));
    assert_eq!(read.populations[0].line, 4, "after the hashtags and an empty line");
    assert_ne!(read.content_hash, plain.content_hash, "the bytes are others");
}

#[test]
fn what_was_written_is_what_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (scenario, _) = read(&valid(dir.path())).expect("valid");
    assert_eq!(scenario.name, "mini");
    assert_eq!(scenario.header.days(), 90);
    assert_eq!(scenario.parameters.departure.conflict, 0.15);
    assert_eq!(scenario.parameters.stated[0].high, Some(0.3));
    assert_eq!(scenario.routes[0].hours, 4.0);
    assert!(scenario.routes[0].two_way && !scenario.routes[6].two_way);
    assert_eq!(scenario.routes[6].access.as_str(), "service");
    assert_eq!(scenario.shocks[0].intensity, 0.8);
    assert_eq!(scenario.policies[1].end.to_string(), "2030-03-20");
    let flights = scenario.strategy("flights").expect("there");
    assert_eq!((flights.services.len(), flights.shelters.len(), flights.interventions.len()), (2, 2, 1));
    assert_eq!(flights.interventions[0].line, 9);
    assert_eq!(flights.services[1].needs.len(), 1);
}

#[test]
fn only_those_with_a_way_home_have_one() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    let output = Command::cargo_bin("corridor")
        .unwrap()
        .arg("check")
        .arg(&scenario)
        .args(["--strategy", "none"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("MIG to home_xcc: 13500 persons at port_city, hill_town"), "{text}");
    assert!(text.contains("places that nobody reaches: 1 (home_xcc)"), "{text}");
    apply(&scenario, "policies.csv", &Append("closed,XAA,XBB,NEI,,,,,,,,\n"));
    let (_, text, _) = check(&scenario);
    assert!(text.contains("no way home: 5000 persons") && text.contains("NEI to home_xbb"), "{text}");
}

#[test]
fn a_scenario_is_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = valid(dir.path());
    fs::write(scenario.join("shocks.csv"), "mine").unwrap();
    Command::cargo_bin("corridor")
        .unwrap()
        .arg("new")
        .arg(&scenario)
        .assert()
        .code(2)
        .stderr(predicates::str::contains("not empty"));
    assert_eq!(fs::read_to_string(scenario.join("shocks.csv")).unwrap(), "mine");
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    Command::cargo_bin("corridor")
        .unwrap()
        .arg("new")
        .arg(&file)
        .assert()
        .code(2)
        .stderr(predicates::str::contains("Fix: "));
    let deep = dir.path().join("a/b");
    Command::cargo_bin("corridor").unwrap().arg("new").arg(&deep).assert().code(0);
    assert!(deep.join("strategies/none.toml").is_file());
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (code, _, err) = check(&dir.path().join("nothing"));
    assert_eq!(code, 2);
    assert!(err.contains("nothing: there is no such folder. Fix: "), "{err}");
    Command::cargo_bin("corridor").unwrap().arg("chekc").assert().code(2).stderr(predicates::str::contains("check"));
    Command::cargo_bin("corridor")
        .unwrap()
        .arg("--help")
        .assert()
        .code(0)
        .stdout(predicates::str::contains("Simulated, not observed."));
}

#[test]
fn the_schema_knows_every_key_of_the_template() {
    let schema = corridor::scenario::schema::scenario();
    let top: toml::Table = TEMPLATE[0].1.parse().unwrap();
    for key in top.keys() {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
    let tables = corridor::scenario::schema::tables();
    for (path, text) in TEMPLATE.iter().filter(|(path, _)| path.ends_with(".csv") && !path.contains('/')) {
        let names: Vec<&str> =
            tables[path]["fields"].as_array().unwrap().iter().filter_map(|f| f["name"].as_str()).collect();
        for column in text.lines().next().unwrap().split(',') {
            assert!(names.contains(&column), "{path}: {column}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bytes in any file: an answer, not a panic.
    #[test]
    fn random_bytes_never_panic(file in 0..TEMPLATE.len(), bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let dir = tempfile::tempdir().unwrap();
        let scenario = valid(dir.path());
        fs::write(scenario.join(TEMPLATE[file].0), bytes).unwrap();
        let _ = read(&scenario);
    }

    /// Any few bytes of any file replaced by odd ones: an answer, not a panic; where it is an error, it says where and what to do.
    #[test]
    fn mutated_files_never_panic(
        file in 0..TEMPLATE.len(),
        places in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(ODD)), 1..6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let scenario = valid(dir.path());
        let (path, text) = TEMPLATE[file];
        let mut cells: Vec<String> = text.split_inclusive([',', '\n', '=', '"', ' ']).map(str::to_owned).collect();
        for (place, odd) in places {
            let cell = place.get(&cells).clone();
            let end: String = cell.chars().last().into_iter().collect();
            let index = place.index(cells.len());
            cells[index] = odd.to_owned() + &end;
        }
        fs::write(scenario.join(path), cells.concat()).unwrap();
        if let Err(problems) = read(&scenario) {
            prop_assert!(problems.has_errors());
            for problem in problems.0 {
                prop_assert!(!problem.file.is_empty() && !problem.message.is_empty() && !problem.fix.is_empty());
            }
        }
    }
}

/// What careless or hostile hands write into cells.
const ODD: &[&str] = &[
    "",
    "-1",
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "1e-400",
    "18446744073709551616",
    "0",
    "0.5",
    "1,5",
    "\"",
    "\"\"",
    "'",
    "\u{0}",
    "\u{feff}",
    "é",
    "all",
    "HOME",
    "TOTAL",
    "non:",
    "non:;",
    ";;",
    "XAA",
    "MIG",
    "port_city",
    "2030-02-30",
    "9999-12-31",
    "0001-01-01",
    "-9999-01-01",
    "99999-01-01",
    "2030-03-01",
    "[",
    "]]",
    "{",
    "}",
    "#",
    "\t",
    ";",
    "\r",
    "\n\n",
    "[[intervention]]",
    "a.b.c",
    "true",
    "0x10",
    "1_000",
    "flights",
    "none",
    "\u{202e}",
    "𝟙",
    "%s",
    "=1+1",
];
