//! The catalogue: every code of this crate, once.

mod commands;
mod serve;

use site_render::finding::Code;

pub use commands::*;
pub use serve::*;

/// Returns all codes of this crate.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [commands::ALL, serve::ALL].into_iter().flatten().copied()
}
