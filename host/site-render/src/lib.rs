//! The pipeline of site-cmp: a site's profile in, its documents out.
//!
//! A pure function of its inputs: no clock, no environment variable, no standard
//! stream, no network, no thread. Files come from a [`tree::Tree`], decisions from
//! [`policy::Policies`]; the same inputs give the same bytes on every machine.

pub mod finding;
pub mod json;
pub mod origin;
pub mod policy;
pub mod tree;
pub mod value;
pub mod yaml;
