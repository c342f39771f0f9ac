//! The process that becomes helm: it lowers its limits, and then executes helm in its place.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use worker_process::ProcessLimits;

/// The beginning of the message of a helm that could not be started.
pub(super) const FAILED: &str = "site-cmp cannot start helm: ";

/// The exit code of a helm that could not be started, as a shell has it.
const NOT_STARTED: u8 = 126;

/// The largest file that helm may write, in bytes: an index or an archive.
const FILE_BYTES: u64 = 100 << 20;

/// Returns the arguments of this program that start helm under a limit on memory.
pub(super) fn arguments(memory_bytes: u64, program: &Path) -> [OsString; 3] {
    [std::process::id().to_string().into(), memory_bytes.to_string().into(), program.into()]
}

/// Becomes helm, under the limits in the arguments. A hidden subcommand should call only this
/// function, with the arguments after its name, and exit with the returned code.
pub(crate) fn become_helm(arguments: &[OsString], mut errors: impl io::Write) -> ExitCode {
    let error = match prepare(arguments) {
        Ok(mut command) => command.exec(),
        Err(error) => error,
    };
    // The parent may be gone.
    let _ = write!(errors, "{FAILED}{error}");
    ExitCode::from(NOT_STARTED)
}

fn prepare(arguments: &[OsString]) -> io::Result<Command> {
    let invalid =
        || io::Error::other("expected a parent, bytes of memory, a program and arguments");
    let [parent, memory, program, arguments @ ..] = arguments else { return Err(invalid()) };
    let parent = parent.to_str().and_then(|text| text.parse().ok()).ok_or_else(invalid)?;
    let memory = memory.to_str().and_then(|text| text.parse().ok()).ok_or_else(invalid)?;
    // Helm keeps this setting: it ends with the thread that waits for it.
    worker_process::end_with(parent)?;
    // Not the address space: Go reserves much more than it uses.
    worker_process::apply_limits(&ProcessLimits {
        data: Some(memory),
        file_bytes: Some(FILE_BYTES),
        ..ProcessLimits::default()
    })?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}
