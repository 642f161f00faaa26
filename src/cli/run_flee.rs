//! `corridor run` on a Flee folder.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::import::no_day_without_origin;
use super::options::Common;
use super::{Failure, Outcome, out_folder, tell};
use crate::experiment::validate_flee::Validation;
use crate::formats::flee::{self, FleeCase, import};
use crate::report::write::Folder;
use crate::scenario::Scenario;
use crate::scenario::problem::Problems;
use crate::scenario::world::World;
use crate::scenario::write::write_folder;

/// Reads the Flee folder that `common` names; gives the case and the scale to run it at. Warnings are told unless `quiet`.
pub fn case_of(common: &Common, quiet: bool) -> Result<(FleeCase, u32), Failure> {
    common.only_flee()?;
    let (case, warnings) = flee::read_for_days(&common.scenario, common.flee.days)?;
    if !quiet {
        tell(&warnings.to_string());
    }
    let scale = common.runs.scale.unwrap_or(case.settings.hasten);
    no_day_without_origin(&case, scale)?;
    Ok((case, scale))
}

/// Name of the case: that of its folder.
pub fn name_of(dir: &Path) -> String {
    let whole = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    whole.file_name().map_or_else(|| "flee".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The world of a Flee folder with the scenario that describes it.
pub fn prepared(common: &Common, quiet: bool) -> Result<(Scenario, World), Failure> {
    let (case, scale) = case_of(common, quiet)?;
    let mut lost = Problems::default();
    let files = import::files(&case, case.period.days, &mut lost);
    let aside = tempfile::tempdir()?;
    let dir = aside.path().join(name_of(&common.scenario));
    write_folder(&dir, &files)?;
    let (scenario, _) = crate::scenario::read::read(&dir)?;
    let mut world = flee::world::world(&case, scale, case.period.days, common.flee.rules);
    for (place, row) in world.places.iter_mut().zip(&scenario.locations) {
        place.id.clone_from(&row.id);
    }
    Ok((scenario, world))
}

/// Runs once and writes Flee's out.csv into the folder asked for.
pub fn out_csv(common: &Common, dir: Option<&Path>, quiet: bool, out: &mut impl Write) -> Outcome {
    let (case, scale) = case_of(common, quiet)?;
    let name = || PathBuf::from("outputs").join(name_of(&common.scenario)).join(format!("flee-{}", common.runs.seed));
    let dir = out_folder(dir, name)?;
    let text = common.in_pool(|| {
        let validation = Validation::new(&case, scale, case.period.days, common.flee.rules);
        validation.out_csv(&validation.run(common.runs.seed, 0))
    })?;
    let folder = Folder::begin(&dir)?;
    folder.add("out.csv", text.1.as_bytes())?;
    folder.finish()?;
    if !quiet {
        writeln!(out, "Written to {}", dir.join("out.csv").display())?;
    }
    Ok(())
}
