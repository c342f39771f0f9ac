//! Compiling an artifact, in a child process that is ended when it takes too much.
//!
//! wasmtime makes no promise about the time and memory that a hostile module costs to
//! compile; the kernel does. The child gets no environment, no file, and a clock.

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
use crate::refusal::Refusal;
use crate::text::plain;
use crate::worker::{self, Budget};

/// Threads of the child: more only reserve address space, which is what is limited.
const CHILD_THREADS: &str = "4";

/// How much of the child's complaint is read, in bytes.
const COMPLAINT: u64 = 16 << 10;

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;

/// Who compiles.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// A child process: `program` with `args` and two more, which must do what
    /// [`compile_worker`](crate::compile_worker) does.
    Child {
        /// The executable, usually this program's own.
        program: PathBuf,
        /// What makes it the worker, usually a hidden subcommand.
        args: Vec<OsString>,
    },
    /// This process, without any limit: for artifacts that are trusted, as in benches.
    InProcess,
}

impl Compiler {
    /// The compiled code of a component that was validated.
    pub(crate) fn compile(&self, component: &[u8], limits: &Limits) -> Result<Code, Refusal> {
        match self {
            Self::Child { program, args } => {
                let budget =
                    Budget { seconds: limits.compile_seconds, memory: limits.compile_memory_bytes };
                let mut command = Command::new(program);
                command.args(args).args(budget.arguments());
                in_child(command, component, limits)
            }
            Self::InProcess => engine::compiling()
                .and_then(|engine| engine.precompile_component(component))
                .map(Code::from_compiler)
                .map_err(|e| refused(&format!("{e:#}"))),
        }
    }
}

fn in_child(mut command: Command, component: &[u8], limits: &Limits) -> Result<Code, Refusal> {
    let mut child = command
        .env_clear()
        .env("RAYON_NUM_THREADS", CHILD_THREADS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| no_child(&format!("cannot start {}", command.get_program().display()), &e))?;
    let finished = converse(&mut child, component, limits);
    // Dead or alive, it is not needed any more, and it must not stay as a zombie.
    let _ = child.kill();
    let status = child.wait().map_err(|e| no_child("cannot wait for it", &e));
    let (code, complaint) = finished?;
    verdict(status?, code, &complaint, limits)
}

/// Gives the child the component and reads all that it says, for as long as it may live.
fn converse(
    child: &mut Child,
    component: &[u8],
    limits: &Limits,
) -> Result<(Vec<u8>, String), Refusal> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Refusal::bug("the compiler has no pipes"));
    };
    let (done, code) = mpsc::channel();
    read_code(stdout, limits.code_bytes, done);
    let complaint = read_complaint(stderr);
    let component = component.to_vec();
    // Detached: a program that is not our worker may never read, and the deadline below
    // has to count for it too. A broken pipe says less than the child's status does.
    thread::spawn(move || stdin.write_all(&component));
    // CPU time is what is limited; on a busy machine it takes longer to get.
    let patience = Duration::from_secs(limits.compile_seconds.saturating_mul(4).max(60));
    let Ok(code) = code.recv_timeout(patience) else {
        let message = format!("it did not end within {} seconds", patience.as_secs());
        return Err(no_child(&message, &io::ErrorKind::TimedOut.into()));
    };
    let code = code.map_err(|e| no_child("cannot read its code", &e))?;
    if code.len() as u64 > limits.code_bytes {
        let message = format!("its compiled code has more than {} bytes", limits.code_bytes);
        return Err(Refusal::input(&codes::POLICY_COMPILE_SIZE, message).limit("codeBytes"));
    }
    Ok((code, complaint.join().unwrap_or_default()))
}

fn read_code(stdout: ChildStdout, limit: u64, done: mpsc::Sender<io::Result<Vec<u8>>>) {
    thread::spawn(move || {
        let mut code = Vec::new();
        let read = stdout.take(limit.saturating_add(1)).read_to_end(&mut code);
        // Nobody listens any more after the deadline.
        let _ = done.send(read.map(|_| code));
    });
}

fn read_complaint(stderr: ChildStderr) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut complaint = Vec::new();
        // What cannot be read is not said; the exit status remains.
        let _ = stderr.take(COMPLAINT).read_to_end(&mut complaint);
        String::from_utf8_lossy(&complaint).into_owned()
    })
}

/// What the child's end means.
fn verdict(
    status: ExitStatus,
    code: Vec<u8>,
    complaint: &str,
    limits: &Limits,
) -> Result<Code, Refusal> {
    // The first is of Rust's allocator, the second of a failed read into a buffer.
    let out_of_memory =
        ["memory allocation of", "out of memory"].iter().any(|words| complaint.contains(words));
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(Code::from_compiler(code)),
        (Some(status), _) if status == i32::from(worker::REFUSED) => Err(refused(complaint)),
        (_, Some(SIGXCPU)) => Err(too_slow(limits)),
        // Nobody but the machine's own guard against memory shortage sends this one.
        (_, Some(SIGKILL)) => Err(no_child("it was killed", &io::ErrorKind::OutOfMemory.into())),
        (_, Some(SIGABRT)) | (Some(_), None) if out_of_memory => Err(Refusal::input(
            &codes::POLICY_COMPILE_MEMORY,
            format!("compiling it takes more than {} bytes of memory", limits.compile_memory_bytes),
        )
        .limit("compileMemoryBytes")),
        (_, Some(_)) => Err(Refusal::input(
            &codes::POLICY_COMPILE,
            format!("the compiler ended with {status}: {}", plain(complaint)),
        )),
        _ => Err(no_child(
            &format!("it ended with {status}"),
            &io::Error::other(complaint.to_owned()),
        )),
    }
}

fn too_slow(limits: &Limits) -> Refusal {
    Refusal::input(
        &codes::POLICY_COMPILE_TIME,
        format!("compiling it takes more than {} seconds of CPU time", limits.compile_seconds),
    )
    .limit("compileSeconds")
}

fn refused(why: &str) -> Refusal {
    Refusal::input(&codes::POLICY_COMPILE, format!("it does not compile: {}", plain(why)))
}

fn no_child(what: &str, cause: &io::Error) -> Refusal {
    Refusal::environment(
        &codes::POLICY_COMPILER,
        format!("the compiling process failed: {what}: {}", plain(&cause.to_string())),
    )
    .hint("check that the program can start itself and that its limits leave room for it")
}
