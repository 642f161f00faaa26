//! The engine: the model and nothing else. It knows no file, clock, terminal or thread count.
