//! The pipeline of site-cmp: a site's profile in, its documents out.
//!
//! A pure function of its inputs: no clock, no environment variable, no standard
//! stream, no network, no thread. Files come from a [`tree::Tree`], decisions from
//! [`policy::Policies`]; the same inputs give the same bytes on every machine.

pub mod check;
pub mod emit;
pub mod explain;
pub mod finding;
pub mod fleet;
pub mod gate;
pub mod json;
pub mod lock;
pub mod origin;
pub mod policy;
pub mod request;
pub mod tree;
pub mod value;
pub mod yaml;

use finding::Problems;
use fleet::Fleet;
use request::{Rendered, Request};

/// Renders one component of one site.
pub fn render(_fleet: &Fleet, _request: &Request) -> Result<Rendered, Problems> {
    unimplemented!()
}
