//! Small worlds for tests, written as a user would write them and read from disk; reference data that are not in the repository.

use std::io::Write;
use std::path::{Path, PathBuf};

use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;
use corridor::scenario::world::World;

/// The world of a scenario of these files (name, text), under the strategy `none`. A missing `scenario.toml` is supplied: from
/// 2030-01-01 for `days` days.
#[allow(dead_code)]
pub fn world(days: u32, parameters: &str, files: &[(&str, &str)]) -> World {
    world_under("none", days, parameters, files)
}

/// The same under another strategy.
#[allow(dead_code)]
pub fn world_under(strategy: &str, days: u32, parameters: &str, files: &[(&str, &str)]) -> World {
    let folder = folder(days, parameters, files);
    let (scenario, _) = read(folder.path()).unwrap_or_else(|problems| panic!("{problems}"));
    build(&scenario, strategy, &Options::default()).expect("the strategy is there")
}

/// The folder of such a scenario.
#[allow(dead_code)]
pub fn folder(days: u32, parameters: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let end = chrono::NaiveDate::from_ymd_opt(2030, 1, 1).expect("a date") + chrono::Days::new(u64::from(days) - 1);
    let head = format!("title = \"Test\"\nstart = 2030-01-01\nend = {end}\ndefault_strategy = \"none\"\n{parameters}");
    std::fs::create_dir(folder.path().join("strategies")).expect("a folder");
    std::fs::write(folder.path().join("scenario.toml"), head).expect("written");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

/// `reference.csv` of the shared Flee cases, with their folder, from the folder that `CORRIDOR_SHARED` names, else `../shared`. Where it
/// is not at hand, says so past the capture of test output, and gives nothing.
#[allow(dead_code)]
pub fn flee_reference() -> Option<(PathBuf, String)> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let cases = std::env::var_os("CORRIDOR_SHARED").map_or_else(beside, PathBuf::from).join("flee-cases");
    match std::fs::read_to_string(cases.join("reference.csv")) {
        Ok(text) => Some((cases, text)),
        Err(_) => {
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            let hint = "set CORRIDOR_SHARED to the folder that holds flee-cases";
            let _ = writeln!(std::io::stderr(), "skipped: {test}: no reference cases at {} ({hint})", cases.display());
            None
        }
    }
}
