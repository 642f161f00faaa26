//! Flee's folders: read as they are.
