//! The command line: what was typed, made into one call of the library.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::report::DISCLAIMER;
use crate::report::write::{WriteError, replaceable};
use crate::scenario::problem::Problems;
use crate::scenario::write::NewError;

mod check;
mod compare;
mod completions;
mod explain;
mod import;
mod man;
mod new;
mod options;
mod run;
mod run_flee;
mod schema;
mod validate;
mod validate_flee;

const EXAMPLES: &str = "Examples:
  corridor new my-scenario       write a small scenario to start from
  corridor check my-scenario     find everything that is wrong in it, and say what it holds
  corridor compare my-scenario   what each strategy changes, what it costs, whom it harms
  corridor explain OUTDIR        why people were stuck in a run, and what more capacity would change

Exit codes: 0 done, 2 bad input or usage, 1 anything else.";

/// Agent-based crisis mobility simulator: who gets out of harm's way, who is stuck, and what each response would change.
#[derive(Debug, Parser)]
#[command(name = "corridor", version, about, after_help = format!("{EXAMPLES}\n\n{DISCLAIMER}"), subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Arguments),
    Validate(validate::Arguments),
    Check(check::Arguments),
    Compare(compare::Arguments),
    Explain(explain::Arguments),
    New(new::Arguments),
    Import(import::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The input is bad: exit code 2.
    #[error("{0}")]
    Input(Problems),
    /// What was typed cannot be done: exit code 2.
    #[error("error: {0}\n")]
    Usage(String),
    /// Writing failed: exit code 1, or 0 where the reader of a pipe has gone.
    #[error("error: cannot write: {0}\n")]
    Write(#[from] io::Error),
    /// Anything else: exit code 1.
    #[error("error: {0:#}\n")]
    Other(#[from] anyhow::Error),
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Failure::Input(problems)
    }
}

impl From<NewError> for Failure {
    fn from(error: NewError) -> Self {
        match error {
            NewError::Taken(problems) => Failure::Input(problems),
            NewError::Failed(error) => Failure::Other(error),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::NotOurs(_) | WriteError::NotAFolder(_) | WriteError::NoName(_) => {
                Failure::Usage(format!("--out: {error}"))
            }
            _ => Failure::Other(error.into()),
        }
    }
}

impl Failure {
    /// Fails if there are any slips in what was typed; tells all of them.
    fn of_slips(slips: Vec<String>) -> Outcome {
        if slips.is_empty() { Ok(()) } else { Err(Failure::Usage(slips.join("\nerror: "))) }
    }

    /// The exit code of the program.
    fn code(&self) -> u8 {
        match self {
            Failure::Input(_) | Failure::Usage(_) => 2,
            Failure::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Failure::Write(_) | Failure::Other(_) => 1,
        }
    }
}

/// What a command returns.
pub type Outcome = Result<(), Failure>;

/// Runs the program with the arguments it was started with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let outcome = match cli.command {
        Command::Run(arguments) => run::run(&arguments, &mut out),
        Command::Validate(arguments) => validate::run(&arguments, &mut out),
        Command::Check(arguments) => check::run(&arguments, &mut out),
        Command::Compare(arguments) => compare::run(&arguments, &mut out),
        Command::Explain(arguments) => explain::run(&arguments, &mut out),
        Command::New(arguments) => new::run(&arguments, &mut out),
        Command::Import(arguments) => import::run(&arguments, &mut out),
        Command::Schema(arguments) => schema::run(&arguments, &mut out),
        Command::Completions(arguments) => completions::run(&arguments, &mut out),
        Command::Man(arguments) => man::run(&arguments, &mut out),
    };
    let outcome = outcome.and_then(|()| Ok(out.flush()?));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let code = failure.code();
            if code != 0 {
                tell(&failure.to_string());
            }
            if let Failure::Input(problems) = &failure {
                tell(&format!("{}\n", problems.count()));
            }
            ExitCode::from(code)
        }
    }
}

/// The folder to write to: that of `--out`, else `usual`. Fails where other things are in it, before anything is run.
fn out_folder(out: Option<&Path>, usual: impl FnOnce() -> PathBuf) -> Result<PathBuf, Failure> {
    let dir = out.map_or_else(usual, Path::to_owned);
    replaceable(&dir)?;
    Ok(dir)
}

/// Writes to standard error; a closed one is no failure.
pub fn tell(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// The whole command, as help pages and completions need it.
fn command() -> clap::Command {
    Cli::command()
}
