//! Follows the links on the way to a path. A change of a link, or of the file to which it leads,
//! changes what is read.

use std::collections::BTreeMap;

use super::Tree;

/// The most links that are followed, as in Linux (`MAXSYMLINKS`), and the most bytes that their
/// targets have together: a tree refuses a path with more.
const LINKS: usize = 40;
const LINK_BYTES: usize = 16 << 10;

/// Returns each link on the way to a path, and last the path to which they lead; nothing for a path
/// without links. `folders` has the folders that were passed before, each with its target.
pub(crate) fn links_to<T: Tree + ?Sized>(
    tree: &T,
    path: &str,
    folders: &mut BTreeMap<String, Option<String>>,
) -> Vec<String> {
    let mut left: Vec<String> = reversed_parts(path).collect();
    let (mut at, mut links, mut bytes) = (String::new(), Vec::new(), 0);
    while let Some(part) = left.pop() {
        if part == ".." {
            at.truncate(at.rfind('/').unwrap_or_default());
            continue;
        }
        let next = if at.is_empty() { part } else { format!("{at}/{part}") };
        // Only folders are passed more than once.
        let target = if left.is_empty() {
            tree.link(&next)
        } else if let Some(known) = folders.get(&next) {
            known.clone()
        } else {
            folders.entry(next.clone()).or_insert_with(|| tree.link(&next)).clone()
        };
        let Some(target) = target else {
            at = next;
            continue;
        };
        links.push(next);
        bytes += target.len();
        if target.starts_with('/') || links.len() > LINKS || bytes > LINK_BYTES {
            return links;
        }
        left.extend(reversed_parts(&target));
    }
    if !links.is_empty() {
        links.push(at);
    }
    links
}

/// Returns the components of a path without empty ones and `.`, the last one first.
fn reversed_parts(path: &str) -> impl Iterator<Item = String> {
    path.rsplit('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::tree::{EntryKind, TreeError};

    /// A tree of links.
    struct Links(&'static [(&'static str, &'static str)]);

    impl Tree for Links {
        fn read(&self, _: &str, _: u64) -> Result<Arc<[u8]>, TreeError> {
            Err(TreeError::Missing)
        }
        fn list(&self, _: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
            Err(TreeError::Missing)
        }
        fn link(&self, path: &str) -> Option<String> {
            let found = self.0.iter().find(|(link, _)| *link == path);
            found.map(|(_, target)| (*target).to_owned())
        }
    }

    #[test]
    fn every_link_and_its_end_are_named() {
        let tree = Links(&[
            ("sites/a/values.yaml", "../../base/./values.yaml"),
            ("base", "common"),
            ("out", "../x"),
            ("absolute", "/x"),
            ("round", "there"),
            ("there", "round"),
        ]);
        let mut folders = BTreeMap::new();
        let mut links = |path: &str| links_to(&tree, path, &mut folders).join(" ");
        for _ in 0..2 {
            assert_eq!(links("sites/a/values.yaml"), "sites/a/values.yaml base common/values.yaml");
            assert_eq!(links("base/x"), "base common/x");
            assert_eq!(links("sites/b/values.yaml"), "");
            assert_eq!(links("out"), "out x");
            assert_eq!(links("absolute/y"), "absolute");
        }
        assert_eq!(links_to(&tree, "round", &mut folders).len(), LINKS + 1);
    }
}
