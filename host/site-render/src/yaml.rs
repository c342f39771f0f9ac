//! YAML as Helm reads it (go-yaml v2), and YAML that reads back as what was meant.

use std::sync::Arc;

use crate::finding::Finding;
use crate::origin::SourceFile;
use crate::value::Node;

/// A document, with what its reader wants to warn of.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The document; a null for an empty file.
    pub root: Node,
    /// Duplicate keys and the like.
    pub warnings: Vec<Finding>,
}

/// The text of a file: UTF-8, a byte order mark dropped, no NUL.
pub fn decode(_name: &str, _bytes: &[u8]) -> Result<Arc<SourceFile>, Box<Finding>> {
    unimplemented!()
}

/// Reads a file; several documents in one file merge as Helm merges `-f` files.
pub fn read(_file: &Arc<SourceFile>) -> Result<Parsed, Box<Finding>> {
    unimplemented!()
}

/// Block YAML of a value; `comment` may give lines to stand above a mapping's entry,
/// told its pointer and node.
pub fn write(_node: &Node, _comment: &dyn Fn(&str, &Node) -> Option<String>) -> String {
    unimplemented!()
}
