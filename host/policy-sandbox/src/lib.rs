//! Runs policies: untrusted WASM components.
//!
//! There are three phases, and the code of each is separate:
//!
//! - once per process, [`Sandbox::new`]: engine, memory pool, clock, cache folder;
//! - once per policy, [`Sandbox::load`](site_render::policy::Policies::load): digest,
//!   contract, compile it or read it from the cache, call its `describe`;
//! - once per call, [`Policy::evaluate`](site_render::policy::Policy::evaluate): a fresh
//!   store and a fresh instance, which are dropped afterwards.
//!
//! A policy reads five documents and returns data. It has no clock, random numbers, files,
//! network, environment variables or output. The worst that it can cause is that its own call
//! ends with an error that names the exceeded limit.
//!
//! This is the only crate that names wasmtime. It runs only code that it compiled
//! itself, links only the contract, and never reuses an instance.

pub mod codes;
mod artifact;
mod bindings;
mod cache;
mod call;
mod code_source;
mod code_store;
mod compile;
mod compiled;
mod documents;
mod engine;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod inspect;
mod decode;
mod limits;
mod private_folder;
mod reject_error;
mod sandbox;
mod slots;
mod text;
mod trap;
mod watchdog;
mod worker;

pub use code_source::WantedCode;
pub use code_store::{CodeStore, CompileError};
pub use compile::Compiler;
pub use compiled::Code;
pub use inspect::{Inspection, Section, inspect};
pub use limits::{KEYS as LIMIT_KEYS, Limits, Tier};
pub use sandbox::Sandbox;
pub use worker::compile_worker;
