//! A cache of analysed configurations: sites share layers, and a policy requires the same of many
//! sites.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Followed, follow_modules};
use crate::app_config::python::Module;

/// Results by layers, variables and settings. A result that reached the step limit is cached too.
///
/// The lock is not held during the analysis, so only threads that need the same result wait.
#[derive(Default)]
pub(crate) struct FlowMemo {
    followed: Mutex<BTreeMap<FlowKey, Arc<OnceLock<Arc<Followed>>>>>,
    bytes: AtomicU64,
}

/// The digests of the layers, the variables and the settings.
type FlowKey = [Vec<String>; 3];

/// The approximate memory of an entry for each text in its key, in bytes: a result may hold the
/// text a second time, with a place.
const TEXT_BYTES: u64 = 256;

impl FlowMemo {
    /// Follows the variables through the layers, or returns the cached result.
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
            // The map only ever gains entries, so it is valid even after a panic elsewhere.
            let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
            followed.entry(key).or_default().clone()
        };
        let make = || {
            self.bytes.fetch_add(TEXT_BYTES * texts, Ordering::Relaxed);
            Arc::new(follow_modules(modules, variables, settings))
        };
        entry.get_or_init(make).clone()
    }

    /// Returns the approximate size of the cache, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}
