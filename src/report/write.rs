//! Writing a folder of outputs all at once: nothing is ever half-written.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use tempfile::TempDir;
use thiserror::Error;

use super::DISCLAIMER;

/// File in every folder written here; a folder without it is not replaced.
pub const MARK: &str = "about-this-folder.txt";

const MARK_TEXT: &str = "This folder was written by Corridor. A later run into the same folder replaces it as a whole: keep nothing else here.";

/// Why an output could not be written. Nothing of it is left behind.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The disk or the user's share of it is full.
    #[error("cannot write '{0}': the disk is full; free some space or choose another output folder")]
    DiskFull(PathBuf),
    /// The user may not write there.
    #[error("cannot write '{0}': permission denied; choose an output folder you may write to")]
    Permission(PathBuf),
    /// The target is there and is not a folder.
    #[error("cannot write '{0}': it is a file; choose another output folder")]
    NotAFolder(PathBuf),
    /// The target is a folder with other things in it.
    #[error(
        "'{0}' holds files that are not an output of Corridor, and is left as it is; choose a new or empty output folder"
    )]
    NotOurs(PathBuf),
    /// The target has no name of its own, such as `/` or `..`.
    #[error("'{0}' cannot be an output folder; give the name of a new folder")]
    NoName(PathBuf),
    /// The name of an output leads out of its folder.
    #[error("'{0}' is not the name of an output: it must stay within its folder")]
    BadName(PathBuf),
    /// Anything else that the system reports.
    #[error("cannot write '{path}': {source}")]
    Other {
        /// What could not be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl WriteError {
    fn at(path: &Path, source: io::Error) -> WriteError {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => WriteError::DiskFull(path),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => WriteError::Permission(path),
            _ => WriteError::Other { path, source },
        }
    }
}

/// A folder of outputs in the making. Its files stand aside, in a temporary folder beside the target, until
/// [`Folder::finish`] puts all of them in place; without that, they vanish.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    aside: TempDir,
}

impl Folder {
    /// Begins a folder that will stand at `target`, whose parent folders are made where they are missing. Fails if
    /// `target` cannot be written or replaced.
    pub fn begin(target: &Path) -> Result<Folder, WriteError> {
        replaceable(target)?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(|e| WriteError::at(parent, e))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".corridor-");
        #[cfg(unix)]
        {
            // As any new folder, not for the user alone.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let aside = builder.tempdir_in(parent).map_err(|e| WriteError::at(target, e))?;
        let folder = Folder { target: target.to_owned(), aside };
        folder.add(MARK, format!("{MARK_TEXT}\n\n{DISCLAIMER}\n").as_bytes())?;
        Ok(folder)
    }

    /// Adds a file called `name`, which may lie in subfolders (`pictures/map.svg`).
    pub fn add(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        self.stream(name, |file| file.write_all(bytes))
    }

    /// Adds a file called `name`, written bit by bit by `write`.
    pub fn stream(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let relative = Path::new(name);
        if name.is_empty() || !relative.components().all(|c| matches!(c, Component::Normal(_))) {
            return Err(WriteError::BadName(relative.to_owned()));
        }
        let path = self.aside.path().join(relative);
        let write_file = || {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut file = BufWriter::new(File::create(&path)?);
            write(&mut file)?;
            file.into_inner()?.sync_all()
        };
        // Errors name the file where the user will look for it.
        write_file().map_err(|e| WriteError::at(&self.target.join(relative), e))
    }

    /// Puts the folder in place, instead of an earlier output if there is one. If that fails, the earlier output is as it was.
    pub fn finish(self) -> Result<(), WriteError> {
        replaceable(&self.target)?;
        let failed = |e| WriteError::at(&self.target, e);
        // The earlier output moves into a second temporary folder, from where it can come back.
        let parent = self.aside.path().parent().unwrap_or(Path::new("."));
        let earlier = tempfile::Builder::new().prefix(".corridor-").tempdir_in(parent).map_err(failed)?;
        let kept = earlier.path().join("earlier");
        let replaces = self.target.exists();
        if replaces {
            fs::rename(&self.target, &kept).map_err(failed)?;
        }
        if let Err(error) = fs::rename(self.aside.path(), &self.target) {
            if replaces && fs::rename(&kept, &self.target).is_err() {
                // Better a stray folder than a lost output.
                let _ = earlier.keep();
            }
            return Err(failed(error));
        }
        // The temporary folder has become the target: there is nothing to remove any more.
        let _ = self.aside.keep();
        Ok(())
    }
}

/// Whether an output may stand at `target`: nothing is there, or an empty folder, or an earlier output.
pub fn replaceable(target: &Path) -> Result<(), WriteError> {
    if target.file_name().is_none() {
        return Err(WriteError::NoName(target.to_owned()));
    }
    match fs::metadata(target) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) if e.kind() == ErrorKind::NotADirectory => Err(WriteError::NotAFolder(target.to_owned())),
        Err(e) => Err(WriteError::at(target, e)),
        Ok(found) if !found.is_dir() => Err(WriteError::NotAFolder(target.to_owned())),
        Ok(_) => {
            let mut entries = fs::read_dir(target).map_err(|e| WriteError::at(target, e))?;
            if entries.next().is_none() || target.join(MARK).is_file() {
                Ok(())
            } else {
                Err(WriteError::NotOurs(target.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_stands_at_the_target_before_the_end() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("deep/er/out");
        let folder = Folder::begin(&target).unwrap();
        folder.add("table.csv", b"a,b\n").unwrap();
        folder.add("pictures/map.svg", b"<svg/>").unwrap();
        assert!(!target.exists());
        folder.finish().unwrap();
        assert_eq!(fs::read(target.join("pictures/map.svg")).unwrap(), b"<svg/>");
        assert_eq!(names(&target), [MARK, "pictures", "table.csv"]);
        assert_eq!(names(target.parent().unwrap()), ["out"]);
    }

    #[test]
    fn an_earlier_output_is_replaced_as_a_whole() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        for name in ["old.csv", "new.csv"] {
            let folder = Folder::begin(&target).unwrap();
            folder.add(name, b"x").unwrap();
            folder.finish().unwrap();
        }
        assert_eq!(names(&target), [MARK, "new.csv"]);
        assert_eq!(names(room.path()), ["out"]);
    }

    #[test]
    fn a_failure_leaves_the_earlier_output_and_nothing_else() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        let folder = Folder::begin(&target).unwrap();
        folder.add("kept.csv", b"x").unwrap();
        folder.finish().unwrap();
        let folder = Folder::begin(&target).unwrap();
        folder.add("lost.csv", b"x").unwrap();
        let error = folder.stream("bad.csv", |_| Err(ErrorKind::StorageFull.into())).unwrap_err();
        assert!(matches!(&error, WriteError::DiskFull(path) if *path == target.join("bad.csv")), "{error}");
        drop(folder);
        assert_eq!(names(&target), [MARK, "kept.csv"]);
        assert_eq!(names(room.path()), ["out"]);
    }

    #[test]
    fn other_peoples_files_are_left_alone() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("documents");
        fs::create_dir(&target).unwrap();
        Folder::begin(&target).unwrap().finish().unwrap();
        fs::remove_file(target.join(MARK)).unwrap();
        fs::write(target.join("letter.txt"), "dear").unwrap();
        assert!(matches!(Folder::begin(&target), Err(WriteError::NotOurs(_))));
        assert!(matches!(Folder::begin(&target.join("letter.txt")), Err(WriteError::NotAFolder(_))));
        assert!(matches!(Folder::begin(&room.path().join("..")), Err(WriteError::NoName(_))));
        assert_eq!(names(room.path()), ["documents"]);
    }

    #[test]
    fn files_added_to_the_target_meanwhile_are_not_replaced() {
        let room = tempfile::tempdir().unwrap();
        let target = room.path().join("out");
        let folder = Folder::begin(&target).unwrap();
        fs::create_dir(&target).unwrap();
        fs::write(target.join("letter.txt"), "dear").unwrap();
        assert!(matches!(folder.finish(), Err(WriteError::NotOurs(_))));
        assert_eq!(names(&target), ["letter.txt"]);
        assert_eq!(names(room.path()), ["out"]);
    }

    #[test]
    fn names_stay_within_the_folder() {
        let room = tempfile::tempdir().unwrap();
        let folder = Folder::begin(&room.path().join("out")).unwrap();
        for name in ["", "../x", "/x", "a/../../x"] {
            assert!(matches!(folder.add(name, b""), Err(WriteError::BadName(_))), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_is_as_readable_as_any_other() {
        use std::os::unix::fs::PermissionsExt;
        let room = tempfile::tempdir().unwrap();
        let (target, plain) = (room.path().join("out"), room.path().join("plain"));
        Folder::begin(&target).unwrap().finish().unwrap();
        fs::create_dir(&plain).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&target), mode(&plain));
    }
}
