//! Reading files: paths that stay in their tree, and text with a name.

use std::sync::Arc;

use crate::finding::{Finding, Stage};
use crate::origin::{Place, SourceFile};
use crate::tree::{Tree, TreeError};
use crate::yaml::{self, Parsed};

/// What to do about a path that a tree refuses.
const OUTSIDE: &str =
    "a link must stay in the fleet's folder, which is the one that holds policies.lock";

/// The largest YAML or Python file that is read, in bytes: ten times the largest values
/// file of a public chart that we know.
pub(crate) const MAX_TEXT: u64 = 8 << 20;

/// A path inside a tree: relative, clean, never `..`.
///
/// # Errors
/// Says why a path is refused; `place` is where it was written.
pub(crate) fn clean(path: &str, place: Option<Place>) -> Result<String, Box<Finding>> {
    let refuse = |why: &str| {
        Box::new(
            Finding::error(Stage::Sources, "path/outside", format!("`{path}` {why}"))
                .at(place.clone())
                .hint("name a file below the folder that the path starts from"),
        )
    };
    if path.starts_with('/') {
        return Err(refuse("is an absolute path"));
    }
    let parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(refuse("leads out of its tree"));
    }
    Ok(parts.join("/"))
}

/// The text of a file.
pub(crate) fn text(tree: &dyn Tree, path: &str, name: &str) -> Result<Arc<SourceFile>, ReadError> {
    let bytes = tree.read(path, MAX_TEXT).map_err(ReadError::Tree)?;
    yaml::decode(name, &bytes).map_err(ReadError::Finding)
}

/// A YAML document.
pub(crate) fn document(tree: &dyn Tree, path: &str, name: &str) -> Result<Parsed, ReadError> {
    yaml::read(&text(tree, path, name)?).map_err(ReadError::Finding)
}

/// The documents of a YAML file, as one list.
pub(crate) fn stream(tree: &dyn Tree, path: &str) -> Result<Parsed, ReadError> {
    let file = text(tree, path, path)?;
    yaml::read_list(&file).map_err(ReadError::Finding)
}

/// Why there is no file.
pub(crate) enum ReadError {
    /// The tree does not give it.
    Tree(TreeError),
    /// It is there and cannot be understood.
    Finding(Box<Finding>),
}

impl ReadError {
    /// As an error that names the file.
    pub(crate) fn into_finding(self, name: &str, place: Option<Place>) -> Box<Finding> {
        match self {
            Self::Finding(finding) => finding,
            Self::Tree(error) => {
                let code = match error {
                    TreeError::Missing => "file/missing",
                    TreeError::Outside => "file/outside",
                    TreeError::Folder | TreeError::Special => "file/not-a-file",
                    TreeError::TooLarge { .. } => "file/too-large",
                    TreeError::Unreadable(_) => "file/unreadable",
                };
                let message = format!("cannot read {name}: {error}");
                let outside = error == TreeError::Outside;
                let finding = Finding::error(Stage::Sources, code, message).at(place);
                Box::new(if outside { finding.hint(OUTSIDE) } else { finding })
            }
        }
    }
}
