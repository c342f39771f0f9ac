//! The reason why a worker ended, from its exit status and its last words.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGSEGV: i32 = 11;
const SIGXCPU: i32 = 24;

/// The exit code of a Rust program that panicked.
const PANICKED: i32 = 101;

/// Texts of Rust's allocator, of its collections and of the C library when memory is exhausted.
const OUT_OF_MEMORY: [&str; 4] =
    ["memory allocation of", "failed to allocate", "Cannot allocate memory", "out of memory"];

/// The reason why a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerExit {
    /// It exceeded its memory limit.
    Memory,
    /// It overflowed its stack.
    Stack,
    /// It exceeded its time limit.
    Time,
    /// The system killed it, or the program is not a worker.
    Environment(String),
    /// It crashed.
    Crashed(String),
}

impl WorkerExit {
    /// Interprets an exit status and the beginning of standard error.
    pub(crate) fn interpret(status: ExitStatus, stderr_text: &str) -> Self {
        let memory = OUT_OF_MEMORY.iter().any(|text| stderr_text.contains(text));
        match (status.code(), status.signal()) {
            (_, Some(SIGXCPU)) => Self::Time,
            (_, Some(SIGABRT | SIGSEGV)) if stderr_text.contains("overflow") => Self::Stack,
            _ if memory => Self::Memory,
            // Only the kernel's out-of-memory killer sends this signal.
            (_, Some(SIGKILL)) => Self::Environment("it was killed".to_owned()),
            (Some(PANICKED), _) | (_, Some(_)) => Self::Crashed(stderr_text.to_owned()),
            _ => Self::Environment(format!("it ended with {status}: {stderr_text}")),
        }
    }
}
