//! Starts, times and kills a worker.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, parent_id};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::param::page_size;
use rustix::process::{
    Pid, Signal, kill_current_process_group, kill_process_group, set_parent_process_death_signal,
    setpriority_process,
};

use crate::exit::WorkerExit;
use crate::stream::{DeadlineStream, wait_until};

/// How much of its stderr is read, in bytes.
const MAX_STDERR: u64 = 16 << 10;

/// The time that a worker gets to exit by itself after it closed its socket.
const EXIT_TIME: Duration = Duration::from_millis(200);

/// The program of a worker: an executable, usually this one, with arguments that select the worker.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Arguments that select the worker, usually a hidden subcommand.
    pub args: Vec<OsString>,
}

/// A running worker; it and all that it started are killed on drop.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    socket: UnixStream,
    errors: ChildStderr,
}

impl Worker {
    /// Starts a worker with more arguments, usually its limits. Its standard input and output are
    /// the socket.
    ///
    /// # Errors
    /// The program cannot be started, or the process has no free descriptor.
    pub fn start(
        program: &Program,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        socket.set_nonblocking(true)?;
        let (input, output) = (OwnedFd::from(theirs.try_clone()?), OwnedFd::from(theirs));
        let mut child = Command::new(&program.path)
            .args(&program.args)
            .args(arguments)
            .env_clear()
            .process_group(0)
            .stdin(input)
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()?;
        let errors = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, socket, errors })
    }

    /// Returns its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns its socket, which does not block.
    pub fn socket(&self) -> &UnixStream {
        &self.socket
    }

    /// Returns its socket with a deadline.
    pub fn with_deadline(&self, deadline: Instant) -> DeadlineStream<'_> {
        DeadlineStream::new(&self.socket, deadline)
    }

    /// Sets its priority: 0 is normal, 19 the lowest. Only a superuser can raise it again.
    ///
    /// # Errors
    /// The worker has ended, or its priority would rise.
    pub fn set_niceness(&self, niceness: i32) -> io::Result<()> {
        Ok(setpriority_process(Some(Pid::from_child(&self.child)), niceness)?)
    }

    /// Waits until the worker has sent something, or until a moment. Returns whether it has.
    ///
    /// # Errors
    /// The socket is broken.
    pub fn wait_readable(&self, until: Instant) -> io::Result<bool> {
        wait_until(&self.socket, PollFlags::IN, until)
    }

    /// Returns the CPU time that it and its children have used; zero if the system does not report
    /// it.
    pub fn cpu_time(&self) -> Duration {
        Duration::from_millis(ticks_of(self.child.id()).saturating_mul(10))
    }

    /// Returns the memory that it occupies, in bytes; zero if the system does not report it.
    pub fn resident_bytes(&self) -> u64 {
        resident_bytes_of(&self.child.id().to_string())
    }

    /// Kills the worker. Returns the reason if it had already ended.
    pub fn terminate(mut self) -> WorkerExit {
        // A worker that just closed its socket may need a moment to exit with its own status.
        let start = Instant::now();
        let mut ended = self.child.try_wait().ok().flatten();
        while ended.is_none() && start.elapsed() < EXIT_TIME {
            thread::sleep(Duration::from_millis(1));
            ended = self.child.try_wait().ok().flatten();
        }
        self.kill_group();
        let status = match ended.map_or_else(|| self.child.wait(), Ok) {
            Ok(status) => status,
            Err(error) => return WorkerExit::Environment(error.to_string()),
        };
        let mut stderr_text = Vec::new();
        // A read error is ignored: the exit status is still reported.
        let _ = (&mut self.errors).take(MAX_STDERR).read_to_end(&mut stderr_text);
        WorkerExit::interpret(status, &String::from_utf8_lossy(&stderr_text))
    }

    fn kill_group(&self) {
        // It may have exited already.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill_group();
        // It must not remain as a zombie.
        let _ = self.child.wait();
    }
}

/// Makes the kernel kill this worker when the thread that started it ends. It suits a worker that
/// is started by a thread that lives as long as its process.
///
/// # Errors
/// The kernel refuses.
pub fn end_with_starter() -> io::Result<()> {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Makes the system kill this process before others when memory runs out. It is a wish: the system
/// may refuse it.
pub fn prefer_as_victim() {
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
}

/// Does the same, and fails if the process that should have started this one has ended already.
///
/// # Errors
/// The kernel refuses, or this process has another parent.
pub fn end_with(parent: u32) -> io::Result<()> {
    end_with_starter()?;
    if parent_id() == parent { Ok(()) } else { Err(io::Error::other("its parent has ended")) }
}

/// Returns the memory that this process occupies, in bytes; zero if the system does not report it.
pub fn own_resident_bytes() -> u64 {
    resident_bytes_of("self")
}

/// Returns the CPU time of a process and all its children, in ticks of a hundredth of a second.
fn ticks_of(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    // The name before the last parenthesis may have spaces. After it, `utime`, `stime` and the same
    // of children that have ended are the fields 14 to 17 of proc_pid_stat(5).
    let fields = stat.as_deref().ok().and_then(|stat| Some(stat.rsplit_once(')')?.1));
    let ticks = fields.unwrap_or_default().split_whitespace().skip(11).take(4);
    let own: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    running_children(process)
        .into_iter()
        .fold(own, |sum, child| sum.saturating_add(ticks_of(child)))
}

/// Returns the children that the threads of a process have started and that have not ended.
fn running_children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let children =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let parse = |text: String| text.split_whitespace().filter_map(|id| id.parse().ok()).collect();
    children.flat_map(|text| -> Vec<u32> { parse(text) }).collect()
}

/// Returns the memory of a process, by its name in `/proc`.
fn resident_bytes_of(process: &str) -> u64 {
    let statm = fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default().saturating_mul(page_size() as u64)
}

/// Returns the socket to the parent, which is a worker's standard input.
///
/// # Errors
/// Standard input is closed.
pub fn parent_socket() -> io::Result<UnixStream> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// Watches the parent on a thread, so that its end ends this worker and all that it started, whatever
/// it is doing. Messages of the parent do not wake the thread.
///
/// # Errors
/// The thread cannot be started.
pub fn end_with_parent(socket: UnixStream) -> io::Result<()> {
    thread::Builder::new().name("parent".to_owned()).spawn(move || {
        let mut watched = [PollFd::new(&socket, PollFlags::RDHUP)];
        while matches!(poll(&mut watched, None), Ok(0) | Err(rustix::io::Errno::INTR)) {}
        // The worker leads its group. No reader is left for an error.
        let _ = kill_current_process_group(Signal::KILL);
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts a shell without environment, so that it has no search path of its own.
    fn shell(script: &str) -> Worker {
        let args = ["-c", script].map(OsString::from).to_vec();
        Worker::start(&Program { path: "/bin/sh".into(), args }, []).unwrap()
    }

    /// Waits for a byte of a worker.
    fn wait_for_word(worker: &Worker) {
        let until = Instant::now() + Duration::from_mins(1);
        assert!(worker.wait_readable(until).unwrap(), "it has said nothing");
    }

    #[test]
    fn the_time_of_children_counts_while_they_run_and_when_they_have_ended() {
        // Each takes at least a hundredth of a second of a processor.
        const WORK: &str = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
        let ended = shell(&format!("sh -c '{WORK}'; echo done; read end"));
        let running = shell(&format!("sh -c '{WORK}; echo done; read end' & wait"));
        for worker in [ended, running] {
            wait_for_word(&worker);
            assert!(worker.cpu_time() >= Duration::from_millis(10), "{:?}", worker.cpu_time());
        }
    }

    #[test]
    fn a_worker_ends_with_everything_that_it_started() {
        let worker = shell("sleep 1000 & echo $!; wait");
        wait_for_word(&worker);
        let mut id = [0; 20];
        let mut socket = worker.socket();
        let length = socket.read(&mut id).unwrap();
        let id = std::str::from_utf8(&id[..length]).unwrap().trim().to_owned();
        // Until its new parent has asked for its status, an ended process is a zombie.
        let runs = || {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            !stat.is_empty() && !stat.contains(") Z")
        };
        assert!(runs());
        drop(worker);
        while runs() {
            thread::yield_now();
        }
    }
}
