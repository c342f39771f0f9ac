//! Documents as text.

use crate::request::Rendered;

/// How documents are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Block YAML, documents parted by `---`.
    Yaml {
        /// Whether each block of the overlay carries its reason as a comment.
        annotate: bool,
    },
    /// One line of JSON a document.
    Json,
}

/// The documents of a render as text that ends with a newline; empty where there are none.
pub fn write(_rendered: &Rendered, _format: Format) -> String {
    unimplemented!()
}
