//! Report: tables, pictures and words for people.
