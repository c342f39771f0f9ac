//! Tracks the settings that variables shape: where each was shaped, and where it lost a variable.

use std::collections::BTreeMap;

use ruff_text_size::TextSize;

use super::value::Variables;

/// A place: the layer, and the offset in it.
pub(crate) type Spot = (usize, TextSize);

/// A setting and its history.
#[derive(Clone, Debug)]
pub(super) struct WatchedSetting<'a> {
    pub(super) name: &'a str,
    /// The variables that its current value is made from.
    now: Variables,
    /// The variables that the branch, or the module, has removed and not restored.
    gone: Variables,
    /// All variables that it was ever made from, or that decided its value.
    ever: Variables,
    /// Where each variable entered last, and where it was removed last.
    shaped: BTreeMap<u32, Spot>,
    lost: BTreeMap<u32, Spot>,
    /// Removals that depend on conditions known only in the pod: where the variable entered, where
    /// it may be removed, and the number of branches around the condition.
    perhaps: BTreeMap<u32, (Spot, Spot, usize)>,
}

/// A statement that removes variables from a setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Loss {
    pub(crate) setting: String,
    /// Whether it happens in only one branch of several.
    pub(crate) perhaps: bool,
    pub(crate) variables: Variables,
    pub(crate) shaped: Spot,
    pub(crate) at: Spot,
}

impl Loss {
    /// Returns the names of its variables; `all` are those of the policy.
    pub(crate) fn names<'v>(&self, all: &'v [String]) -> Vec<&'v str> {
        let lost = all.iter().take(Variables::BITS as usize).enumerate();
        let lost = lost.filter(|(number, _)| self.variables & (1 << number) != 0);
        lost.map(|(_, name)| name.as_str()).collect()
    }
}

/// The effect of a statement.
pub(super) struct StatementEffect {
    pub(super) at: Spot,
    /// The variables in the values that it stored, and in the conditions around it.
    pub(super) stored: Variables,
    pub(super) controls: Variables,
    /// The number of enclosing branches.
    pub(super) depth: usize,
}

impl<'a> WatchedSetting<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        Self {
            name,
            now: 0,
            gone: 0,
            ever: 0,
            shaped: BTreeMap::new(),
            lost: BTreeMap::new(),
            perhaps: BTreeMap::new(),
        }
    }

    /// Records the variables of the setting after a statement; `changed` says whether the
    /// statement has changed it.
    pub(super) fn note_statement(&mut self, now: Variables, changed: bool, done: &StatementEffect) {
        for bit in bits_of(now & !self.now) {
            self.shaped.insert(bit, done.at);
            self.lost.remove(&bit);
        }
        for bit in bits_of(self.now & !now) {
            self.lost.insert(bit, done.at);
        }
        self.gone = (self.gone | self.now) & !now;
        if changed {
            self.ever |= done.controls;
            let again = now & done.stored;
            self.perhaps
                .retain(|bit, (_, _, depth)| again & (1 << *bit) == 0 || *depth < done.depth);
        }
        self.now = now;
        self.ever |= now;
    }

    /// Returns the variables that the setting is made from now.
    pub(super) fn current(&self) -> Variables {
        self.now
    }

    /// Begins a branch. Returns the state that [`WatchedSetting::end_branch`] takes.
    pub(super) fn begin_branch(&mut self) -> (Variables, Variables) {
        (self.now, std::mem::take(&mut self.gone))
    }

    /// Ends a branch. Losses in an `excused` branch are not recorded.
    pub(super) fn end_branch(
        &mut self,
        (began, gone): (Variables, Variables),
        excused: bool,
        depth: usize,
    ) {
        let lost = std::mem::replace(&mut self.gone, gone);
        for bit in bits_of(if excused { 0 } else { lost }) {
            if let (Some(shaped), Some(lost)) = (self.shaped.get(&bit), self.lost.get(&bit)) {
                self.perhaps.insert(bit, (*shaped, *lost, depth));
            }
        }
        self.now = began;
    }

    /// Sets the variables after the branches have joined.
    pub(super) fn join_branches(&mut self, now: Variables) {
        self.gone = (self.gone | self.now) & !now;
        self.now = now;
        self.ever |= now;
    }

    /// Restores an earlier state, except for the variables that have ever shaped the setting.
    pub(super) fn go_back_to(&mut self, before: Self) {
        let ever = self.ever;
        *self = before;
        self.ever |= ever;
    }

    /// Returns the variables that have ever shaped the setting.
    pub(super) fn ever_made_from(&self) -> Variables {
        self.ever
    }

    /// Returns the certain and the possible losses, one for each place.
    pub(super) fn losses(&self) -> Vec<Loss> {
        let mut losses: BTreeMap<(bool, Spot), Loss> = BTreeMap::new();
        let gone = self.shaped.iter().filter(|(bit, _)| self.now & (1 << **bit) == 0);
        let gone =
            gone.filter_map(|(bit, shaped)| Some((*bit, *shaped, *self.lost.get(bit)?, false)));
        let perhaps = self.perhaps.iter().filter(|(bit, _)| self.now & (1 << **bit) != 0);
        let perhaps = perhaps.map(|(bit, (shaped, lost, _))| (*bit, *shaped, *lost, true));
        for (bit, shaped, at, perhaps) in gone.chain(perhaps) {
            let loss = losses.entry((perhaps, at)).or_insert(Loss {
                setting: self.name.to_owned(),
                perhaps,
                variables: 0,
                shaped,
                at,
            });
            loss.variables |= 1 << bit;
        }
        losses.into_values().collect()
    }
}

/// Returns the indexes of the variables in a set.
fn bits_of(variables: Variables) -> impl Iterator<Item = u32> {
    (0..Variables::BITS).filter(move |bit| variables & (1 << bit) != 0)
}
