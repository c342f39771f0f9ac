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
    ("yaml/not-utf8", "", "a file is UTF-8"),
    ("yaml/directive", "", "Helm reads no directives in a later document"),
    ("yaml/depth", "", "our limit is below Go's"),
    ("yaml/tabs", "", "the parser wants spaces inside brackets and quotes"),
    ("yaml/number", "infinity or NaN", "Go drops it if a later duplicate replaces it"),
    ("yaml/syntax", "':' must be followed by", "the parser wants a space where Go takes a tab"),
    (
        "yaml/syntax",
        "invalid indentation in quoted",
        "YAML 1.2 indents the lines of a quoted string",
    ),
    ("yaml/syntax", "simple key expect", "a block scalar may not begin in the column of its key"),
    ("yaml/syntax", "wrongly indented line in block scalar", "the block scalar has no lines"),
    ("yaml/document-marker", "", "a `#` at `---` itself is a comment for Helm alone"),
    ("yaml/syntax", "invalid indentation in flow", "YAML 1.2 indents the lines in brackets"),
    ("yaml/syntax", "comments must be separated", "the parser wants a space before a comment"),
    ("yaml/syntax", "tag", "YAML 1.2 allows fewer characters in a tag"),
    ("yaml/syntax", "explicit document end marker", "a line may not begin with `%`"),
];

/// A kind of document that is misread.
struct Misreading {
    reason: &'static str,
    is_it: fn(&Reading<'_>) -> bool,
}

/// What we misread.
const MISREADINGS: &[Misreading] = &[
    Misreading {
        reason: "no file that we read is a single scalar: each reader wants a mapping or a list",
        is_it: |reading| {
            reading.ours.as_ref().is_ok_and(|value| !value.is_object() && !value.is_array())
        },
    },
    Misreading {
        reason: "the parser reads `\\/`, as YAML 1.2 and JSON do",
        is_it: |reading| refused(reading, "unknown escape character"),
    },
    Misreading {
        reason: "the parser skips a line of blanks with a tab",
        is_it: |reading| refused(reading, "tab") || refused(reading, "start any token"),
    },
    Misreading {
        reason: "YAML 1.2 allows a `?` or a `:` in a word inside brackets",
        is_it: |reading| refused(reading, "did not find expected ','"),
    },
    Misreading {
        reason: "Go checks the calendar and the time of a `!!timestamp`; we keep its text",
        is_it: |reading| refused(reading, "as a !!timestamp"),
    },
    Misreading {
        reason: "the parser allows `...` before a document",
        is_it: |reading| {
            reading.document.trim_start().starts_with("...") && refused(reading, "node content")
        },
    },
    Misreading {
        reason: "the parser ends a tag at a bracket or a comma",
        is_it: |reading| {
            reading.document.contains('!') && refused(reading, "expected whitespace or line break")
        },
    },
    Misreading {
        reason: "YAML 1.2 allows more characters in the name of an anchor",
        is_it: |reading| reading.ours.is_ok() && has_wide_anchor(reading.document),
    },
];

/// Returns whether an anchor or an alias has a character in its name that YAML 1.1 does not allow.
fn has_wide_anchor(document: &str) -> bool {
    document.split(['&', '*']).skip(1).any(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || ",[]{}".contains(c));
        let name = &rest[..end.unwrap_or(rest.len())];
        name.chars().any(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
    })
}

/// Returns whether Go refuses the document, with these words, and we read it.
fn refused(reading: &Reading<'_>, words: &str) -> bool {
    reading.ours.is_ok() && reading.theirs.as_ref().is_err_and(|why| why.contains(words))
}

impl Reading<'_> {
    /// Returns whether both sides read the same, or both refuse the document.
    pub(super) fn agrees(&self) -> bool {
        match (&self.ours, &self.theirs) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (Err(_), Err(_)) => true,
            _ => false,
        }
    }

    /// Returns whether the difference is of a listed kind.
    pub(super) fn is_listed(&self) -> bool {
        let (Err(finding), Ok(_)) = (&self.ours, &self.theirs) else {
            return MISREADINGS.iter().any(|kind| !kind.reason.is_empty() && (kind.is_it)(self));
        };
        // We read a file to its end.
        let refused_rest = !self.rest.is_empty();
        refused_rest
            || REFUSALS.iter().any(|(code, part, reason)| {
                *code == finding.code && finding.message.contains(part) && !reason.is_empty()
            })
    }
}
