//! Outcome: what a run published, day by day, and the metrics made of it.

pub mod fit;
