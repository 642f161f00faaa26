//! Scenario: what was written in files, checked, and turned into the world that the engine runs.

pub mod problem;
