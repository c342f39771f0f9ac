//! Evaluates Jsonnet that nobody has to trust, in processes of their own.
//!
//! Jsonnet is a whole language, and its evaluator has no limit on time or memory. So it
//! runs in a child: this program again, started with a hidden word. The child gets a file's
//! text on a socket and answers with JSON. It opens no file: what a file imports it asks
//! for, and the parent looks whether that is one of the tree's. It has no environment, no
//! clock and no file descriptor but its streams; the kernel limits its memory and its time,
//! and the parent ends it at a deadline.
//!
//! A child serves many evaluations, each from a fresh state. One that met a limit is ended,
//! and the next evaluation starts another. What a file came to is kept, under its digest
//! and those of everything it imported.
//!
//! This is the only crate that names jrsonnet. It refuses to evaluate in its own process.

pub mod codes;
mod cache;
mod conversation;
mod evaluator;
mod failure;
mod frame;
mod limits;
mod pool;
mod process;
mod report;

mod evaluation;
mod imports;
mod worker;

pub use evaluator::Evaluator;
pub use limits::{KEYS as LIMIT_KEYS, Limits};
pub use process::Program;
pub use worker::worker;
