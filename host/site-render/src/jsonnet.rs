//! Jsonnet: documents that are evaluated before they are read.
//!
//! This module decides which files a document may import, by name alone: a relative path, starting
//! in the file's own folder, that stays in its tree. There is no search path and no absolute path.
//! The evaluator is behind the trait [`Jsonnet`].

use std::sync::Arc;

use serde_json::Value as Json;

use crate::finding::Finding;
use crate::json;
use crate::memory::{FILE_BYTES, VALUE_BYTES};
use crate::origin::{Origin, Position, SourceFile};
use crate::tree::{self, Tree, TreeError};
use crate::value::Node;
use crate::yaml;

#[cfg(test)]
mod tests;

/// An evaluator of Jsonnet.
pub trait Jsonnet: Send + Sync {
    /// Evaluates a file. The same file with the same imports always evaluates to the same values,
    /// and every value has the file as its origin.
    ///
    /// # Errors
    /// Returns the file, line and column of the error, or the limit that was exceeded.
    fn evaluate(&self, file: &Arc<SourceFile>, imports: &Imports<'_>)
    -> Result<Node, Box<Finding>>;
}

/// Parses the JSON that a file evaluates to. Each value has the file as its origin, without a
/// line, because computed values have none.
///
/// # Errors
/// Returns an error if the text is not valid JSON, is nested too deep, has more values than a file
/// may have, or has a number outside the range of a double.
pub fn values(file: &Arc<SourceFile>, json: &str) -> Result<Node, String> {
    let values = json::count_values(json) as u64;
    if values * VALUE_BYTES > FILE_BYTES {
        return Err(format!("its {values} keys and values take too much memory"));
    }
    let mut tree = serde_json::from_str(json).map_err(|error| error.to_string())?;
    format_numbers(&mut tree)?;
    let at = Position { line: 1, column: 1 };
    let origin = Origin::File { file: file.clone(), at, key: Position::default() };
    Ok(Node { value: json::from_serde(&tree, &origin), origin })
}

/// Formats numbers like those of a YAML file. All numbers in Jsonnet are doubles, and it never
/// writes an exponent.
fn format_numbers(tree: &mut Json) -> Result<(), String> {
    match tree {
        Json::Number(number) => {
            let double = number.as_f64().filter(|double| double.is_finite());
            let double = double.ok_or_else(|| format!("the number {number} is out of range"))?;
            *number = serde_json::from_str(&yaml::number(double)).map_err(|e| e.to_string())?;
            Ok(())
        }
        Json::Array(items) => items.iter_mut().try_for_each(format_numbers),
        Json::Object(entries) => entries.values_mut().try_for_each(format_numbers),
        Json::Null | Json::Bool(_) | Json::String(_) => Ok(()),
    }
}

/// The files that a document may import: those of its own tree.
pub struct Imports<'a> {
    tree: Option<&'a dyn Tree>,
    /// The part of a file's name before its path in the tree, such as `$source/`.
    prefix: &'a str,
}

impl<'a> Imports<'a> {
    /// Allows the files of a tree; their names are their paths after a prefix.
    pub fn of(tree: &'a dyn Tree, prefix: &'a str) -> Self {
        Self { tree: Some(tree), prefix }
    }

    /// Allows no imports: the document belongs to no tree.
    pub fn none() -> Self {
        Self { tree: None, prefix: "" }
    }

    /// Returns the name of the file that `import` in the file `from` refers to, or the reason why
    /// it is not allowed.
    pub fn resolve(&self, from: &str, import: &str) -> Result<String, &'static str> {
        if self.tree.is_none() {
            return Err("this file belongs to no fleet and cannot import files");
        }
        if import.starts_with('/') {
            return Err("an absolute path cannot be imported");
        }
        let from = from.strip_prefix(self.prefix).unwrap_or(from);
        let mut parts: Vec<&str> = from.split('/').collect();
        // Drop the file itself to keep its folder.
        parts.pop();
        for part in import.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop().ok_or("the path leaves its tree")?),
                name => parts.push(name),
            }
        }
        if parts.is_empty() || import.ends_with('/') {
            return Err("the path is a folder");
        }
        Ok(format!("{}{}", self.prefix, parts.join("/")))
    }

    /// Reads a file by the name that [`resolve`](Self::resolve) returned.
    pub fn read(&self, name: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        let tree = self.tree.ok_or(TreeError::Outside)?;
        let path = name.strip_prefix(self.prefix).ok_or(TreeError::Outside)?;
        tree.read(tree::clean(path)?, limit)
    }
}
