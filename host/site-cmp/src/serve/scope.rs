//! How much of an archive has to be unpacked: as far as the fleets of the applications
//! that ask for it, for what lies behind them no render of theirs can see.
//!
//! repo-server packs a folder's entries one after another, in the order of their names. So
//! once the lock of a fleet was seen and entries of another folder come, the fleet is
//! whole. The digest is that of all bytes all the same.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is wanted of an archive while it is unpacked.
#[derive(Default)]
pub(super) struct Scope(Mutex<Wanted>);

#[derive(Default)]
struct Wanted {
    /// The applications' folders.
    folders: Vec<String>,
    /// Links that were seen: whatever a folder behind one is, it lies somewhere else.
    links: Vec<String>,
    /// The folder behind which unpacking ended.
    end: Option<String>,
}

impl Scope {
    /// Adds an application's folder; false where it is too late for that.
    pub(super) fn join(&self, folder: &str) -> bool {
        let mut wanted = self.wanted();
        let fits = wanted.end.as_ref().is_none_or(|end| wanted.fits(end, folder));
        if fits {
            wanted.folders.push(folder.to_owned());
        }
        fits
    }

    /// Notes a link.
    pub(super) fn link(&self, path: &str) {
        self.wanted().links.push(path.to_owned());
    }

    /// Whether unpacking may end behind a fleet's folder: all that is wanted lies in it.
    pub(super) fn ends_behind(&self, root: &str) -> bool {
        let mut wanted = self.wanted();
        let fits = wanted.folders.iter().all(|folder| wanted.fits(root, folder));
        if fits {
            wanted.end = Some(root.to_owned());
        }
        fits
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wanted {
    fn fits(&self, root: &str, folder: &str) -> bool {
        holds(root, folder) && !self.links.iter().any(|link| holds(link, folder))
    }
}

/// Whether a folder is another or lies in it; the archive's root holds all.
pub(super) fn holds(root: &str, folder: &str) -> bool {
    let rest = folder.strip_prefix(root);
    root.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path as it stands in an archive, from its root: without `.` and double slashes. One
/// with `..`, which means something else behind a link, stands for the whole archive.
pub(super) fn plain(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") { String::new() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_holds_its_folders_and_no_namesakes() {
        assert!(holds("fleet", "fleet") && holds("fleet", "fleet/sites/a") && holds("", "x"));
        assert!(!holds("fleet", "fleets/a") && !holds("fleet/a", "fleet") && !holds("fleet", ""));
        assert_eq!(plain("./fleet//sites/a/"), "fleet/sites/a");
        assert_eq!(plain("/fleet"), "fleet");
        assert_eq!((plain("."), plain("fleet/../other")), (String::new(), String::new()));
    }

    #[test]
    fn unpacking_ends_behind_all_that_is_wanted_and_not_before() {
        let scope = Scope::default();
        assert!(scope.join("b/sites/a") && scope.join("c/sites/a"));
        assert!(!scope.ends_behind("b"));
        let scope = Scope::default();
        assert!(scope.join("b/sites/a"));
        assert!(!scope.ends_behind("a"));
        assert!(scope.ends_behind("b"));
        assert!(scope.join("b/sites/b"));
        assert!(!scope.join("c/sites/a") && !scope.join(""));
    }

    #[test]
    fn a_folder_behind_a_link_may_lie_anywhere() {
        let scope = Scope::default();
        assert!(scope.join("b/sites/a/deep"));
        scope.link("b/sites/a");
        assert!(!scope.ends_behind("b"));
        let scope = Scope::default();
        assert!(scope.join("b/sites/a"));
        scope.link("b/sites/b");
        assert!(scope.ends_behind("b"));
        assert!(!scope.join("b/sites/b"));
    }
}
