//! Report: tables, pictures and words for people.

pub mod flee_csv;
