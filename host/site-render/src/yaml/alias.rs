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

/// The complete anchors of a document, by name.
#[derive(Debug, Default)]
pub(super) struct Anchors<'f>(BTreeMap<&'f str, AnchorTarget>);

impl<'f> Anchors<'f> {
    /// Removes all anchors: an anchor is valid only in its own document.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Stores a node under its anchor, if it has one.
    pub(super) fn set(&mut self, anchor: Option<&'f str>, target: impl FnOnce() -> AnchorTarget) {
        if let Some(anchor) = anchor {
            self.0.insert(anchor, target());
        }
    }

    /// Removes an earlier node with the anchor of a collection, which is not complete yet.
    pub(super) fn begin(&mut self, anchor: Option<&'f str>) {
        if let Some(anchor) = anchor {
            self.0.remove(anchor);
        }
    }

    /// Returns the node of an alias, if it is complete.
    pub(super) fn get(&self, anchor: &str) -> Option<&AnchorTarget> {
        self.0.get(anchor)
    }
}
