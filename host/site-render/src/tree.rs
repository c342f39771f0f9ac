//! The files that a render may read. The pipeline never opens a file itself: a front door
//! passes a tree (a folder, an unpacked archive), and nothing outside that tree exists.

mod links;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use links::links_to;

/// The kind of a directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Anything else, which no render can read: a link that leads out of the tree or to nothing, a
    /// pipe, a socket or a device.
    Unreadable,
}

/// The reason why a path of a tree cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The file does not exist.
    #[error("the file does not exist")]
    Missing,
    /// The path leaves the tree: `..`, an absolute path, a link that points outside.
    #[error("the path leaves the tree")]
    Outside,
    /// A folder where a file should be.
    #[error("it is a folder")]
    Folder,
    /// A pipe, a device, a socket.
    #[error("it is not a regular file")]
    Special,
    /// Larger than a file of its kind may be.
    #[error("it has {size} bytes, more than the {limit} allowed")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The operating system refuses to read it.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl TreeError {
    /// Returns the error of a folder with a name that is not UTF-8, which is given with escapes.
    pub fn not_utf8(name: impl std::fmt::Display) -> Self {
        Self::Unreadable(format!("the name `{name}` in it is not UTF-8"))
    }
}

/// A read-only tree of files that does not change while it is used.
///
/// Paths are relative, `/`-separated and clean (no empty, `.` or `..` component).
pub trait Tree: Send + Sync {
    /// Returns the bytes of a file of at most `limit` bytes.
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError>;
    /// Returns the names in a folder with their kinds, sorted by name. A link has the kind of
    /// its target. A name that is not UTF-8 is an error, because no path can name it.
    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError>;
    /// Returns whether a path is a file. Nobody notices if this changes: what depends on it reads the
    /// file too.
    fn is_file(&self, path: &str) -> bool {
        matches!(self.read(path, 0), Ok(_) | Err(TreeError::TooLarge { .. }))
    }
    /// Returns the target of a symbolic link as it is stored, and nothing for any other path. The
    /// folders above the path are not links.
    fn link(&self, path: &str) -> Option<String> {
        let _ = path;
        None
    }
    /// Returns each link on the way to a path, and last the path to which they lead; nothing for a path
    /// without links.
    fn links_to(&self, path: &str) -> Vec<String> {
        links_to(self, path, &mut BTreeMap::new())
    }
}

/// Lists a folder of a tree that has the paths of all its files, as [`Tree::list`] does.
///
/// # Errors
/// No file is below the folder.
pub fn list_paths<'p>(
    paths: impl IntoIterator<Item = &'p str>,
    folder: &str,
) -> Result<Vec<(String, EntryKind)>, TreeError> {
    let paths = paths.into_iter().filter_map(|path| below(path, folder));
    let entries: BTreeMap<String, EntryKind> = paths
        .map(|path| match path.split_once('/') {
            Some((name, _)) => (name.to_owned(), EntryKind::Folder),
            None => (path.to_owned(), EntryKind::File),
        })
        .collect();
    if entries.is_empty() { Err(TreeError::Missing) } else { Ok(entries.into_iter().collect()) }
}

/// Returns the path of a file below a folder from there; `None` if it is elsewhere.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder)?;
    if folder.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Returns the path if it is clean: no empty, `.` or `..` component, so not absolute either.
pub fn clean(path: &str) -> Result<&str, TreeError> {
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(TreeError::Outside);
    }
    Ok(path)
}
