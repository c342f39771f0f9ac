//! How long a call may take: until shortly before its caller stops listening.

use crate::codes;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tonic::metadata::MetadataMap;

use super::refusal::{Kind, Refused};

/// What an answer takes on its way at least: Argo CD's own plugin server leaves as much
/// (cmpserver/plugin/plugin.go of 3.5.7).
const LEAST_MARGIN: Duration = Duration::from_millis(100);

/// What it may take at most, on a node whose processors are busy.
const LARGEST_MARGIN: Duration = Duration::from_secs(2);

/// What a call does, for its log and for the error at its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Step {
    /// Reading the stream.
    Receive,
    /// Unpacking what came.
    Unpack,
    /// Waiting for a free render.
    Queue,
    /// Waiting for a policy to be compiled.
    Compile,
    /// Rendering.
    Render,
}

/// All steps, in the order of a call.
pub(super) const STEPS: [Step; 5] =
    [Step::Receive, Step::Unpack, Step::Queue, Step::Compile, Step::Render];

impl Step {
    /// Its name in logs and metrics.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Unpack => "unpack",
            Self::Queue => "queue",
            Self::Compile => "compile",
            Self::Render => "render",
        }
    }

    fn said(self) -> &'static str {
        match self {
            Self::Receive => "the archive was still being received",
            Self::Unpack => "the archive was still being unpacked",
            Self::Queue => "the call was still waiting for a free render",
            Self::Compile => "a policy was still being compiled",
            Self::Render => "the site was still being rendered",
        }
    }
}

/// The step that a call is in; read when its deadline comes.
#[derive(Debug, Default)]
pub(super) struct Progress(AtomicU8);

impl Progress {
    pub(super) fn enter(&self, step: Step) {
        self.0.store(step as u8, Ordering::Relaxed);
    }

    fn step(&self) -> Step {
        STEPS[usize::from(self.0.load(Ordering::Relaxed)).min(STEPS.len() - 1)]
    }

    /// The error of a call whose deadline has come.
    pub(super) fn late(&self, allowed: Duration) -> Refused {
        let step = self.step();
        let message = format!(
            "the deadline came while {} (stage {}, {} ms allowed)",
            step.said(),
            step.word(),
            allowed.as_millis()
        );
        let hint = match step {
            Step::Receive => {
                "send less: manifest-generate-paths, and .git excluded; `cmp doctor --repo` says how"
            }
            Step::Compile => {
                "refresh the application: it is compiled once and ready for the next call"
            }
            Step::Unpack | Step::Queue | Step::Render => {
                "the time is controller.repo.server.timeout.seconds and server.repo.server.timeout.seconds"
            }
        };
        let finding = codes::CALL_DEADLINE.finding(message).hint(hint);
        Refused::new(Kind::Deadline, finding)
    }
}

/// When a call has to be answered, and how long that is from now.
pub(super) fn of(metadata: &MetadataMap, otherwise: Duration) -> (Instant, Duration) {
    let timeout = metadata.get("grpc-timeout").and_then(|value| parse(value.to_str().ok()?));
    let allowed = match timeout {
        Some(timeout) => timeout.saturating_sub(margin(timeout)),
        None => otherwise,
    };
    (Instant::now() + allowed, allowed)
}

/// Returns the part of a timeout that is kept free for the answer's way: a twentieth within
/// its bounds, and of a very short time a tenth.
fn margin(timeout: Duration) -> Duration {
    (timeout / 20).clamp(LEAST_MARGIN, LARGEST_MARGIN).min(timeout / 10)
}

/// `grpc-timeout` as gRPC over HTTP/2 writes it: up to eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_read_as_grpc_writes_it() {
        assert_eq!(parse("60S"), Some(Duration::from_mins(1)));
        assert_eq!(parse("2999875u"), Some(Duration::from_micros(2_999_875)));
        assert_eq!(parse("99999999H"), Some(Duration::from_hours(99_999_999)));
        for wrong in ["", "S", "123456789S", "+5S", "5s", "5", "-1S", "5 S", "µ"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_answer_comes_before_the_caller_gives_up() {
        let mut metadata = MetadataMap::new();
        let other = Duration::from_secs(7);
        assert_eq!(of(&metadata, other).1, other);
        for (timeout, milliseconds) in
            [("60S", 58_000), ("20S", 19_000), ("3S", 2_850), ("1S", 900), ("100m", 90), ("0n", 0)]
        {
            metadata.insert("grpc-timeout", timeout.parse().unwrap());
            assert_eq!(of(&metadata, other).1, Duration::from_millis(milliseconds), "{timeout}");
        }
    }
}
