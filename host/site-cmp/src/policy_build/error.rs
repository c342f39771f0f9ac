//! What can go wrong while a policy is built, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a policy was not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("cannot run {program}: {source}")]
    Run {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// `cargo` said no.
    #[error("{command} failed:\n{output}")]
    Cargo {
        /// What was run.
        command: &'static str,
        /// What it wrote to its standard error.
        output: String,
    },
    /// `cargo metadata` gave something else than was expected.
    #[error("cargo metadata of {path} is not as expected: {what}")]
    Metadata {
        /// The folder.
        path: PathBuf,
        /// What was missing.
        what: String,
    },
    /// The package makes no module.
    #[error(
        "{package} is no policy: its Cargo.toml needs [lib] crate-type = [\"cdylib\", \"rlib\"]"
    )]
    NoModule {
        /// The package.
        package: String,
    },
    /// No toolchain here builds for WASM.
    #[error(
        "no Rust toolchain here builds for wasm32-unknown-unknown; run `rustup target add wasm32-unknown-unknown`, \
         or on Debian `apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld-19`"
    )]
    NoToolchain,
    /// The module is no component of the policy world.
    #[error("the module is no policy: {reason}; a policy's crate calls export_policy!")]
    Encode {
        /// What the encoder said.
        reason: String,
    },
    /// The artifact would tell where it was built.
    #[error("the module holds the path {path} of this machine; its bytes would differ elsewhere")]
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
