//! `corridor man`: manual pages.

use std::io::Write;

use clap::Args;

use super::{Failure, Outcome, command};

/// Print the manual page of corridor, or of one of its commands
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  corridor man > corridor.1\n  corridor man check > corridor-check.1")]
pub struct Arguments {
    /// Command; without it, corridor itself
    #[arg(value_name = "COMMAND")]
    of: Option<String>,
}

/// Prints the page in roff.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let mut whole = command();
    whole.build();
    let page = match &arguments.of {
        None => whole,
        Some(name) => match whole.find_subcommand(name) {
            Some(found) => found.clone(),
            None => return Err(Failure::Usage(format!("there is no command '{name}'; `corridor --help` lists them"))),
        },
    };
    Ok(clap_mangen::Man::new(page).render(out)?)
}
