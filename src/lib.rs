//! Corridor: an agent-based crisis mobility simulator.
//!
//! Data goes one way: files -> [`scenario`] -> [`engine`] -> [`outcome`] -> [`report`]. [`formats`] turns other people's
//! files into the same scenario, [`experiment`] runs the engine many times, [`cli`] is the face.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod cli;
pub mod engine;
pub mod experiment;
pub mod formats;
pub mod outcome;
pub mod report;
pub mod scenario;
