//! The resource limits that a worker sets for itself before it reads anything.

use std::io;

use rlimit::Resource;

/// The limits of a worker. `None` leaves the limit as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessLimits {
    /// Total CPU time, in seconds. The kernel sends `SIGXCPU` after it.
    pub cpu_seconds: Option<u64>,
    /// Address space in bytes, reserved or used. It suits a worker that reserves no more than it
    /// uses.
    pub address_space: Option<u64>,
    /// Private writable memory in bytes. It suits a worker with large reservations, such as the
    /// pool of a WASM engine, which are not writable until they are used.
    pub data: Option<u64>,
    /// Open file descriptors, the three streams included.
    pub open_files: Option<u64>,
    /// The size of a file that it writes, in bytes; also of one in memory.
    pub file_bytes: Option<u64>,
    /// Processes and threads of the user; the kernel ignores it for root.
    pub processes: Option<u64>,
}

/// Lowers the limits of this process. They cannot be raised again. No core is dumped in any case.
///
/// # Errors
/// The kernel refuses a limit.
pub fn apply_limits(limits: &ProcessLimits) -> io::Result<()> {
    let each = [
        (Resource::CPU, limits.cpu_seconds),
        (Resource::AS, limits.address_space),
        (Resource::DATA, limits.data),
        (Resource::NOFILE, limits.open_files),
        (Resource::NPROC, limits.processes),
        (Resource::FSIZE, limits.file_bytes),
        (Resource::CORE, Some(0)),
    ];
    each.into_iter()
        .filter_map(|(resource, limit)| Some((resource, limit?)))
        .try_for_each(|(resource, limit)| lower_limit(resource, limit))
}

/// Sets a limit, unless the current one is lower.
fn lower_limit(resource: Resource, limit: u64) -> io::Result<()> {
    let hard = resource.get_hard()?;
    if resource != Resource::CPU {
        let limit = limit.min(hard);
        return resource.set(limit, limit);
    }
    // At the hard limit on CPU time the kernel kills without the signal that says why, so the soft
    // one is a second below.
    let hard = hard.min(limit.saturating_add(1));
    resource.set(limit.min(hard.saturating_sub(1).max(1)), hard)
}
