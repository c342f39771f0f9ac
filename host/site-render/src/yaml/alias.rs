//! Anchors, and the nodes that aliases refer to.

use std::collections::BTreeMap;

use crate::value::Node;

use super::limits::TreeSize;
use super::resolve::Scalar;

/// A node that an alias may refer to.
#[derive(Clone, Debug)]
pub(super) struct AnchorTarget {
    /// The node, shared and not copied.
    pub(super) node: Node,
    /// Its size when it is expanded.
    pub(super) size: TreeSize,
    /// Its scalar, if it is one: an alias may be a key.
    pub(super) scalar: Option<Scalar>,
}

/// The complete anchors of a document, by the parser's number.
#[derive(Debug, Default)]
pub(super) struct Anchors(BTreeMap<usize, AnchorTarget>);

impl Anchors {
    /// Removes all anchors: an anchor is valid only in its own document.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Stores a node under its anchor. The parser uses number 0 for nodes without one.
    pub(super) fn set(&mut self, anchor: usize, target: impl FnOnce() -> AnchorTarget) {
        if anchor > 0 {
            self.0.insert(anchor, target());
        }
    }

    /// Returns the node of an alias, if it is complete.
    pub(super) fn get(&self, anchor: usize) -> Option<&AnchorTarget> {
        self.0.get(&anchor)
    }
}
