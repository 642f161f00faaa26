//! Many runs: replications, validation, comparison.

pub mod futures;
pub mod paired;
pub mod replicate;
