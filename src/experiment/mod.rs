//! Many runs: replications, validation, comparison.

pub mod compare;
pub mod composite;
pub mod evidence;
pub mod explain;
pub mod firing;
pub mod futures;
pub mod inputs;
pub mod paired;
pub mod replicate;
pub mod scores;
pub mod validate;
pub mod validate_flee;
