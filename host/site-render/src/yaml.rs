//! YAML as Helm reads it (go-yaml v2), and YAML that reads back as what was meant.
//!
//! The events come from a parser of YAML 1.2; what a scalar means, which key wins and
//! what `<<` does follow Go, and the verdicts of real Go are kept as fixtures. The
//! reader refuses what it cannot hold to that (directives, control characters, trees
//! that explode); it never guesses, never panics and never follows a path.

mod alias;
mod base64;
mod documents;
mod entries;
mod limits;
mod load;
mod mark;
mod number;
mod quote;
mod resolve;
mod text;
mod write;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "fixtures are files")]
mod tests;

use std::sync::Arc;

use crate::finding::{Code, Finding};
use crate::merge;
use crate::origin::{Origin, Place, Position, SourceFile};
use crate::value::{Node, Value};

/// A document, with what its reader wants to warn of.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The document; a null for an empty file.
    pub root: Node,
    /// Duplicate keys and the like.
    pub warnings: Vec<Finding>,
}

/// The text of a file: UTF-8, a byte order mark dropped, no NUL.
pub fn decode(name: &str, bytes: &[u8]) -> Result<Arc<SourceFile>, Box<Finding>> {
    text::decode(name, bytes)
}

/// Reads a file; several documents in one file merge as Helm merges `-f` files.
///
/// # Errors
/// The first thing in it that is no YAML, or more than a file may hold.
pub fn read(file: &Arc<SourceFile>) -> Result<Parsed, Box<Finding>> {
    text::check_characters(file)?;
    let (documents, warnings) = load::load_documents(file)?;
    let merged = documents.into_iter().reduce(|below, above| match above.value {
        Value::Null => below,
        _ => merge::files(&below, &above),
    });
    Ok(Parsed { root: merged.unwrap_or_else(|| empty_document(file)), warnings })
}

/// Reads a stream of documents, each for itself.
///
/// # Errors
/// As [`read`].
pub fn read_stream(file: &Arc<SourceFile>) -> Result<Vec<Node>, Box<Finding>> {
    text::check_characters(file)?;
    Ok(load::load_documents(file)?.0)
}

/// The same with what there is to warn of; the root is the list of documents.
pub(crate) fn read_list(file: &Arc<SourceFile>) -> Result<Parsed, Box<Finding>> {
    text::check_characters(file)?;
    let (documents, warnings) = load::load_documents(file)?;
    let root = Node { value: Value::Sequence(Arc::new(documents)), ..empty_document(file) };
    Ok(Parsed { root, warnings })
}

/// What a file without a document holds.
fn empty_document(file: &Arc<SourceFile>) -> Node {
    let at = Position { line: 1, column: 1 };
    let key = Position::default();
    Node { value: Value::Null, origin: Origin::File { file: file.clone(), at, key } }
}

/// A number as Helm prints it.
pub(crate) fn number(value: f64) -> String {
    number::format_json(value)
}

/// Block YAML of a value; `comment` may give lines to stand above a mapping's entry,
/// told its pointer and node.
pub fn write(node: &Node, comment: &dyn Fn(&str, &Node) -> Option<String>) -> String {
    write::write(node, comment)
}

/// An error at a place in a file.
fn error_at(
    file: &Arc<SourceFile>,
    at: Position,
    code: &'static Code,
    message: impl Into<String>,
) -> Finding {
    code.finding(message).at(place_at(file, at))
}

fn place_at(file: &Arc<SourceFile>, at: Position) -> Place {
    Place { file: file.clone(), at }
}
