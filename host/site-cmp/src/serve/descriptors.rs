//! The file descriptors of the server: as many as the system allows, half of them for connections.

use rlimit::{Resource, increase_nofile_limit};

/// The part of the descriptors that connections may use. The rest is for the server's own files,
/// trees and child processes.
const CONNECTION_PART: u64 = 2;

/// The part of the descriptors that cached trees may use.
const TREE_PART: u64 = 8;

/// Raises the process's limit on file descriptors to the hard limit. Returns the number of
/// connections that may be open: `wanted`, unless there are too few descriptors.
pub(super) fn reserve_descriptors(wanted: usize) -> usize {
    let raised = increase_nofile_limit(u64::MAX).or_else(|_kept| Resource::NOFILE.get_soft());
    // Without a limit the wanted number is possible.
    let descriptors = raised.unwrap_or(u64::MAX);
    let possible = usize::try_from(descriptors / CONNECTION_PART).unwrap_or(usize::MAX);
    wanted.min(possible).max(1)
}

/// Returns the most trees that are cached: each holds a descriptor.
pub(super) fn most_trees() -> u64 {
    let descriptors = Resource::NOFILE.get_soft().unwrap_or(u64::MAX);
    (descriptors / TREE_PART).clamp(4, 1000)
}
