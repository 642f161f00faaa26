//! Scenarios written as folders; the one that `corridor new` writes: small, invented, commented, ready to run.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context;

use super::problem::{At, Problems};

/// The files of the template: path inside the folder, text.
pub const TEMPLATE: &[(&str, &str)] = &[
    ("scenario.toml", include_str!("template/scenario.toml")),
    ("locations.csv", include_str!("template/locations.csv")),
    ("routes.csv", include_str!("template/routes.csv")),
    ("groups.csv", include_str!("template/groups.csv")),
    ("populations.csv", include_str!("template/populations.csv")),
    ("shocks.csv", include_str!("template/shocks.csv")),
    ("policies.csv", include_str!("template/policies.csv")),
    ("strategies/none.toml", include_str!("template/strategies/none.toml")),
    ("strategies/flights.toml", include_str!("template/strategies/flights.toml")),
    ("strategies/flights-services.csv", include_str!("template/strategies/flights-services.csv")),
    ("strategies/flights-shelter.csv", include_str!("template/strategies/flights-shelter.csv")),
];

/// Why the template was not written.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// The folder cannot be used for a new scenario.
    #[error("{0}")]
    Taken(Problems),
    /// Something failed on the way.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

/// Writes the template to `dir`, which must not exist or be an empty folder. The files are written aside and then moved, so that a
/// failure leaves no half of a scenario behind.
pub fn write_template(dir: &Path) -> Result<(), NewError> {
    write_folder(dir, TEMPLATE)
}

/// Writes `files` (path inside the folder, text) to `dir`, as [`write_template`] does.
pub fn write_folder<T: AsRef<str>>(dir: &Path, files: &[(T, T)]) -> Result<(), NewError> {
    let there = match fs::read_dir(dir).map(|entries| entries.count()) {
        Ok(0) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Ok(_) => return Err(taken(dir, "the folder is not empty")),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(taken(dir, "there is a file of this name"));
        }
        Err(error) => return Err(taken(dir, &format!("the folder cannot be used: {error}"))),
    };
    Ok(write_aside(dir, there, files).with_context(|| format!("cannot write the scenario to {}", dir.display()))?)
}

fn taken(dir: &Path, message: &str) -> NewError {
    let mut problems = Problems::default();
    problems.error(
        At { file: &dir.display().to_string(), ..At::default() },
        message,
        "name a folder that does not exist yet",
    );
    NewError::Taken(problems)
}

fn write_aside<T: AsRef<str>>(dir: &Path, there: bool, files: &[(T, T)]) -> io::Result<()> {
    let parent = if there { dir } else { dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")) };
    fs::create_dir_all(parent)?;
    let aside = tempfile::Builder::new().prefix(".corridor-new-").tempdir_in(parent)?;
    let whole = aside.path().join("scenario");
    for (path, text) in files {
        let path = whole.join(path.as_ref());
        fs::create_dir_all(path.parent().unwrap_or(&whole))?;
        fs::write(path, text.as_ref())?;
    }
    if !there {
        return fs::rename(&whole, dir);
    }
    for entry in fs::read_dir(&whole)? {
        let entry = entry?;
        fs::rename(entry.path(), dir.join(entry.file_name()))?;
    }
    Ok(())
}
