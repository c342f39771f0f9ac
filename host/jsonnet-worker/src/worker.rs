//! The evaluating child: a process that may loop, grow and die without harm.
//!
//! It limits itself before it reads anything. It opens no file, starts no thread and no
//! process, and ends with its input.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::rc::Rc;

use rlimit::Resource;

use crate::evaluation;
use crate::frame::Frame;

/// What the parent appends to the worker's command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// CPU time of its whole life, in seconds.
    pub(crate) seconds: u64,
    /// Address space in bytes.
    pub(crate) memory: u64,
    /// Calls within calls.
    pub(crate) depth: usize,
    /// JSON of one result, in bytes.
    pub(crate) output: u64,
}

impl Budget {
    pub(crate) fn arguments(self) -> [OsString; 4] {
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

    /// Takes effect for this process and cannot be taken back.
    fn impose(self) -> io::Result<()> {
        lower(Resource::CPU, self.seconds)?;
        lower(Resource::AS, self.memory)?;
        // Three streams are open; nothing else ever is.
        lower(Resource::NOFILE, 3)?;
        lower(Resource::FSIZE, 0)?;
        lower(Resource::NPROC, 0)?;
        lower(Resource::CORE, 0)
    }
}

/// A limit that is lower already stays.
fn lower(resource: Resource, limit: u64) -> io::Result<()> {
    let limit = limit.min(resource.get_hard()?);
    resource.set(limit, limit)
}

/// Both directions of what is said.
pub(crate) struct Channel {
    input: Box<dyn Read>,
    output: Box<dyn Write>,
}

impl Channel {
    /// Says something, and hears what is said to that.
    pub(crate) fn ask(&mut self, frame: &Frame) -> io::Result<Frame> {
        frame.write(&mut self.output)?;
        self.hear()?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// The parent is believed: it sends what it has read itself.
    fn hear(&mut self) -> io::Result<Option<Frame>> {
        Frame::read(&mut self.input, u64::from(u32::MAX))
    }
}

/// Evaluates what comes in on `input` until that ends, under the limits that the parent gave
/// as arguments. Meant to be the whole of a hidden subcommand: call it with the arguments
/// after the subcommand's name and exit with what it returns.
pub fn worker(
    arguments: &[OsString],
    input: impl Read + 'static,
    output: impl Write + 'static,
    mut errors: impl Write,
) -> ExitCode {
    let channel = Channel { input: Box::new(input), output: Box::new(output) };
    match work(arguments, channel) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a reader there is nobody to tell; the code says enough.
            let _ = errors.write_all(error.to_string().as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn work(arguments: &[OsString], channel: Channel) -> io::Result<()> {
    let budget = Budget::parse(arguments)
        .ok_or_else(|| io::Error::other("expected seconds, memory, depth and output"))?;
    budget.impose()?;
    let channel = Rc::new(RefCell::new(channel));
    loop {
        let heard = channel.borrow_mut().hear()?;
        let Some(frame) = heard else { return Ok(()) };
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
        let budget = Budget { seconds: 1, memory: 2, depth: 3, output: 4 };
        assert_eq!(Budget::parse(&budget.arguments()), Some(budget));
        assert_eq!(Budget::parse(&[]), None);
        assert_eq!(Budget::parse(&["1".into(), "2".into(), "3".into(), "x".into()]), None);
    }
}
