//! Scenario: what was written in files, checked, and turned into the world that the engine runs.

pub mod parameters;
pub mod problem;
#[expect(clippy::module_inception, reason = "the struct that gives the room its name")]
pub mod scenario;
pub mod world;

pub use parameters::Parameters;
pub use scenario::Scenario;
