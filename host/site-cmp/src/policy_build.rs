//! Builds a policy written in Rust into the component that a fleet stores in Git.
//!
//! It needs a Rust toolchain for `wasm32-unknown-unknown` and nothing else: no `wasm-tools`, no
//! WASI. The artifact contains no local path, is the same from any folder, and contains the
//! digest of its sources. A package that is not a `cdylib`, a module that is not a policy, and
//! an artifact with a local path are rejected.

mod compile;
mod component;
mod error;
mod package;
mod source;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use component::source_section;
pub use error::BuildError;

use package::Package;
use toolchain::Toolchain;

/// A policy that was built and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltPolicy {
    /// The package's name, which is also the file's.
    pub name: String,
    /// The path of the component.
    pub path: PathBuf,
    /// Size of the core module in bytes.
    pub module_size: usize,
    /// Size of the component in bytes.
    pub size: usize,
    /// SHA-256 of the component, as in `policies.lock`.
    pub sha256: String,
    /// SHA-256 of the sources it was built from.
    pub source_digest: String,
}

/// Builds the policy of the package in this folder and writes it to `out`, or to `<name>.wasm`
/// in the current folder.
pub fn build(folder: &Path, out: Option<&Path>) -> Result<BuiltPolicy, BuildError> {
    let package = Package::read(folder)?;
    let toolchain = Toolchain::find()?;
    let source_digest = source::digest_sources(&package)?;
    let module = compile::build_module(&package, &toolchain)?;
    let component = component::encode_component(&module, &source_digest)?;
    let path =
        out.map_or_else(|| PathBuf::from(format!("{}.wasm", package.name)), Path::to_path_buf);
    fs::write(&path, &component).map_err(|error| BuildError::io(&path, error))?;
    Ok(BuiltPolicy {
        name: package.name,
        path,
        module_size: module.len(),
        size: component.len(),
        sha256: to_hex(&Sha256::digest(&component)),
        source_digest,
    })
}

/// Returns the SHA-256 of the sources of the policy in this folder: its own, and those of the
/// packages and the contract that it depends on by path. It needs `cargo`, but no WASM
/// toolchain.
pub fn source_digest(folder: &Path) -> Result<String, BuildError> {
    source::digest_sources(&Package::read(folder)?)
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

#[cfg(test)]
mod tests;
