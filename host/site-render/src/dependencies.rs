//! The files on which a result depends: what a render read in its trees, and what it looked for
//! there and did not find.
//!
//! A [`DependencyTree`] records each read and listing for the [`Recording`] that runs in the same
//! thread. A cached thing is stored with its own dependencies, and each use of it adds them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::digest::sha256;
use crate::known_files::KnownFiles;
use crate::tree::{EntryKind, Tree, TreeError, links_to};

thread_local! {
    /// One list for each recording that runs, the innermost one last.
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
    /// The links that lead from the path to what was found, and its own path; empty without links.
    links: Vec<String>,
}

/// A tree that records what is looked up in it.
pub struct DependencyTree {
    tree: Arc<dyn Tree>,
    known: KnownFiles,
    /// The folders that were passed, each with its target if it is a link.
    folders: Mutex<BTreeMap<String, Option<String>>>,
}

impl DependencyTree {
    /// Wraps a tree; `known` saves the digests of its large files.
    pub fn new(tree: Arc<dyn Tree>, known: KnownFiles) -> Self {
        Self { tree, known, folders: Mutex::default() }
    }

    /// Records a lookup, if a recording runs: nothing is computed without one.
    fn add_lookup(
        &self,
        path: &str,
        limit: Option<u64>,
        found: impl FnOnce() -> Result<String, TreeError>,
    ) {
        add_to_running(|| {
            let (path, links) = (path.to_owned(), self.links_to(path));
            DependencyPart::Lookup(Arc::new(FileLookup { path, limit, found: found(), links }))
        });
    }
}

impl Tree for DependencyTree {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        let found = self.tree.read(path, limit);
        self.add_lookup(path, Some(limit), || match &found {
            Ok(bytes) => Ok(self.known.sha256(bytes)),
            Err(error) => Err(error.clone()),
        });
        found
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let found = self.tree.list(folder);
        self.add_lookup(folder, None, || match &found {
            Ok(entries) => Ok(digest_of_entries(entries)),
            Err(error) => Err(error.clone()),
        });
        found
    }

    fn is_file(&self, path: &str) -> bool {
        self.tree.is_file(path)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.tree.link(path)
    }

    fn links_to(&self, path: &str) -> Vec<String> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        links_to(&*self.tree, path, &mut folders)
    }
}

/// Collects the dependencies of what runs in this thread, until it is dropped. They belong to the
/// surrounding recording, too.
#[derive(Debug)]
pub struct Recording(());

impl Recording {
    /// Starts to record.
    pub fn start() -> Self {
        RUNNING.with_borrow_mut(|running| running.push(Vec::new()));
        Self(())
    }

    /// Returns the dependencies so far. No recording that began later may still run.
    pub fn so_far(&self) -> Dependencies {
        let list = RUNNING.with_borrow(|running| running.last().cloned());
        Dependencies(list.unwrap_or_default().into())
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let ended = RUNNING.with_borrow_mut(Vec::pop);
        add(&Dependencies(ended.unwrap_or_default().into()));
    }
}

/// Runs a function and returns the dependencies of its result.
pub fn recorded<T>(run: impl FnOnce() -> T) -> (T, Dependencies) {
    let recording = Recording::start();
    let result = run();
    (result, recording.so_far())
}

/// Adds the dependencies of a cached thing to those of the running call.
pub(crate) fn add(cached: &Dependencies) {
    if !cached.0.is_empty() {
        add_to_running(|| DependencyPart::Cached(cached.clone()));
    }
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
        let (mut seen, mut flat) = (BTreeSet::new(), Vec::new());
        for lookup in self.lookups().filter(|one| seen.insert((&one.path, one.limit))) {
            if flat.len() == most || matches!(lookup.found, Err(TreeError::Unreadable(_))) {
                return None;
            }
            flat.push(lookup.clone());
        }
        Some(FlatDependencies(flat))
    }

    /// Returns the path of each file and folder, with the links on the way to it.
    pub(crate) fn paths(&self) -> BTreeSet<&str> {
        let each = self.lookups().flat_map(|one| std::iter::once(&one.path).chain(&one.links));
        each.map(String::as_str).collect()
    }

    /// Returns the links on the way to each path that has any, and where they lead.
    pub(crate) fn links(&self) -> BTreeMap<&str, &[String]> {
        let linked = self.lookups().filter(|one| !one.links.is_empty());
        linked.map(|one| (&*one.path, &*one.links)).collect()
    }

    /// Iterates over all lookups, those of a cached thing once.
    fn lookups(&self) -> impl Iterator<Item = &Arc<FileLookup>> {
        let mut groups = BTreeSet::new();
        let mut left = vec![self.0.iter()];
        std::iter::from_fn(move || {
            loop {
                match left.last_mut()?.next() {
                    Some(DependencyPart::Lookup(lookup)) => return Some(lookup),
                    Some(DependencyPart::Cached(cached)) => {
                        if groups.insert(Arc::as_ptr(&cached.0).cast::<u8>()) {
                            left.push(cached.0.iter());
                        }
                    }
                    None => drop(left.pop()),
                }
            }
        })
    }
}

/// Dependencies without repetitions.
#[derive(Clone, Debug)]
pub struct FlatDependencies(Vec<Arc<FileLookup>>);

impl FlatDependencies {
    /// Returns whether a tree has the same files: a result from the other tree holds for it.
    pub fn are_same_in(&self, tree: &dyn Tree, known: &KnownFiles) -> bool {
        let mut folders = BTreeMap::new();
        self.0.iter().all(|lookup| {
            let links = links_to(tree, &lookup.path, &mut folders);
            let found = match lookup.limit {
                Some(limit) => tree.read(&lookup.path, limit).map(|bytes| known.sha256(&bytes)),
                None => tree.list(&lookup.path).map(|entries| digest_of_entries(&entries)),
            };
            found == lookup.found && links == lookup.links
        })
    }

    /// Returns about how many bytes they take.
    pub fn bytes(&self) -> u64 {
        const OVERHEAD: usize = 192;
        let paths = |lookup: &Arc<FileLookup>| {
            let links = lookup.links.iter().map(|link| size_of::<String>() + link.len());
            lookup.path.len() + links.sum::<usize>()
        };
        self.0.iter().map(|lookup| (OVERHEAD + paths(lookup)) as u64).sum()
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
