//! The log on standard error: one line for each call, as text or JSON.

use clap::ValueEnum;
use tracing::Metadata;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use super::trace::Traces;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Text for people
    Text,
    /// One JSON object per line
    Json,
}

/// The settings of the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    /// The format of lines.
    pub(crate) format: LogFormat,
    /// Whether only warnings and errors are written.
    pub(crate) quiet: bool,
}

/// Starts the log of this process.
pub(super) fn start_log(log: Log, traces: &Traces) {
    let level = if log.quiet { LevelFilter::WARN } else { LevelFilter::INFO };
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = match log.format {
        LogFormat::Text => lines.with_ansi(crate::output::is_watched()).boxed(),
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
        }
    };
    // The HTTP/2 library logs every frame.
    let ours = filter_fn(|about: &Metadata<'_>| about.target().starts_with("site_cmp"));
    let layers = lines.with_filter(level).and_then(traces.layer()).with_filter(ours);
    // It fails where a log is set already: a second server in one process, as in tests, shares
    // the first one's log.
    let _ = tracing_subscriber::registry().with(layers).try_init();
}
