//! The digest of a policy's sources, which a reviewer reads and a lock can be compared with.
//!
//! It covers `Cargo.toml` and `src/` of the policy and of every package that it depends on by
//! path, and their `sources` in `[package.metadata.site-cmp]` (the SDK lists the contract).
//! Packages of a registry are pinned by `Cargo.lock` and not covered.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::BuildError;
use super::package::Package;
use super::to_hex;

/// Returns the SHA-256 in hex over the sorted names and contents of all source files. Names
/// begin with the package's name, so the folder of the checkout does not matter.
pub(super) fn digest_sources(package: &Package) -> Result<String, BuildError> {
    let mut files = BTreeMap::new();
    let mut seen = vec![package.folder.clone()];
    collect_files(package, &mut files)?;
    let mut waiting = package.path_dependencies.clone();
    while let Some(folder) = waiting.pop() {
        if seen.contains(&folder) {
            continue;
        }
        let dependency = Package::read(&folder)?;
        collect_files(&dependency, &mut files)?;
        waiting.extend(dependency.path_dependencies);
        seen.push(folder);
    }
    let mut sha256 = Sha256::new();
    for (name, path) in files {
        let content = fs::read(&path).map_err(|error| BuildError::io(&path, error))?;
        for part in [name.as_bytes(), &content] {
            // Each part is preceded by its length, so that no two sets of files hash the same
            // bytes.
            sha256.update((part.len() as u64).to_be_bytes());
            sha256.update(part);
        }
    }
    Ok(to_hex(&sha256.finalize()))
}

/// Collects the source files of one package.
fn collect_files(
    package: &Package,
    files: &mut BTreeMap<String, PathBuf>,
) -> Result<(), BuildError> {
    let own = ["Cargo.toml", "src"].into_iter();
    for source in own.chain(package.extra_sources.iter().map(String::as_str)) {
        let name = format!("{}/{source}", package.name);
        walk_files(&package.folder.join(source), name, files)?;
    }
    Ok(())
}

/// Collects a file, or all files below a folder.
fn walk_files(
    path: &Path,
    name: String,
    files: &mut BTreeMap<String, PathBuf>,
) -> Result<(), BuildError> {
    if !path.is_dir() {
        files.insert(name, path.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(|error| BuildError::io(path, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| BuildError::io(path, error))?;
        let child = format!("{name}/{}", entry.file_name().to_string_lossy());
        walk_files(&entry.path(), child, files)?;
    }
    Ok(())
}
