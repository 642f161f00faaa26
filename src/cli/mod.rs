//! The command line: what was typed, made into one call of the library.
