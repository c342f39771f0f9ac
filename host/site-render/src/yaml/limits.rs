//! How large and how deep a document may grow, aliases counted as what they stand for.
//!
//! Shared subtrees make expansion cheap here, but whoever walks or prints the result
//! pays for every node, and pays in stack for every level.

/// Levels of nesting; no chart comes near it, and every recursion over a tree that this
/// reader built may rely on it.
pub(super) const DEPTH: usize = 200;

/// Nodes of a file after its aliases are expanded.
const NODES: u64 = 1_000_000;

/// The size of a subtree, aliases expanded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TreeSize {
    /// Nodes, itself and its keys included.
    pub(super) nodes: u64,
    /// Levels of collections.
    pub(super) height: usize,
}

impl TreeSize {
    /// Of a scalar.
    pub(super) const SCALAR: Self = Self { nodes: 1, height: 0 };

    /// Of a collection that has no child yet.
    pub(super) const COLLECTION: Self = Self { nodes: 1, height: 1 };

    /// Takes in a child.
    pub(super) fn add_child(&mut self, child: Self) {
        self.nodes = self.nodes.saturating_add(child.nodes);
        self.height = self.height.max(child.height + 1);
    }
}

/// What the document has cost so far.
#[derive(Debug, Default)]
pub(super) struct NodeBudget {
    nodes: u64,
    aliased: u64,
}

impl NodeBudget {
    /// Counts a node; false where the file has too many.
    pub(super) fn count_node(&mut self) -> bool {
        self.nodes = self.nodes.saturating_add(1);
        self.nodes <= NODES
    }

    /// Counts what an alias stands for; false where it is too much for us or for Go.
    pub(super) fn count_alias(&mut self, size: TreeSize) -> bool {
        self.nodes = self.nodes.saturating_add(size.nodes);
        self.aliased = self.aliased.saturating_add(size.nodes);
        self.nodes <= NODES && !self.is_excessive()
    }

    /// go-yaml's rule: from a thousand nodes on, at most 99 % may come from aliases,
    /// falling to 10 % between 400 thousand and four million.
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
