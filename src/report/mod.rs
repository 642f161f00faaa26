//! Report: tables, pictures and words for people.

pub mod bars;
pub mod comparison;
pub mod flee_csv;
pub mod lines;
pub mod map;
pub mod picture;
pub mod ticks;
mod world;
pub mod write;
