//! The settings that variables shape: where each was shaped, and where it lost that again.

use std::collections::BTreeMap;

use ruff_text_size::TextSize;

use super::value::Variables;

/// A place: the layer, and where in it.
pub(crate) type Spot = (usize, TextSize);

/// A setting, as far as it was followed.
#[derive(Clone, Debug)]
pub(super) struct WatchedSetting<'a> {
    pub(super) name: &'a str,
    /// The variables that it is made from now.
    now: Variables,
    /// Those that the branch, or the module, has thrown away and not put back.
    gone: Variables,
    /// Those that it was ever made from, or that decided what it is.
    ever: Variables,
    /// Where each came in last, and where it was thrown away last.
    shaped: BTreeMap<u32, Spot>,
    lost: BTreeMap<u32, Spot>,
    /// Where each may be thrown away, by what only the pod knows, and how many branches stand
    /// around the `if`.
    perhaps: BTreeMap<u32, (Spot, Spot, usize)>,
}

/// A statement that takes variables out of a setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Loss {
    pub(crate) setting: String,
    /// Whether it is one branch of several.
    pub(crate) perhaps: bool,
    pub(crate) variables: Variables,
    pub(crate) shaped: Spot,
    pub(crate) at: Spot,
}

impl Loss {
    /// Returns the names of its variables among all.
    pub(crate) fn names<'v>(&self, all: &'v [String]) -> Vec<&'v str> {
        let lost = all.iter().take(Variables::BITS as usize).enumerate();
        let lost = lost.filter(|(number, _)| self.variables & (1 << number) != 0);
        lost.map(|(_, name)| name.as_str()).collect()
    }
}

/// What a statement has done.
pub(super) struct StatementEffect {
    pub(super) at: Spot,
    /// Variables in what it stored, and those that decide whether it runs.
    pub(super) stored: Variables,
    pub(super) controls: Variables,
    /// How many branches are around it.
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

    /// Notes what it is made from after a statement that has changed it, or has not.
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

    pub(super) fn current(&self) -> Variables {
        self.now
    }

    /// Begins a branch; returns what [`WatchedSetting::end_branch`] takes.
    pub(super) fn begin_branch(&mut self) -> (Variables, Variables) {
        (self.now, std::mem::take(&mut self.gone))
    }

    /// Ends a branch, `excused` if the variables decide on it.
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

    /// Takes what is left where branches meet.
    pub(super) fn join_branches(&mut self, now: Variables) {
        self.gone = (self.gone | self.now) & !now;
        self.now = now;
        self.ever |= now;
    }

    /// Forgets what has become of it since, but for the variables that have shaped it.
    pub(super) fn go_back_to(&mut self, before: Self) {
        let ever = self.ever;
        *self = before;
        self.ever |= ever;
    }

    pub(super) fn ever_made_from(&self) -> Variables {
        self.ever
    }

    /// Returns what it has lost for good, and what it may have; one of each place.
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

fn bits_of(variables: Variables) -> impl Iterator<Item = u32> {
    (0..Variables::BITS).filter(move |bit| variables & (1 << bit) != 0)
}
