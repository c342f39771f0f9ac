//! The time limit of a call: the server's own, or less if its caller stops waiting before. The call
//! ends shortly before that moment.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use site_render::finding::Stage;
use tokio::time::Instant;
use tonic::metadata::MetadataMap;

use crate::call_rejection::{CallRejection, RejectKind};
use crate::codes;
use crate::render_worker::ProgressFile;

/// The least time reserved for the answer's way back. Argo CD's own plugin server reserves as
/// much (cmpserver/plugin/plugin.go of 3.5.7).
const LEAST_MARGIN: Duration = Duration::from_millis(100);

/// The most time reserved, which is enough on a node whose processors are busy.
const LARGEST_MARGIN: Duration = Duration::from_secs(2);

/// The stage of a call, for its log line and for the error at its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum CallStage {
    /// Reading the stream.
    Receive,
    /// Unpacking the archive.
    Unpack,
    /// Waiting for a free render.
    Queue,
    /// Waiting for a policy to be compiled.
    Compile,
    /// Rendering.
    Render,
    /// Waiting for memory for the answer.
    Answer,
}

/// All stages, in the order of a call.
pub(super) const CALL_STAGES: [CallStage; 6] = [
    CallStage::Receive,
    CallStage::Unpack,
    CallStage::Queue,
    CallStage::Compile,
    CallStage::Render,
    CallStage::Answer,
];

impl CallStage {
    /// Returns the stage's name in logs and metrics.
    pub(super) fn metric_label(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Unpack => "unpack",
            Self::Queue => "queue",
            Self::Compile => "compile",
            Self::Render => "render",
            Self::Answer => "answer",
        }
    }

    /// Returns the stage that a finding of this moment belongs to. Waiting for a free render
    /// comes after the files are received and before anything is rendered.
    fn finding_stage(self) -> Stage {
        match self {
            Self::Receive | Self::Unpack | Self::Queue => Stage::Sources,
            Self::Compile => Stage::Policies,
            Self::Render | Self::Answer => Stage::Render,
        }
    }

    /// Returns the stage as a part of a sentence.
    fn describe_stage(self) -> &'static str {
        match self {
            Self::Receive => "the archive was still being received",
            Self::Unpack => "the archive was still being unpacked",
            Self::Queue => "the call was still waiting for a free render",
            Self::Compile => "a policy was still being compiled",
            Self::Render => "the site was still being rendered",
            Self::Answer => "the answer was still waiting for memory",
        }
    }
}

/// The stage that a call is in, which is read when its deadline passes.
#[derive(Debug, Default)]
pub(super) struct StageTracker {
    stage: AtomicU8,
    /// The progress of the worker that renders the call.
    worker: Mutex<Option<Arc<ProgressFile>>>,
}

impl StageTracker {
    pub(super) fn enter_stage(&self, stage: CallStage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    fn current_stage(&self) -> CallStage {
        CALL_STAGES[usize::from(self.stage.load(Ordering::Relaxed)).min(CALL_STAGES.len() - 1)]
    }

    /// Takes the stage of the render from a worker.
    pub(super) fn watch(&self, worker: &Arc<ProgressFile>) {
        *self.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker.clone());
    }

    /// Returns the name of the current stage, with that of the render.
    fn stage_label(&self, stage: CallStage) -> String {
        let label = stage.metric_label();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        match &*worker {
            Some(progress) if stage == CallStage::Render => {
                format!("{label}: {}", progress.stage())
            }
            _ => label.to_owned(),
        }
    }

    /// Returns the error of a call whose deadline has passed.
    pub(super) fn deadline_error(&self, deadline: CallDeadline) -> CallRejection {
        let stage = self.current_stage();
        let message = format!(
            "the deadline passed while {} (stage {}, {} ms allowed)",
            stage.describe_stage(),
            self.stage_label(stage),
            deadline.allowed.as_millis()
        );
        let hint = match stage {
            CallStage::Receive => {
                "send less: set manifest-generate-paths and exclude .git; `cmp doctor --repo` shows how"
            }
            CallStage::Compile => {
                "refresh the application: the policy is compiled once and ready for the next call"
            }
            _ if deadline.by_server => {
                "raise milliseconds under `server` in the operator's limits file"
            }
            CallStage::Unpack | CallStage::Queue | CallStage::Render | CallStage::Answer => {
                "raise controller.repo.server.timeout.seconds and \
                 server.repo.server.timeout.seconds in argocd-cmd-params-cm"
            }
        };
        let finding = codes::CALL_DEADLINE.finding(message).stage(stage.finding_stage()).hint(hint);
        CallRejection::new(RejectKind::Deadline, finding)
    }
}

/// The moment by which a call must be answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallDeadline {
    pub(super) until: Instant,
    /// The time from the call's begin until then.
    allowed: Duration,
    /// Whether the server's own limit sets it, and not the caller's timeout.
    by_server: bool,
}

impl CallDeadline {
    /// Returns the deadline of a call that begins now: its caller's timeout without a margin for
    /// the answer's way back, but at most `limit`.
    pub(super) fn begin(metadata: &MetadataMap, limit: Duration) -> Self {
        let timeout =
            metadata.get("grpc-timeout").and_then(|value| parse_timeout(value.to_str().ok()?));
        let timeout = timeout.map(|timeout| timeout.saturating_sub(answer_margin(timeout)));
        let allowed = timeout.map_or(limit, |timeout| timeout.min(limit));
        let by_server = timeout.is_none_or(|timeout| timeout > limit);
        Self { until: Instant::now() + allowed, allowed, by_server }
    }
}

/// Returns the part of a timeout that is reserved for the answer's way back: a twentieth,
/// within its bounds, and at most a tenth of a very short timeout.
fn answer_margin(timeout: Duration) -> Duration {
    (timeout / 20).clamp(LEAST_MARGIN, LARGEST_MARGIN).min(timeout / 10)
}

/// Parses `grpc-timeout` as gRPC over HTTP/2 writes it: up to eight digits and a unit.
fn parse_timeout(text: &str) -> Option<Duration> {
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
        assert_eq!(parse_timeout("60S"), Some(Duration::from_mins(1)));
        assert_eq!(parse_timeout("2999875u"), Some(Duration::from_micros(2_999_875)));
        assert_eq!(parse_timeout("99999999H"), Some(Duration::from_hours(99_999_999)));
        for wrong in ["", "S", "123456789S", "+5S", "5s", "5", "-1S", "5 S", "µ"] {
            assert_eq!(parse_timeout(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_deadline_reports_the_stage_that_its_call_was_in() {
        let tracker = StageTracker::default();
        let deadline = CallDeadline::begin(&MetadataMap::new(), Duration::from_secs(1));
        for (call, finding) in [
            (CallStage::Unpack, Stage::Sources),
            (CallStage::Compile, Stage::Policies),
            (CallStage::Render, Stage::Render),
        ] {
            tracker.enter_stage(call);
            let error = tracker.deadline_error(deadline);
            assert!(error.text().contains(call.metric_label()), "{call:?}");
            assert_eq!(call.finding_stage(), finding);
        }
    }

    #[test]
    fn an_answer_comes_before_the_caller_gives_up() {
        let mut metadata = MetadataMap::new();
        let limit = Duration::from_secs(70);
        assert_eq!(CallDeadline::begin(&metadata, limit).allowed, limit);
        for (timeout, milliseconds) in
            [("60S", 58_000), ("20S", 19_000), ("3S", 2_850), ("1S", 900), ("100m", 90), ("0n", 0)]
        {
            metadata.insert("grpc-timeout", timeout.parse().unwrap());
            let deadline = CallDeadline::begin(&metadata, limit);
            assert_eq!(deadline.allowed, Duration::from_millis(milliseconds), "{timeout}");
            assert!(!deadline.by_server);
        }
    }

    #[test]
    fn a_caller_that_would_wait_longer_gets_the_servers_own_limit() {
        let mut metadata = MetadataMap::new();
        let limit = Duration::from_secs(7);
        for timeout in ["8S", "1H", "99999999H"] {
            metadata.insert("grpc-timeout", timeout.parse().unwrap());
            let deadline = CallDeadline::begin(&metadata, limit);
            assert_eq!(deadline.allowed, limit, "{timeout}");
            let tracker = StageTracker::default();
            tracker.enter_stage(CallStage::Render);
            let error = tracker.deadline_error(deadline);
            assert!(error.text().contains("milliseconds"));
        }
    }
}
