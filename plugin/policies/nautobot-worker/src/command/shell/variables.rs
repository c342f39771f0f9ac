//! Variables of a script: what is known of each as the script goes on.
//!
//! Only a run can tell whether a branch is taken, so a variable that one changes is not known
//! after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::expand::{Environment, Texts};

/// The deepest branches within branches that are followed; each costs a look at its variables.
const DEEPEST: usize = 16;

/// A part of a script that may not run, or whose variables end with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Commands behind `&&` and `||`.
    Chain,
    /// A condition, loop, group or function.
    Branch,
    /// Parentheses.
    Subshell,
}

/// A variable that the script sets.
#[derive(Debug)]
struct Local {
    /// Its text; none where it is not known.
    text: Option<String>,
    is_exported: bool,
}

/// The script's variables.
pub(super) struct Variables<'a, 'e> {
    environment: &'a Environment<'e>,
    locals: BTreeMap<String, Local>,
    /// The variable before each assignment in a scope.
    before: Vec<(String, Option<Local>)>,
    /// Open scopes, and the first of their assignments.
    scopes: Vec<(Scope, usize)>,
    /// The last operator of this chain is `||`.
    is_behind_or: bool,
    is_lost: bool,
}

impl<'a, 'e> Variables<'a, 'e> {
    /// The variables of a script that begins with this environment.
    pub(super) fn new(environment: &'a Environment<'e>) -> Self {
        Self {
            environment,
            locals: BTreeMap::new(),
            before: Vec::new(),
            scopes: Vec::new(),
            is_behind_or: false,
            is_lost: false,
        }
    }

    /// Returns a variable's text, if it is known.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let text = match self.locals.get(name) {
            Some(local) => local.text.clone(),
            None => self.environment.get(name),
        };
        text.filter(|text| !self.is_lost && self.environment.affords(text.len()))
    }

    /// Sets a variable; one that is exported stays so.
    pub(super) fn set(&mut self, name: &str, text: Option<String>, exports: bool) {
        let was = self.locals.get(name).is_some_and(|local| local.is_exported);
        let local = Local { text, is_exported: exports || was };
        let before = self.locals.insert(name.to_owned(), local);
        if !self.scopes.is_empty() {
            self.before.push((name.to_owned(), before));
        }
    }

    /// Returns the text that the script gave a variable which programs see.
    pub(super) fn exported(&self, name: &str) -> Option<&Option<String>> {
        let local = self.locals.get(name)?;
        (local.is_exported || self.environment.get(name).is_some()).then_some(&local.text)
    }

    /// Returns all variables of the script that programs see.
    pub(super) fn all_exported(&self) -> Texts {
        let names = self.locals.keys();
        names
            .filter_map(|name| Some((name.clone(), self.exported(name)?.clone())))
            .map(|(name, text)| (name, text.filter(|_| !self.is_lost)))
            .collect()
    }

    /// Returns whether the script is inside a scope.
    pub(super) fn is_inside(&self) -> bool {
        !self.scopes.is_empty()
    }

    /// Returns whether the script is in parentheses, or may be.
    pub(super) fn is_in_subshell(&self) -> bool {
        let last = self.scopes.iter().rev().find(|(scope, _)| *scope != Scope::Chain);
        self.is_lost || last.is_some_and(|(scope, _)| *scope == Scope::Subshell)
    }

    /// Begins a chain, or goes on with it. Behind `A || B && C` it is open whether B ran.
    pub(super) fn chain(&mut self, is_or: bool) {
        if is_or || self.is_behind_or {
            self.close(Scope::Chain);
        }
        self.is_behind_or = is_or;
        if self.scopes.last().is_none_or(|(last, _)| *last != Scope::Chain) {
            self.open(Scope::Chain);
        }
    }

    /// Begins a scope.
    pub(super) fn open(&mut self, scope: Scope) {
        self.is_lost |= self.scopes.len() >= DEEPEST;
        if !self.is_lost {
            self.scopes.push((scope, self.before.len()));
        }
    }

    /// Ends a scope, if it is the innermost one; a chain ends with what it is in.
    pub(super) fn close(&mut self, scope: Scope) {
        if scope != Scope::Chain {
            self.close(Scope::Chain);
        }
        self.is_behind_or = false;
        let Some((_, start)) = self.scopes.pop_if(|(last, _)| *last == scope) else { return };
        if scope == Scope::Subshell {
            for (name, before) in self.before.drain(start..).rev() {
                match before {
                    Some(local) => self.locals.insert(name, local),
                    None => self.locals.remove(&name),
                };
            }
        } else {
            self.forget_changes(start);
        }
        if self.scopes.is_empty() {
            self.before.clear();
        }
    }

    /// Makes variables unknown whose text is another than before.
    fn forget_changes(&mut self, start: usize) {
        let mut seen = BTreeSet::new();
        for (name, before) in self.before.get(start..).unwrap_or_default() {
            if !seen.insert(name) {
                continue;
            }
            let Some(local) = self.locals.get_mut(name) else { continue };
            let is_same = match before {
                Some(before) => local.text == before.text,
                None => local.text == self.environment.get(name),
            };
            if !is_same {
                local.text = None;
            }
        }
    }
}
