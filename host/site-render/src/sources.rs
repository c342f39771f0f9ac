//! The sources stage: reads files whose paths stay in their tree.

use std::sync::Arc;

use crate::codes;
use crate::finding::Finding;
use crate::jsonnet::Imports;
use crate::memo::LoadError;
use crate::memory;
use crate::origin::{Location, Position, SourceFile, is_jsonnet};
use crate::tree::{Tree, TreeError};
use crate::world::World;
use crate::yaml::{self, Parsed};

/// The hint for a path that a tree refuses.
const OUTSIDE: &str =
    "a link must stay in the fleet's folder, which is the one that holds policies.lock";

/// The largest YAML or Python file that is read, in bytes: ten times the largest values
/// file of a public chart that we know.
pub(crate) const MAX_TEXT: u64 = 8 << 20;

/// The longest path of a file, in bytes, as in Linux (`PATH_MAX`).
pub(crate) const LONGEST_PATH: usize = 4096;

/// Returns a path inside a tree: relative, clean, without `..`.
///
/// # Errors
/// The path leaves the tree; `place` is the line that names it.
pub(crate) fn clean_path(path: &str, place: Option<Location>) -> Result<String, Box<Finding>> {
    let refuse = |why: &str| {
        Box::new(
            codes::PATH_OUTSIDE
                .finding(format!("`{path}` {why}"))
                .at(place.clone())
                .hint("name a file below the folder that the path starts from"),
        )
    };
    if path.len() > LONGEST_PATH {
        let message = format!("a path of {} bytes is too long", path.len());
        let hint = format!("paths have at most {LONGEST_PATH} bytes");
        return Err(Box::new(codes::PATH_OUTSIDE.finding(message).at(place).hint(hint)));
    }
    if path.starts_with('/') {
        return Err(refuse("is an absolute path"));
    }
    let parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(refuse("leaves its tree"));
    }
    Ok(parts.join("/"))
}

/// Reads the text of a file.
pub(crate) fn read_text(
    tree: &dyn Tree,
    path: &str,
    name: &str,
) -> Result<Arc<SourceFile>, ReadError> {
    let bytes = tree.read(path, MAX_TEXT).map_err(ReadError::Tree)?;
    yaml::decode(name, &bytes).map_err(ReadError::Finding)
}

/// Reads a document of a tree: YAML, or Jsonnet that is evaluated.
pub(crate) fn read_document(
    world: &World,
    tree: &dyn Tree,
    path: &str,
    name: &str,
) -> Result<Parsed, ReadError> {
    parse_in_tree(world, tree, path, &read_text(tree, path, name)?).map_err(ReadError::Finding)
}

/// Parses the document in a file of a tree.
pub(crate) fn parse_in_tree(
    world: &World,
    tree: &dyn Tree,
    path: &str,
    file: &Arc<SourceFile>,
) -> Result<Parsed, Box<Finding>> {
    // The name of a file is its path; a file of another source has `$source/` before it.
    let prefix = file.name.strip_suffix(path).unwrap_or_default();
    parse_file(world, file, &Imports::of(tree, prefix))
}

/// Parses the document in a file outside every tree; it can import nothing.
pub(crate) fn parse_alone(world: &World, file: &Arc<SourceFile>) -> Result<Parsed, Box<Finding>> {
    parse_file(world, file, &Imports::none())
}

/// Parses a document in any language.
fn parse_file(
    world: &World,
    file: &Arc<SourceFile>,
    imports: &Imports<'_>,
) -> Result<Parsed, Box<Finding>> {
    if !is_jsonnet(&file.name) {
        return world.known.read_yaml(file);
    }
    let root = world.jsonnet.evaluate(file, imports)?;
    let memory = memory::of_value(&root.value);
    Ok(Parsed { root, warnings: Vec::new(), memory, first: None })
}

/// Reads the document in a folder that has one of these names; `twice` builds the error for
/// two of them.
pub(crate) fn read_single(
    world: &World,
    folder: &str,
    names: &[&str],
    twice: impl Fn(&str, &str) -> Finding,
) -> Result<Option<Parsed>, Box<Finding>> {
    let mut found: Option<(&str, String, Arc<SourceFile>)> = None;
    for name in names {
        let path = format!("{folder}/{name}");
        let file = match read_text(&*world.tree, &path, &path) {
            Ok(file) => file,
            Err(ReadError::Tree(TreeError::Missing)) => continue,
            Err(error) => return Err(error.into_finding(&path, None)),
        };
        if let Some((first, ..)) = found {
            let at = Position { line: 1, column: 1 };
            let finding = twice(first, name).at(Location { file, at }).hint("keep one of them");
            return Err(Box::new(finding));
        }
        found = Some((name, path, file));
    }
    let Some((_, path, file)) = found else { return Ok(None) };
    parse_in_tree(world, &*world.tree, &path, &file).map(Some)
}

/// Reads the documents of a YAML file as one list.
pub(crate) fn read_stream(tree: &dyn Tree, path: &str) -> Result<Parsed, ReadError> {
    let file = read_text(tree, path, path)?;
    yaml::read_list(&file).map_err(ReadError::Finding)
}

/// The reason why a file cannot be used.
#[derive(Clone)]
pub(crate) enum ReadError {
    /// The tree does not return it.
    Tree(TreeError),
    /// It exists, but cannot be parsed.
    Finding(Box<Finding>),
}

impl LoadError for ReadError {
    fn is_transient(&self) -> bool {
        match self {
            Self::Finding(finding) => finding.is_transient(),
            Self::Tree(_) => false,
        }
    }
}

impl ReadError {
    /// Returns whether the tree has no such file.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Tree(TreeError::Missing))
    }

    /// Returns the finding for a file of this name.
    pub(crate) fn into_finding(self, name: &str, place: Option<Location>) -> Box<Finding> {
        match self {
            Self::Finding(finding) => finding,
            Self::Tree(error) => {
                let code = match error {
                    TreeError::Missing => &codes::FILE_MISSING,
                    TreeError::Outside => &codes::FILE_OUTSIDE,
                    TreeError::Folder | TreeError::Special => &codes::FILE_NOT_A_FILE,
                    TreeError::TooLarge { .. } => &codes::FILE_TOO_LARGE,
                    TreeError::Unreadable(_) => &codes::FILE_UNREADABLE,
                };
                let message = format!("cannot read {name}: {error}");
                let outside = error == TreeError::Outside;
                let finding = code.finding(message).at(place);
                Box::new(if outside { finding.hint(OUTSIDE) } else { finding })
            }
        }
    }
}
