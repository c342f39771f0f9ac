//! Finds the Rust toolchain that builds a policy.
//!
//! The first choice is the `rustc` on the path with the target installed by `rustup target
//! add`. Debian ships no such target, so its compiler builds the standard library from source
//! together with the policy.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::BuildError;

pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// The linkers of Debian's packages `lld-<version>`, newest first.
const LINKERS: [&str; 5] = ["wasm-ld", "wasm-ld-21", "wasm-ld-20", "wasm-ld-19", "wasm-ld-18"];

/// A toolchain that builds for WASM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Toolchain {
    pub(super) cargo: PathBuf,
    pub(super) sysroot: PathBuf,
    /// Set if the standard library is built from source.
    pub(super) from_source: Option<FromSource>,
}

/// The programs that build the standard library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FromSource {
    pub(super) rustc: PathBuf,
    pub(super) linker: PathBuf,
}

impl Toolchain {
    /// Returns the first toolchain that is installed.
    pub(super) fn find() -> Result<Self, BuildError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        read_sysroot(Path::new("rustc"))
            .and_then(Self::with_target)
            .or_else(|| Self::of_debian(Path::new("/"), &path))
            .ok_or(BuildError::NoToolchain)
    }

    /// Returns the `cargo` on the path, if its sysroot has the target.
    fn with_target(sysroot: PathBuf) -> Option<Self> {
        let target = sysroot.join("lib/rustlib").join(TARGET);
        target.is_dir().then(|| Self { cargo: PathBuf::from("cargo"), sysroot, from_source: None })
    }

    /// Returns Debian's toolchain, if compiler, standard library source and linker are
    /// installed.
    fn of_debian(root: &Path, path: &OsString) -> Option<Self> {
        let rustc = root.join("usr/bin/rustc");
        let cargo = root.join("usr/bin/cargo");
        let sysroot = root.join("usr");
        let library = sysroot.join("lib/rustlib/src/rust/library");
        let linker = LINKERS
            .iter()
            .flat_map(|name| std::env::split_paths(path).map(move |folder| folder.join(name)))
            .find(|linker| linker.is_file())?;
        (rustc.is_file() && cargo.is_file() && library.is_dir()).then_some(Self {
            cargo,
            sysroot,
            from_source: Some(FromSource { rustc, linker }),
        })
    }
}

/// Returns the sysroot of a compiler.
fn read_sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success()).then(|| PathBuf::from(text.trim()))
}

#[cfg(test)]
mod tests;
