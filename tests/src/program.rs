//! Running the program under test, with an environment of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process;

/// One run of the program, not started yet.
#[derive(Debug)]
pub struct Command(process::Command);

/// The output of a run.
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
    /// Returns a run of a binary. Its environment has only `PATH` of this process, and the
    /// cache of compiled code that all tests share.
    pub fn new(binary: impl AsRef<OsStr>) -> Self {
        let mut command = process::Command::new(binary);
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.env("SITE_CMP_CACHE", cache());
        Self(command)
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.0.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.0.args(args);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(key, value);
        self
    }

    /// Sets the working folder.
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.0.current_dir(dir);
        self
    }

    /// Returns the command itself, for options without a method here.
    pub fn inner(&mut self) -> &mut process::Command {
        &mut self.0
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// Where it cannot be started, or its output is not UTF-8.
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
    /// Returns the output after checking that the exit code is 0.
    ///
    /// # Panics
    /// Where it is not 0.
    pub fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "stderr: {}\nstdout: {}", self.stderr, self.stdout);
        self
    }

    /// Returns the output after checking the exit code, and that stdout is empty.
    ///
    /// # Panics
    /// Where it ended with another code, or wrote a result.
    pub fn failure(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stderr: {}\nstdout: {}", self.stderr, self.stdout);
        assert!(self.stdout.is_empty(), "it failed and yet wrote: {}", self.stdout);
        self
    }

    /// Returns the output after checking that stderr contains these words.
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

/// Returns the cache of compiled code that the tests share, so that a build compiles it once.
fn cache() -> PathBuf {
    crate::target().join("site-cmp-test-cache")
}

/// Writes a program, such as a script, which can then be run.
///
/// # Panics
/// Where it cannot be written.
pub fn write_program(path: &Path, text: impl AsRef<[u8]>) {
    fs::write(path, text).expect("a program can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be run");
}

/// Prints a message past the test harness, which hides the output of passing tests.
pub fn tell(message: &str) {
    // Nothing is lost where stderr is closed.
    let _ = writeln!(std::io::stderr(), "{message}");
}
