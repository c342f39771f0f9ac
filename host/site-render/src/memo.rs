//! A cache of things that are loaded once under a name, each with the files on which it depends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::dependencies::{self, Dependencies};
use crate::finding::{Fault, Finding};

/// A cache by name. An error is cached too, so that a broken file is read once.
pub(crate) struct Memo<T, E = Box<Finding>>(Mutex<BTreeMap<String, Entry<T, E>>>);

type Entry<T, E> = (Loaded<T, E>, Dependencies);

type Loaded<T, E> = Result<Arc<T>, E>;

/// An error that a [`Memo`] may cache.
pub(crate) trait LoadError: Clone {
    /// Returns whether the same load may succeed later.
    fn is_transient(&self) -> bool;
}

impl LoadError for Box<Finding> {
    fn is_transient(&self) -> bool {
        self.fault == Fault::Environment
    }
}

impl<T, E> Default for Memo<T, E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T, E: LoadError> Memo<T, E> {
    /// Returns the thing of that name, and loads it first if it is not cached.
    ///
    /// The lock is held during the load: of several threads that need one policy, one
    /// compiles it. Transient errors are not cached.
    pub(crate) fn get_or_load(
        &self,
        name: &str,
        load: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        self.get_or_load_if(name, load, |_| true)
    }

    /// Does the same, and caches only a thing for which `has_room` returns true.
    pub(crate) fn get_or_load_if(
        &self,
        name: &str,
        load: impl FnOnce() -> Result<T, E>,
        has_room: impl FnOnce(&T) -> bool,
    ) -> Result<Arc<T>, E> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((loaded, files)) = cached.get(name) {
            dependencies::add(files);
            return loaded.clone();
        }
        let (loaded, files) = dependencies::recorded(|| load().map(Arc::new));
        let is_kept = match &loaded {
            Ok(thing) => has_room(thing),
            Err(error) => !error.is_transient(),
        };
        if is_kept {
            cached.insert(name.to_owned(), (loaded.clone(), files));
        }
        loaded
    }
}

#[cfg(test)]
mod tests {
    use super::Memo;
    use crate::codes;
    use crate::finding::{Fault, Finding};

    #[test]
    fn a_thing_and_an_error_of_the_input_are_loaded_once() {
        let memo: Memo<u8> = Memo::default();
        assert_eq!(*memo.get_or_load("one", || Ok(1)).unwrap(), 1);
        assert_eq!(*memo.get_or_load("one", || Ok(2)).unwrap(), 1);
        let refuse = || Err(Box::new(codes::FILE_MISSING.finding("missing")));
        memo.get_or_load("two", refuse).unwrap_err();
        memo.get_or_load("two", || Ok(2)).unwrap_err();
    }

    #[test]
    fn a_thing_without_room_is_loaded_again() {
        let memo: Memo<u8> = Memo::default();
        assert_eq!(*memo.get_or_load_if("one", || Ok(1), |_| false).unwrap(), 1);
        assert_eq!(*memo.get_or_load_if("one", || Ok(2), |_| true).unwrap(), 2);
        assert_eq!(*memo.get_or_load_if("one", || Ok(3), |_| true).unwrap(), 2);
    }

    #[test]
    fn an_error_of_the_environment_is_not_cached() {
        let memo: Memo<u8> = Memo::default();
        let trouble = || -> Result<u8, Box<Finding>> {
            Err(Box::new(codes::FILE_UNREADABLE.finding("busy").blame(Fault::Environment)))
        };
        memo.get_or_load("one", trouble).unwrap_err();
        assert_eq!(*memo.get_or_load("one", || Ok(1)).unwrap(), 1);
    }
}
