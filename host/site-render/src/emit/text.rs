//! Writes documents as text, YAML or JSON. It adds no value and changes none; the other modules
//! of the stage build the documents.

use std::cell::RefCell;
use std::sync::Arc;

use crate::disclosure::shown_text;
use crate::json;
use crate::origin::{Origin, PolicyOrigin, SourceFile};
use crate::rendered::Rendered;
use crate::value::Node;
use crate::yaml;

/// The text format of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Block YAML, with `---` between documents.
    Yaml {
        /// Whether comments give the reason of each block of the overlay.
        annotate: bool,
    },
    /// One line of JSON per document.
    Json,
}

/// The maximum length of a comment line, in characters.
const COMMENT_WIDTH: usize = 96;

/// Returns the documents of a render as text that ends with a newline; empty if there are none.
pub fn write(rendered: &Rendered, format: Format) -> String {
    let documents = rendered.documents.iter();
    match format {
        Format::Json => json_lines(rendered).into_iter().map(|line| line + "\n").collect(),
        Format::Yaml { annotate } => {
            let texts: Vec<String> = documents.map(|node| block_yaml(node, annotate)).collect();
            texts.join("---\n")
        }
    }
}

/// Returns the documents of a render as JSON, one line each, without line ends.
pub fn json_lines(rendered: &Rendered) -> Vec<String> {
    rendered.documents.iter().map(|node| json::to_string(&node.value)).collect()
}

/// Returns block YAML. A comment gives the reason above each value of a policy, and in an object of
/// several layers the file above each value, once for consecutive lines.
fn block_yaml(root: &Node, annotate: bool) -> String {
    let last = RefCell::new(Comment::None);
    let is_object = root.get("kind").is_some() && !matches!(root.origin, Origin::Built(_));
    yaml::write(root, &|node| {
        let comment = match &node.origin {
            Origin::Policy(origin) => Comment::Reason(origin.clone()),
            Origin::File { file, .. } if is_object => Comment::File(file.clone()),
            _ => return None,
        };
        let repeated = *last.borrow() == comment;
        let text = (annotate && !repeated).then(|| wrap_comment(&comment.text()));
        *last.borrow_mut() = comment;
        text
    })
}

/// A comment above a value. It is formatted only where it is written: a reason may be long, and an
/// edit may have many values.
enum Comment {
    None,
    Reason(Arc<PolicyOrigin>),
    File(Arc<SourceFile>),
}

impl Comment {
    fn text(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Reason(origin) => format!("{} ({})", shown_text(&origin.reason), origin.policy),
            Self::File(file) => file.name.clone(),
        }
    }
}

impl PartialEq for Comment {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Reason(one), Self::Reason(other)) => Arc::ptr_eq(one, other) || one == other,
            (Self::File(one), Self::File(other)) => {
                Arc::ptr_eq(one, other) || one.name == other.name
            }
            _ => false,
        }
    }
}

/// Wraps a comment into lines.
fn wrap_comment(text: &str) -> String {
    let mut lines = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > COMMENT_WIDTH {
            lines.push('\n');
            width = 0;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += length;
    }
    lines
}
