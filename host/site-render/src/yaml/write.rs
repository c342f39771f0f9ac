//! Writes block YAML for people.
//!
//! Two spaces per level, and lists not indented below their key, as kubectl prints them. Long
//! strings are not folded.

use crate::value::{Mapping, Node, Value};

use super::quote;

/// The maximum length of a plain key. A longer one is written after a `?`: Go accepts up to 1024
/// characters without it.
const LONG_KEY: usize = 900;

type CommentFn<'c> = &'c dyn Fn(&Node) -> Option<String>;

/// Writes a node as block YAML.
pub(super) fn write(node: &Node, comment: CommentFn<'_>) -> String {
    let mut writer = BlockWriter { text: String::new(), comment };
    match &node.value {
        Value::Mapping(mapping) if !mapping.is_empty() => {
            writer.write_mapping(mapping, 0, false);
        }
        Value::Sequence(items) if !items.is_empty() => writer.write_sequence(items, 0, false),
        _ => writer.write_scalar(node, 1),
    }
    writer.text
}

struct BlockWriter<'c> {
    text: String,
    comment: CommentFn<'c>,
}

impl BlockWriter<'_> {
    /// Writes the entries of a mapping; `inline` says whether the first follows a `- `.
    fn write_mapping(&mut self, mapping: &Mapping, level: usize, mut inline: bool) {
        for (key, node) in mapping {
            let comment = (self.comment)(node).filter(|c| !c.is_empty());
            if let Some(comment) = comment {
                if inline {
                    self.text.truncate(self.text.trim_end_matches(' ').len());
                    self.text.push('\n');
                    inline = false;
                }
                for line in comment.split('\n') {
                    self.write_indent(level);
                    self.text.push_str("# ");
                    self.text.push_str(&quote::comment_line(line));
                    self.text.push('\n');
                }
            }
            if !std::mem::take(&mut inline) {
                self.write_indent(level);
            }
            self.write_key(key, level);
            self.write_value(node, level);
        }
    }

    /// Writes a key and its colon.
    fn write_key(&mut self, key: &str, level: usize) {
        let quoted = quote::inline_scalar(key);
        if quoted.len() > LONG_KEY {
            self.text.push_str("? ");
            self.text.push_str(&quoted);
            self.text.push('\n');
            self.write_indent(level);
        } else {
            self.text.push_str(&quoted);
        }
        self.text.push(':');
    }

    /// Writes the value after a key's colon.
    fn write_value(&mut self, node: &Node, level: usize) {
        match &node.value {
            Value::Mapping(mapping) if !mapping.is_empty() => {
                self.text.push('\n');
                self.write_mapping(mapping, level + 1, false);
            }
            Value::Sequence(items) if !items.is_empty() => {
                self.text.push('\n');
                self.write_sequence(items, level, false);
            }
            _ => {
                self.text.push(' ');
                self.write_scalar(node, level + 1);
            }
        }
    }

    /// Writes the items of a list; `inline` says whether the first follows a `- `.
    fn write_sequence(&mut self, items: &[Node], level: usize, mut inline: bool) {
        for node in items {
            if !std::mem::take(&mut inline) {
                self.write_indent(level);
            }
            self.text.push_str("- ");
            match &node.value {
                Value::Mapping(mapping) if !mapping.is_empty() => {
                    self.write_mapping(mapping, level + 1, true);
                }
                Value::Sequence(items) if !items.is_empty() => {
                    self.write_sequence(items, level + 1, true);
                }
                _ => self.write_scalar(node, level + 1),
            }
        }
    }

    /// Writes a scalar or an empty collection, and ends its line.
    fn write_scalar(&mut self, node: &Node, level: usize) {
        match &node.value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            // `-0` would be an integer in YAML, and integers have no negative zero.
            Value::Number(digits) if digits.as_ref() == "-0" => self.text.push_str("-0.0"),
            Value::Number(digits) => self.text.push_str(digits),
            Value::Text(text) => return self.write_string(text, level),
            Value::Sequence(_) => self.text.push_str("[]"),
            Value::Mapping(_) => self.text.push_str("{}"),
        }
        self.text.push('\n');
    }

    /// Writes a string, as a literal block if it has several lines.
    fn write_string(&mut self, text: &str, level: usize) {
        let Some((header, lines)) = quote::block_scalar(text) else {
            self.text.push_str(&quote::inline_scalar(text));
            self.text.push('\n');
            return;
        };
        self.text.push_str(header);
        self.text.push('\n');
        for line in lines {
            if !line.is_empty() {
                self.write_indent(level);
                self.text.push_str(line);
            }
            self.text.push('\n');
        }
    }

    /// Writes the indentation of a level.
    fn write_indent(&mut self, level: usize) {
        for _ in 0..level {
            self.text.push_str("  ");
        }
    }
}
