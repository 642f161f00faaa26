//! Where the files of a Flee folder are.

use std::path::{Path, PathBuf};

use crate::scenario::problem::{At, Problems};

/// The three places that Flee is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    /// The folder as the user named it.
    pub root: PathBuf,
    /// `input_csv`, or the folder itself where the tables lie flat.
    pub input: PathBuf,
    /// `source_data`, or the folder of the tables.
    pub data: PathBuf,
    /// `simsetting.yml`.
    pub settings: PathBuf,
}

impl Folder {
    /// Finds the tables, the data and the settings of the Flee folder `root`.
    pub fn find(root: &Path, problems: &mut Problems) -> Option<Folder> {
        let file = root.display().to_string();
        if !root.is_dir() {
            let at = At { file: &file, ..At::default() };
            problems.error(at, "no such folder", "name a folder that holds Flee's files");
            return None;
        }
        let input = if root.join("input_csv").is_dir() { root.join("input_csv") } else { root.to_owned() };
        let data = [root.join("source_data"), input.join("source_data")]
            .into_iter()
            .find(|folder| folder.is_dir())
            .unwrap_or_else(|| input.clone());
        let settings = [root.join("simsetting.yml"), input.join("simsetting.yml")]
            .into_iter()
            .find(|file| file.is_file())
            .unwrap_or_else(|| root.join("simsetting.yml"));
        Some(Folder { root: root.to_owned(), input, data, settings })
    }

    /// The table `name` of `input_csv` if it is there.
    pub fn optional(&self, name: &str) -> Option<PathBuf> {
        Some(self.input.join(name)).filter(|path| path.is_file())
    }

    /// The table `name` of `input_csv`; `None` with an error if it is not there.
    pub fn required(&self, name: &str, problems: &mut Problems) -> Option<PathBuf> {
        present(self.input.join(name), problems)
    }

    /// The file `name` of `source_data`; `None` with an error if it is not there.
    pub fn data_file(&self, name: &str, problems: &mut Problems) -> Option<PathBuf> {
        present(self.data.join(name), problems)
    }
}

/// `path` if it is a file; `None` with an error otherwise.
fn present(path: PathBuf, problems: &mut Problems) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path);
    }
    let file = path.display().to_string();
    problems.error(At { file: &file, ..At::default() }, "missing file", "add the file; Flee needs it");
    None
}
