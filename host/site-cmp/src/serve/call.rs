//! One call's record: what it asked, what it took, how it ended. One line in the log, its
//! numbers in the metrics, its stages in a trace.
//!
//! No secret, no path of this machine and no variable's value gets into any of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use site_render::policy::Usage;
use tracing::{Span, info, warn};

use super::deadline::{Progress, STEPS, Step};
use super::metrics::Metrics;
use super::refusal::{Kind, Refused};

/// A call that goes on; it is told when this is dropped, whatever ended it.
pub(super) struct Call {
    method: &'static str,
    started: Instant,
    pub(super) progress: Progress,
    record: Mutex<Record>,
    metrics: Arc<Metrics>,
    pub(super) span: Span,
}

/// What is known of a call.
#[derive(Default)]
pub(super) struct Record {
    pub(super) application: String,
    pub(super) revision: String,
    pub(super) site: String,
    pub(super) environment: String,
    pub(super) component: String,
    pub(super) target: &'static str,
    tree: String,
    tree_from: &'static str,
    pub(super) lock: String,
    pub(super) output: String,
    pub(super) manifests: usize,
    bytes: u64,
    stages: [Duration; STEPS.len()],
    entered: Option<(Step, Instant)>,
    pub(super) usage: Usage,
    ended: Option<Ended>,
}

/// How it ended.
enum Ended {
    Well,
    Refused(Refused),
}

impl Call {
    pub(super) fn begin(method: &'static str, metrics: Arc<Metrics>, span: Span) -> Self {
        metrics.running.inc();
        Self {
            method,
            started: Instant::now(),
            progress: Progress::default(),
            record: Mutex::default(),
            metrics,
            span,
        }
    }

    /// Leaves the stage it is in and enters another.
    pub(super) fn enter(&self, step: Step) {
        self.progress.enter(step);
        self.record(|record| {
            record.leave();
            record.entered = Some((step, Instant::now()));
        });
    }

    /// Notes the archive's digest as the caller wrote it, once it is known to be one.
    pub(super) fn names_tree(&self, digest: &str) {
        self.record(|record| digest.clone_into(&mut record.tree));
    }

    pub(super) fn takes_tree_from(&self, from: &'static str) {
        self.metrics.tree(from);
        self.record(|record| record.tree_from = from);
    }

    /// Notes the end of the stream.
    pub(super) fn received(&self, bytes: u64) {
        self.record(|record| record.bytes = bytes);
    }

    /// Notes more.
    pub(super) fn record(&self, note: impl FnOnce(&mut Record)) {
        note(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Notes how it ends.
    pub(super) fn end(&self, refused: Option<&Refused>) {
        self.record(|record| {
            record.ended = Some(refused.cloned().map_or(Ended::Well, Ended::Refused));
        });
    }
}

impl Record {
    fn leave(&mut self) {
        if let Some((step, since)) = self.entered.take() {
            self.stages[step as usize] += since.elapsed();
        }
    }

    fn outcome(&self) -> &'static str {
        match &self.ended {
            Some(Ended::Well) => "ok",
            Some(Ended::Refused(refused)) => refused.kind.word(),
            // Nobody was left to be answered.
            None => Kind::Cancelled.word(),
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let record = self.record.get_mut().unwrap_or_else(PoisonError::into_inner);
        record.leave();
        let outcome = record.outcome();
        self.metrics.running.dec();
        self.metrics.call(self.method, outcome, self.started.elapsed());
        self.metrics.fuel(record.usage.fuel);
        for (step, took) in STEPS.into_iter().zip(record.stages) {
            if !took.is_zero() {
                self.metrics.stage(step.word(), took);
            }
        }
        let (mut code, mut error) = ("", String::new());
        if let Some(Ended::Refused(refused)) = &record.ended {
            (code, error) = (refused.code(), refused.first_line());
            self.metrics.refusal(code);
        }
        let _inside = self.span.enter();
        tell(self.method, record, outcome, code, &error);
    }
}

/// A time in milliseconds, three digits behind the point.
fn milliseconds(time: Duration) -> f64 {
    f64::from(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)) / 1000.0
}

/// The one line of a call.
fn tell(method: &str, record: &Record, outcome: &str, code: &str, error: &str) {
    let [receive, unpack, queue, compile, render] = record.stages.map(milliseconds);
    macro_rules! line {
        ($level:ident) => {
            $level!(
                method,
                application = record.application,
                revision = record.revision,
                site = record.site,
                environment = record.environment,
                component = record.component,
                target = record.target,
                tree = record.tree,
                tree_from = record.tree_from,
                lock = record.lock,
                output = record.output,
                manifests = record.manifests,
                bytes = record.bytes,
                receive_ms = receive,
                unpack_ms = unpack,
                queue_ms = queue,
                compile_ms = compile,
                render_ms = render,
                fuel = record.usage.fuel,
                memory = record.usage.memory,
                outcome,
                code,
                error,
                "call"
            )
        };
    }
    if outcome == "ok" { line!(info) } else { line!(warn) }
}
