//! Running the program under test, with an environment of its own.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process;

/// One run of the program, not started yet.
#[derive(Debug)]
pub struct Command(process::Command);

/// What a run gave.
#[derive(Debug)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code; none for a signal.
    pub code: Option<i32>,
}

impl Command {
    /// A run of a binary, with nothing of this process's environment but `PATH`, and one
    /// cache of compiled code for all tests.
    pub fn new(binary: impl AsRef<OsStr>) -> Self {
        let mut command = process::Command::new(binary);
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.env("SITE_CMP_CACHE", cache());
        Self(command)
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.0.arg(arg);
        self
    }

    /// More arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.0.args(args);
        self
    }

    /// One more environment variable.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(key, value);
        self
    }

    /// The working folder.
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.0.current_dir(dir);
        self
    }

    /// The command itself, for what is not wrapped here.
    pub fn inner(&mut self) -> &mut process::Command {
        &mut self.0
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// Where it cannot be started, or says something that is not UTF-8.
    pub fn run(mut self) -> Output {
        let output = self.0.stdin(process::Stdio::null()).output().expect("the program starts");
        Output {
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
            code: output.status.code(),
        }
    }
}

impl Output {
    /// The same, after a look at the exit code.
    ///
    /// # Panics
    /// Where it is not 0.
    pub fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "stderr: {}\nstdout: {}", self.stderr, self.stdout);
        self
    }

    /// The same, after a look at the exit code and at stdout, which must be empty.
    ///
    /// # Panics
    /// Where it ended with another code, or wrote a result.
    pub fn failure(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stderr: {}\nstdout: {}", self.stderr, self.stdout);
        assert!(self.stdout.is_empty(), "it failed and yet wrote: {}", self.stdout);
        self
    }

    /// The same, after a look for words in stderr.
    ///
    /// # Panics
    /// Where one is missing.
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in stderr:\n{}", self.stderr);
        }
        self
    }
}

/// The cache of compiled code that the tests share: compiled once a build.
fn cache() -> PathBuf {
    crate::target().join("site-cmp-test-cache")
}

/// Says something past the test harness, which keeps what passing tests print.
pub fn tell(message: &str) {
    // Nothing is lost where stderr is closed.
    let _ = writeln!(std::io::stderr(), "{message}");
}
