//! Documents that we read unlike Go, each kind with its reason.
//!
//! We may refuse a document that Go reads. A document that we read although Go refuses it, or that
//! we read otherwise, is a defect of the YAML parser below our reader: its kinds are listed so
//! that fuzzing goes on behind them.

use serde_json::Value;
use site_render::finding::Finding;

/// One document as both sides read it.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) document: &'a str,
    pub(super) ours: Result<Value, &'a Finding>,
    pub(super) theirs: Result<Value, String>,
    /// Go's error for content behind a document, which Helm does not look at.
    pub(super) rest: String,
}

/// A refusal: its code or reporter, a part of its message, and the reason.
type Refusal = (&'static str, &'static str, &'static str);

/// What we refuse although Go reads it.
const REFUSALS: &[Refusal] = &[
    ("yaml/line-break", "", "YAML 1.1 and 1.2 disagree on these characters"),
    ("yaml/control-character", "", "YAML forbids them, and readers disagree"),
    ("yaml/depth", "", "our limit is below Go's"),
    ("yaml/number", "infinity or NaN", "Go drops it if a later duplicate replaces it"),
    ("yaml/null-key", "", "Go drops it if a later duplicate replaces it"),
    ("yaml/document-marker", "", "YAML and Helm disagree on the rest of a line of `---`"),
];

/// The result of a comparison.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Both sides read the same, or both refuse the document.
    Same { is_read: bool },
    /// A difference on purpose, with its reason.
    Intended(&'static str),
    /// A defect, described.
    Different(String),
}

impl Reading<'_> {
    /// Returns whether both sides agree.
    pub(super) fn verdict(&self) -> Verdict {
        if self.agrees() {
            return Verdict::Same { is_read: self.ours.is_ok() };
        }
        if let Some(reason) = self.reason() {
            return Verdict::Intended(reason);
        }
        let ours = self.ours.as_ref();
        let ours = ours.map_err(|finding| format!("{}: {}", finding.code, finding.message));
        Verdict::Different(format!(
            "of {:?}\n  ours   {ours:?}\n  theirs {:?}, rest {:?}",
            self.document, self.theirs, self.rest
        ))
    }

    fn agrees(&self) -> bool {
        match (&self.ours, &self.theirs) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (Err(_), Err(_)) => true,
            _ => false,
        }
    }

    /// Returns the reason for a listed difference.
    fn reason(&self) -> Option<&'static str> {
        let (Err(finding), Ok(_)) = (&self.ours, &self.theirs) else {
            return None;
        };
        if !self.rest.is_empty() {
            return Some("we read a file to its end");
        }
        let mut refusals = REFUSALS.iter();
        let listed = refusals
            .find(|(code, part, _)| *code == finding.code && finding.message.contains(part));
        listed.map(|(_, _, reason)| *reason)
    }
}
