//! `corridor new`: a small scenario to start from.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use crate::scenario::write::{TEMPLATE, write_template};

/// Write a small, commented scenario to start from
///
/// The scenario is invented and can be checked and run as it is.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  corridor new my-scenario && corridor check my-scenario")]
pub struct Arguments {
    /// Folder to make; it must not exist, or be empty
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Writes the template and tells its files.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    write_template(&arguments.dir)?;
    for (path, _) in TEMPLATE {
        writeln!(out, "{}", arguments.dir.join(path).display())?;
    }
    writeln!(out, "Next: corridor check {}", arguments.dir.display())?;
    Ok(())
}
