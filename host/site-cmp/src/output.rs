//! Writes to the standard streams; no other module does.
//!
//! Standard output has the requested documents and nothing else. Findings and messages for
//! people go to standard error.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use site_render::disclosure::shown_text;
use site_render::finding::{Finding, Severity};

use crate::codes;
use crate::exit::CommandError;
use crate::report::{self, ShownText};

/// The settings of the standard streams.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    /// When to use colours.
    pub(crate) color: ColorChoice,
    /// Whether to hide warnings and notes.
    pub(crate) quiet: bool,
    /// For a plugin: its working folder, which messages must not reveal.
    pub(crate) hidden_folder: Option<String>,
}

impl Default for Console {
    fn default() -> Self {
        Self { color: ColorChoice::Auto, quiet: false, hidden_folder: None }
    }
}

impl Console {
    /// Writes text without secrets to standard output.
    pub(crate) fn write(&self, text: &ShownText) -> Result<(), CommandError> {
        self.write_documents(text.as_str())
    }

    /// Writes the documents of a render to standard output, as they are: they are the product,
    /// and the pipeline has rejected literal secrets in values.
    #[expect(clippy::unused_self, reason = "the console owns both streams")]
    pub(crate) fn write_documents(&self, text: &str) -> Result<(), CommandError> {
        let mut stream = io::stdout().lock();
        let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        written.or_else(write_error)
    }

    /// Writes styled text to standard output, and strips its colours unless they are enabled.
    pub(crate) fn write_styled(&self, text: &ShownText) -> Result<(), CommandError> {
        let mut stream = AutoStream::new(io::stdout().lock(), self.color);
        let written = stream.write_all(text.as_str().as_bytes()).and_then(|()| stream.flush());
        written.or_else(write_error)
    }

    /// Prints findings, the most severe first.
    pub(crate) fn print_findings(&self, findings: &[Finding]) {
        let mut shown: Vec<&Finding> =
            findings.iter().filter(|finding| !self.quiet || finding.is_error()).collect();
        shown.sort_by_key(|finding| finding.severity);
        if shown.is_empty() {
            return;
        }
        let Some(folder) = &self.hidden_folder else {
            return self.print_message(&report::render_styled(&shown));
        };
        self.print_message(&report::render_beginning(&shown, |text| text.replace(folder, ".")));
    }

    /// Returns true if findings of this severity are printed.
    pub(crate) fn shows_severity(&self, severity: Severity) -> bool {
        severity == Severity::Error || !self.quiet
    }

    /// Prints a message without secrets to standard error, and strips its colours unless they are
    /// enabled.
    pub(crate) fn print_message(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        let text = ShownText::of(text);
        let text = text.as_str();
        // No stream is left to report a failure of this to.
        let _ignored = stream.write_all(text.as_bytes());
    }
}

/// Returns true if standard error is a terminal.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Prints a panic without secrets. It writes directly, because a panic may have happened in a
/// console.
pub(crate) fn print_panic(line: &str) {
    let _ignored = io::stderr().lock().write_all(shown_text(line).as_bytes());
}

fn write_error(error: io::Error) -> Result<(), CommandError> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Err(CommandError::BrokenPipe);
    }
    let message = format!("cannot write to standard output: {error}");
    Err(CommandError::environment(&codes::EMIT_OUTPUT, message))
}
