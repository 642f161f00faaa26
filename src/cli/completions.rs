//! `corridor completions`: completions for a shell.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use super::{Outcome, command};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  corridor completions bash > ~/.local/share/bash-completion/completions/corridor")]
pub struct Arguments {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "corridor", &mut script);
    Ok(out.write_all(&script)?)
}
