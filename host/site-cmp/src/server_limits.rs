//! The limits of the server: the block `server` of the operator's limits file.

use std::time::Duration;

const MIB: u64 = 1 << 20;

/// The most renders where the operator sets no number: their memory fits into the container of
/// `argocd/`.
const MOST_RENDERS: usize = 4;

site_render::limits! {
    /// Limits of the server. All sizes are in bytes.
    pub(crate) struct ServerLimits {
        /// The number of renders at the same time, each in a process of its own. 0 means one for
        /// each core, but at most four.
        renders "renders": usize = 0;
        /// The number of calls that may wait, or receive their archive, while others render. One
        /// more is rejected: the newest of the project, or else of the repository, with the most
        /// calls. All calls together use at most a quarter of the file descriptors that the process
        /// may have.
        queue "queue": usize = 256;
        /// The number of archives that are unpacked at the same time.
        unpacks "unpacks": usize = 2;
        /// The memory of the archives of all running calls, in bytes, without those that are
        /// cached. First messages of more than 16 KiB while they arrive, and answers until they are
        /// read, may hold half as much again.
        in_flight_bytes "inFlightBytes": u64 = 256 * MIB;
        /// The size of one archive as it is sent, in bytes. The limit of Argo CD's repo-server on
        /// a message is the same.
        archive_bytes "archiveBytes": u64 = 100 * MIB;
        /// The size of one unpacked archive, in bytes.
        expanded_bytes "expandedBytes": u64 = 512 * MIB;
        /// The size of one file, in bytes. A render cannot read a larger one. A policy may have
        /// 24 MiB (`moduleBytes` of tier `wide`).
        file_bytes "fileBytes": u64 = 32 * MIB;
        /// The number of entries of one archive.
        files "files": usize = 100_000;
        /// The size of the cache of unpacked archives, in bytes.
        tree_bytes "treeBytes": u64 = 128 * MIB;
        /// The time of a call in milliseconds, also if its caller would wait longer. A connection
        /// without a call is closed after it.
        milliseconds "milliseconds": u64 = 60_000;
        /// The time without a byte after which a stream that has begun to send ends with an error,
        /// in milliseconds.
        stall_milliseconds "stallMilliseconds": u64 = 10_000;
        /// The number of connections that are served, and at most three eighths of the file
        /// descriptors that the process may have. Further ones are accepted, and wait or replace one
        /// without a call.
        connections "connections": usize = 1024;
    }
}

impl ServerLimits {
    /// Returns the time after which a silent peer is given up.
    pub(crate) fn stall(&self) -> Duration {
        Duration::from_millis(self.stall_milliseconds)
    }

    /// Returns the time of a call.
    pub(crate) fn longest_call(&self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }

    /// Returns the number of renders at the same time.
    pub(crate) fn renders(&self) -> usize {
        match self.renders {
            0 => std::thread::available_parallelism().map_or(1, usize::from).min(MOST_RENDERS),
            renders => renders,
        }
    }
}
