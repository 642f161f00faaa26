//! Many runs: replications, validation, comparison.

pub mod replicate;
pub mod validate;
pub mod validate_flee;
