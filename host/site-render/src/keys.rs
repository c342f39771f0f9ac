//! Tables of the keys that users may write, one table for each mapping of each file.
//!
//! The readers look their keys up in these tables, `docs/reference.md` lists them, and the
//! JSON Schemas are built from them. A key that is not in a table cannot be read: a debug
//! assertion of `fields` fails.

mod cluster;
mod environment;
mod header;
mod limits;
mod lock;
mod profile;
mod table;

pub use cluster::CLUSTER;
pub use environment::ENVIRONMENT;
pub use lock::LOCK;
pub use profile::PROFILE;
pub use table::{Fallback, File, Key, Kind, Table};

pub(crate) use environment::{GLOBAL_POLICIES, POLICIES};
pub(crate) use profile::{COMPONENT_OF_SITE, PROFILE_HEADER, PROFILE_POLICIES, SITE};
pub(crate) use table::FREE;

/// The files of a fleet, in the order in which a new user meets them.
pub static FILES: &[&File] = &[&ENVIRONMENT, &PROFILE, &CLUSTER, &LOCK];

#[cfg(test)]
mod tests;
