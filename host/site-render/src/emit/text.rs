//! Writes documents as text, YAML or JSON. It adds no value and changes none; the other modules
//! of the stage build the documents.

use std::cell::RefCell;

use crate::json;
use crate::origin::Origin;
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
    let last = RefCell::new(String::new());
    let is_object = root.get("kind").is_some() && !matches!(root.origin, Origin::Built(_));
    yaml::write(root, &|_, node| {
        let comment = match &node.origin {
            Origin::Policy(origin) => format!("{} ({})", origin.reason, origin.policy),
            Origin::File { file, .. } if is_object => file.name.clone(),
            _ => return None,
        };
        let repeated = last.replace(comment.clone()) == comment;
        (annotate && !repeated).then(|| wrap_comment(&comment))
    })
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
