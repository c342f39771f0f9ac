//! The limits of one render: the block `render` of the operator's limits file.

use std::time::Duration;

const MIB: u64 = 1 << 20;

site_render::limits! {
    /// Limits of one render, on the server and in every command.
    pub(crate) struct RenderLimits {
        /// The wall-clock time of one render, in milliseconds. A site needs a few, a global cluster
        /// with a thousand sites some hundred.
        milliseconds "milliseconds": u64 = 10_000;
        /// The memory of the process that renders one site or environment, in bytes. A command
        /// that renders many sites may use as much for each core.
        memory_bytes "memoryBytes": u64 = 192 * MIB;
    }
}

impl RenderLimits {
    /// Returns the time of one render.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }
}
