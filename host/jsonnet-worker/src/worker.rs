//! The evaluating child process, which may loop, grow or crash without harm.
//!
//! It applies its limits before it reads anything. It opens no file, starts no thread or process, and
//! exits at the end of its input.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::rc::Rc;

use worker_process::ProcessLimits;

use crate::evaluation;
use crate::frame::Frame;

/// The limits that the parent appends to the worker's command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EvaluationBudget {
    /// Total CPU time, in seconds.
    pub(crate) seconds: u64,
    /// Address space in bytes.
    pub(crate) memory: u64,
    /// Nested calls.
    pub(crate) depth: usize,
    /// JSON of one result, in bytes.
    pub(crate) output: u64,
}

impl EvaluationBudget {
    pub(crate) fn to_arguments(self) -> [OsString; 4] {
        let Self { seconds, memory, depth, output } = self;
        [seconds, memory, depth as u64, output].map(|number| number.to_string().into())
    }

    fn parse(arguments: &[OsString]) -> Option<Self> {
        let mut numbers = arguments.iter().map(|argument| argument.to_str()?.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            seconds: next()?,
            memory: next()?,
            depth: usize::try_from(next()?).ok()?,
            output: next()?,
        })
    }

    /// Applies the limits to this process; they cannot be raised again.
    fn apply_to_process(self) -> io::Result<()> {
        // An evaluation that a command waits for ends with the command.
        worker_process::end_with_starter()?;
        worker_process::apply_limits(&ProcessLimits {
            cpu_seconds: Some(self.seconds),
            address_space: Some(self.memory),
            // Only the three standard streams are open.
            open_files: Some(3),
            file_bytes: Some(0),
            processes: Some(0),
            ..ProcessLimits::default()
        })
    }
}

/// The stream to the parent, in both directions.
pub(crate) struct Channel {
    input: Box<dyn Read>,
    output: Box<dyn Write>,
}

impl Channel {
    /// Sends a frame and receives the answer.
    pub(crate) fn request(&mut self, frame: &Frame) -> io::Result<Frame> {
        frame.write(&mut self.output)?;
        self.receive()?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Receives a frame. The parent is trusted, so its size is not limited.
    fn receive(&mut self) -> io::Result<Option<Frame>> {
        Frame::read(&mut self.input, u64::from(u32::MAX))
    }
}

/// Evaluates files from `input` until it ends, under the limits in the arguments. A hidden subcommand
/// should call only this function, with the arguments after its name, and exit with the returned code.
pub fn worker(
    arguments: &[OsString],
    input: impl Read + 'static,
    output: impl Write + 'static,
    mut errors: impl Write,
) -> ExitCode {
    let channel = Channel { input: Box::new(input), output: Box::new(output) };
    match serve_requests(arguments, channel) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The parent may be gone; the exit code is still set.
            let _ = errors.write_all(error.to_string().as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn serve_requests(arguments: &[OsString], channel: Channel) -> io::Result<()> {
    let budget = EvaluationBudget::parse(arguments)
        .ok_or_else(|| io::Error::other("expected seconds, memory, depth and output"))?;
    budget.apply_to_process()?;
    let channel = Rc::new(RefCell::new(channel));
    loop {
        let received = channel.borrow_mut().receive()?;
        let Some(frame) = received else { return Ok(()) };
        let Frame::Evaluate(name, content) = frame else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let answer = match evaluation::evaluate(&channel, &name, content, budget) {
            Ok(json) => Frame::Done(json.into_bytes()),
            Err(failure) => Frame::Failed(serde_json::to_vec(&failure)?),
        };
        answer.write(&mut channel.borrow_mut().output)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_goes_through_a_command_line() {
        let budget = EvaluationBudget { seconds: 1, memory: 2, depth: 3, output: 4 };
        assert_eq!(EvaluationBudget::parse(&budget.to_arguments()), Some(budget));
        assert_eq!(EvaluationBudget::parse(&[]), None);
        assert_eq!(
            EvaluationBudget::parse(&["1".into(), "2".into(), "3".into(), "x".into()]),
            None
        );
    }
}
