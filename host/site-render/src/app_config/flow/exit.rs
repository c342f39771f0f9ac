//! Exits from a block before its end, and the branches that join after a statement.

use super::heap::Changes;

/// The exit that one branch takes from a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Continue = 1,
    Break = 2,
    Return = 4,
    Raise = 8,
}

/// The exits that some branches have taken while others continue. `Raise` is never among them:
/// after an uncaught exception, nothing of the configuration remains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Exits(u8);

impl Exits {
    /// Adds an exit.
    pub(super) fn insert(&mut self, exit: Exit) {
        self.0 |= exit as u8;
    }

    /// Removes an exit.
    pub(super) fn remove(&mut self, exit: Exit) {
        self.0 &= !(exit as u8);
    }

    /// Adds all exits of another set.
    pub(super) fn extend(&mut self, more: Self) {
        self.0 |= more.0;
    }

    /// Returns whether no branch has left.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the exit if all branches take the same one.
    fn only(self) -> Option<Exit> {
        [Exit::Continue, Exit::Break, Exit::Return].into_iter().find(|exit| *exit as u8 == self.0)
    }
}

/// The branches of a statement: the changes of each, and its exit from the block, if any. A branch
/// that raises is left out.
#[derive(Default)]
pub(super) struct Ways {
    pub(super) changes: Vec<Changes>,
    exits: Vec<Option<Exit>>,
}

impl Ways {
    /// Returns branches of which one changes nothing.
    pub(super) fn or_nothing() -> Self {
        Self { changes: vec![Changes::new()], exits: vec![None] }
    }

    /// Returns branches of which one has left the block before.
    pub(super) fn or_left(left: Exits) -> Self {
        Self { changes: vec![Changes::new()], exits: vec![left.only()] }
    }

    /// Adds a branch.
    pub(super) fn push(&mut self, changes: Changes, exit: Option<Exit>) {
        self.changes.push(changes);
        self.exits.push(exit);
    }

    /// Returns the exit of all branches, if it is the same for all.
    pub(super) fn exit(&self) -> Option<Exit> {
        let Some(first) = self.exits.first() else { return Some(Exit::Raise) };
        first.filter(|_| self.exits.iter().all(|exit| exit == first))
    }
}
