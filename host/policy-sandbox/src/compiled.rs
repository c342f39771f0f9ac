//! Compiled code: native instructions, which must be trusted.
//!
//! A [`Code`] is always output of this program's own compiler: just compiled, read from a cache
//! file whose seal was checked, or sent by the parent process that compiled it. No function creates one from a file of a repository, and no other
//! function turns bytes into executable code.

use std::fmt;

use wasmtime::Engine;
use wasmtime::component::Component;

/// Native code from our own compiler.
pub struct Code(Vec<u8>);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code of {} bytes", self.0.len())
    }
}

impl Code {
    /// Wraps the output of the compiling child, or of this process.
    pub(crate) fn from_compiler(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Wraps code that `cache.rs` read from a file that only this user can write, after it checked the
    /// seal.
    pub(crate) fn from_sealed_cache(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Wraps code that the parent process has sent. The socket to it is the only one of a worker.
    pub(crate) fn from_parent(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the code, to send it to a process that runs policies.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the component, if the code was compiled by this version for this kind of CPU.
    #[expect(
        unsafe_code,
        reason = "wasmtime cannot prove that bytes are its own output; the constructors \
                  of Code do. The bytes are ours in memory, not a file that could change \
                  under us, and wasmtime itself checks version and configuration"
    )]
    pub(crate) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: see above; every Code is unmodified output of precompile_component.
        unsafe { Component::deserialize(engine, &self.0) }
    }
}
