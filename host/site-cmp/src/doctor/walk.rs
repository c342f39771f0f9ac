//! What lies in a repo, walked as the repo-server packs it: in the order of names, links
//! not followed, pipes, sockets and devices passed over.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::glob;

/// Entries that are looked at; a checkout of more is not one that plugins are sent.
const ENTRIES: usize = 1_000_000;

/// What an entry is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file and its bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A link and where it points.
    Link(PathBuf),
}

/// An entry of the repo.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path from the repo's root; what is no UTF-8 of it, as U+FFFD.
    pub(super) path: String,
    /// What it is.
    pub(super) kind: Kind,
    /// Its place in this file system.
    pub(super) file: PathBuf,
}

/// All entries, and how many were passed over.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// In the order of the walk.
    pub(super) entries: Vec<Entry>,
    /// Pipes, sockets and devices.
    pub(super) special: usize,
}

impl Listing {
    /// What is sent where a folder of the repo is the root; the repo's own is the empty
    /// path. Patterns of what is left out match paths from there.
    pub(super) fn sent<'a>(
        &'a self,
        root: &'a str,
        exclusions: &'a [&'a str],
    ) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| {
            from(&entry.path, root).is_some_and(|path| !glob::leave_out(exclusions, path))
        })
    }

    /// The entry of that path.
    pub(super) fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path == path)
    }
}

/// A path from a folder that is it or holds it.
pub(super) fn from<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder)?;
    if folder.is_empty() || rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Walks a repo.
///
/// # Errors
/// A folder that cannot be read, or a repo with too many entries.
pub(super) fn walk(root: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut todo = folder(root, "")?;
    while let Some((path, file)) = todo.pop() {
        let meta = fs::symlink_metadata(&file)?;
        let kind = if meta.is_symlink() {
            Kind::Link(fs::read_link(&file)?)
        } else if meta.is_dir() {
            todo.extend(folder(&file, &path)?);
            Kind::Folder
        } else if meta.is_file() {
            Kind::File(meta.len())
        } else {
            listing.special += 1;
            continue;
        };
        if listing.entries.len() >= ENTRIES {
            return Err(io::Error::other(format!("more than {ENTRIES} entries")));
        }
        listing.entries.push(Entry { path, kind, file });
    }
    Ok(listing)
}

/// What a folder holds, the last name first: it is taken from the end.
fn folder(file: &Path, path: &str) -> io::Result<Vec<(String, PathBuf)>> {
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
