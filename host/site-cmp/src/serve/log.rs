//! The log: a line a call, as text or JSON, on standard error.

use clap::ValueEnum;
use tracing::Metadata;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use super::trace::Traces;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One object a line
    Json,
}

/// What is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    /// How.
    pub(crate) format: LogFormat,
    /// Only what went wrong.
    pub(crate) quiet: bool,
}

/// Starts the log of this process.
pub(super) fn start(log: Log, traces: &Traces) {
    let level = if log.quiet { LevelFilter::WARN } else { LevelFilter::INFO };
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = match log.format {
        LogFormat::Text => lines.with_ansi(crate::output::is_watched()).boxed(),
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
        }
    };
    // Libraries have a word to say about every frame.
    let ours = filter_fn(|about: &Metadata<'_>| about.target().starts_with("site_cmp"));
    let layers = lines.with_filter(level).and_then(traces.layer()).with_filter(ours);
    // A second server in one process, as in tests, has the log of the first.
    let _ = tracing_subscriber::registry().with(layers).try_init();
}
