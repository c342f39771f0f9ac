//! Tracks the variables of a script, as far as their texts are known.
//!
//! A branch is taken or not only when the script runs, so a variable that a branch changes is
//! unknown after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::expand::{Environment, VariableTexts};

/// The deepest branches within branches that are followed, because each costs fuel at its end.
const MAX_DEPTH: usize = 16;

/// A part of a script that may not run, or whose variables are local to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScriptScope {
    /// Commands after `&&` and `||`.
    Chain,
    /// A condition, loop, group or function.
    Branch,
    /// Parentheses.
    Subshell,
}

/// A variable that the script sets.
#[derive(Debug)]
struct ScriptVariable {
    /// The text, if it is known.
    text: Option<String>,
    is_exported: bool,
}

/// The variables of a script at one point of it.
pub(super) struct ScriptVariables<'a, 'e> {
    environment: &'a Environment<'e>,
    locals: BTreeMap<String, ScriptVariable>,
    /// The previous state of each variable that was assigned in a scope.
    before: Vec<(String, Option<ScriptVariable>)>,
    /// The open scopes, each with the index of its first assignment in `before`.
    scopes: Vec<(ScriptScope, usize)>,
    /// Whether the last operator of this chain is `||`.
    is_behind_or: bool,
    /// Whether scopes are nested too deeply, so that no variable is known any more.
    is_lost: bool,
}

impl<'a, 'e> ScriptVariables<'a, 'e> {
    /// Returns the variables of a script that begins with this environment.
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
        text.filter(|text| !self.is_lost && self.environment.fits_budget(text.len()))
    }

    /// Sets a variable; an exported variable stays exported.
    pub(super) fn set(&mut self, name: &str, text: Option<String>, exports: bool) {
        let was = self.locals.get(name).is_some_and(|local| local.is_exported);
        let local = ScriptVariable { text, is_exported: exports || was };
        let before = self.locals.insert(name.to_owned(), local);
        if !self.scopes.is_empty() {
            self.before.push((name.to_owned(), before));
        }
    }

    /// Returns the text that the script set for an exported variable.
    pub(super) fn exported_text(&self, name: &str) -> Option<&Option<String>> {
        let local = self.locals.get(name)?;
        (local.is_exported || self.environment.get(name).is_some()).then_some(&local.text)
    }

    /// Returns all exported variables that the script set.
    pub(super) fn all_exported(&self) -> VariableTexts {
        let names = self.locals.keys();
        names
            .filter_map(|name| Some((name.clone(), self.exported_text(name)?.clone())))
            .map(|(name, text)| (name, text.filter(|_| !self.is_lost)))
            .collect()
    }

    /// Returns whether this point of the script is inside a scope.
    pub(super) fn is_inside(&self) -> bool {
        !self.scopes.is_empty()
    }

    /// Returns whether this point of the script is in parentheses, or may be.
    pub(super) fn is_in_subshell(&self) -> bool {
        let last = self.scopes.iter().rev().find(|(scope, _)| *scope != ScriptScope::Chain);
        self.is_lost || last.is_some_and(|(scope, _)| *scope == ScriptScope::Subshell)
    }

    /// Begins or continues a chain. After `A || B` it is unknown whether B ran.
    pub(super) fn open_chain(&mut self, is_or: bool) {
        if is_or || self.is_behind_or {
            self.close_scope(ScriptScope::Chain);
        }
        self.is_behind_or = is_or;
        if self.scopes.last().is_none_or(|(last, _)| *last != ScriptScope::Chain) {
            self.open_scope(ScriptScope::Chain);
        }
    }

    /// Begins a scope.
    pub(super) fn open_scope(&mut self, scope: ScriptScope) {
        self.is_lost |= self.scopes.len() >= MAX_DEPTH;
        if !self.is_lost {
            self.scopes.push((scope, self.before.len()));
        }
    }

    /// Ends a scope if it is the innermost one; a chain ends with the scope around it.
    pub(super) fn close_scope(&mut self, scope: ScriptScope) {
        if scope != ScriptScope::Chain {
            self.close_scope(ScriptScope::Chain);
        }
        self.is_behind_or = false;
        let Some((_, start)) = self.scopes.pop_if(|(last, _)| *last == scope) else { return };
        if scope == ScriptScope::Subshell {
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

    /// Marks variables as unknown whose text differs from the one before the scope.
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
