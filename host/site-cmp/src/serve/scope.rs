//! The part of an archive to unpack. Unpacking stops after the fleets of the requesting
//! applications; later entries cannot affect their renders.
//!
//! The repo-server packs the entries of a folder one after another, in the order of their
//! names. So a fleet is complete when its lock was read and an entry outside its folder
//! follows. The digest covers all bytes in any case.
//!
//! Every question here costs as much as the path is long, however many calls, links and fleets
//! there are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::path_set::PathSet;

/// The most folders on the way to requested ones that are recorded. If calls request more, the
/// whole archive is unpacked.
const WAYS: usize = 16 << 10;

/// The folders that calls request from an archive while it is unpacked.
#[derive(Default)]
pub(super) struct Scope(Mutex<Requested>);

#[derive(Default)]
struct Requested {
    /// The folder that contains all applications' folders: empty for the whole archive, `None`
    /// while nothing is requested.
    common: Option<String>,
    /// The applications' folders and all folders above them.
    ways: PathSet,
    /// The links read so far: a folder behind one is located somewhere else.
    links: PathSet,
    /// The part that was unpacked, once unpacking has stopped.
    end: Option<Arc<UnpackedPart>>,
}

/// The part of an archive that was unpacked.
#[derive(Debug, Default)]
pub(super) struct UnpackedPart {
    /// The folder that is complete; files elsewhere may be missing. Empty for the whole archive.
    whole: String,
    /// The links: a folder behind one is located somewhere else. Empty for the whole archive.
    links: PathSet,
}

impl UnpackedPart {
    /// Returns whether it has every file that an application in this folder can read.
    pub(super) fn covers_folder(&self, folder: &str) -> bool {
        self.whole.is_empty()
            || contains_path(&self.whole, folder) && !self.links.has_step_of(folder)
    }

    /// Returns whether it covers everything that another one covers.
    pub(super) fn covers_all_of(&self, other: &Self) -> bool {
        self.whole.is_empty() || self.whole == other.whole
    }

    /// Returns the memory that its links take, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.links.bytes()
    }
}

impl Scope {
    /// Adds an application's folder; returns false if unpacking has stopped before it.
    pub(super) fn add_folder(&self, folder: &str) -> bool {
        let mut requested = self.lock_requested();
        if let Some(end) = &requested.end {
            return end.covers_folder(folder);
        }
        requested.ways.insert_steps_of(folder);
        let common = match &requested.common {
            Some(common) => common_folder(common, folder),
            None => folder.to_owned(),
        };
        let anywhere = requested.links.has_step_of(folder) || requested.ways.len() > WAYS;
        if common.is_empty() || anywhere {
            requested.want_all();
        } else {
            requested.common = Some(common);
        }
        true
    }

    /// Records a link.
    pub(super) fn note_link(&self, path: &str) {
        let mut requested = self.lock_requested();
        if requested.wants_all() {
            return;
        }
        if requested.ways.contains(path) {
            requested.want_all();
        } else {
            requested.links.insert(path);
        }
    }

    /// Returns whether unpacking may stop after a fleet's folder because it contains all
    /// requested folders.
    pub(super) fn may_stop_after(&self, root: &str) -> bool {
        let mut requested = self.lock_requested();
        let contains_all = |common: &String| contains_path(root, common);
        let fits = !requested.wants_all() && requested.common.as_ref().is_some_and(contains_all);
        if fits {
            let links = std::mem::take(&mut requested.links);
            requested.end = Some(Arc::new(UnpackedPart { whole: root.to_owned(), links }));
        }
        fits
    }

    /// Returns the part that was unpacked: everything, unless unpacking was stopped before.
    pub(super) fn end(&self) -> Arc<UnpackedPart> {
        self.lock_requested().end.get_or_insert_default().clone()
    }

    fn lock_requested(&self) -> MutexGuard<'_, Requested> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Requested {
    fn wants_all(&self) -> bool {
        self.common.as_ref().is_some_and(String::is_empty)
    }

    /// Requests the whole archive, for which no links need to be known.
    fn want_all(&mut self) {
        *self = Self { common: Some(String::new()), ..Self::default() };
    }
}

/// Returns whether a folder is `root` or inside of it; the archive's root contains all.
pub(super) fn contains_path(root: &str, folder: &str) -> bool {
    let rest = folder.strip_prefix(root);
    root.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the lowest folder that contains both.
fn common_folder(one: &str, other: &str) -> String {
    let both = one.split('/').zip(other.split('/'));
    let same: Vec<&str> = both.take_while(|(a, b)| a == b).map(|(part, _)| part).collect();
    same.join("/")
}

/// Returns a path from the archive's root, without `.` and double slashes. A path with `..`
/// becomes the whole archive, because after a link `..` leads somewhere else.
pub(super) fn normalize_path(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") { String::new() } else { parts.join("/") }
}

#[cfg(test)]
mod tests;
