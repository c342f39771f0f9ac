//! Configs that were followed: sites share layers, and a policy requires the same of many.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Followed, follow_modules};
use crate::config::python::Module;

/// Results by layers, variables and settings; one that ran out of steps is kept as well.
///
/// The lock is not held while a config is followed: only threads that want the same one wait.
#[derive(Default)]
pub(crate) struct Memo {
    followed: Mutex<BTreeMap<FlowKey, Arc<OnceLock<Arc<Followed>>>>>,
    bytes: AtomicU64,
}

/// Digests of the layers, the variables, and the settings.
type FlowKey = [Vec<String>; 3];

/// What an entry takes in memory for each of its texts, in bytes: the text is in the key, and
/// a result may hold it again, with a place.
const TEXT_BYTES: u64 = 256;

impl Memo {
    /// Follows the variables through the layers, unless that was done before.
    pub(crate) fn follow(
        &self,
        modules: &[&Module],
        variables: &[String],
        settings: &[String],
    ) -> Arc<Followed> {
        let digests = modules.iter().map(|module| module.sha256.clone()).collect();
        let key: FlowKey = [digests, variables.to_vec(), settings.to_vec()];
        let texts = key.iter().map(Vec::len).sum::<usize>() as u64;
        let entry = {
            let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
            followed.entry(key).or_default().clone()
        };
        let make = || {
            self.bytes.fetch_add(TEXT_BYTES * texts, Ordering::Relaxed);
            Arc::new(follow_modules(modules, variables, settings))
        };
        entry.get_or_init(make).clone()
    }

    /// Returns about how many bytes it keeps.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}
