//! Many runs: replications, validation, comparison.

pub mod replicate;
