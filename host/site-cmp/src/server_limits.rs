//! The operator's limits on the server: the block `server` of the limits file.

use serde::Deserialize;

/// Limits of the server. All sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ServerLimits {
    /// Renders at the same time; 0 means one for each core.
    pub(crate) renders: usize,
    /// Calls that may wait or receive in addition to those that render; one more is rejected.
    pub(crate) queue: usize,
    /// Archives that are unpacked at the same time.
    pub(crate) unpacks: usize,
    /// Bytes that all running calls together hold while they unpack.
    pub(crate) in_flight_bytes: u64,
    /// The size of an archive as it is sent. Argo CD's own limit on a message is 100 MiB.
    pub(crate) archive_bytes: u64,
    /// The size of an unpacked archive.
    pub(crate) expanded_bytes: u64,
    /// The size of a file; a render cannot read a larger one. The largest policy module has 24
    /// MiB.
    pub(crate) file_bytes: u64,
    /// Entries of an archive.
    pub(crate) files: usize,
    /// Bytes of the unpacked trees that are cached for later calls.
    pub(crate) tree_bytes: u64,
    /// Milliseconds of a call whose caller sets no deadline.
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
    /// Returns the number of renders at the same time.
    pub(crate) fn renders(&self) -> usize {
        match self.renders {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            renders => renders,
        }
    }
}
