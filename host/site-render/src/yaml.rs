//! Reads YAML as Helm does (go-yaml v2), and writes YAML that every reader parses to the same
//! values.
//!
//! The events come from the crate `yaml-events`. The resolution of scalars, the order of keys and
//! merge keys (`<<`) follow Go; fixtures hold the results of the real Go library. The reader rejects
//! input that it cannot read exactly like Helm (directives, control characters, alias bombs). It
//! never guesses, never panics and never follows a path.

mod alias;
mod documents;
mod entries;
mod limits;
mod load;
mod mark;
mod number;
mod quote;
mod refuse;
mod resolve;
mod text;
mod timestamp;
mod write;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "fixtures are files")]
mod tests;

use std::sync::Arc;

use crate::finding::Finding;
use crate::helm_merge;
use crate::origin::{Origin, Position, SourceFile};
use crate::value::{Node, Value};

use load::LoadedFile;

/// A parsed document with its warnings.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The document; null for an empty file.
    pub root: Node,
    /// Warnings, such as duplicate keys.
    pub warnings: Vec<Finding>,
    /// The memory of the document with its aliases expanded, in bytes.
    pub memory: u64,
    /// The first document of a file with several, which are merged.
    pub first: Option<Node>,
}

impl Parsed {
    /// Returns the memory of the document and of the text of its file, which its places refer to.
    pub(crate) fn bytes(&self) -> u64 {
        self.memory + self.root.origin.place().map_or(0, |place| place.file.text.len() as u64)
    }
}

/// Decodes a file: checks that it is UTF-8 without NUL, and drops a byte order mark.
pub fn decode(name: &str, bytes: &[u8]) -> Result<Arc<SourceFile>, Box<Finding>> {
    text::decode(name, bytes)
}

/// Parses a file. Several documents in one file are merged as Helm merges `-f` files.
///
/// # Errors
/// Returns the first syntax error or exceeded limit.
pub fn read(file: &Arc<SourceFile>) -> Result<Parsed, Box<Finding>> {
    text::check_characters(file)?;
    let LoadedFile { documents, warnings, memory } = load::load_documents(file)?;
    let mut documents = documents.into_iter();
    let mut root = documents.next().unwrap_or_else(|| empty_document(file));
    let mut first = None;
    for above in documents.filter(|above| !matches!(above.value, Value::Null)) {
        first.get_or_insert_with(|| root.clone());
        helm_merge::merge_into(&mut root, &above);
    }
    Ok(Parsed { root, warnings, memory, first })
}

/// Parses the first document of a file, in which a line of `---` may have content.
///
/// # Errors
/// Returns the same errors as [`read`].
pub fn read_first(file: &Arc<SourceFile>) -> Result<Node, Box<Finding>> {
    text::check_characters(file)?;
    let documents = load::load_unsplit(file)?.documents;
    Ok(documents.into_iter().next().unwrap_or_else(|| empty_document(file)))
}

/// Parses a stream of documents, each on its own.
///
/// # Errors
/// Returns the same errors as [`read`].
pub fn read_stream(file: &Arc<SourceFile>) -> Result<Vec<Node>, Box<Finding>> {
    text::check_characters(file)?;
    Ok(load::load_documents(file)?.documents)
}

/// Parses a stream of documents, with warnings; the root is the list of documents.
pub(crate) fn read_list(file: &Arc<SourceFile>) -> Result<Parsed, Box<Finding>> {
    text::check_characters(file)?;
    let LoadedFile { documents, warnings, memory } = load::load_documents(file)?;
    let root = Node { value: Value::Sequence(Arc::new(documents)), ..empty_document(file) };
    Ok(Parsed { root, warnings, memory, first: None })
}

/// Returns the null of a file without documents.
fn empty_document(file: &Arc<SourceFile>) -> Node {
    let at = Position { line: 1, column: 1 };
    let key = Position::default();
    Node { value: Value::Null, origin: Origin::File { file: file.clone(), at, key } }
}

/// Formats a number as Helm prints it.
pub(crate) fn number(value: f64) -> String {
    number::format_json(value)
}

/// Writes a value as block YAML. `comment` gets the node of each mapping entry, and may return
/// lines to write above it.
pub fn write(node: &Node, comment: &dyn Fn(&Node) -> Option<String>) -> String {
    write::write(node, comment)
}
