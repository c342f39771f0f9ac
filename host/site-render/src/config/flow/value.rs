//! What a name may stand for: which variables it was made from, and which containers it may be.

use std::rc::Rc;

use crate::config::readers;

/// The most containers, and the most words, that one value may be.
pub(super) const MOST: usize = 8;

/// Variables, a bit each by their number in the policy's list.
pub(super) type Variables = u64;

/// A container, by its number in the heap.
pub(super) type Id = u32;

/// What an expression may evaluate to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FlowValue {
    /// The variables it was made from, beside those in its containers.
    pub(super) from: Variables,
    /// The containers it may be, in order.
    pub(super) objects: Vec<Id>,
    pub(super) known: KnownAs,
}

/// What is known of a value beside.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum KnownAs {
    #[default]
    Nothing,
    /// It is one of these texts or numbers.
    Words(Vec<Rc<str>>),
    /// It is what Python calls so: `os.environ`, `environ.Env()`.
    Path(Rc<str>),
    /// It is a function of the config, by its number.
    Function(usize),
    /// It is one with decorators.
    Decorated(usize),
    /// It is the method of this name, of the value.
    Method(Rc<(FlowValue, Rc<str>)>),
}

impl KnownAs {
    /// Returns this, or the other where nothing is known.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Nothing { other } else { self }
    }
}

impl FlowValue {
    pub(super) fn from_word(word: &str) -> Self {
        Self { known: KnownAs::Words(vec![word.into()]), ..Self::default() }
    }

    pub(super) fn from_container(id: Id) -> Self {
        Self { objects: vec![id], ..Self::default() }
    }

    pub(super) fn from_variables(from: Variables) -> Self {
        Self { from, ..Self::default() }
    }

    /// Returns the words that it may be; none if it may be anything.
    pub(super) fn words(&self) -> &[Rc<str>] {
        if let KnownAs::Words(words) = &self.known { words } else { &[] }
    }

    /// Returns what Python calls it.
    pub(super) fn path(&self) -> Option<&str> {
        if let KnownAs::Path(path) = &self.known { Some(path) } else { None }
    }

    /// Returns what is known of a copy of it: a copy of the environment reads as that does.
    pub(super) fn known_of_copy(&self) -> KnownAs {
        let is_environment = self.path().is_some_and(readers::is_environment);
        if is_environment { self.known.clone() } else { KnownAs::Nothing }
    }

    /// Makes it this value or that one. What is too much for one value is left out of its
    /// containers: the caller keeps the variables in them.
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
            // A default of a name, as in `x or {}`, leaves the name what it is.
            (KnownAs::Nothing, KnownAs::Path(_)) => self.known = other.known.clone(),
            (KnownAs::Path(_), KnownAs::Nothing | KnownAs::Words(_)) => {}
            _ => self.known = KnownAs::Nothing,
        }
        left
    }
}
