//! Limits the size and the depth of a document, with aliases expanded.
//!
//! Subtrees are shared, so expansion is cheap here. But each reader and writer of the result
//! spends time for every node and stack for every level.

/// The maximum nesting. No known chart comes close, and every recursion over a parsed tree relies
/// on it to bound its stack.
pub(super) const DEPTH: usize = 200;

/// The maximum number of nodes in a file after its aliases are expanded.
const NODES: u64 = 1_000_000;

/// The size of a subtree, with aliases expanded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TreeSize {
    /// The number of nodes, including itself and its keys.
    pub(super) nodes: u64,
    /// The number of levels of collections.
    pub(super) height: usize,
}

impl TreeSize {
    /// The size of a scalar.
    pub(super) const SCALAR: Self = Self { nodes: 1, height: 0 };

    /// The size of an empty collection.
    pub(super) const COLLECTION: Self = Self { nodes: 1, height: 1 };

    /// Adds the size of a child.
    pub(super) fn add_child(&mut self, child: Self) {
        self.nodes = self.nodes.saturating_add(child.nodes);
        self.height = self.height.max(child.height + 1);
    }
}

/// The number of nodes read so far.
#[derive(Debug, Default)]
pub(super) struct NodeBudget {
    nodes: u64,
    aliased: u64,
}

impl NodeBudget {
    /// Counts a node. Returns `false` if the file has too many.
    pub(super) fn count_node(&mut self) -> bool {
        self.nodes = self.nodes.saturating_add(1);
        self.nodes <= NODES
    }

    /// Counts the expanded nodes of an alias. Returns `false` if they exceed our limit or Go's.
    pub(super) fn count_alias(&mut self, size: TreeSize) -> bool {
        self.nodes = self.nodes.saturating_add(size.nodes);
        self.aliased = self.aliased.saturating_add(size.nodes);
        self.nodes <= NODES && !self.is_excessive()
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
