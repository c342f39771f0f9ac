//! Copies of other repositories in a fleet. The digest of a copy is recorded beside its revision, so
//! that a change in the copy, which Argo CD never reads, does not pass for one in the repository.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::codes;
use crate::digest::sha256;
use crate::environment::{Environment, SourceFolder};
use crate::finding::{Finding, Problems};
use crate::fleet::Fleet;
use crate::tree::{EntryKind, Tree, TreeError};

/// The largest file of a copy, in bytes. A repository of values has no larger ones.
const FILE_BYTES: u64 = 8 << 20;

/// The most files of a copy.
const FILES: usize = 20_000;

/// A copy that an environment names.
#[derive(Clone, Debug)]
pub struct SourceCopy {
    /// The environment.
    pub environment: Arc<str>,
    /// The name of the source.
    pub name: String,
    /// The folder, the URL and the revision that were copied, and the recorded digest.
    pub folder: SourceFolder,
    /// The digest of the files.
    pub digest: String,
}

impl SourceCopy {
    /// Returns whether the files are those that were recorded; nothing if no digest is recorded.
    pub fn is_unchanged(&self) -> Option<bool> {
        let (recorded, _) = self.folder.sha256.as_ref()?;
        Some(*recorded == self.digest)
    }
}

/// Returns the copies of all environments, without the fleet itself.
///
/// # Errors
/// Every environment and every copy that cannot be read.
pub fn copies(fleet: &Fleet) -> Result<Vec<SourceCopy>, Problems> {
    let mut copies = Vec::new();
    let mut problems = Vec::new();
    for name in fleet.environments()? {
        match fleet.environments.get(&name, None) {
            Ok(environment) => {
                for copy in copies_of(fleet, &environment) {
                    match copy {
                        Ok(copy) => copies.push(copy),
                        Err(finding) => problems.push(*finding),
                    }
                }
            }
            Err(found) => problems.extend(found.0),
        }
    }
    if problems.is_empty() { Ok(copies) } else { Err(Problems(problems)) }
}

/// Returns the copies of an environment.
fn copies_of<'e>(
    fleet: &'e Fleet,
    environment: &'e Environment,
) -> impl Iterator<Item = Result<SourceCopy, Box<Finding>>> + 'e {
    let folders = environment.sources.iter().filter(|(_, folder)| !folder.path.is_empty());
    folders.map(|(name, folder)| {
        let digest = digest_of(fleet.files.tree(), &folder.path)?;
        let (environment, folder) = (environment.name.clone(), folder.clone());
        Ok(SourceCopy { environment, name: name.clone(), folder, digest })
    })
}

/// Returns the findings on the copies of an environment.
pub(crate) fn check_copies(fleet: &Fleet, environment: &Environment) -> Vec<Finding> {
    copies_of(fleet, environment)
        .filter_map(|copy| match copy {
            Ok(copy) => changed_copy(&copy),
            Err(finding) => Some(*finding),
        })
        .collect()
}

fn changed_copy(copy: &SourceCopy) -> Option<Finding> {
    let SourceCopy { name, folder, digest, .. } = copy;
    let path = &folder.path;
    match (&folder.sha256, copy.is_unchanged()) {
        (Some((recorded, place)), Some(false)) => {
            let message = format!(
                "the copy of source `{name}` in {path} was changed: the digest of its files is {digest}, recorded is {recorded}"
            );
            let hint = "Argo CD reads the repository and not the copy: restore the copy, or copy the \
                        new revision and record its `ref` and `sha256` (`cmp sources`)";
            Some(codes::SOURCE_CHANGED.finding(message).at(place.clone()).hint(hint))
        }
        (None, _) if folder.revision.is_some() => {
            let message = format!(
                "the digest of the copy of source `{name}` in {path} is not recorded, so nobody notices a change in it"
            );
            let hint = format!("add `sha256: {digest}` to sources.{name}");
            let place = folder.place.clone();
            Some(codes::SOURCE_NOT_RECORDED.finding(message).at(place).hint(hint))
        }
        _ => None,
    }
}

/// Returns the SHA-256 of a line for each file, sorted by path, as `sha256sum` prints it: digest, two
/// spaces, path in the folder.
fn digest_of(tree: &dyn Tree, folder: &str) -> Result<String, Box<Finding>> {
    let mut paths = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for (name, kind) in tree.list(&next).map_err(|error| unreadable(&next, &error))? {
            let path = format!("{next}/{name}");
            match kind {
                EntryKind::Folder => folders.push(path),
                EntryKind::File => paths.push(path),
                EntryKind::Unreadable => return Err(unreadable(&path, &TreeError::Special)),
            }
            if paths.len() + folders.len() > FILES {
                let message = format!("the copy {folder} has more than {FILES} files");
                return Err(Box::new(codes::SOURCE_UNREADABLE.finding(message)));
            }
        }
    }
    paths.sort_unstable();
    let mut lines = String::new();
    for path in paths {
        let bytes = tree.read(&path, FILE_BYTES).map_err(|error| unreadable(&path, &error))?;
        let name = path.strip_prefix(folder).unwrap_or(&path).trim_start_matches('/');
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{}  {name}", sha256(&bytes));
    }
    Ok(sha256(lines.as_bytes()))
}

fn unreadable(path: &str, error: &TreeError) -> Box<Finding> {
    let message = format!("cannot compute the digest of a copy: {path}: {error}");
    Box::new(codes::SOURCE_UNREADABLE.finding(message))
}
