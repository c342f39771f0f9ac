//! A process that a test starts: its output is kept, and it ends with the test.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Child;

use crate::{Command, wait_for};

/// A running process; it is killed when this is dropped, after a panic too.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts one that writes both its streams into a log.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start(mut command: Command, log: PathBuf) -> Self {
        let file = File::create(&log).expect("a log can be made");
        let child = command
            .inner()
            .stdin(std::process::Stdio::null())
            .stdout(file.try_clone().expect("a log has two writers"))
            .stderr(file)
            .spawn()
            .expect("the program starts");
        Self { child, log }
    }

    /// Returns its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns its output until now.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until something is there.
    ///
    /// # Panics
    /// Where the process ends before, or it takes ten minutes.
    pub fn wait_for<T>(&mut self, what: &str, look: impl Fn(&str) -> Option<T>) -> T {
        wait_for(what, || {
            let ended = self.child.try_wait().expect("the process is ours");
            let found = look(&self.log());
            let comes = found.is_some() || ended.is_none();
            assert!(comes, "no {what} ({ended:?}): {}", self.log());
            found
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
