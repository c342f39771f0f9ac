//! A memory cgroup for the server, of version 2 or 1, whichever the system has.
//!
//! It needs root, or a delegated cgroup. Without it the memory is only sampled.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Where version 2 is, and where the memory controller of version 1 is.
const ROOTS: [(&str, Files); 2] =
    [("/sys/fs/cgroup", VERSION_2), ("/sys/fs/cgroup/memory", VERSION_1)];

/// The names of a cgroup's files.
#[derive(Clone, Copy)]
struct Files {
    limit: &'static str,
    peak: &'static str,
    events: &'static str,
}

const VERSION_2: Files =
    Files { limit: "memory.max", peak: "memory.peak", events: "memory.events" };
const VERSION_1: Files = Files {
    limit: "memory.limit_in_bytes",
    peak: "memory.max_usage_in_bytes",
    events: "memory.oom_control",
};

/// A cgroup that is removed when it is dropped; its processes must have ended.
pub(crate) struct Cgroup {
    folder: PathBuf,
    files: Files,
}

impl Cgroup {
    /// Creates one with a limit in bytes, or returns why it cannot.
    pub(crate) fn create(limit: u64) -> Result<Self, String> {
        let name = format!("site-cmp-soak-{}", std::process::id());
        let mut why = Vec::new();
        for (root, files) in ROOTS {
            let cgroup = Self { folder: Path::new(root).join(&name), files };
            match cgroup.set_up(limit) {
                Ok(()) => return Ok(cgroup),
                Err(error) => why.push(format!("{root}: {error}")),
            }
        }
        Err(why.join("; "))
    }

    fn set_up(&self, limit: u64) -> std::io::Result<()> {
        fs::create_dir(&self.folder)?;
        // A file that is not there must not be created: outside a cgroup's file system it could be.
        let mut file = OpenOptions::new().write(true).open(self.folder.join(self.files.limit))?;
        file.write_all(limit.to_string().as_bytes())
    }

    /// Returns the file that takes the id of a process that joins.
    pub(crate) fn members(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }

    /// Returns the most bytes that its processes had at once, caches of files included.
    pub(crate) fn peak(&self) -> Option<u64> {
        fs::read_to_string(self.folder.join(self.files.peak)).ok()?.trim().parse().ok()
    }

    /// Returns how many processes the kernel killed for want of memory.
    pub(crate) fn kills(&self) -> Option<u64> {
        let text = fs::read_to_string(self.folder.join(self.files.events)).ok()?;
        let kills = text.lines().find_map(|line| line.strip_prefix("oom_kill "))?;
        kills.trim().parse().ok()
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // A folder whose processes have not ended cannot be removed, and says so by staying.
        let _ = fs::remove_dir(&self.folder);
    }
}
