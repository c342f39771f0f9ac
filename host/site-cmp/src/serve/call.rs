//! The record of one call: its request, its cost and its result. It becomes one line in the
//! log, numbers in the metrics and a span in a trace.
//!
//! No secret, no local path and no variable's value gets into any of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use site_render::disclosure::shown_text;
use tracing::{Span, info, warn};

use super::deadline::{CALL_STAGES, CallDeadline, CallStage, StageTracker};
use super::metrics::{Metrics, PROBE};
use crate::call_rejection::{CallRejection, RejectKind};
use crate::render_worker::protocol::Facts;

/// A running call. Dropping it writes its record, so that a cancelled call is logged too.
pub(super) struct Call {
    method: &'static str,
    started: Instant,
    deadline: CallDeadline,
    pub(super) progress: StageTracker,
    record: Mutex<Record>,
    metrics: Arc<Metrics>,
    pub(super) span: Span,
}

/// The facts of a call that are known so far.
#[derive(Default)]
pub(super) struct Record {
    pub(super) application: String,
    pub(super) revision: String,
    /// The facts that the worker reports.
    pub(super) facts: Facts,
    pub(super) manifests: usize,
    tree: String,
    tree_from: &'static str,
    answer_from: &'static str,
    bytes: u64,
    stages: [Duration; CALL_STAGES.len()],
    entered: Option<(CallStage, Instant)>,
    ended: Option<CallEnd>,
}

/// The result of a call.
enum CallEnd {
    Well,
    CallRejection(CallRejection),
}

impl Call {
    /// Begins the record of a call.
    pub(super) fn begin(
        method: &'static str,
        deadline: CallDeadline,
        metrics: Arc<Metrics>,
        span: Span,
    ) -> Self {
        metrics.running.inc();
        Self {
            method,
            started: Instant::now(),
            deadline,
            progress: StageTracker::default(),
            record: Mutex::default(),
            metrics,
            span,
        }
    }

    /// Returns the moment by which it must be answered.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline.until.into_std()
    }

    /// Returns whether its deadline has passed.
    pub(super) fn is_late(&self) -> bool {
        Instant::now() >= self.deadline()
    }

    /// Returns the error of a call whose deadline has passed.
    pub(super) fn deadline_error(&self) -> CallRejection {
        self.progress.deadline_error(self.deadline)
    }

    /// Ends the current stage and begins another.
    pub(super) fn enter_stage(&self, step: CallStage) {
        self.progress.enter_stage(step);
        self.edit_record(|record| {
            record.leave_stage();
            record.entered = Some((step, Instant::now()));
        });
    }

    /// Records the archive's digest as the caller wrote it. The digest must be validated first.
    pub(super) fn note_tree(&self, digest: &str) {
        self.edit_record(|record| digest.clone_into(&mut record.tree));
    }

    /// Records whether the tree was cached, joined or new.
    pub(super) fn note_tree_source(&self, from: &'static str) {
        if self.method != PROBE {
            self.metrics.count_tree_lookup(from);
        }
        self.edit_record(|record| record.tree_from = from);
    }

    /// Records whether the worker had the answer from an earlier call.
    pub(super) fn note_answer_source(&self, known: bool) {
        let from = if known { "known" } else { "rendered" };
        if self.method != PROBE {
            self.metrics.count_answer(from);
        }
        self.edit_record(|record| record.answer_from = from);
    }

    /// Records the size of the received archive.
    pub(super) fn note_received(&self, bytes: u64) {
        self.edit_record(|record| record.bytes = bytes);
    }

    /// Changes the record.
    pub(super) fn edit_record(&self, note: impl FnOnce(&mut Record)) {
        note(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Records the result.
    pub(super) fn note_result(&self, refused: Option<&CallRejection>) {
        self.edit_record(|record| {
            record.ended = Some(refused.cloned().map_or(CallEnd::Well, CallEnd::CallRejection));
        });
    }
}

impl Record {
    /// Adds the time of the current stage.
    fn leave_stage(&mut self) {
        if let Some((step, since)) = self.entered.take() {
            self.stages[step as usize] += since.elapsed();
        }
    }

    /// Returns the result's name in logs and metrics.
    fn outcome_label(&self) -> &'static str {
        match &self.ended {
            Some(CallEnd::Well) => "ok",
            Some(CallEnd::CallRejection(refused)) => refused.kind.metric_label(),
            // The caller went away, so there was no result to record.
            None => RejectKind::Cancelled.metric_label(),
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let record = self.record.get_mut().unwrap_or_else(PoisonError::into_inner);
        record.leave_stage();
        let outcome = record.outcome_label();
        self.metrics.running.dec();
        self.metrics.count_call(self.method, outcome, self.started.elapsed());
        self.metrics.count_fuel(record.facts.fuel);
        for (step, took) in CALL_STAGES.into_iter().zip(record.stages) {
            if !took.is_zero() {
                self.metrics.observe_stage(step.metric_label(), took);
            }
        }
        let (mut code, mut error) = ("", String::new());
        if let Some(CallEnd::CallRejection(refused)) = &record.ended {
            (code, error) = (refused.error_code(), refused.first_line());
            self.metrics.count_rejection(code);
        }
        let _inside = self.span.enter();
        log_call(self.method, record, outcome, code, &error);
    }
}

/// Returns a call of a test.
#[cfg(test)]
pub(super) fn test_call() -> Call {
    let deadline =
        CallDeadline::begin(&tonic::metadata::MetadataMap::new(), Duration::from_secs(9));
    Call::begin("test", deadline, Arc::new(Metrics::new()), Span::none())
}

/// Returns a duration in milliseconds with three decimal places.
fn to_milliseconds(time: Duration) -> f64 {
    f64::from(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)) / 1000.0
}

/// Writes the log line of a call. Words of the caller, the repo or a policy are without secrets.
fn log_call(method: &str, record: &Record, outcome: &str, code: &str, error: &str) {
    let words =
        [&record.application, &record.revision, &record.facts.site, &record.facts.environment];
    let [application, revision, site, environment] = words.map(|word| shown_text(word));
    let (component, error) = (shown_text(&record.facts.component), shown_text(error));
    let [receive, unpack, queue, compile, render, answer] = record.stages.map(to_milliseconds);
    macro_rules! line {
        ($level:ident) => {
            $level!(
                method,
                application = &*application,
                revision = &*revision,
                site = &*site,
                environment = &*environment,
                component = &*component,
                target = record.facts.target,
                tree = record.tree,
                tree_from = record.tree_from,
                answer_from = record.answer_from,
                lock = record.facts.lock,
                output = record.facts.output,
                manifests = record.manifests,
                bytes = record.bytes,
                receive_ms = receive,
                unpack_ms = unpack,
                queue_ms = queue,
                compile_ms = compile,
                render_ms = render,
                answer_ms = answer,
                fuel = record.facts.fuel,
                memory = record.facts.memory,
                outcome,
                code,
                error = &*error,
                "call"
            )
        };
    }
    if outcome == "ok" { line!(info) } else { line!(warn) }
}
