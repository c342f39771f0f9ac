//! What the operator lets the server use: the block `server` of the limits file.

use serde::Deserialize;

/// Limits of the server. All sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ServerLimits {
    /// Renders at the same time; 0 for one a core.
    pub(crate) renders: usize,
    /// Calls that may wait or receive beside those that render; one more is refused.
    pub(crate) queue: usize,
    /// Archives that are unpacked at the same time.
    pub(crate) unpacks: usize,
    /// What all running calls hold together while they unpack.
    pub(crate) in_flight_bytes: u64,
    /// One archive as it is sent. repo-server's own limit on a message is 100 MiB.
    pub(crate) archive_bytes: u64,
    /// One archive unpacked.
    pub(crate) expanded_bytes: u64,
    /// One file; what is larger cannot be read by a render. The largest module has 24 MiB.
    pub(crate) file_bytes: u64,
    /// Entries of one archive.
    pub(crate) files: usize,
    /// Unpacked trees that are kept for the next call.
    pub(crate) tree_bytes: u64,
    /// Milliseconds of a call whose caller set no deadline.
    pub(crate) milliseconds: u64,
}

impl Default for ServerLimits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            renders: 0,
            queue: 256,
            unpacks: 2,
            in_flight_bytes: 256 * MIB,
            archive_bytes: 100 * MIB,
            expanded_bytes: 512 * MIB,
            file_bytes: 32 * MIB,
            files: 100_000,
            tree_bytes: 128 * MIB,
            milliseconds: 60_000,
        }
    }
}

impl ServerLimits {
    /// Renders at the same time.
    pub(crate) fn renders(&self) -> usize {
        match self.renders {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            renders => renders,
        }
    }
}
