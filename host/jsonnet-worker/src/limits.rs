//! Limits of an evaluation: the block `jsonnet` of the operator's limits file.
//! Nothing in a rendered repository can reach it.

use std::time::Duration;

use serde::Deserialize;

const MIB: u64 = 1 << 20;

/// Maximum default number of workers: together with a policy that is being compiled, their memory
/// fits into the container of `argocd/`.
const MOST: usize = 4;

/// Limits of Jsonnet. All sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Limits {
    /// Wall-clock milliseconds of one evaluation. A profile takes one or two.
    pub milliseconds: u64,
    /// Address space of a worker. A profile needs a few MiB.
    pub memory_bytes: u64,
    /// Nested calls. 500 is also the limit of go-jsonnet.
    pub stack_depth: usize,
    /// Bytes of the resulting JSON.
    pub output_bytes: u64,
    /// Files that one file imports, directly or indirectly.
    pub imports: usize,
    /// Total bytes of the imported files.
    pub import_bytes: u64,
    /// Concurrent evaluations, each in its own process; 0: one per core, at most four.
    pub workers: usize,
    /// ResultCache that are kept.
    pub cache_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            milliseconds: 2_000,
            memory_bytes: 128 * MIB,
            stack_depth: 500,
            output_bytes: MIB,
            imports: 100,
            import_bytes: 8 * MIB,
            workers: 0,
            cache_bytes: 32 * MIB,
        }
    }
}

impl Limits {
    /// Returns the time limit of one evaluation.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }

    /// Returns the number of concurrent evaluations.
    pub(crate) fn workers(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from).min(MOST),
            workers => workers,
        }
    }
}
