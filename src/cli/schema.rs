//! `corridor schema`: what may stand in the files of a scenario, for editors and other programs.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::Outcome;
use crate::scenario::schema;

/// Print what may stand in the files of a scenario, as JSON
///
/// JSON Schema for the TOML files, Frictionless Table Schema for the tables.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  corridor schema\n  corridor schema scenario > scenario.schema.json")]
pub struct Arguments {
    /// Which files
    #[arg(value_enum, default_value_t = What::All)]
    what: What,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// Everything in one object
    All,
    /// scenario.toml
    Scenario,
    /// strategies/NAME.toml
    Strategy,
    /// All tables, by name
    Tables,
    /// The file of `compare --futures`
    Futures,
}

/// Prints the schema.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Outcome {
    let schema = match arguments.what {
        What::All => schema::all(),
        What::Scenario => schema::scenario(),
        What::Strategy => schema::strategy(),
        What::Tables => schema::tables(),
        What::Futures => schema::futures(),
    };
    writeln!(out, "{schema:#}")?;
    Ok(())
}
