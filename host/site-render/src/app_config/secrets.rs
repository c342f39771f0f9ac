//! Rejects literal secrets in a configuration: by the name they are assigned to, by a known shape,
//! or by their randomness.
//!
//! No message contains the value, and no place shows its line. Users mark a false alarm with
//! [`MARKER`] in a comment on the line where the text ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_python_ast::Stmt;
use ruff_python_ast::visitor::Visitor as _;
use ruff_text_size::TextRange;

use crate::codes;
use crate::disclosure::token_shapes::has_known_shape;
use crate::finding::Finding;
use crate::origin::SourceFile;

use super::text::{self, MAX_FINDINGS};

mod constant;
mod named_values;
mod randomness;
mod search;

use search::SecretSearch;

/// The comment that marks a text as not a secret.
const MARKER: &str = "site-cmp: not a secret";

/// The maximum number of suspicious texts that are compared with markers.
const MAX_SUSPECTS: usize = 1000;

/// Returns an error for each literal secret.
pub(super) fn find_literals(
    file: &Arc<SourceFile>,
    body: &[Stmt],
    comments: &[TextRange],
) -> Vec<Finding> {
    let constants = search::find_constants(body);
    let mut search = SecretSearch::new(&constants);
    search.visit_body(body);
    for comment in comments {
        if has_known_shape(&file.text[*comment]) {
            search.note_suspect(*comment, Suspicion::Shape);
        }
    }
    let marks: Vec<usize> = comments
        .iter()
        .filter(|comment| file.text[**comment].contains(MARKER))
        .map(|comment| comment.start().to_usize())
        .collect();
    let marked = |start: usize, end: usize| {
        let line_end = file.text[end..].find('\n').map_or(file.text.len(), |at| end + at);
        let next = marks.partition_point(|mark| *mark < start);
        marks[next..]
            .iter()
            .take_while(|mark| **mark <= line_end)
            .any(|mark| *mark >= end || *mark == start)
    };
    let full = search.suspects.len() >= MAX_SUSPECTS;
    let suspects: Suspects = search.suspects;
    let unmarked = suspects.into_iter().filter(|(start, (end, _))| !marked(*start, *end));
    let unmarked =
        unmarked.take(MAX_FINDINGS).map(|(start, (_, why))| literal_finding(file, start, &why));
    let mut findings: Vec<Finding> = unmarked.collect();
    if full && findings.is_empty() {
        let message =
            format!("{} contains more than {MAX_SUSPECTS} texts that look like secrets", file.name);
        findings.push(codes::SECRET_LITERAL.finding(message));
    }
    findings
}

/// The start, end and reason of each suspicious text.
type Suspects = BTreeMap<usize, (usize, Suspicion)>;

/// The reason why a text is suspected to be a secret.
#[derive(Debug)]
enum Suspicion {
    Named(String),
    Shape,
    Random,
}

/// Returns the error for one literal secret.
fn literal_finding(file: &Arc<SourceFile>, start: usize, why: &Suspicion) -> Finding {
    let why = match why {
        Suspicion::Named(name) => format!("a secret is assigned to `{name}` as text"),
        Suspicion::Shape => "a text has the shape of a token, a key or a password".to_owned(),
        Suspicion::Random => "a text is as random as a secret".to_owned(),
    };
    codes::SECRET_LITERAL.finding(format!("{}: {why}", file.name))
        .at(text::place_at(file, start).without_text())
        .hint(format!("read it from an environment variable; if it is not a secret, add a comment at the end of its line: `# {MARKER}`"))
}
