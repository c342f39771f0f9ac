//! Jsonnet: documents that are evaluated before they are read.
//!
//! What a file may import is decided here, by names alone: a path that starts from the
//! file's own folder and stays in its tree. There is no search path, no absolute path and
//! no way out. Who evaluates stands behind the trait [`Jsonnet`].

use std::sync::Arc;

use serde_json::Value as Json;

use crate::finding::Finding;
use crate::json;
use crate::origin::{Origin, Position, SourceFile};
use crate::tree::{self, Tree, TreeError};
use crate::value::Node;
use crate::yaml;

#[cfg(test)]
mod tests;

/// Whoever evaluates Jsonnet.
pub trait Jsonnet: Send + Sync {
    /// What a file comes to. The same file with the same imports always comes to the same,
    /// and every value says that it is of this file.
    ///
    /// # Errors
    /// With the file, line and column where it went wrong, or the limit that was met.
    fn evaluate(&self, file: &Arc<SourceFile>, imports: &Imports<'_>)
    -> Result<Node, Box<Finding>>;
}

/// Whether a file of that name is Jsonnet.
pub fn is_jsonnet(name: &str) -> bool {
    [".jsonnet", ".libsonnet"].iter().any(|ending| name.ends_with(ending))
}

/// The values of a file that comes to this JSON. Each is of the file, and of no line in it,
/// for what is computed has none.
///
/// # Errors
/// It is no JSON, or nested too deeply.
pub fn values(file: &Arc<SourceFile>, json: &str) -> Result<Node, String> {
    let mut tree = serde_json::from_str(json).map_err(|error| error.to_string())?;
    as_helm_prints(&mut tree);
    let at = Position { line: 1, column: 1 };
    let origin = Origin::File { file: file.clone(), at, key: Position::default() };
    Ok(Node { value: json::from_serde(&tree, &origin), origin })
}

/// Writes numbers as those of a YAML file are written. All of Jsonnet's are doubles, and it
/// never writes an exponent.
fn as_helm_prints(tree: &mut Json) {
    match tree {
        Json::Number(number) => {
            let printed = number.as_f64().map(yaml::number);
            if let Some(Ok(printed)) = printed.map(|text| serde_json::from_str(&text)) {
                *number = printed;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(as_helm_prints),
        Json::Object(entries) => entries.values_mut().for_each(as_helm_prints),
        Json::Null | Json::Bool(_) | Json::String(_) => {}
    }
}

/// What a file may import: files of its own tree.
pub struct Imports<'a> {
    tree: Option<&'a dyn Tree>,
    /// What a file's name has before its path in the tree, such as `$source/`.
    prefix: &'a str,
}

impl<'a> Imports<'a> {
    /// Files of a tree, whose names are their paths behind a prefix.
    pub fn of(tree: &'a dyn Tree, prefix: &'a str) -> Self {
        Self { tree: Some(tree), prefix }
    }

    /// Nothing: the file is in no tree.
    pub fn none() -> Self {
        Self { tree: None, prefix: "" }
    }

    /// The name of the file that `import` means in the file `from`, or why it means none.
    pub fn resolve(&self, from: &str, import: &str) -> Result<String, &'static str> {
        if self.tree.is_none() {
            return Err("this file is in no fleet, and can import nothing");
        }
        if import.starts_with('/') {
            return Err("an absolute path is never imported");
        }
        let from = from.strip_prefix(self.prefix).unwrap_or(from);
        let mut parts: Vec<&str> = from.split('/').collect();
        // The file itself; what remains is its folder.
        parts.pop();
        for part in import.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop().ok_or("it leads out of its tree")?),
                name => parts.push(name),
            }
        }
        if parts.is_empty() || import.ends_with('/') {
            return Err("it names a folder");
        }
        Ok(format!("{}{}", self.prefix, parts.join("/")))
    }

    /// The bytes of a file, by the name that [`resolve`](Self::resolve) gave.
    pub fn read(&self, name: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        let tree = self.tree.ok_or(TreeError::Outside)?;
        let path = name.strip_prefix(self.prefix).ok_or(TreeError::Outside)?;
        tree.read(tree::clean(path)?, limit)
    }
}
