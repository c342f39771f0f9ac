//! The errors of building a policy, with their fixes.

use std::io;
use std::path::{Path, PathBuf};

/// The reason that a policy was not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("cannot run {program}: {source}")]
    Run {
        /// The program.
        program: String,
        /// The system's error.
        source: io::Error,
    },
    /// `cargo` failed.
    #[error("{command} failed:\n{output}")]
    Cargo {
        /// The command.
        command: &'static str,
        /// Its standard error.
        output: String,
    },
    /// The output of `cargo metadata` is not as expected.
    #[error("cargo metadata of {path} is not as expected: {what}")]
    Metadata {
        /// The folder.
        path: PathBuf,
        /// The difference.
        what: String,
    },
    /// The package builds no module.
    #[error(
        "{package} is not a policy: its Cargo.toml needs [lib] crate-type = [\"cdylib\", \"rlib\"]"
    )]
    NoModule {
        /// The package.
        package: String,
    },
    /// No installed toolchain builds for WASM.
    #[error(
        "no installed Rust toolchain builds for wasm32-unknown-unknown; run `rustup target add wasm32-unknown-unknown`, \
         or on Debian `apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld-19`"
    )]
    NoToolchain,
    /// The module does not implement the policy world.
    #[error("the module is not a policy: {reason}; the crate of a policy must call export_policy!")]
    Encode {
        /// The encoder's error.
        reason: String,
    },
    /// The artifact contains the path where it was built.
    #[error("the module contains the local path {path}; its bytes would differ elsewhere")]
    PathLeft {
        /// The path.
        path: String,
    },
}

impl BuildError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_path_buf(), source }
    }

    pub(super) fn metadata(path: &Path, what: impl Into<String>) -> Self {
        Self::Metadata { path: path.to_path_buf(), what: what.into() }
    }
}
