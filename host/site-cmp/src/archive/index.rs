//! The entries of an archive while it is unpacked.

use std::collections::BTreeMap;

use site_render::lock::LOCK_FILE;

use super::{LEVELS, Node, path_parts};

/// The entries of an archive by their paths.
#[derive(Debug)]
pub(crate) struct Index {
    pub(super) top: Node,
}

/// The reason that an entry cannot be stored under its path.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlacementError {
    /// A `..`, or too many levels.
    #[error("its path leads outside the archive or has more than {LEVELS} folders")]
    Outside,
    /// A folder of its path was sent as a link or a file.
    #[error("its path goes through an entry that is not a folder")]
    Through,
}

impl Default for Index {
    fn default() -> Self {
        Self { top: Node::Folder(BTreeMap::new()) }
    }
}

impl Index {
    /// Inserts a node at a path; the last of two with the same path takes effect. An absolute
    /// path starts at the archive's root, as in Argo CD's own reader.
    pub(crate) fn insert_node(&mut self, path: &str, node: Node) -> Result<(), PlacementError> {
        let mut parts: Vec<&str> = path_parts(path).collect();
        if parts.len() > LEVELS || parts.contains(&"..") {
            return Err(PlacementError::Outside);
        }
        let Some(name) = parts.pop() else {
            return Ok(());
        };
        let mut at = &mut self.top;
        for part in parts {
            let Node::Folder(names) = at else {
                return Err(PlacementError::Through);
            };
            at = names.entry(part.into()).or_insert_with(|| Node::Folder(BTreeMap::new()));
        }
        let Node::Folder(names) = at else {
            return Err(PlacementError::Through);
        };
        // A folder that is sent again keeps its entries.
        if matches!((names.get(name), &node), (Some(Node::Folder(_)), Node::Folder(_))) {
            return Ok(());
        }
        names.insert(name.into(), node);
        Ok(())
    }

    /// Returns the number of folders above a path that do not exist yet.
    pub(crate) fn missing_folders(&self, path: &str) -> u64 {
        let (mut at, mut missing) = (Some(&self.top), 0);
        // The last part is the entry itself; a path with more levels is not stored.
        let mut parts = path_parts(path).take(LEVELS).peekable();
        while let (Some(part), Some(_)) = (parts.next(), parts.peek()) {
            at = at.and_then(|node| match node {
                Node::Folder(names) => names.get(part),
                _ => None,
            });
            missing += u64::from(at.is_none());
        }
        missing
    }

    /// Drops all files outside fleets, which no render can read.
    pub(crate) fn keep_fleets(&mut self) {
        keep_fleets(&mut self.top);
    }

    /// Returns the ranges of all contents, in no particular order.
    pub(super) fn content_ranges(&self) -> Vec<(u64, u64)> {
        let mut ranges = Vec::new();
        add_ranges(&self.top, &mut ranges);
        ranges
    }
}

/// Adds the ranges of the contents below a node.
fn add_ranges(node: &Node, ranges: &mut Vec<(u64, u64)>) {
    match node {
        Node::Folder(names) => names.values().for_each(|child| add_ranges(child, ranges)),
        Node::File { start, size } => ranges.push((*start, start + size)),
        Node::Large(_) | Node::Link(_) | Node::NotUtf8 => {}
    }
}

/// Drops files outside fleets below a node and returns whether anything remains. Links remain,
/// because an application's folder may be one.
fn keep_fleets(node: &mut Node) -> bool {
    match node {
        Node::Folder(names) if names.contains_key(LOCK_FILE) => true,
        Node::Folder(names) => {
            names.retain(|_, child| keep_fleets(child));
            !names.is_empty()
        }
        Node::File { .. } | Node::Large(_) | Node::NotUtf8 => false,
        Node::Link(_) => true,
    }
}
