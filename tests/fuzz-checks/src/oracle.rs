//! The programs that answers are compared with. Each runs as a child process and answers one
//! question at a time: both are frames, with their length as four bytes before them.

use std::fmt;
use std::io::{self, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::Programs;

/// Python's compiler as such a program: a question is a JSON list of texts, and the answer lists
/// for each of them null or the error.
const COMPILER: &str = include_str!("compiler.py");

/// A kind of oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OracleKind {
    /// The peer `fuzz-oracle`, with the kind of its questions.
    Go(&'static str),
    /// Python's compiler.
    Python,
}

/// A running oracle.
pub(super) struct Oracle {
    pub(super) kind: OracleKind,
    programs: Programs,
    child: Child,
}

impl fmt::Debug for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl OracleKind {
    /// Returns the command of the oracle.
    fn command(self, programs: &Programs) -> Command {
        match self {
            Self::Go(questions) => {
                let mut command = Command::new(&programs.go);
                command.arg(questions);
                command
            }
            Self::Python => {
                let mut command = Command::new(&programs.python);
                command.args(["-I", "-S", "-W", "ignore", "-c", COMPILER]);
                command
            }
        }
    }
}

impl Oracle {
    /// Starts an oracle.
    ///
    /// # Panics
    /// If it cannot be started.
    pub(super) fn start(kind: OracleKind, programs: &Programs) -> Self {
        let mut command = kind.command(programs);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        Self { kind, programs: programs.clone(), child }
    }

    /// Returns the answer to a question, or the reason for which the program refused. A program
    /// that a question ends has refused it, and is started again.
    pub(super) fn ask(&mut self, question: &[u8]) -> Result<Value, String> {
        let Ok(answer) = self.exchange(question) else {
            // Its own Drop ends and collects the old one.
            *self = Self::start(self.kind, &self.programs.clone());
            return Err("the program ended".to_owned());
        };
        match answer.split_first() {
            Some((b'+', json)) => Ok(serde_json::from_slice(json).expect("the answer is JSON")),
            _ => Err(String::from_utf8_lossy(&answer).into_owned()),
        }
    }

    /// Writes a question and reads the frame of the answer.
    fn exchange(&mut self, question: &[u8]) -> io::Result<Vec<u8>> {
        let (Some(input), Some(output)) = (&mut self.child.stdin, &mut self.child.stdout) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let length = u32::try_from(question.len()).map_err(io::Error::other)?;
        input.write_all(&[&length.to_le_bytes(), question].concat())?;
        // One answer at a time: nothing of the next can be in the buffer.
        let mut output = BufReader::new(output);
        let mut length = [0; 4];
        output.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_le_bytes(length) as usize];
        output.read_exact(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
