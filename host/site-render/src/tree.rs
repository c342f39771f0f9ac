//! The files that a render may see. The pipeline never opens one itself: a front door
//! hands it a tree (a folder, an unpacked archive), and nothing outside that tree exists.

use std::sync::Arc;

/// What a directory holds under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
}

/// Why a path of a tree gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Nothing is there.
    #[error("there is no such file")]
    Missing,
    /// The path leaves the tree: `..`, an absolute path, a link that points out.
    #[error("it leads out of the tree")]
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
    /// The machine would not read it.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// A read-only tree of files that does not change while it is used.
///
/// Paths are relative, `/`-separated and clean (no empty, `.` or `..` component).
pub trait Tree: Send + Sync {
    /// The bytes of a file of at most `limit` bytes.
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError>;
    /// Names in a folder with their kinds, sorted by name; links are what they lead to,
    /// and what leads nowhere, out of the tree or to a special file is left out.
    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError>;
}

/// The path, if it is clean: no empty, `.` or `..` component, so not absolute either.
pub fn clean(path: &str) -> Result<&str, TreeError> {
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(TreeError::Outside);
    }
    Ok(path)
}
