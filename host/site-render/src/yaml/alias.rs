//! Anchors: what an alias stands for.

use std::collections::BTreeMap;

use crate::value::Node;

use super::limits::TreeSize;
use super::resolve::Scalar;

/// A node that an alias may name.
#[derive(Clone, Debug)]
pub(super) struct AnchorTarget {
    /// The node, shared rather than copied.
    pub(super) node: Node,
    /// What it costs whoever walks it.
    pub(super) size: TreeSize,
    /// Its scalar, if it is one: an alias may be a key.
    pub(super) scalar: Option<Scalar>,
}

/// The complete anchors of a document, by the parser's number.
#[derive(Debug, Default)]
pub(super) struct Anchors(BTreeMap<usize, AnchorTarget>);

impl Anchors {
    /// Forgets them: an anchor does not outlive its document.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Remembers a node; number 0 is none.
    pub(super) fn set(&mut self, anchor: usize, target: impl FnOnce() -> AnchorTarget) {
        if anchor > 0 {
            self.0.insert(anchor, target());
        }
    }

    /// What an alias stands for, if that is complete.
    pub(super) fn get(&self, anchor: usize) -> Option<&AnchorTarget> {
        self.0.get(&anchor)
    }
}
