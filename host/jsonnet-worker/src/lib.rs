//! Evaluates untrusted Jsonnet in separate processes.
//!
//! Jsonnet is a full language, and its evaluator has no limits on time or memory. It therefore runs
//! in a child process: this program, started with a hidden subcommand. The child receives a file's
//! text on a socket and returns JSON. It opens no file: it requests each import, and the parent
//! returns it if it is in the tree. The child has no environment variables, no clock and no file
//! descriptors but its streams. The kernel limits its memory and CPU time, and the parent kills it at
//! a deadline.
//!
//! A child serves many evaluations, each from a fresh state. A child that exceeded a limit is
//! replaced. Results are cached under the digests of the file and of everything that it imported.
//!
//! Only this crate depends on jrsonnet. It never evaluates in its own process.

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
mod library;
mod worker;

pub use evaluator::Evaluator;
pub use limits::{KEYS as LIMIT_KEYS, Limits};
pub use worker::worker;
