//! Runs other programs without a shell, with limits on their output.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// The most bytes of standard error that are read for a message.
const COMPLAINT_BYTES: u64 = 64 << 10;

/// Starts a program with pipes for its three streams.
pub(crate) fn start_child(command: &mut Command) -> io::Result<Child> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Returns the message of a program that did not start.
pub(crate) fn start_error(program: &Path, error: &io::Error) -> String {
    let program = program.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("program {program} not found"),
        _ => format!("cannot run {program}: {error}"),
    }
}

/// Sends a child its input and returns its output of at most `limit` bytes.
pub(crate) fn run_to_end(mut child: Child, input: &str, limit: u64) -> io::Result<Output> {
    let (stdout, stderr) = match exchange(&mut child, input, limit) {
        Ok(streams) => streams,
        Err(error) => {
            child.kill()?;
            child.wait()?;
            return Err(error);
        }
    };
    Ok(Output { status: child.wait()?, stdout, stderr })
}

/// Does the same with a child that leads a process group. When it ends, and after the given time
/// in any case, the whole group is killed.
///
/// # Errors
/// `TimedOut` after that time, and `FileTooLarge` for more output than the limit.
pub(crate) fn run_group_within(
    mut child: Child,
    input: &str,
    limit: u64,
    time: Duration,
) -> io::Result<Output> {
    let group = Pid::from_child(&child);
    let kill = move || kill_process_group(group, Signal::KILL);
    let (ended, end) = mpsc::channel::<()>();
    let watchdog = thread::spawn(move || {
        let late = end.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
        late.then(kill).is_some()
    });
    let streams = exchange(&mut child, input, limit);
    if streams.is_err() {
        // An error is that it has ended already, here and below.
        let _ = kill();
    }
    // It is not reaped yet, so that its number stays that of the group.
    let exited = waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    drop(ended);
    let late = watchdog.join().unwrap_or(false);
    let _ = kill();
    let status = child.wait()?;
    if late {
        return Err(io::ErrorKind::TimedOut.into());
    }
    exited?;
    let (stdout, stderr) = streams?;
    Ok(Output { status, stdout, stderr })
}

/// Sends a child its input and returns its output, of at most `limit` bytes, and its complaint.
fn exchange(child: &mut Child, input: &str, limit: u64) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        // A write error is ignored: a child that exits without reading reports why on its error
        // stream.
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(input.as_bytes())));
        let complaint = scope.spawn(move || read_stderr(stderr));
        let output = read_stdout(stdout, limit);
        let complaint = complaint.join().unwrap_or_else(|_| Ok(Vec::new()));
        Ok::<_, io::Error>((output?, complaint?))
    })
}

/// Reads the beginning of a program's standard error.
fn read_stderr(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(bytes) };
    pipe.by_ref().take(COMPLAINT_BYTES).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == COMPLAINT_BYTES {
        // A part of a line may have a part of a secret.
        let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(bytes.len());
        bytes.truncate(end);
    }
    // The rest is read and discarded, because a full pipe would block the child.
    io::copy(&mut pipe, &mut io::sink())?;
    Ok(bytes)
}

/// Reads a program's standard output; more than the limit is an error.
fn read_stdout(pipe: Option<impl Read>, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(bytes) };
    pipe.by_ref().take(limit).read_to_end(&mut bytes)?;
    if pipe.read(&mut [0])? > 0 {
        let message = format!("its output has over {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}
