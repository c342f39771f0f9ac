//! Which Rust builds a policy.
//!
//! First choice is the `rustc` on the path with the target installed, as `rustup target
//! add` does. Debian ships no such target: there its own compiler builds the standard
//! library from source along with the policy.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::BuildError;

pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// Linkers of Debian's packages `lld-<version>`, newest first.
const LINKERS: [&str; 5] = ["wasm-ld", "wasm-ld-21", "wasm-ld-20", "wasm-ld-19", "wasm-ld-18"];

/// A toolchain that builds for WASM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Toolchain {
    pub(super) cargo: PathBuf,
    pub(super) sysroot: PathBuf,
    /// Set where the standard library is built along.
    pub(super) from_source: Option<FromSource>,
}

/// What building the standard library takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FromSource {
    pub(super) rustc: PathBuf,
    pub(super) linker: PathBuf,
}

impl Toolchain {
    /// The first that is here.
    pub(super) fn find() -> Result<Self, BuildError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        sysroot(Path::new("rustc"))
            .and_then(Self::with_target)
            .or_else(|| Self::of_debian(Path::new("/"), &path))
            .ok_or(BuildError::NoToolchain)
    }

    /// The `cargo` on the path, if its sysroot has the target.
    fn with_target(sysroot: PathBuf) -> Option<Self> {
        let target = sysroot.join("lib/rustlib").join(TARGET);
        target.is_dir().then(|| Self { cargo: PathBuf::from("cargo"), sysroot, from_source: None })
    }

    /// Debian's, if compiler, standard library source and linker are installed.
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

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success()).then(|| PathBuf::from(text.trim()))
}

#[cfg(test)]
mod tests;
