//! Compiles an artifact in a child process with limits on time and memory.
//!
//! wasmtime does not bound the time and memory of validating and compiling a hostile module; the
//! kernel does. The child has no environment variables and opens no file.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::codes;
use crate::compiled::Code;
use crate::engine;
use crate::limits::Limits;
use crate::reject_error::RejectError;
use crate::text::escape_controls;
use crate::worker::{self, CompileBudget};

/// Threads of the child: each has its own heap and stack, which count as memory.
const CHILD_THREADS: &str = "4";

/// How much of the child's stderr is read, in bytes.
const MAX_STDERR: u64 = 16 << 10;

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;

/// Where artifacts are compiled.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// A child process: `program` with `args` and three more arguments, which must behave like
    /// [`compile_worker`](crate::compile_worker).
    Child {
        /// The executable, usually this program's own.
        program: PathBuf,
        /// Arguments that select the worker, usually a hidden subcommand.
        args: Vec<OsString>,
    },
    /// This process, without limits: for trusted artifacts, as in benches.
    InProcess,
}

impl Compiler {
    /// Validates and compiles a component, whose artifact was checked.
    pub(crate) fn compile(&self, component: &[u8], limits: &Limits) -> Result<Code, RejectError> {
        match self {
            Self::Child { program, args } => {
                let budget = CompileBudget::of_child(limits)
                    .map_err(|e| compiler_process_error("cannot read its limits", &e))?;
                let mut command = Command::new(program);
                command.args(args).args(budget.to_arguments());
                compile_in_child(command, component, limits, budget)
            }
            Self::InProcess => {
                let engine = engine::compiling_engine()
                    .map_err(|e| RejectError::bug(format!("cannot set up the compiler: {e:#}")))?;
                worker::compile(&engine, component).map(Code::from_compiler)
            }
        }
    }
}

fn compile_in_child(
    mut command: Command,
    component: &[u8],
    limits: &Limits,
    budget: CompileBudget,
) -> Result<Code, RejectError> {
    let mut child = command
        .env_clear()
        .env("RAYON_NUM_THREADS", CHILD_THREADS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| {
            compiler_process_error(&format!("cannot start {}", command.get_program().display()), &e)
        })?;
    let finished = exchange_with_child(&mut child, component, limits);
    // The child is not needed any more, and must not remain as a zombie.
    let _ = child.kill();
    let status = child.wait().map_err(|e| compiler_process_error("cannot wait for it", &e));
    let (code, stderr_text) = finished?;
    interpret_exit(status?, code, &stderr_text, limits, budget)
}

/// Sends the component to the child, and reads its output until the deadline.
fn exchange_with_child(
    child: &mut Child,
    component: &[u8],
    limits: &Limits,
) -> Result<(Vec<u8>, String), RejectError> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(RejectError::bug("the compiler has no pipes"));
    };
    let (done, code) = mpsc::channel();
    read_code(stdout, limits.code_bytes, done);
    let stderr_text = read_stderr(stderr);
    let component = component.to_vec();
    // Detached, because a program that is not our worker may never read, and the deadline below
    // must apply to it too. A broken pipe is ignored: the child's status is more informative.
    thread::spawn(move || stdin.write_all(&component));
    // The limit is on CPU time, which takes longer in wall-clock time on a busy system.
    let deadline = Duration::from_secs(limits.compile_seconds.saturating_mul(4).max(60));
    let Ok(code) = code.recv_timeout(deadline) else {
        let message = format!("it did not end within {} seconds", deadline.as_secs());
        return Err(compiler_process_error(&message, &io::ErrorKind::TimedOut.into()));
    };
    let code = code.map_err(|e| compiler_process_error("cannot read its code", &e))?;
    if code.len() as u64 > limits.code_bytes {
        let message = format!("its compiled code has more than {} bytes", limits.code_bytes);
        return Err(RejectError::input(&codes::POLICY_COMPILE_SIZE, message).limit("codeBytes"));
    }
    Ok((code, stderr_text.join().unwrap_or_default()))
}

fn read_code(stdout: ChildStdout, limit: u64, done: mpsc::Sender<io::Result<Vec<u8>>>) {
    thread::spawn(move || {
        let mut code = Vec::new();
        let read = stdout.take(limit.saturating_add(1)).read_to_end(&mut code);
        // The receiver is gone after the deadline.
        let _ = done.send(read.map(|_| code));
    });
}

fn read_stderr(stderr: ChildStderr) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut stderr_text = Vec::new();
        // A read error is ignored: the exit status is still reported.
        let _ = stderr.take(MAX_STDERR).read_to_end(&mut stderr_text);
        String::from_utf8_lossy(&stderr_text).into_owned()
    })
}

/// Interprets the exit status of the child.
fn interpret_exit(
    status: ExitStatus,
    output: Vec<u8>,
    stderr_text: &str,
    limits: &Limits,
    budget: CompileBudget,
) -> Result<Code, RejectError> {
    // The first text is from Rust's allocator, the second from a failed read into a buffer.
    let out_of_memory =
        ["memory allocation of", "out of memory"].iter().any(|words| stderr_text.contains(words));
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(Code::from_compiler(output)),
        (Some(status), _) if status == i32::from(worker::REJECTED) => {
            Err(RejectError::from_message(&output)
                .unwrap_or_else(|| RejectError::bug("the compiling process sent an unknown error")))
        }
        (_, Some(SIGXCPU)) => Err(time_error(limits, budget)),
        // Only the kernel's out-of-memory killer sends this signal.
        (_, Some(SIGKILL)) => {
            Err(compiler_process_error("it was killed", &io::ErrorKind::OutOfMemory.into()))
        }
        (_, Some(SIGABRT)) | (Some(_), None) if out_of_memory => Err(memory_error(limits, budget)),
        (_, Some(_)) => Err(RejectError::input(
            &codes::POLICY_COMPILE,
            format!("the compiler ended with {status}: {}", escape_controls(stderr_text)),
        )),
        _ => Err(compiler_process_error(
            &format!("it ended with {status}"),
            &io::Error::other(stderr_text.to_owned()),
        )),
    }
}

fn time_error(limits: &Limits, budget: CompileBudget) -> RejectError {
    let seconds = budget.seconds;
    let error = RejectError::input(
        &codes::POLICY_COMPILE_TIME,
        format!("compiling it takes more than {seconds} seconds of CPU time"),
    );
    if seconds < limits.compile_seconds {
        return error.hint(
            "this process has a lower limit on CPU time than compileSeconds: raise it (ulimit -t)",
        );
    }
    error.limit("compileSeconds")
}

fn memory_error(limits: &Limits, budget: CompileBudget) -> RejectError {
    let bytes = budget.memory;
    let error = RejectError::input(
        &codes::POLICY_COMPILE_MEMORY,
        format!("compiling it takes more than {bytes} bytes of memory"),
    );
    if bytes < limits.compile_memory_bytes {
        return error.hint(
            "this process has a lower limit on memory than compileMemoryBytes: raise it \
             (ulimit -d)",
        );
    }
    error.limit("compileMemoryBytes")
}

fn compiler_process_error(what: &str, cause: &io::Error) -> RejectError {
    RejectError::environment(
        &codes::POLICY_COMPILER,
        format!("the compiling process failed: {what}: {}", escape_controls(&cause.to_string())),
    )
    .hint("check that the program can start itself and that its limits leave room for it")
}
