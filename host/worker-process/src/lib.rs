//! Worker processes: children of this program that may loop, grow or crash without harm.
//!
//! A worker is this program, started again with a hidden subcommand. It has no environment
//! variables and no file descriptor but its streams. Its first act is to lower its own limits
//! ([`apply_limits`]); a process cannot raise them again. The parent talks to it over one socket,
//! kills it at a deadline, and learns from its exit why it ended.
//!
//! A worker leads a process group, so that whatever it started ends with it.
//!
//! Only Linux has all of this. This crate knows nothing about what a worker does.

mod arrival;
mod exit;
mod limits;
mod memory_file;
mod message;
mod process;
mod stream;

pub use arrival::Arrival;
pub use exit::WorkerExit;
pub use limits::{ProcessLimits, apply_limits};
pub use memory_file::MemoryFile;
pub use message::Message;
pub use process::{
    Program, Worker, end_with, end_with_parent, end_with_starter, own_resident_bytes,
    parent_socket, prefer_as_victim,
};
pub use stream::DeadlineStream;
