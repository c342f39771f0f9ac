//! Abstract values: the variables that a value is made from, and the containers that it may be.

use std::rc::Rc;

use crate::app_config::readers;

/// The maximum number of containers, and of words, of one value.
pub(super) const MOST: usize = 8;

/// A set of variables, one bit for each by its index in the policy's list.
pub(super) type Variables = u64;

/// The index of a container in the heap.
pub(super) type Id = u32;

/// The possible results of an expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FlowValue {
    /// The variables that it is made from, in addition to those in its containers.
    pub(super) from: Variables,
    /// The containers that it may be, sorted.
    pub(super) objects: Vec<Id>,
    pub(super) known: KnownAs,
}

/// Other facts about a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum KnownAs {
    #[default]
    Nothing,
    /// One of these texts or numbers.
    Words(Vec<Rc<str>>),
    /// The object with this dotted name in Python: `os.environ`, `environ.Env()`.
    Path(Rc<str>),
    /// A function of the configuration, by its index.
    Function(usize),
    /// A function with decorators, by its index.
    Decorated(usize),
    /// The method with this name, of this value.
    Method(Rc<(FlowValue, Rc<str>)>),
}

impl KnownAs {
    /// Returns this fact, or the other if nothing is known.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Nothing { other } else { self }
    }
}

impl FlowValue {
    /// Returns a value that is one known text.
    pub(super) fn from_word(word: &str) -> Self {
        Self { known: KnownAs::Words(vec![word.into()]), ..Self::default() }
    }

    /// Returns a value that is one container.
    pub(super) fn from_container(id: Id) -> Self {
        Self { objects: vec![id], ..Self::default() }
    }

    /// Returns an unknown value that is made from variables.
    pub(super) fn from_variables(from: Variables) -> Self {
        Self { from, ..Self::default() }
    }

    /// Returns the words that it may be; empty if it may be anything.
    pub(super) fn words(&self) -> &[Rc<str>] {
        if let KnownAs::Words(words) = &self.known { words } else { &[] }
    }

    /// Returns its dotted name in Python.
    pub(super) fn path(&self) -> Option<&str> {
        if let KnownAs::Path(path) = &self.known { Some(path) } else { None }
    }

    /// Returns the facts that hold for a copy too: a copy of the environment reads like the
    /// environment.
    pub(super) fn known_of_copy(&self) -> KnownAs {
        let is_environment = self.path().is_some_and(readers::is_environment);
        if is_environment { self.known.clone() } else { KnownAs::Nothing }
    }

    /// Joins another value into this one. Returns the containers that exceed the limit; the caller
    /// keeps the variables in them.
    pub(super) fn join_with(&mut self, other: &Self) -> Vec<Id> {
        self.from |= other.from;
        let mut left = Vec::new();
        for id in &other.objects {
            if let Err(at) = self.objects.binary_search(id) {
                if self.objects.len() < MOST {
                    self.objects.insert(at, *id);
                } else {
                    left.push(*id);
                }
            }
        }
        match (&mut self.known, &other.known) {
            (KnownAs::Words(own), KnownAs::Words(more)) => {
                own.extend(
                    more.iter().filter(|word| !own.contains(word)).cloned().collect::<Vec<_>>(),
                );
                if own.len() > MOST {
                    self.known = KnownAs::Nothing;
                }
            }
            (own, more) if own == more => {}
            // In `x or {}`, the default does not change the meaning of the name.
            (KnownAs::Nothing, KnownAs::Path(_)) => self.known = other.known.clone(),
            (KnownAs::Path(_), KnownAs::Nothing | KnownAs::Words(_)) => {}
            _ => self.known = KnownAs::Nothing,
        }
        left
    }
}
