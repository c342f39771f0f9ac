//! Builds JSON Schemas (draft 2020-12) of the files that users write, from the tables of keys.
//!
//! An editor validates a file against them while it is written. A render does not use them.

mod builder;
mod fleet;
mod settings;
#[cfg(test)]
mod tests;

pub use builder::{of_file, one_line};
pub use fleet::{environment, profile};
