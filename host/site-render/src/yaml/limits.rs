//! Limits the size and the depth of a document, with aliases expanded.
//!
//! Subtrees are shared, so expansion is cheap here. But each reader and writer of the result
//! spends time for every node and stack for every level.

use crate::memory::{FILE_BYTES, VALUE_BYTES};

/// The maximum nesting. No known chart comes close, and every recursion over a parsed tree relies
/// on it to bound its stack.
pub(super) const DEPTH: usize = 200;

/// The size of a subtree, with aliases expanded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TreeSize {
    /// The number of nodes, including itself and its keys.
    pub(super) nodes: u64,
    /// The memory of these nodes, in bytes.
    pub(super) bytes: u64,
    /// The number of levels of collections.
    pub(super) height: usize,
}

impl TreeSize {
    /// The size of an empty collection.
    pub(super) const COLLECTION: Self = Self { nodes: 1, bytes: VALUE_BYTES, height: 1 };

    /// Returns the size of a scalar, or of a key.
    pub(super) fn of_scalar(text_bytes: usize) -> Self {
        Self { nodes: 1, bytes: VALUE_BYTES + text_bytes as u64, height: 0 }
    }

    /// Adds the size of a child.
    pub(super) fn add_child(&mut self, child: Self) {
        self.nodes = self.nodes.saturating_add(child.nodes);
        self.bytes = self.bytes.saturating_add(child.bytes);
        self.height = self.height.max(child.height + 1);
    }
}

/// The nodes of a file so far.
#[derive(Debug, Default)]
pub(super) struct NodeBudget {
    /// The memory of all nodes, in bytes.
    pub(super) bytes: u64,
    nodes: u64,
    aliased: u64,
}

impl NodeBudget {
    /// Counts a node and the text of a scalar. Returns `false` if the file takes too much memory.
    pub(super) fn count_node(&mut self, text_bytes: usize) -> bool {
        self.nodes = self.nodes.saturating_add(1);
        self.bytes = self.bytes.saturating_add(VALUE_BYTES + text_bytes as u64);
        self.bytes <= FILE_BYTES
    }

    /// Counts the expanded nodes of an alias. Returns `false` if they exceed our limit or Go's.
    pub(super) fn count_alias(&mut self, size: TreeSize) -> bool {
        self.nodes = self.nodes.saturating_add(size.nodes);
        self.bytes = self.bytes.saturating_add(size.bytes);
        self.aliased = self.aliased.saturating_add(size.nodes);
        self.bytes <= FILE_BYTES && !self.is_excessive()
    }

    /// Returns whether Go would reject the aliases. go-yaml allows at most 99 % of the nodes to
    /// come from aliases from a thousand nodes on, falling to 10 % between 400 thousand and four
    /// million.
    fn is_excessive(&self) -> bool {
        const LOW: u64 = 400_000;
        const RANGE: u64 = 3_600_000;
        let over = self.nodes.saturating_sub(LOW).min(RANGE);
        let permille = 990 - 890 * over / RANGE;
        self.aliased > 100
            && self.nodes > 1000
            && self.aliased.saturating_mul(1000) > self.nodes.saturating_mul(permille)
    }
}
