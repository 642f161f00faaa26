//! Other people's files.

pub mod flee;
