//! Flee's folders: a made-up one, what can be wrong with it, and real ones where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

mod common;

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
    let Some((cases, reference)) = common::flee_reference() else { return };
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

#[test]
fn the_made_up_folder_is_read_whole() {
    let (case, warnings) = flee::read(&mini()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(case.period.days, 8);
    assert_eq!(case.locations.len(), 6);
    assert_eq!(case.locations[2].name, "Mid, Vale");
    assert_eq!(case.locations[1].kind, LocationType::Town, "a later conflict date starts as a town");
    assert_eq!(case.camps(), [4, 5]);
    assert!(!case.is_foreign(3) && case.is_foreign(4));
    assert_eq!(case.links().len(), 10);
    assert_eq!(case.closures[1].what, Closing::Camp(5));
    assert_eq!(case.corrections.len(), 1);
    let told: Vec<(&str, usize)> =
        warnings.0.iter().map(|problem| (problem.file.rsplit('/').next().unwrap(), problem.line)).collect();
    assert_eq!(told, [("conflicts.csv", 1), ("data_layout.csv", 4), ("registration_corrections.csv", 2)], "{warnings}");
}

#[test]
fn arrivals_of_the_made_up_folder_are_those_reckoned_by_hand() {
    let case = read(&mini());
    // East: 200+10, 800+10, 600+40, 900+60 on days 0, 3, 4, 7; the correction of day 4 multiplies the first two by 640/810.
    let data = case.data(1);
    assert_eq!((0..8).map(|day| data.series[1].at(day)).collect::<Vec<_>>(), [165, 323, 481, 640, 640, 746, 853, 960]);
    // West: 0, 80, 40, 400 on days -7, 1, 5, 8.
    assert_eq!((0..8).map(|day| data.series[2].at(day)).collect::<Vec<_>>(), [70, 80, 70, 60, 50, 40, 160, 280]);
    assert_eq!((0..8).map(|day| data.series[3].at(day)).collect::<Vec<_>>(), [0, 10, 20, 30, 40, 50, 60, 60]);
    let arrivals = case.arrivals(1, 8);
    assert_eq!(arrivals.new, [0, 178, 158, 159, 0, 106, 237, 227]);
    assert_eq!(arrivals.raw, [545, 723, 881, 1040, 1040, 1146, 1383, 1610]);
    assert_eq!(case.initial_in_camps(1), [(4, 165), (5, 70)]);
    assert_eq!(case.capacities(1)[4..], [3000 - 165, 0]);
    assert_eq!(case.agents_by_day(1), [235, 413, 571, 730, 730, 836, 1073, 1300]);
}

#[test]
fn hasten_divides_before_decimals_are_cut_off() {
    let case = read(&mini());
    let data = case.data(10);
    assert_eq!([0, 1, 7].map(|day| data.series[1].at(day)), [16, 32, 96]);
    assert_eq!(case.capacities(10)[4..], [300 - 16, 0]);
    assert_eq!(case.locations[0].residents(30_000), 1);
    // A fall of the rounded numbers is a debt.
    assert_eq!(case.arrivals(10, 8).new.iter().sum::<u64>(), 96 + 28 + 6 - (16 + 7));
}

#[test]
fn flat_folders_are_read_like_nested_ones() {
    for data_in_same_folder in [false, true] {
        let flat = tempfile::tempdir().unwrap();
        let data = if data_in_same_folder { flat.path().to_owned() } else { flat.path().join("source_data") };
        fs::create_dir_all(&data).unwrap();
        copy(&mini().join("input_csv"), flat.path());
        copy(&mini().join("source_data"), &data);
        fs::copy(mini().join("simsetting.yml"), flat.path().join("simsetting.yml")).unwrap();
        let expected = FleeCase { dir: flat.path().to_owned(), ..read(&mini()) };
        assert_eq!(read(flat.path()), expected);
    }
}

#[test]
fn the_way_text_is_saved_does_not_matter() {
    let folder = copy_of_mini();
    for file in files_below(folder.path()) {
        let text = fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
        let text = format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n"));
        fs::write(file, text).unwrap();
    }
    assert_eq!(read(folder.path()), FleeCase { dir: folder.path().to_owned(), ..read(&mini()) });
}

#[test]
fn more_days_than_the_conflicts_have_are_an_error_and_fewer_are_not() {
    assert_eq!(flee::read_for_days(&mini(), Some(3)).unwrap().0.daily_new(1).len(), 3);
    let problems = flee::read_for_days(&mini(), Some(9)).unwrap_err();
    assert!(problems.to_string().contains("8 rows for 9 days"), "{problems}");
}

#[test]
fn a_day_without_conflict_is_an_error_only_if_somebody_is_to_be_placed() {
    let folder = copy_of_mini();
    let conflicts = folder.path().join("input_csv/conflicts.csv");
    let text = fs::read_to_string(&conflicts).unwrap();
    // On day 4 the record does not grow, so nobody is placed; on day 5 somebody is.
    fs::write(&conflicts, text.replace("4,0,0.5", "4,0,0")).unwrap();
    let (case, warnings) = flee::read(folder.path()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(case.days_without_origin(1), []);
    let told: Vec<String> = warnings.0.iter().map(ToString::to_string).collect();
    let of_the_day =
        |warning: &&String| warning.contains("no place with residents is in conflict on day 4: Flee stops there");
    let warning = told.iter().find(of_the_day).unwrap_or_else(|| panic!("{told:?}"));
    assert!(warning.contains("line 6") && warning.contains("--days 4"), "{warning}");
    assert!(!flee::read(&mini()).unwrap().1.to_string().contains("Flee stops there"));
    fs::write(&conflicts, text.replace("5,0,0.7", "5,0,0")).unwrap();
    let problems = flee::read(folder.path()).unwrap_err();
    assert!(problems.to_string().contains("106 agents are to be placed on day 5"), "{problems}");
    assert_eq!(problems.0.last().unwrap().line, 7);
}

/// A change to the made-up folder: in `file` the text `from` becomes `to`; the error must be in `found_in` at `line` and its
/// text must contain `part`.
struct Fault {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    found_in: &'static str,
    line: usize,
    part: &'static str,
}

const LOCATIONS: &str = "input_csv/locations.csv";
const ROUTES: &str = "input_csv/routes.csv";
const CLOSURES: &str = "input_csv/closures.csv";
const CONFLICTS: &str = "input_csv/conflicts.csv";
const PERIOD: &str = "input_csv/sim_period.csv";
const CORRECTIONS: &str = "input_csv/registration_corrections.csv";
const LAYOUT: &str = "source_data/data_layout.csv";
const EAST: &str = "source_data/east.csv";
const SETTINGS: &str = "simsetting.yml";

const fn fault(file: &'static str, from: &'static str, to: &'static str, line: usize, part: &'static str) -> Fault {
    Fault { file, from, to, found_in: file, line, part }
}

const FAULTS: &[Fault] = &[
    fault(LOCATIONS, "40000", "4.0e4", 2, "not a whole number"),
    fault(LOCATIONS, "40000", "many", 2, "not a number"),
    fault(LOCATIONS, "40000", "-40000", 2, "smaller than 0"),
    fault(LOCATIONS, "40000", "nan", 2, "not a whole number"),
    fault(LOCATIONS, "10.5,20.5", "ten,20.5", 2, "column 'latitude', value 'ten': not a number"),
    fault(LOCATIONS, "10.5,20.5", "NaN,20.5", 2, "not a finite number"),
    fault(LOCATIONS, "zone,0,", "zone,soon,", 2, "column 'conflict_date'"),
    fault(LOCATIONS, "camp,,3000", "capm,,3000", 6, "write 'camp' if that is meant"),
    fault(LOCATIONS, "Westcamp,", "Eastcamp,", 7, "the same name as in line 6"),
    fault(LOCATIONS, ",camp,,3000", ",camp", 6, "only 6 of 8 columns"),
    fault(LOCATIONS, "#name,region", "name,region", 1, "write '#name'"),
    fault(ROUTES, "Upperton,", "Uperton,", 2, "write 'Upperton' if that is meant"),
    fault(ROUTES, ",60,0", ",far,0", 3, "column 'distance', value 'far': not a number"),
    fault(ROUTES, ",60,0", ",-60,0", 3, "out of range"),
    fault(ROUTES, ",60,0", "", 3, "column 'distance'"),
    fault(ROUTES, ",60,0", ",60,7", 3, "not a redirection"),
    fault(ROUTES, "#name1", "name1", 1, "write '#name1'"),
    fault(CLOSURES, "Vardia,Sola", "Vardia,Solla", 2, "write 'Sola' if that is meant"),
    fault(CLOSURES, "camp,Westcamp", "camp,Westcmp", 3, "write 'Westcamp' if that is meant"),
    fault(CLOSURES, "location,", "locaton,", 4, "write 'location' if that is meant"),
    fault(CLOSURES, "6,-1", "6,later", 4, "column 'closure_end', value 'later'"),
    fault(CLOSURES, ",6,-1", ",6", 4, "column 'closure_end'"),
    fault(CONFLICTS, "Lowerton", "Lowertown", 1, "write 'Lowerton' if that is meant"),
    fault(CONFLICTS, "3,1,0.5,0", "3,1,hot,0", 5, "column 'Lowerton', value 'hot': not a number"),
    fault(CONFLICTS, "3,1,0.5,0", "3,1,-0.5,0", 5, "out of range"),
    fault(CONFLICTS, "3,1,0.5,0", "3,1,nan,0", 5, "not a finite number"),
    fault(CONFLICTS, "3,1,0.5,0", "3,1", 5, "2 cells where the header has 4"),
    fault(CONFLICTS, "7,0,1,0\n", "", 8, "7 rows for 8 days"),
    fault(CONFLICTS, "#Day, Upperton, Lowerton, Ghost Town\n", "", 1, "no header"),
    fault(PERIOD, "2020-02-27", "27/02/2020", 1, "not a date"),
    fault(PERIOD, "2020-02-27", "2019-02-29", 1, "not a date"),
    fault(PERIOD, "Length,8", "Length,week", 2, "not a number"),
    fault(PERIOD, "Length,8", "Length,0", 2, "smaller than 1"),
    fault(PERIOD, "Length,8", "Lenght,8", 0, "no Length"),
    fault(CORRECTIONS, "Eastcamp", "Eastkamp", 1, "write 'Eastcamp' if that is meant"),
    fault(CORRECTIONS, "2020-03-02", "2020-03-03", 1, "not a date of the data of 'Eastcamp'"),
    fault(CORRECTIONS, "2020-03-02", "2020-02-27", 1, "the first date of the data of 'Eastcamp'"),
    fault(CORRECTIONS, "2020-03-02", "2020-13-02", 1, "not a date"),
    fault(LAYOUT, "Westcamp,", "Westkamp,", 3, "write 'Westcamp' if that is meant"),
    fault(LAYOUT, "Westcamp,west.csv\n", "", 0, "no data for the camp 'Westcamp' (locations.csv, line 7)"),
    fault(LAYOUT, "west.csv", "wset.csv", 3, "write 'west.csv' if that is meant"),
    fault(EAST, "2020-03-01,800", "2020-03-01,8oo", 2, "column 'persons', value '8oo': not a number"),
    fault(EAST, "2020-03-01,800", "2020-03-01,800.5", 2, "not a whole number"),
    fault(EAST, "2020-03-01,800", "2020-03-01,-800", 2, "smaller than 0"),
    fault(EAST, "2020-03-01,800", "1 March 2020,800", 2, "not a date"),
    fault(SETTINGS, "hasten: 1", "hasten: some", 8, "optimisations.hasten"),
    fault(SETTINGS, "200.0", "-200.0", 5, "a number above 0"),
    fault(SETTINGS, "spawn_rules:", "spawn_rules: [", 0, "not YAML"),
];

#[test]
fn each_fault_is_found_where_it_is() {
    for Fault { file, from, to, found_in, line, part } in FAULTS {
        let folder = copy_of_mini();
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from:?}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let problems = flee::read(folder.path()).expect_err(&format!("{file}: {from:?} -> {to:?} was accepted"));
        let at = format!("error: {}", folder.path().join(found_in).display());
        let is_it = |text: &str| text.starts_with(&at) && text.contains(part) && text.contains("Fix: ");
        let found = problems.0.iter().find(|problem| is_it(&problem.to_string()));
        let found = found.unwrap_or_else(|| panic!("{file}: {from:?} -> {to:?} gave only\n{problems}"));
        assert!(*line == 0 || found.line == *line, "{file}: {from:?} -> {to:?}: line {line}, not\n{found}");
    }
}

#[test]
fn missing_and_empty_files_are_named() {
    for file in files_below(&mini()) {
        let name = file.strip_prefix(mini()).unwrap();
        let optional = name.ends_with("registration_corrections.csv") || name.ends_with("README.md");
        for content in [None, Some("")] {
            let folder = copy_of_mini();
            let path = folder.path().join(name);
            match content {
                None => fs::remove_file(&path).unwrap(),
                Some(text) => fs::write(&path, text).unwrap(),
            }
            let result = flee::read(folder.path());
            if optional || (name.ends_with("closures.csv") && content.is_some()) {
                assert!(result.is_ok(), "{}: {content:?}", name.display());
                continue;
            }
            let problems = result.expect_err(&name.display().to_string());
            assert!(problems.to_string().contains(name.file_name().unwrap().to_str().unwrap()), "{problems}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_found_in_every_table() {
    for file in files_below(&mini()) {
        let name = file.strip_prefix(mini()).unwrap();
        if name.ends_with("README.md") {
            continue;
        }
        let folder = copy_of_mini();
        let path = folder.path().join(name);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend(b"\n\xff\xfe");
        let line = bytes.iter().filter(|&&byte| byte == b'\n').count() + 1;
        fs::write(&path, bytes).unwrap();
        let problems = flee::read(folder.path()).unwrap_err();
        let found = problems.0.iter().find(|problem| problem.message == "not UTF-8 text").expect("found");
        assert_eq!((found.file.as_str(), found.line), (path.to_str().unwrap(), line));
    }
}

#[test]
fn faults_in_several_files_are_told_in_one_pass() {
    let folder = copy_of_mini();
    let change = |file: &str, from: &str, to: &str| {
        let path = folder.path().join(file);
        fs::write(&path, fs::read_to_string(&path).unwrap().replacen(from, to, 1)).unwrap();
    };
    change(LOCATIONS, "40000", "x");
    change(ROUTES, "Upperton,", "Uperton,");
    change(CLOSURES, "6,-1", "6,later");
    change(CONFLICTS, "3,1,0.5,0", "3,1,hot,0");
    change(PERIOD, "2020-02-27", "soon");
    change(EAST, "2020-03-01,800", "2020-03-01,8oo");
    change(SETTINGS, "hasten: 1", "hasten: 0");
    let problems = flee::read(folder.path()).unwrap_err();
    for file in [LOCATIONS, ROUTES, CLOSURES, CONFLICTS, PERIOD, EAST, SETTINGS] {
        let file = folder.path().join(file).display().to_string();
        assert!(problems.to_string().contains(&format!("error: {file}")), "{file} is not in\n{problems}");
    }
}

#[test]
fn no_folder_is_a_fault_and_no_panic() {
    let problems = flee::read(Path::new("no/such/folder")).unwrap_err();
    assert!(problems.to_string().starts_with("error: no/such/folder: no such folder"), "{problems}");
    let empty = tempfile::tempdir().unwrap();
    assert!(flee::read(empty.path()).unwrap_err().to_string().contains("locations.csv: missing file"));
}

/// Whatever is cut out of a file, reading ends with a case or with problems that name a file.
#[test]
fn files_cut_short_never_panic() {
    for name in [LOCATIONS, ROUTES, CLOSURES, CONFLICTS, PERIOD, CORRECTIONS, LAYOUT, EAST, SETTINGS] {
        let text = fs::read_to_string(mini().join(name)).unwrap();
        let folder = copy_of_mini();
        for end in (0..text.len()).step_by(3) {
            fs::write(folder.path().join(name), &text[..end]).unwrap();
            if let Err(problems) = flee::read(folder.path()) {
                assert!(problems.has_errors() && problems.0.iter().all(|problem| !problem.file.is_empty()));
            }
        }
    }
}

fn copy_of_mini() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["input_csv", "source_data"] {
        fs::create_dir(folder.path().join(part)).unwrap();
        copy(&mini().join(part), &folder.path().join(part));
    }
    fs::copy(mini().join("simsetting.yml"), folder.path().join("simsetting.yml")).unwrap();
    fs::copy(mini().join("README.md"), folder.path().join("README.md")).unwrap();
    folder
}

/// Copies the files of one folder into another.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
