//! `policies.lock`: which policies a fleet may use, each named by path and sha256.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::finding::Finding;
use crate::origin::SourceFile;

/// The file's name; the folder that holds it is the fleet's root.
pub const LOCK_FILE: &str = "policies.lock";

/// A fleet's pinned policies.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    /// By name, in the order of the file.
    pub policies: IndexMap<String, Pin>,
}

/// One pinned policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Path of the artifact, relative to the fleet's root.
    pub path: String,
    /// sha256 of the artifact, in lower-case hex.
    pub sha256: String,
    /// sha256 of the sources it was built from, as the artifact says, if it says so.
    pub source: Option<String>,
}

impl Lock {
    /// Reads the file.
    pub fn read(_file: &Arc<SourceFile>) -> Result<Self, Box<Finding>> {
        unimplemented!()
    }

    /// The file's text.
    pub fn write(&self) -> String {
        unimplemented!()
    }
}
