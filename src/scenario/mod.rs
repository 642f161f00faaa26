//! Scenario: what was written in files, checked, and turned into the world that the engine runs.

pub mod build;
pub mod earth;
pub mod fields;
pub mod idle;
pub mod keys;
pub mod known;
mod levers;
pub mod parameters;
pub mod parties;
pub mod problem;
pub mod reach;
pub mod read;
pub mod record;
pub mod rows;
#[expect(clippy::module_inception, reason = "the struct that gives the room its name")]
pub mod scenario;
pub mod schema;
pub mod size;
pub mod table;
pub mod trigger;
pub mod world;
pub mod write;

pub use parameters::Parameters;
pub use scenario::Scenario;
