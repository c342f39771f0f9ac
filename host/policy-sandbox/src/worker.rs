//! The compiling child process, which a hostile artifact may crash without harm.
//!
//! It applies its limits before it reads anything, reads a component from its input, validates and
//! compiles it, and writes compiled code to its output. It opens no file, does not know the
//! policy's name, and is killed if its parent ends.

use std::any::Any;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use rlimit::Resource;
use wasmtime::Engine;
use worker_process::ProcessLimits;

use crate::artifact;
use crate::codes;
use crate::engine;
use crate::limits::Limits;
use crate::reject_error::RejectError;
use crate::text::escape_controls;

/// Exit code: the component is rejected; stdout has the error.
pub(crate) const REJECTED: u8 = 3;

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
    report_panics_without_paths();
    let (code, message) = match run_worker(arguments, &mut input, &mut output) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(WorkerError::Rejected(error)) => {
            let sent = output.write_all(&error.to_message()).and_then(|()| output.flush());
            (if sent.is_ok() { REJECTED } else { FAILED }, String::new())
        }
        Err(WorkerError::Failed(message)) => (FAILED, message),
    };
    // The parent may be gone; the exit code is still set.
    let _ = errors.write_all(message.as_bytes());
    ExitCode::from(code)
}

/// Validates and compiles a component, in this process.
///
/// # Errors
/// The component is invalid, or the compiler rejects it or panics.
pub(crate) fn compile(engine: &Engine, component: &[u8]) -> Result<Vec<u8>, RejectError> {
    let work = AssertUnwindSafe(|| {
        artifact::validate_code(component)?;
        engine
            .precompile_component(component)
            .map_err(|e| compile_error(&format!("it does not compile: {e:#}")))
    });
    // The compiler checks some of its input with assertions, in this thread or in those of rayon,
    // which pass a panic on to this one.
    panic::catch_unwind(work).unwrap_or_else(|panic| {
        Err(compile_error(&format!("the compiler fails on it: {}", panic_text(&*panic))))
    })
}

fn compile_error(message: &str) -> RejectError {
    RejectError::input(&codes::POLICY_COMPILE, escape_controls(message))
}

/// Returns the message of a panic, which does not name the source file.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}

/// Replaces the standard report of a panic: it names source files by their paths on the system
/// that built this program.
fn report_panics_without_paths() {
    panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("no reason given");
        // The parent may be gone.
        let _ = writeln!(io::stderr(), "the compiler panicked: {text}");
    }));
}

/// The limits that the parent appends to the worker's command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompileBudget {
    /// CPU time in seconds.
    pub(crate) seconds: u64,
    /// Private writable memory in bytes.
    pub(crate) memory: u64,
    /// The process that waits for the worker.
    pub(crate) parent: u32,
}

impl CompileBudget {
    /// Returns the operator's limits, or those of this process where they are lower: a child
    /// cannot raise them.
    ///
    /// # Errors
    /// The limits of this process cannot be read.
    pub(crate) fn of_child(limits: &Limits) -> io::Result<Self> {
        Ok(Self {
            seconds: limits.compile_seconds.min(below(Resource::CPU.get_hard()?)),
            memory: limits.compile_memory_bytes.min(Resource::DATA.get_hard()?),
            parent: std::process::id(),
        })
    }

    pub(crate) fn to_arguments(self) -> [OsString; 3] {
        [self.seconds, self.memory, self.parent.into()].map(|number| number.to_string().into())
    }

    fn parse(arguments: &[OsString]) -> Option<Self> {
        let [seconds, memory, parent] = arguments else {
            return None;
        };
        Some(Self {
            seconds: seconds.to_str()?.parse().ok()?,
            memory: memory.to_str()?.parse().ok()?,
            parent: parent.to_str()?.parse().ok()?,
        })
    }

    /// Applies the limits to this process; they cannot be raised again.
    fn apply_to_process(self) -> io::Result<()> {
        worker_process::end_with(self.parent)?;
        worker_process::apply_limits(&ProcessLimits {
            cpu_seconds: Some(self.seconds),
            data: Some(self.memory),
            file_bytes: Some(0),
            ..ProcessLimits::default()
        })
    }
}

/// Returns the highest soft limit on CPU time below a hard one, at which the kernel kills without
/// the signal that names the reason.
fn below(hard: u64) -> u64 {
    hard.saturating_sub(1).max(1)
}

enum WorkerError {
    Rejected(RejectError),
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
    let budget = CompileBudget::parse(arguments).ok_or_else(|| {
        WorkerError::Failed("expected CPU seconds, bytes of memory and the parent".into())
    })?;
    // Before the limits: a thread that cannot start for lack of memory would sometimes panic
    // instead of returning an error.
    rayon::ThreadPoolBuilder::new()
        .build_global()
        .map_err(|e| WorkerError::failed("cannot start the compiler's threads", e))?;
    budget.apply_to_process().map_err(|e| WorkerError::failed("cannot limit the compiler", e))?;
    let mut component = Vec::new();
    input
        .read_to_end(&mut component)
        .map_err(|e| WorkerError::failed("cannot read the component", e))?;
    let engine = engine::compiling_engine()
        .map_err(|e| WorkerError::failed("cannot set up the compiler", e))?;
    let code = compile(&engine, &component).map_err(WorkerError::Rejected)?;
    output
        .write_all(&code)
        .and_then(|()| output.flush())
        .map_err(|e| WorkerError::failed("cannot write the code", e))
}
