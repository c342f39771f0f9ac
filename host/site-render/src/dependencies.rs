//! The files on which a result depends: what a render read in its trees, and what it looked for
//! there and did not find.
//!
//! A [`DependencyTree`] records each read and listing for the [`recorded`] call that runs in the same
//! thread. A cached thing is stored with its own dependencies, and each use of it adds them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::digest::sha256;
use crate::known_files::KnownFiles;
use crate::tree::{EntryKind, Tree, TreeError};

thread_local! {
    /// One list for each call of `recorded` that runs, the innermost one last.
    static RUNNING: RefCell<Vec<Vec<DependencyPart>>> = const { RefCell::new(Vec::new()) };
}

/// The files on which a result depends. A copy shares them.
#[derive(Clone, Debug, Default)]
pub struct Dependencies(Arc<[DependencyPart]>);

#[derive(Clone, Debug)]
enum DependencyPart {
    Lookup(Arc<FileLookup>),
    /// Those of a cached thing.
    Cached(Dependencies),
}

/// A file or a folder that was looked up, with the SHA-256 of what was found.
#[derive(Debug)]
struct FileLookup {
    path: String,
    /// The limit of a file in bytes; none for a folder, whose entries were listed.
    limit: Option<u64>,
    found: Result<String, TreeError>,
}

/// A tree that records what is looked up in it.
pub struct DependencyTree {
    tree: Arc<dyn Tree>,
    known: KnownFiles,
}

impl DependencyTree {
    /// Wraps a tree; `known` saves the digests of its large files.
    pub fn new(tree: Arc<dyn Tree>, known: KnownFiles) -> Self {
        Self { tree, known }
    }
}

impl Tree for DependencyTree {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        let found = self.tree.read(path, limit);
        add_lookup(path, Some(limit), || match &found {
            Ok(bytes) => Ok(self.known.sha256(bytes)),
            Err(error) => Err(error.clone()),
        });
        found
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let found = self.tree.list(folder);
        add_lookup(folder, None, || match &found {
            Ok(entries) => Ok(digest_of_entries(entries)),
            Err(error) => Err(error.clone()),
        });
        found
    }
}

/// Runs a function and returns the dependencies of its result. They belong to the surrounding call,
/// too.
pub fn recorded<T>(run: impl FnOnce() -> T) -> (T, Dependencies) {
    /// Ends the innermost recording, also after a panic.
    struct Recording;
    impl Drop for Recording {
        fn drop(&mut self) {
            RUNNING.with_borrow_mut(Vec::pop);
        }
    }
    RUNNING.with_borrow_mut(|running| running.push(Vec::new()));
    let recording = Recording;
    let result = run();
    let list = RUNNING.with_borrow_mut(|running| running.last_mut().map(std::mem::take));
    drop(recording);
    let dependencies = Dependencies(list.unwrap_or_default().into());
    add(&dependencies);
    (result, dependencies)
}

/// Adds the dependencies of a cached thing to those of the running call.
pub(crate) fn add(cached: &Dependencies) {
    if !cached.0.is_empty() {
        add_to_running(|| DependencyPart::Cached(cached.clone()));
    }
}

fn add_lookup(path: &str, limit: Option<u64>, found: impl FnOnce() -> Result<String, TreeError>) {
    add_to_running(|| {
        DependencyPart::Lookup(Arc::new(FileLookup {
            path: path.to_owned(),
            limit,
            found: found(),
        }))
    });
}

fn add_to_running(dependency: impl FnOnce() -> DependencyPart) {
    // A digest is computed only if a call records it.
    if RUNNING.with_borrow(Vec::is_empty) {
        return;
    }
    let dependency = dependency();
    RUNNING.with_borrow_mut(|running| running.last_mut().map(|list| list.push(dependency)));
}

impl Dependencies {
    /// Returns these and others.
    pub(crate) fn and(&self, others: Self) -> Self {
        Self([DependencyPart::Cached(self.clone()), DependencyPart::Cached(others)].into())
    }

    /// Returns each lookup once. Returns nothing if there are more than `most`, or if the operating
    /// system failed at one, because it may succeed later.
    pub fn flatten(&self, most: usize) -> Option<FlatDependencies> {
        let (mut seen, mut lookups) = (BTreeSet::new(), Vec::new());
        let mut groups = BTreeSet::new();
        let mut left = vec![self];
        while let Some(group) = left.pop() {
            if !groups.insert(Arc::as_ptr(&group.0).cast::<u8>()) {
                continue;
            }
            for dependency in group.0.iter() {
                match dependency {
                    DependencyPart::Cached(cached) => left.push(cached),
                    DependencyPart::Lookup(lookup) if seen.insert((&lookup.path, lookup.limit)) => {
                        if seen.len() > most
                            || matches!(lookup.found, Err(TreeError::Unreadable(_)))
                        {
                            return None;
                        }
                        lookups.push(lookup.clone());
                    }
                    DependencyPart::Lookup(_) => {}
                }
            }
        }
        Some(FlatDependencies(lookups))
    }
}

/// Dependencies without repetitions.
#[derive(Clone, Debug)]
pub struct FlatDependencies(Vec<Arc<FileLookup>>);

impl FlatDependencies {
    /// Returns whether a tree has the same files: a result from the other tree holds for it.
    pub fn are_same_in(&self, tree: &dyn Tree, known: &KnownFiles) -> bool {
        self.0.iter().all(|lookup| {
            let found = match lookup.limit {
                Some(limit) => tree.read(&lookup.path, limit).map(|bytes| known.sha256(&bytes)),
                None => tree.list(&lookup.path).map(|entries| digest_of_entries(&entries)),
            };
            found == lookup.found
        })
    }

    /// Returns about how many bytes they take.
    pub fn bytes(&self) -> u64 {
        const OVERHEAD: usize = 192;
        self.0.iter().map(|lookup| (OVERHEAD + lookup.path.len()) as u64).sum()
    }
}

/// Returns the digest of a folder's entries. The length of a name, which may contain any character,
/// separates it from its kind.
fn digest_of_entries(entries: &[(String, EntryKind)]) -> String {
    let entries = entries.iter().map(|(name, kind)| format!("{} {name}{kind:?}", name.len()));
    sha256(entries.collect::<String>().as_bytes())
}

#[cfg(test)]
mod tests;
