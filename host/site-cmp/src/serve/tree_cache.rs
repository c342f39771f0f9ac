//! The trees of a server under the digest of their archive. Calls of one key for the same part of
//! an archive share one unpacking; a call for a part that was not unpacked starts another. A
//! finished tree is cached while there is room, and returned to all calls that sent the same bytes.
//!
//! Keys do not share an unpacking: until it ends, nobody knows whether its bytes have the digest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{mpsc, watch};

use super::budget::{Account, Budget};
use super::cached_tree::CachedTree;
use super::caller_key::CallerKey;
use super::fair_queue::FairQueue;
use super::places::Place;
use super::scope::{Scope, normalize_path};
use super::tree_store::TreeStore;
use super::unpack;
use super::unpack_job::{ChunkReader, Digest, Interest, QUEUED_CHUNKS, UnpackJob};
use super::unpack_permit::UnpackPermit;
use crate::call_rejection::CallRejection;
use crate::server_limits::ServerLimits;

/// The most bytes that the queued chunks and the inflater of one job hold. Calls that stall on all
/// places must leave room for others.
const JOB_BYTES: u64 = 512 << 10;

/// The trees of a server.
pub(super) struct TreeCache {
    store: Mutex<TreeStore>,
    /// Finished jobs leave a weak reference behind, which the next job removes.
    jobs: Mutex<HashMap<(CallerKey, Digest), Weak<UnpackJob>>>,
    unpacks: Arc<FairQueue>,
    budget: Arc<Budget>,
    limits: Arc<ServerLimits>,
}

/// The source of a call's tree.
pub(super) enum TreeSource {
    /// The cache has it.
    Known(Arc<CachedTree>),
    /// Another call is sending it; this call joins that job.
    Joined(Arc<UnpackJob>),
    /// This call starts the job.
    New(Arc<UnpackJob>),
}

impl TreeCache {
    pub(super) fn new(limits: Arc<ServerLimits>, budget: Arc<Budget>) -> Self {
        // Every job holds a place, so the queue needs no limit of its own.
        let unpacks = FairQueue::new(limits.unpacks.max(1) as u64, usize::MAX);
        let store = Mutex::new(TreeStore::new(limits.tree_bytes));
        Self { store, jobs: Mutex::default(), unpacks, budget, limits }
    }

    /// Returns the number of cached trees and their bytes.
    pub(super) fn cached_size(&self) -> (usize, u64) {
        self.lock_store().size()
    }

    /// Finds the tree with that digest for an application in `folder`. The caller must feed a
    /// returned job. A new job uses the share of the call whose place is given.
    pub(super) fn find_tree(
        &self,
        digest: &Digest,
        folder: &str,
        place: &Arc<Place>,
    ) -> TreeSource {
        let mut requested = normalize_path(folder);
        let known = self.lock_store().get(digest, place.key());
        if let Some(tree) = known {
            if tree.covers_folder(&requested) {
                return TreeSource::Known(tree);
            }
            // A second fleet of the same repo: unpack the whole tree, so that both stay cached.
            requested.clear();
        }
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (place.key().clone(), *digest);
        if let Some(job) = jobs.get(&name).and_then(Weak::upgrade) {
            if job.scope().add_folder(&requested) {
                return TreeSource::Joined(job);
            }
            requested.clear();
        }
        jobs.retain(|_, job| job.strong_count() > 0);
        let job = Arc::new(self.spawn_job(digest, &requested, place));
        jobs.insert(name, Arc::downgrade(&job));
        TreeSource::New(job)
    }

    /// Caches a tree whose bytes were verified. Returns the cached tree if that has everything,
    /// else the same tree.
    pub(super) fn cache_tree(&self, digest: &Digest, tree: Arc<CachedTree>) -> Arc<CachedTree> {
        self.lock_store().insert(digest, tree)
    }

    /// Starts a job that unpacks on a blocking thread. It holds the place until it has ended, also
    /// if its calls end before.
    fn spawn_job(&self, digest: &Digest, requested: &str, place: &Arc<Place>) -> UnpackJob {
        let (sender, chunks) = mpsc::channel(QUEUED_CHUNKS);
        let (result_sender, result) = watch::channel(None);
        let result_sender = Arc::new(result_sender);
        let interest = Interest::new(result_sender.clone());
        let key = place.key();
        let account = self.budget.open_account(key);
        let account = account.of_job(interest.clone(), place.places().clone());
        let scope = Arc::new(Scope::default());
        scope.add_folder(requested);
        let permit =
            UnpackPermit::without_permit(self.unpacks.clone(), key.clone(), interest.clone());
        let chunks = ChunkReader::new(chunks).with_permit(permit);
        let (limits, on_thread, place) = (self.limits.clone(), scope.clone(), place.clone());
        tokio::task::spawn_blocking(move || {
            let _place = place;
            // Without interest every caller has gone, and the work would be lost.
            if !interest.is_lost() {
                let result = unpack_tree(chunks, &limits, account, &on_thread);
                result_sender.send_replace(Some(result));
            }
        });
        UnpackJob::new(*digest, scope, sender, result)
    }

    fn lock_store(&self) -> MutexGuard<'_, TreeStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Unpacks an archive within the budget of running calls.
fn unpack_tree(
    chunks: ChunkReader,
    limits: &ServerLimits,
    mut account: Account,
    scope: &Scope,
) -> Result<Arc<CachedTree>, CallRejection> {
    account.reserve_bytes(JOB_BYTES)?;
    unpack::unpack_archive(chunks, limits, account, scope).map(Arc::new)
}

#[cfg(test)]
mod tests;
