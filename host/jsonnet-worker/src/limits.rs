//! The limits of an evaluation: the block `jsonnet` of the operator's limits file. Nothing in a
//! rendered repository can change them.

use std::time::Duration;

const MIB: u64 = 1 << 20;

/// The most workers where the operator sets no number: their memory and that of a policy being
/// compiled fit into the container of `argocd/`.
const MAX_DEFAULT_WORKERS: usize = 4;

site_render::limits! {
    /// Limits of Jsonnet. All sizes are in bytes.
    pub struct Limits {
        /// The wall-clock time of one evaluation, in milliseconds. A profile needs one or two.
        milliseconds "milliseconds": u64 = 2_000;
        /// The address space of a worker process, in bytes. A profile needs a few MiB.
        memory_bytes "memoryBytes": u64 = 128 * MIB;
        /// The depth of nested calls. go-jsonnet allows the same.
        stack_depth "stackDepth": usize = 500;
        /// The size of the resulting JSON, in bytes.
        output_bytes "outputBytes": u64 = MIB;
        /// The number of files that one file imports, directly or indirectly.
        imports "imports": usize = 100;
        /// The size of these files together, in bytes.
        import_bytes "importBytes": u64 = 8 * MIB;
        /// The number of evaluations at the same time, each in a process of its own. 0 means one
        /// for each core, but at most four.
        workers "workers": usize = 0;
        /// The size of the cache of results, in bytes.
        cache_bytes "cacheBytes": u64 = 32 * MIB;
    }
}

impl Limits {
    /// Returns the time of one evaluation.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }

    /// Returns the number of evaluations at the same time.
    pub(crate) fn workers(&self) -> usize {
        match self.workers {
            0 => {
                std::thread::available_parallelism().map_or(1, usize::from).min(MAX_DEFAULT_WORKERS)
            }
            workers => workers,
        }
    }
}
