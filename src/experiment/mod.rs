//! Many runs: replications, validation, comparison.
