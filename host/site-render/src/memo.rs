//! A cache of things that are loaded once under a name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::finding::{Fault, Finding};

/// A cache by name. An error is cached too, so that a broken file is read once.
pub(crate) struct Memo<T, E = Box<Finding>>(Mutex<BTreeMap<String, Loaded<T, E>>>);

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
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = cached.get(name) {
            return loaded.clone();
        }
        let loaded = load().map(Arc::new);
        if loaded.as_ref().err().is_none_or(|error| !error.is_transient()) {
            cached.insert(name.to_owned(), loaded.clone());
        }
        loaded
    }
}
