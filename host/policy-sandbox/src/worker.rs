//! The compiling child: a process that may die of a hostile artifact without harm.
//!
//! It limits itself before it reads anything, takes a component on its input and gives
//! compiled code on its output. It touches no file and knows no policy's name.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::ExitCode;

use rlimit::Resource;

use crate::engine;

/// The component cannot be compiled; the error stream says why.
pub(crate) const REFUSED: u8 = 3;

/// The worker itself could not work; the error stream says why.
pub(crate) const FAILED: u8 = 4;

/// Compiles one component from `input` to `output`, under the limits that the parent
/// gave as arguments. Meant to be the whole of a hidden subcommand: call it with the
/// arguments after the subcommand's name and exit with what it returns.
pub fn compile_worker(
    arguments: &[OsString],
    mut input: impl Read,
    mut output: impl Write,
    mut errors: impl Write,
) -> ExitCode {
    let (code, message) = match work(arguments, &mut input, &mut output) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Trouble::Refused(message)) => (REFUSED, message),
        Err(Trouble::Failed(message)) => (FAILED, message),
    };
    // Without a reader there is nobody to tell; the code says enough.
    let _ = errors.write_all(message.as_bytes());
    ExitCode::from(code)
}

/// What the parent appends to the worker's command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// CPU time in seconds.
    pub(crate) seconds: u64,
    /// Address space in bytes.
    pub(crate) memory: u64,
}

impl Budget {
    pub(crate) fn arguments(self) -> [OsString; 2] {
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

    /// Takes effect for this process and cannot be taken back.
    fn impose(self) -> std::io::Result<()> {
        // One second between the signal that ends it and the one that nothing survives.
        Resource::CPU.set(self.seconds, self.seconds.saturating_add(1))?;
        Resource::AS.set(self.memory, self.memory)?;
        Resource::FSIZE.set(0, 0)?;
        Resource::CORE.set(0, 0)
    }
}

enum Trouble {
    Refused(String),
    Failed(String),
}

impl Trouble {
    fn failed(what: &str, cause: impl std::fmt::Display) -> Self {
        Self::Failed(format!("{what}: {cause}"))
    }
}

fn work(
    arguments: &[OsString],
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<(), Trouble> {
    let budget = Budget::parse(arguments)
        .ok_or_else(|| Trouble::Failed("expected CPU seconds and bytes of memory".into()))?;
    // Before the limit: threads that fail to start for lack of address space would end it with a
    // panic in place of an error, now and then, as their heaps are reserved.
    rayon::ThreadPoolBuilder::new()
        .build_global()
        .map_err(|e| Trouble::failed("cannot start the compiler's threads", e))?;
    budget.impose().map_err(|e| Trouble::failed("cannot limit the compiler", e))?;
    let mut component = Vec::new();
    input
        .read_to_end(&mut component)
        .map_err(|e| Trouble::failed("cannot read the component", e))?;
    let code = engine::compiling()
        .map_err(|e| Trouble::failed("cannot set up the compiler", e))?
        .precompile_component(&component)
        .map_err(|e| Trouble::Refused(format!("{e:#}")))?;
    output
        .write_all(&code)
        .and_then(|()| output.flush())
        .map_err(|e| Trouble::failed("cannot write the code", e))
}
