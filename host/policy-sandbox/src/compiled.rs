//! Compiled code: native instructions, and therefore the one thing here that has to be
//! trusted.
//!
//! A [`Code`] exists only where this program's own compiler wrote it, a moment ago or in
//! a cache file whose seal was checked. Nothing makes one from a file that came with a
//! repository, and no other function turns bytes into something that runs.

use wasmtime::Engine;
use wasmtime::component::Component;

/// Code that our own compiler wrote.
pub(crate) struct Code(Vec<u8>);

impl Code {
    /// The output of the compiling child, or of this process.
    pub(crate) fn from_compiler(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What `cache.rs` read from a file that only this user can write, after it found
    /// the seal whole.
    pub(crate) fn from_sealed_cache(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The component, if the code was made by this version for this kind of CPU.
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
