//! How a block is left before its end, and the ways that meet behind a statement.

use super::heap::Changes;

/// How one way through a block leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Continue = 1,
    Break = 2,
    Return = 4,
    Raise = 8,
}

/// The exits that some ways have taken while others went on; none of them is `Raise`, after
/// which nothing of the config is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Exits(u8);

impl Exits {
    pub(super) fn insert(&mut self, exit: Exit) {
        self.0 |= exit as u8;
    }

    pub(super) fn remove(&mut self, exit: Exit) {
        self.0 &= !(exit as u8);
    }

    pub(super) fn extend(&mut self, more: Self) {
        self.0 |= more.0;
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the exit, if it is the same for all.
    fn only(self) -> Option<Exit> {
        [Exit::Continue, Exit::Break, Exit::Return].into_iter().find(|exit| *exit as u8 == self.0)
    }
}

/// The ways through a statement: what each changes, and how it leaves the block, if it does.
/// A way that raises is none of them.
#[derive(Default)]
pub(super) struct Ways {
    pub(super) changes: Vec<Changes>,
    exits: Vec<Option<Exit>>,
}

impl Ways {
    /// Begins with the way that changes nothing.
    pub(super) fn or_nothing() -> Self {
        Self { changes: vec![Changes::new()], exits: vec![None] }
    }

    /// Begins with the ways that have left the block before.
    pub(super) fn or_left(left: Exits) -> Self {
        Self { changes: vec![Changes::new()], exits: vec![left.only()] }
    }

    pub(super) fn push(&mut self, changes: Changes, exit: Option<Exit>) {
        self.changes.push(changes);
        self.exits.push(exit);
    }

    /// Returns how all of them leave the block, if they do so in the same way.
    pub(super) fn exit(&self) -> Option<Exit> {
        let Some(first) = self.exits.first() else { return Some(Exit::Raise) };
        first.filter(|_| self.exits.iter().all(|exit| exit == first))
    }
}
