//! The part of an archive to unpack. Unpacking stops after the fleets of the requesting
//! applications; later entries cannot affect their renders.
//!
//! The repo-server packs the entries of a folder one after another, in the order of their
//! names. So a fleet is complete when its lock was read and an entry outside its folder
//! follows. The digest covers all bytes in any case.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The folders that calls request from an archive while it is unpacked.
#[derive(Default)]
pub(super) struct Scope(Mutex<Requested>);

#[derive(Default)]
struct Requested {
    /// The applications' folders.
    folders: Vec<String>,
    /// The links read so far: a folder behind one is located somewhere else.
    links: Vec<String>,
    /// The folder after which unpacking stopped.
    end: Option<String>,
}

impl Scope {
    /// Adds an application's folder; returns false if unpacking has stopped before it.
    pub(super) fn add_folder(&self, folder: &str) -> bool {
        let mut requested = self.lock_requested();
        let fits = requested.end.as_ref().is_none_or(|end| requested.covers_folder(end, folder));
        if fits {
            requested.folders.push(folder.to_owned());
        }
        fits
    }

    /// Records a link.
    pub(super) fn note_link(&self, path: &str) {
        self.lock_requested().links.push(path.to_owned());
    }

    /// Returns whether unpacking may stop after a fleet's folder because it contains all
    /// requested folders.
    pub(super) fn may_stop_after(&self, root: &str) -> bool {
        let mut requested = self.lock_requested();
        let fits = requested.folders.iter().all(|folder| requested.covers_folder(root, folder));
        if fits {
            requested.end = Some(root.to_owned());
        }
        fits
    }

    fn lock_requested(&self) -> MutexGuard<'_, Requested> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Requested {
    /// Returns whether `root` contains a folder and no link is on the way to it.
    fn covers_folder(&self, root: &str, folder: &str) -> bool {
        contains_path(root, folder) && !self.links.iter().any(|link| contains_path(link, folder))
    }
}

/// Returns whether a folder is `root` or inside of it; the archive's root contains all.
pub(super) fn contains_path(root: &str, folder: &str) -> bool {
    let rest = folder.strip_prefix(root);
    root.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns a path from the archive's root, without `.` and double slashes. A path with `..`
/// becomes the whole archive, because after a link `..` leads somewhere else.
pub(super) fn normalize_path(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") { String::new() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_holds_its_folders_and_no_namesakes() {
        assert!(
            contains_path("fleet", "fleet")
                && contains_path("fleet", "fleet/sites/a")
                && contains_path("", "x")
        );
        assert!(
            !contains_path("fleet", "fleets/a")
                && !contains_path("fleet/a", "fleet")
                && !contains_path("fleet", "")
        );
        assert_eq!(normalize_path("./fleet//sites/a/"), "fleet/sites/a");
        assert_eq!(normalize_path("/fleet"), "fleet");
        assert_eq!(
            (normalize_path("."), normalize_path("fleet/../other")),
            (String::new(), String::new())
        );
    }

    #[test]
    fn unpacking_ends_behind_all_that_is_wanted_and_not_before() {
        let scope = Scope::default();
        assert!(scope.add_folder("b/sites/a") && scope.add_folder("c/sites/a"));
        assert!(!scope.may_stop_after("b"));
        let scope = Scope::default();
        assert!(scope.add_folder("b/sites/a"));
        assert!(!scope.may_stop_after("a"));
        assert!(scope.may_stop_after("b"));
        assert!(scope.add_folder("b/sites/b"));
        assert!(!scope.add_folder("c/sites/a") && !scope.add_folder(""));
    }

    #[test]
    fn a_folder_behind_a_link_may_lie_anywhere() {
        let scope = Scope::default();
        assert!(scope.add_folder("b/sites/a/deep"));
        scope.note_link("b/sites/a");
        assert!(!scope.may_stop_after("b"));
        let scope = Scope::default();
        assert!(scope.add_folder("b/sites/a"));
        scope.note_link("b/sites/b");
        assert!(scope.may_stop_after("b"));
        assert!(!scope.add_folder("b/sites/b"));
    }
}
