//! An archive unpacked in memory: an immutable tree of files whose paths and links stay inside.
//!
//! The contents and the index of paths are in one sealed memory file, so that a render worker gets
//! all of it as one descriptor, without a copy.
//!
//! Links are stored as sent and followed when a file is read through them, inside the fleet
//! only. A link that leads outside fails that read and no other.

mod index;
mod writer;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use site_render::lock::LOCK_FILE;
use site_render::tree::{EntryKind, Tree, TreeError, clean};
use worker_process::MemoryFile;

pub(crate) use index::PlacementError;
pub(crate) use writer::ArchiveWriter;

/// The most links that are followed on the way to one file, as in Linux (`MAXSYMLINKS`).
const LINKS: usize = 40;

/// The most bytes that the targets of these links have together. Each read follows them anew.
const LINK_BYTES: usize = 16 << 10;

/// The most levels of folders. A path of 4,096 bytes could have 2,048, and each level costs
/// stack in the functions that recurse.
pub(crate) const LEVELS: usize = 128;

/// The most memory that an entry takes in an index in addition to its name, in bytes.
pub(crate) const ENTRY_BYTES: u64 = 160;

/// The most memory that a folder takes in addition to its entries: a node of a map has room for
/// eleven.
pub(crate) const FOLDER_BYTES: u64 = 768;

/// An entry of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Node {
    /// A folder with its entries.
    Folder(BTreeMap<Box<str>, Node>),
    /// A file: where its content is in the memory file, in bytes.
    File {
        /// The offset of the first byte.
        start: u64,
        /// The number of bytes.
        size: u64,
    },
    /// A file that is too large to be stored: only its size, in bytes.
    Large(u64),
    /// A symbolic link with its target as it was sent.
    Link(Box<str>),
    /// An entry whose name is not UTF-8; it has that name with escapes.
    NotUtf8,
}

/// An unpacked archive.
#[derive(Debug)]
pub(crate) struct Archive {
    top: Node,
    content: MemoryFile,
}

impl Archive {
    /// Reads the index of an archive in a memory file.
    pub(crate) fn open(content: MemoryFile) -> io::Result<Self> {
        let top = writer::read_index(&content)?;
        Ok(Self { top, content })
    }

    /// Returns the memory that its index takes, in bytes.
    pub(crate) fn index_bytes(&self) -> u64 {
        index_bytes(&self.top)
    }

    /// Finds the fleet of an application's folder: the nearest folder upwards that contains the
    /// lock. Returns it with the path from there to the application's folder.
    pub(crate) fn find_fleet(self: &Arc<Self>, folder: &str) -> Option<(FleetTree, String)> {
        let mut path = self.resolve_path("", folder).ok()?.path;
        let mut below = Vec::new();
        loop {
            let lock = join_path(&path, LOCK_FILE);
            if self
                .resolve_path("", &lock)
                .is_ok_and(|lookup| matches!(lookup.node, Node::File { .. }))
            {
                below.reverse();
                return Some((FleetTree { archive: self.clone(), root: path }, below.join("/")));
            }
            if path.is_empty() {
                return None;
            }
            let above = path.rfind('/');
            below.push(path.split_off(above.map_or(0, |slash| slash + 1)));
            path.truncate(above.unwrap_or_default());
        }
    }

    /// Looks up a path below `root` and follows links that stay below it.
    fn resolve_path(&self, root: &str, path: &str) -> Result<EntryLookup<'_>, TreeError> {
        let mut left: Vec<&str> = path_parts(path).rev().collect();
        let mut resolved: Vec<&str> = Vec::new();
        let (mut links, mut link_bytes) = (0, 0);
        let base = self.lookup_direct(root).ok_or(TreeError::Missing)?;
        let mut nodes = vec![base];
        while let Some(part) = left.pop() {
            if part == ".." {
                if resolved.pop().is_none() {
                    return Err(TreeError::Outside);
                }
                nodes.pop();
                continue;
            }
            let Some(Node::Folder(names)) = nodes.last() else {
                return Err(TreeError::Missing);
            };
            match names.get(part).ok_or(TreeError::Missing)? {
                Node::Link(target) => {
                    (links, link_bytes) = (links + 1, link_bytes + target.len());
                    if links > LINKS || link_bytes > LINK_BYTES {
                        let why = format!("its links form a loop or have over {LINK_BYTES} bytes");
                        return Err(TreeError::Unreadable(why));
                    }
                    if target.starts_with('/') {
                        return Err(TreeError::Outside);
                    }
                    left.extend(path_parts(target).rev());
                }
                node => {
                    nodes.push(node);
                    resolved.push(part);
                }
            }
        }
        let node = nodes.pop().ok_or(TreeError::Missing)?;
        Ok(EntryLookup { node, path: resolved.join("/") })
    }

    /// Reads the content of a file.
    fn read_content(&self, start: u64, size: u64) -> Result<Arc<[u8]>, TreeError> {
        let unreadable = |error: io::Error| TreeError::Unreadable(error.to_string());
        let size = usize::try_from(size).map_err(|error| unreadable(io::Error::other(error)))?;
        // Into its final place: a vector would be copied.
        let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, size).collect();
        self.content.read_at(Arc::make_mut(&mut bytes), start).map_err(unreadable)?;
        Ok(bytes)
    }

    /// Looks up a path without following links.
    fn lookup_direct(&self, path: &str) -> Option<&Node> {
        path_parts(path).try_fold(&self.top, |node, part| match node {
            Node::Folder(names) => names.get(part),
            _ => None,
        })
    }
}

/// A node and its path without links.
struct EntryLookup<'a> {
    node: &'a Node,
    path: String,
}

/// A fleet in an archive: a tree whose root is the fleet's.
#[derive(Clone, Debug)]
pub(crate) struct FleetTree {
    archive: Arc<Archive>,
    root: String,
}

impl FleetTree {
    /// Returns the fleet's folder in the archive, which is empty for the archive's root.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }
}

impl Tree for FleetTree {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        match self.archive.resolve_path(&self.root, clean(path)?)?.node {
            Node::Folder(_) => Err(TreeError::Folder),
            Node::Large(size) => Err(TreeError::TooLarge { size: *size, limit }),
            Node::File { size, .. } if *size > limit => {
                Err(TreeError::TooLarge { size: *size, limit })
            }
            Node::File { start, size } => self.archive.read_content(*start, *size),
            Node::Link(_) | Node::NotUtf8 => Err(TreeError::Missing),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let folder = if folder.is_empty() { "" } else { clean(folder)? };
        let Node::Folder(names) = self.archive.resolve_path(&self.root, folder)?.node else {
            return Err(TreeError::Missing);
        };
        if let Some((name, _)) = names.iter().find(|(_, node)| matches!(node, Node::NotUtf8)) {
            return Err(TreeError::not_utf8(name));
        }
        let kind = |name: &str, node: &Node| match node {
            Node::Folder(_) => EntryKind::Folder,
            Node::File { .. } | Node::Large(_) => EntryKind::File,
            Node::NotUtf8 => EntryKind::Unreadable,
            Node::Link(_) => {
                let path = join_path(folder, name);
                match self.archive.resolve_path(&self.root, &path).map(|lookup| lookup.node) {
                    Ok(Node::Folder(_)) => EntryKind::Folder,
                    Ok(_) => EntryKind::File,
                    Err(_leads_nowhere) => EntryKind::Unreadable,
                }
            }
        };
        Ok(names.iter().map(|(name, node)| (name.to_string(), kind(name, node))).collect())
    }

    fn link(&self, path: &str) -> Option<String> {
        match self.archive.lookup_direct(&join_path(&self.root, path))? {
            Node::Link(target) => Some(target.to_string()),
            _ => None,
        }
    }
}

/// Returns the components of a path without empty ones and `.`.
fn path_parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "."))
}

fn join_path(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Returns the memory that the index takes below a node, in bytes.
fn index_bytes(node: &Node) -> u64 {
    match node {
        Node::Folder(names) => {
            let below = names.iter().map(|(name, child)| name.len() as u64 + index_bytes(child));
            ENTRY_BYTES + FOLDER_BYTES + below.sum::<u64>()
        }
        Node::File { .. } | Node::Large(_) | Node::NotUtf8 => ENTRY_BYTES,
        Node::Link(target) => ENTRY_BYTES + target.len() as u64,
    }
}

#[cfg(test)]
mod tests;
