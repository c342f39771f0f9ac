//! Runs policies: WASM components that nobody has to trust.
//!
//! Three moments, never mixed:
//!
//! - once per process, [`Sandbox::new`]: engine, memory pool, clock, cache folder;
//! - once per policy, [`Sandbox::load`](site_render::policy::Policies::load): digest,
//!   contract, compile or fetch from the cache, ask the policy what it is;
//! - once per call, [`Policy::evaluate`](site_render::policy::Policy::evaluate): a fresh
//!   store and a fresh instance, thrown away with everything in it.
//!
//! A policy gets five documents to read and gives back data. It has no clock, no random
//! numbers, no file, no network, no environment and no output; whatever it does, the
//! worst that happens is that its own call ends with an error that names the limit.
//!
//! This is the only crate that names wasmtime. It refuses to run compiled code that it
//! did not compile itself, to link anything but the contract, and to keep an instance.

pub mod codes;
mod artifact;
mod bindings;
mod cache;
mod call;
mod compile;
mod compiled;
mod documents;
mod engine;
mod inspect;
mod lift;
mod limits;
mod refusal;
mod sandbox;
mod slots;
mod text;
mod trap;
mod watchdog;
mod worker;

pub use compile::Compiler;
pub use inspect::{Inspection, Section, inspect};
pub use limits::{KEYS as LIMIT_KEYS, Limits, Tier};
pub use sandbox::Sandbox;
pub use worker::compile_worker;
