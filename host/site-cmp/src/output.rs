//! The only hand on the standard streams.
//!
//! Standard output carries what was asked for and nothing else; everything said to a
//! person goes to standard error.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use site_render::finding::{Finding, Severity};

use crate::codes;
use crate::exit::Stop;
use crate::report;

/// How to speak.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    /// Whether to colour.
    pub(crate) color: ColorChoice,
    /// Whether warnings and notes stay unsaid.
    pub(crate) quiet: bool,
    /// For a plugin: where it works, which must not be told.
    pub(crate) secret_folder: Option<String>,
}

impl Default for Console {
    fn default() -> Self {
        Self { color: ColorChoice::Auto, quiet: false, secret_folder: None }
    }
}

impl Console {
    /// Writes to standard output.
    #[expect(clippy::unused_self, reason = "one way to speak for both streams")]
    pub(crate) fn write(&self, text: &str) -> Result<(), Stop> {
        let mut stream = io::stdout().lock();
        let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        written.or_else(refused)
    }

    /// Writes styled text to standard output, its colours only where they are wanted.
    pub(crate) fn write_styled(&self, text: &str) -> Result<(), Stop> {
        let mut stream = AutoStream::new(io::stdout().lock(), self.color);
        let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        written.or_else(refused)
    }

    /// Tells findings, the gravest first.
    pub(crate) fn findings(&self, findings: &[Finding]) {
        let mut shown: Vec<&Finding> =
            findings.iter().filter(|finding| !self.quiet || finding.is_error()).collect();
        shown.sort_by_key(|finding| finding.severity);
        if shown.is_empty() {
            return;
        }
        let Some(folder) = &self.secret_folder else {
            return self.tell(&report::text(&shown));
        };
        let plain = report::plain(&shown).replace(folder, ".");
        self.tell(&report::cut(&plain, report::ARGOCD_BYTES));
    }

    /// Whether a finding of this severity would be shown.
    pub(crate) fn shows(&self, severity: Severity) -> bool {
        severity == Severity::Error || !self.quiet
    }

    /// Says something to a person, colours stripped where they are not wanted.
    pub(crate) fn tell(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        // Nobody is left to tell where this fails.
        let _unheard = stream.write_all(text.as_bytes());
    }
}

/// Whether a person watches standard error.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Says a line when nothing can be relied upon any more.
pub(crate) fn last_words(line: &str) {
    let _unheard = io::stderr().lock().write_all(line.as_bytes());
}

fn refused(error: io::Error) -> Result<(), Stop> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Err(Stop::HungUp);
    }
    let message = format!("cannot write to standard output: {error}");
    Err(Stop::environment(&codes::EMIT_OUTPUT, message))
}
