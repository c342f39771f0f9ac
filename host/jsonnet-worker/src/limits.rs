//! What an evaluation may use at most: the block `jsonnet` of the operator's limits file.
//! Nothing in a rendered repository can reach it.

use std::time::Duration;

use serde::Deserialize;

const MIB: u64 = 1 << 20;

/// Workers where nobody said how many: with a policy that is being compiled, their memory
/// fits into the container of `argocd/`.
const MOST: usize = 4;

/// Limits of Jsonnet. All sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Limits {
    /// Milliseconds of one evaluation, on the wall. A profile takes one or two.
    pub milliseconds: u64,
    /// Address space of a worker. A profile needs a few MiB.
    pub memory_bytes: u64,
    /// Calls within calls. go-jsonnet allows 500, and so do we.
    pub stack_depth: usize,
    /// What a file comes to, as JSON.
    pub output_bytes: u64,
    /// Files that one file imports, directly or not.
    pub imports: usize,
    /// Their bytes.
    pub import_bytes: u64,
    /// Evaluations at the same time, a process each; 0 for one a core, but four at the most.
    pub workers: usize,
    /// Results that are kept.
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
    /// The time of one evaluation.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }

    /// Evaluations at the same time.
    pub(crate) fn workers(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from).min(MOST),
            workers => workers,
        }
    }
}
