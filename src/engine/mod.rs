//! The engine: the model and nothing else. It knows no file, clock or terminal, and gives the same on any number of threads.
//!
//! [`day`] reads like the list of steps in `docs/model.md`; each step is a file of its own.

pub mod after;
pub mod agents;
pub mod care;
pub mod choose;
pub mod constraint;
pub mod counts;
pub mod crowds;
pub mod cycles;
pub mod day;
pub mod depart;
pub mod draws;
pub mod expose;
pub mod flows;
pub mod journey;
mod look;
pub mod paths;
pub mod respond;
pub mod roads;
pub mod rounds;
pub mod schedule;
pub mod search;
pub mod serve;
pub mod strand;
pub mod tally;
pub mod travel;

pub use counts::Counts;
pub use day::Run;
