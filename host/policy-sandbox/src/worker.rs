//! The compiling child process, which a hostile artifact may crash without harm.
//!
//! It applies its limits before it reads anything, reads a component from its input and writes
//! compiled code to its output. It opens no file and does not know the policy's name.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::ExitCode;

use rlimit::Resource;

use crate::engine;

/// Exit code: the component cannot be compiled; stderr has the reason.
pub(crate) const REFUSED: u8 = 3;

/// Exit code: the worker itself failed; stderr has the reason.
pub(crate) const FAILED: u8 = 4;

/// Compiles one component from `input` to `output`, under the limits in the arguments. A hidden
/// subcommand should call only this function, with the arguments after its name, and exit with the
/// returned code.
pub fn compile_worker(
    arguments: &[OsString],
    mut input: impl Read,
    mut output: impl Write,
    mut errors: impl Write,
) -> ExitCode {
    let (code, message) = match run_worker(arguments, &mut input, &mut output) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(WorkerError::Refused(message)) => (REFUSED, message),
        Err(WorkerError::Failed(message)) => (FAILED, message),
    };
    // The parent may be gone; the exit code is still set.
    let _ = errors.write_all(message.as_bytes());
    ExitCode::from(code)
}

/// The limits that the parent appends to the worker's command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompileBudget {
    /// CPU time in seconds.
    pub(crate) seconds: u64,
    /// Address space in bytes.
    pub(crate) memory: u64,
}

impl CompileBudget {
    pub(crate) fn to_arguments(self) -> [OsString; 2] {
        [self.seconds.to_string().into(), self.memory.to_string().into()]
    }

    fn parse(arguments: &[OsString]) -> Option<Self> {
        let [seconds, memory] = arguments else {
            return None;
        };
        Some(Self {
            seconds: seconds.to_str()?.parse().ok()?,
            memory: memory.to_str()?.parse().ok()?,
        })
    }

    /// Applies the limits to this process; they cannot be raised again.
    fn apply_to_process(self) -> std::io::Result<()> {
        // SIGXCPU after the soft limit, SIGKILL one second later.
        Resource::CPU.set(self.seconds, self.seconds.saturating_add(1))?;
        Resource::AS.set(self.memory, self.memory)?;
        Resource::FSIZE.set(0, 0)?;
        Resource::CORE.set(0, 0)
    }
}

enum WorkerError {
    Refused(String),
    Failed(String),
}

impl WorkerError {
    fn failed(what: &str, cause: impl std::fmt::Display) -> Self {
        Self::Failed(format!("{what}: {cause}"))
    }
}

fn run_worker(
    arguments: &[OsString],
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<(), WorkerError> {
    let budget = CompileBudget::parse(arguments)
        .ok_or_else(|| WorkerError::Failed("expected CPU seconds and bytes of memory".into()))?;
    // Before the limits: a thread that cannot start for lack of address space would sometimes panic
    // instead of returning an error.
    rayon::ThreadPoolBuilder::new()
        .build_global()
        .map_err(|e| WorkerError::failed("cannot start the compiler's threads", e))?;
    budget.apply_to_process().map_err(|e| WorkerError::failed("cannot limit the compiler", e))?;
    let mut component = Vec::new();
    input
        .read_to_end(&mut component)
        .map_err(|e| WorkerError::failed("cannot read the component", e))?;
    let code = engine::compiling_engine()
        .map_err(|e| WorkerError::failed("cannot set up the compiler", e))?
        .precompile_component(&component)
        .map_err(|e| WorkerError::Refused(format!("{e:#}")))?;
    output
        .write_all(&code)
        .and_then(|()| output.flush())
        .map_err(|e| WorkerError::failed("cannot write the code", e))
}
