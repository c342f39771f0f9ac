//! The catalogue: every finding of this crate, once.

mod config;
mod inputs;
mod limits;
mod policies;
mod profile;
mod sources;
mod values;

use crate::finding::Code;

pub use config::*;
pub use inputs::*;
pub use limits::*;
pub use policies::*;
pub use profile::*;
pub use sources::*;
pub use values::*;

/// Returns all codes of this crate.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let lists = [
        config::ALL,
        inputs::ALL,
        limits::ALL,
        policies::ALL,
        profile::ALL,
        sources::ALL,
        values::ALL,
    ];
    lists.into_iter().flatten().copied()
}
