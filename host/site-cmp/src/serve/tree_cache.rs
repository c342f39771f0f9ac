//! A cache of unpacked trees under the digest of their archive. Calls for the same part of an
//! archive share one unpacking; a call for a part that was not unpacked starts another. A tree is
//! cached while there is room, and returned only to calls that sent the same bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use quick_cache::sync::Cache;
use quick_cache::{OptionsBuilder, Weighter};
use tokio::sync::{Semaphore, mpsc, watch};

use super::budget::{Account, Budget};
use super::cached_tree::CachedTree;
use super::caller_key::CallerKey;
use super::descriptors;
use super::scope::{Scope, normalize_path};
use super::unpack;
use super::unpack_job::{ChunkReader, Digest, QUEUED_CHUNKS, UnpackJob, UnpackResult};
use super::unpack_permit::UnpackPermit;
use crate::call_rejection::CallRejection;
use crate::server_limits::ServerLimits;

/// The most bytes that the queued chunks and the inflater of one job hold.
const JOB_BYTES: u64 = 2 << 20;

/// The trees of a server.
pub(super) struct TreeCache {
    cache: Cache<Digest, Arc<CachedTree>, TreeWeigher>,
    /// Finished jobs leave a weak reference behind, which the next job removes.
    jobs: Mutex<HashMap<Digest, Weak<UnpackJob>>>,
    unpacks: Arc<Semaphore>,
    budget: Arc<Budget>,
    limits: Arc<ServerLimits>,
}

#[derive(Clone)]
struct TreeWeigher {
    /// The least weight of a tree, in bytes: each holds a file descriptor.
    least: u64,
}

impl Weighter<Digest, Arc<CachedTree>> for TreeWeigher {
    fn weight(&self, _: &Digest, tree: &Arc<CachedTree>) -> u64 {
        tree.bytes.max(self.least)
    }
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
        let weigher = TreeWeigher { least: limits.tree_bytes / descriptors::most_trees() };
        // One shard, because a single tree may weigh nearly as much as the whole cache may.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(64)
            .weight_capacity(limits.tree_bytes)
            .shards(1)
            .build()
            .expect("both capacities are given");
        Self {
            cache: Cache::with_options(options, weigher, <_>::default(), <_>::default()),
            jobs: Mutex::default(),
            unpacks: Arc::new(Semaphore::new(limits.unpacks.max(1))),
            budget,
            limits,
        }
    }

    /// Returns the number of cached trees and their bytes.
    pub(super) fn cached_size(&self) -> (usize, u64) {
        (self.cache.len(), self.cache.weight())
    }

    /// Finds the tree with that digest for an application in `folder`. The caller must feed a
    /// returned job. A new job uses the share of `key`.
    pub(super) fn find_tree(&self, digest: &Digest, folder: &str, key: &CallerKey) -> TreeSource {
        let mut requested = normalize_path(folder);
        if let Some(tree) = self.cache.get(digest) {
            if tree.covers_folder(&requested) {
                return TreeSource::Known(tree);
            }
            // A second fleet of the same repo: unpack the whole tree, so that both stay cached.
            requested.clear();
        }
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(job) = jobs.get(digest).and_then(Weak::upgrade) {
            if job.scope().add_folder(&requested) {
                return TreeSource::Joined(job);
            }
            requested.clear();
        }
        jobs.retain(|_, job| job.strong_count() > 0);
        let job = Arc::new(self.spawn_job(digest, &requested, key));
        jobs.insert(*digest, Arc::downgrade(&job));
        TreeSource::New(job)
    }

    /// Caches a tree whose bytes were verified.
    pub(super) fn cache_tree(&self, digest: &Digest, tree: &Arc<CachedTree>) {
        let covered = self.cache.peek(digest).is_some_and(|known| known.covers_all_of(tree));
        if !covered {
            self.cache.insert(*digest, tree.clone());
        }
    }

    /// Starts a job that unpacks on a blocking thread.
    fn spawn_job(&self, digest: &Digest, requested: &str, key: &CallerKey) -> UnpackJob {
        let (sender, chunks) = mpsc::channel(QUEUED_CHUNKS);
        let (result_sender, result) = watch::channel(None);
        let (mut account, limits) = (self.budget.open_account(key), self.limits.clone());
        let scope = Arc::new(Scope::default());
        scope.add_folder(requested);
        let on_thread = scope.clone();
        let chunks = ChunkReader::new(chunks)
            .with_permit(UnpackPermit::without_permit(self.unpacks.clone()));
        tokio::task::spawn_blocking(move || {
            send_result(&result_sender, || unpack_tree(chunks, &limits, &mut account, &on_thread));
        });
        UnpackJob::new(*digest, scope, sender, result)
    }
}

/// Runs the unpacking and sends its result to all waiting calls.
fn send_result(
    result_sender: &watch::Sender<UnpackResult>,
    unpack: impl FnOnce() -> Result<Arc<CachedTree>, CallRejection>,
) {
    // Without a receiver every caller has gone, and the work would be lost.
    if !result_sender.is_closed() {
        let result = unpack();
        result_sender.send_replace(Some(result));
    }
}

/// Unpacks an archive within the budget of running calls.
fn unpack_tree(
    chunks: ChunkReader,
    limits: &ServerLimits,
    account: &mut Account,
    scope: &Scope,
) -> Result<Arc<CachedTree>, CallRejection> {
    account.reserve_bytes(JOB_BYTES)?;
    unpack::unpack_archive(chunks, limits, account, scope).map(Arc::new)
}
