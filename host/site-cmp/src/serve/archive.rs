//! What a call sent, unpacked in memory: a tree of files that nobody can change and no
//! path or link leads out of.
//!
//! Links are kept as they came and followed when something is read through them, inside
//! the fleet alone; one that leads out is refused there and then, and harms nobody who
//! does not need it.

use std::collections::BTreeMap;
use std::sync::Arc;

use site_render::lock::LOCK_FILE;
use site_render::tree::{EntryKind, Tree, TreeError, clean};

/// Links that may be followed on the way to one file, as Linux allows (`MAXSYMLINKS`).
const LINKS: usize = 40;

/// Levels of folders: a path of 4,096 bytes could hold 2,048, and each costs stack.
pub(super) const LEVELS: usize = 128;

/// What a name stands for.
#[derive(Debug)]
pub(super) enum Node {
    /// More names.
    Folder(BTreeMap<Box<str>, Node>),
    /// A file's content.
    File(Vec<u8>),
    /// A file that is larger than any that is kept: its size alone, in bytes.
    Large(u64),
    /// Where a symbolic link leads, as it was sent.
    Link(Box<str>),
}

/// An unpacked archive.
#[derive(Debug)]
pub(super) struct Archive {
    top: Node,
}

/// Why an entry cannot be put where its name says.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misplaced {
    /// A `..`, or too many levels.
    #[error("its path leads out of the archive, or through more than {LEVELS} folders")]
    Outside,
    /// A folder of its path was sent as a link or a file.
    #[error("a folder of its path was sent as something else")]
    Through,
}

impl Default for Archive {
    fn default() -> Self {
        Self { top: Node::Folder(BTreeMap::new()) }
    }
}

impl Archive {
    /// Puts a node where a path says; the last of two with one path counts. An absolute
    /// path starts at the archive's root, as in Argo CD's own reader.
    pub(super) fn put(&mut self, path: &str, node: Node) -> Result<(), Misplaced> {
        let mut parts: Vec<&str> =
            path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        if parts.len() > LEVELS || parts.contains(&"..") {
            return Err(Misplaced::Outside);
        }
        let Some(name) = parts.pop() else {
            return Ok(());
        };
        let mut at = &mut self.top;
        for part in parts {
            let Node::Folder(names) = at else {
                return Err(Misplaced::Through);
            };
            at = names.entry(part.into()).or_insert_with(|| Node::Folder(BTreeMap::new()));
        }
        let Node::Folder(names) = at else {
            return Err(Misplaced::Through);
        };
        // A folder that is named again keeps what is in it.
        if matches!((names.get(name), &node), (Some(Node::Folder(_)), Node::Folder(_))) {
            return Ok(());
        }
        names.insert(name.into(), node);
        Ok(())
    }

    /// Drops all files that stand in no fleet: no render can ask for them.
    pub(super) fn keep_fleets(&mut self) {
        keep_fleets(&mut self.top);
    }

    /// Files and their bytes.
    pub(super) fn size(&self) -> (usize, u64) {
        size(&self.top)
    }

    /// The fleet that an application's folder is in, and the folder's path from there:
    /// the nearest folder upwards that holds the lock.
    pub(super) fn fleet(self: &Arc<Self>, folder: &str) -> Option<(Rooted, String)> {
        let mut path = self.follow("", folder).ok()?.path;
        let mut below = Vec::new();
        loop {
            let lock = join(&path, LOCK_FILE);
            if self.follow("", &lock).is_ok_and(|found| matches!(found.node, Node::File(_))) {
                below.reverse();
                return Some((Rooted { archive: self.clone(), root: path }, below.join("/")));
            }
            if path.is_empty() {
                return None;
            }
            let above = path.rfind('/');
            below.push(path.split_off(above.map_or(0, |slash| slash + 1)));
            path.truncate(above.unwrap_or_default());
        }
    }

    /// What stands at a path below `root`, links followed as long as they stay there.
    fn follow(&self, root: &str, path: &str) -> Result<Found<'_>, TreeError> {
        let mut left: Vec<String> = parts(path).rev().map(str::to_owned).collect();
        let mut stands: Vec<String> = Vec::new();
        let mut links = 0;
        let base = self.plain(root).ok_or(TreeError::Missing)?;
        let mut nodes = vec![base];
        while let Some(part) = left.pop() {
            if part == ".." {
                if stands.pop().is_none() {
                    return Err(TreeError::Outside);
                }
                nodes.pop();
                continue;
            }
            let Some(Node::Folder(names)) = nodes.last() else {
                return Err(TreeError::Missing);
            };
            match names.get(part.as_str()).ok_or(TreeError::Missing)? {
                Node::Link(target) => {
                    links += 1;
                    if links > LINKS {
                        return Err(TreeError::Unreadable("its links lead in a circle".to_owned()));
                    }
                    if target.starts_with('/') {
                        return Err(TreeError::Outside);
                    }
                    left.extend(parts(target).rev().map(str::to_owned));
                }
                node => {
                    nodes.push(node);
                    stands.push(part);
                }
            }
        }
        let node = nodes.pop().ok_or(TreeError::Missing)?;
        Ok(Found { node, path: stands.join("/") })
    }

    /// Whether a folder is there and no link is on the way to it.
    pub(super) fn is_plain(&self, folder: &str) -> bool {
        self.plain(folder).is_some_and(|node| matches!(node, Node::Folder(_)))
    }

    /// What stands at a path that has no link in it.
    fn plain(&self, path: &str) -> Option<&Node> {
        parts(path).try_fold(&self.top, |node, part| match node {
            Node::Folder(names) => names.get(part),
            _ => None,
        })
    }
}

/// A node, and its path without links.
struct Found<'a> {
    node: &'a Node,
    path: String,
}

/// A fleet in an archive: a tree whose root is the fleet's.
#[derive(Clone, Debug)]
pub(super) struct Rooted {
    archive: Arc<Archive>,
    root: String,
}

impl Rooted {
    /// The fleet's folder in the archive; empty for the archive's own root.
    pub(super) fn root(&self) -> &str {
        &self.root
    }
}

impl Tree for Rooted {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        match self.archive.follow(&self.root, clean(path)?)?.node {
            Node::Folder(_) => Err(TreeError::Folder),
            Node::Large(size) => Err(TreeError::TooLarge { size: *size, limit }),
            Node::File(bytes) if bytes.len() as u64 > limit => {
                Err(TreeError::TooLarge { size: bytes.len() as u64, limit })
            }
            Node::File(bytes) => Ok(bytes.as_slice().into()),
            Node::Link(_) => Err(TreeError::Missing),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let folder = if folder.is_empty() { "" } else { clean(folder)? };
        let Node::Folder(names) = self.archive.follow(&self.root, folder)?.node else {
            return Err(TreeError::Missing);
        };
        let kind = |name: &str, node: &Node| match node {
            Node::Folder(_) => Some(EntryKind::Folder),
            Node::File(_) | Node::Large(_) => Some(EntryKind::File),
            Node::Link(_) => {
                let found = self.archive.follow(&self.root, &join(folder, name)).ok()?;
                Some(match found.node {
                    Node::Folder(_) => EntryKind::Folder,
                    _ => EntryKind::File,
                })
            }
        };
        Ok(names
            .iter()
            .filter_map(|(name, node)| Some((name.to_string(), kind(name, node)?)))
            .collect())
    }
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "."))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// True where something was kept. Links are: an application's folder may be one.
fn keep_fleets(node: &mut Node) -> bool {
    match node {
        Node::Folder(names) if names.contains_key(LOCK_FILE) => true,
        Node::Folder(names) => {
            names.retain(|_, child| keep_fleets(child));
            !names.is_empty()
        }
        Node::File(_) | Node::Large(_) => false,
        Node::Link(_) => true,
    }
}

fn size(node: &Node) -> (usize, u64) {
    match node {
        Node::Folder(names) => names
            .values()
            .map(size)
            .fold((1, 0), |(files, bytes), child| (files + child.0, bytes + child.1)),
        Node::File(content) => (1, content.len() as u64),
        Node::Large(_) => (1, 0),
        Node::Link(target) => (1, target.len() as u64),
    }
}

#[cfg(test)]
mod tests;
