//! Policies that are compiled before the first call: those in the cache of compiled code, and
//! those of --preload.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use site_render::finding::{Fault, Finding};
use site_render::lock::{LOCK_FILE, Lock};
use site_render::sha256;
use site_render::tree::Tree;

use super::compile_queue::CompileQueue;
use crate::codes;
use crate::exit::CommandError;
use crate::folder::{Folder, read_named};

/// The largest artifact that is read, in bytes; the sandbox has a smaller limit of its own.
const ARTIFACT_BYTES: u64 = 128 << 20;

/// The largest lock that is read, in bytes; a real one has a few kilobytes.
const LOCK_BYTES: u64 = 8 << 20;

/// Loads policies and returns how many are compiled.
pub(super) fn load_policies(
    queue: &CompileQueue,
    named: &[PathBuf],
) -> Result<usize, CommandError> {
    for path in named {
        if path.is_dir() {
            load_fleet(queue, path)?;
        } else {
            let artifact = read_named(path, ARTIFACT_BYTES).map_err(|error| {
                preload_error(format!("cannot read {}: {error}", path.display()))
            })?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            preload(queue, &name, &sha256(&artifact), &artifact)?;
        }
    }
    Ok(queue.load_cached())
}

/// Loads all policies of a fleet's lock.
fn load_fleet(queue: &CompileQueue, path: &Path) -> Result<(), CommandError> {
    let shown = path.display();
    let tree: Arc<dyn Tree> = Arc::new(
        Folder::open(path)
            .map_err(|error| preload_error(format!("cannot open {shown}: {error}")))?,
    );
    let read = |name: &str, limit| {
        tree.read(name, limit).map_err(|error| preload_error(format!("{shown}/{name}: {error}")))
    };
    for (name, pin) in Lock::read(&read(LOCK_FILE, LOCK_BYTES)?)?.policies {
        preload(queue, &name, &pin.sha256, &read(&pin.path, ARTIFACT_BYTES)?)?;
    }
    Ok(())
}

fn preload(
    queue: &CompileQueue,
    name: &str,
    sha256: &str,
    artifact: &[u8],
) -> Result<(), CommandError> {
    queue.preload(sha256, artifact).map_err(|error| error.for_policy(name).into())
}

fn preload_error(message: String) -> Finding {
    codes::POLICY_PRELOAD
        .finding(message)
        .blame(Fault::Environment)
        .hint("set --preload to a policy's .wasm, or to a folder with a policies.lock")
}
