//! The fleet of the guide's reader: made by the guide's own commands, from an empty folder.
//!
//! The job of `jobs.rs` runs at its site, so what the guide promises is what is tested.

use site_cmp_tests::Scratch;

use crate::documents;

use super::pod::Pod;

pub(super) const ENVIRONMENT: &str = "lab";
pub(super) const SITE: &str = "lab1";

/// The fleet that the guide's commands leave.
pub(super) fn fleet() -> Scratch {
    documents::follow("docs/guide.md", "## A fleet of your own")
}

/// A pod of its site.
pub(super) fn pod() -> Pod {
    Pod { fleet: fleet(), environment: ENVIRONMENT, gateway: "guide", ..Pod::new(SITE, SITE) }
}
