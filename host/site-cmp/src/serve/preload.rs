//! Policies that are ready before the first call: those that the cache of compiled code
//! holds, and those that the operator names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use policy_sandbox::Sandbox;
use site_render::finding::{Fault, Finding};
use site_render::lock::{LOCK_FILE, Lock};
use site_render::policy::Policies as _;
use site_render::sha256;
use site_render::tree::Tree;

use crate::codes;
use crate::exit::CommandError;
use crate::folder::{Folder, read_named};

/// The largest artifact; the sandbox has a smaller limit of its own.
const ARTIFACT_BYTES: u64 = 128 << 20;

/// A lock is a page.
const LOCK_BYTES: u64 = 8 << 20;

/// Makes policies ready; gives how many.
pub(super) fn policies(sandbox: &Sandbox, named: &[PathBuf]) -> Result<usize, CommandError> {
    for path in named {
        if path.is_dir() {
            fleet(sandbox, path)?;
        } else {
            let artifact = read_named(path, ARTIFACT_BYTES)
                .map_err(|error| refused(format!("cannot read {}: {error}", path.display())))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            sandbox.load(&name, &sha256(&artifact), &artifact)?;
        }
    }
    Ok(sandbox.warm())
}

/// All policies of a fleet's lock.
fn fleet(sandbox: &Sandbox, path: &Path) -> Result<(), CommandError> {
    let shown = path.display();
    let tree: Arc<dyn Tree> = Arc::new(
        Folder::open(path).map_err(|error| refused(format!("cannot open {shown}: {error}")))?,
    );
    let read = |name: &str, limit| {
        tree.read(name, limit).map_err(|error| refused(format!("{shown}/{name}: {error}")))
    };
    for (name, pin) in Lock::read(&read(LOCK_FILE, LOCK_BYTES)?)?.policies {
        sandbox.load(&name, &pin.sha256, &read(&pin.path, ARTIFACT_BYTES)?)?;
    }
    Ok(())
}

fn refused(message: String) -> Finding {
    codes::POLICY_PRELOAD
        .finding(message)
        .blame(Fault::Environment)
        .hint("--preload names a policy's .wasm, or a folder with a policies.lock")
}
