//! The memory of a server and of all processes that it started, seen from outside.
//!
//! Pages that several processes map are counted once (proportional set size). Memory files are
//! counted by what they occupy, mapped or not, because they are memory of the container too.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::processes::descendants;

/// How often the memory is sampled.
const PERIOD: Duration = Duration::from_millis(20);
/// Bytes of a block in `stat`.
const BLOCK: u64 = 512;

/// Samples the memory of a process tree until it is dropped.
#[derive(Debug)]
pub struct MemoryWatch {
    root: u32,
    peak: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    sampler: Option<JoinHandle<()>>,
}

impl MemoryWatch {
    /// Starts sampling a process and its descendants.
    pub fn start(root: u32) -> Self {
        let (peak, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (to, until) = (peak.clone(), ended.clone());
        let sampler = thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                to.fetch_max(tree_bytes(root), Ordering::Relaxed);
                thread::sleep(PERIOD);
            }
        });
        Self { root, peak, ended, sampler: Some(sampler) }
    }

    /// Returns the most bytes that were seen at once.
    pub fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    /// Returns the bytes that are in use now, without memory files: those are the cache of
    /// archives, which has a limit of its own.
    pub fn without_files(&self) -> u64 {
        private_bytes(self.root)
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(sampler) = self.sampler.take() {
            // A sampler that panicked has nothing more to say.
            let _ = sampler.join();
        }
    }
}

/// Returns the resident bytes of each process of a tree, the root first. A process that ends
/// meanwhile is left out.
pub fn process_bytes(root: u32) -> Vec<(u32, u64)> {
    let ids = descendants(root).into_iter();
    ids.filter_map(|id| Some((id, rollup(id, "Rss")?))).collect()
}

/// Returns the bytes that a process tree occupies.
fn tree_bytes(root: u32) -> u64 {
    let mut files = BTreeMap::new();
    for id in descendants(root) {
        add_memory_files(id, &mut files);
    }
    private_bytes(root) + files.values().sum::<u64>()
}

/// Returns the bytes that a process tree occupies, without memory files.
fn private_bytes(root: u32) -> u64 {
    let private = descendants(root).into_iter().map(|id| {
        let all = rollup(id, "Pss").unwrap_or_default();
        all - rollup(id, "Pss_Shmem").unwrap_or_default().min(all)
    });
    private.sum()
}

/// Returns a line of `smaps_rollup`, in bytes.
fn rollup(id: u32, line: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let kib = text.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'))?;
    Some(kib.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Adds the memory files that a process has open, by inode.
fn add_memory_files(id: u32, files: &mut BTreeMap<u64, u64>) {
    let Ok(entries) = fs::read_dir(format!("/proc/{id}/fd")) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let is_memory = fs::read_link(&path)
            .is_ok_and(|target| target.to_string_lossy().starts_with("/memfd:"));
        if let Some(found) = is_memory.then(|| fs::metadata(&path).ok()).flatten() {
            files.insert(found.ino(), found.blocks() * BLOCK);
        }
    }
}
