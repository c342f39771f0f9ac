//! The files of a repo, walked as the repo-server packs them: in the order of names, without
//! following links, and without pipes, sockets and devices.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::glob;

/// The most entries of a checkout: ten times the server's default limit on an archive.
const ENTRIES: usize = 1_000_000;

/// The kind of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// A file with its size in bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A link with its target.
    Link(PathBuf),
}

/// An entry of the repo.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RepoEntry {
    /// Its path from the repo's root, with U+FFFD for bytes that are not UTF-8.
    pub(super) path: String,
    /// Its kind.
    pub(super) kind: NodeKind,
    /// Its path in the local file system.
    pub(super) file: PathBuf,
}

/// All entries, and the number of skipped ones.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// In the order of the walk.
    pub(super) entries: Vec<RepoEntry>,
    /// Pipes, sockets and devices.
    pub(super) special: usize,
}

impl Listing {
    /// Returns the entries that are sent if a folder of the repo is the root; the repo's root
    /// is the empty path. Patterns of exclusions match paths from there.
    pub(super) fn sent_entries<'a>(
        &'a self,
        root: &'a str,
        exclusions: &'a [&'a str],
    ) -> impl Iterator<Item = &'a RepoEntry> {
        self.entries.iter().filter(move |entry| {
            strip_folder(&entry.path, root).is_some_and(|path| !glob::is_excluded(exclusions, path))
        })
    }

    /// Returns the entry of that path.
    pub(super) fn find_entry(&self, path: &str) -> Option<&RepoEntry> {
        self.entries.iter().find(|entry| entry.path == path)
    }
}

/// Returns a path relative to a folder, if the folder is the path or contains it.
pub(super) fn strip_folder<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder)?;
    if folder.is_empty() || rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Walks a repo.
///
/// # Errors
/// A folder that cannot be read, or a repo with too many entries.
pub(super) fn walk_repo(root: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut todo = list_folder(root, "")?;
    while let Some((path, file)) = todo.pop() {
        let meta = fs::symlink_metadata(&file)?;
        let kind = if meta.is_symlink() {
            NodeKind::Link(fs::read_link(&file)?)
        } else if meta.is_dir() {
            todo.extend(list_folder(&file, &path)?);
            NodeKind::Folder
        } else if meta.is_file() {
            NodeKind::File(meta.len())
        } else {
            listing.special += 1;
            continue;
        };
        if listing.entries.len() >= ENTRIES {
            return Err(io::Error::other(format!("more than {ENTRIES} entries")));
        }
        listing.entries.push(RepoEntry { path, kind, file });
    }
    Ok(listing)
}

/// Lists a folder with the last name first, because the caller takes entries from the end.
fn list_folder(file: &Path, path: &str) -> io::Result<Vec<(String, PathBuf)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(file)? {
        names.push(entry?.file_name());
    }
    names.sort_unstable_by(|a, b| b.cmp(a));
    let entry = |name: std::ffi::OsString| {
        let shown = name.to_string_lossy();
        let shown = if path.is_empty() { shown.into_owned() } else { format!("{path}/{shown}") };
        (shown, file.join(name))
    };
    Ok(names.into_iter().map(entry).collect())
}

#[cfg(test)]
mod tests;
