//! Links of a repo that would break a call. They are read and never followed, because Argo CD's
//! own check reads only their text, too.

use std::path::{Component, Path};

use super::walk::{Listing, NodeKind, strip_folder};

/// The paths of links that Argo CD or the plugin refuses.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Broken<'a> {
    /// Links that are absolute or lead outside the repo: the repo-server refuses the whole
    /// repo.
    pub(super) of_repo: Vec<&'a str>,
    /// Links of the folder that lead outside of it but stay in the repo.
    pub(super) of_folder: Vec<&'a str>,
}

/// Finds the links; `folder` is the one that would be sent alone.
pub(super) fn find_broken<'a>(listing: &'a Listing, folder: &str) -> Broken<'a> {
    let mut broken = Broken::default();
    for entry in &listing.entries {
        let NodeKind::Link(target) = &entry.kind else {
            continue;
        };
        let path = entry.path.as_str();
        if leads_outside(path, target) {
            broken.of_repo.push(path);
        } else if strip_folder(path, folder).is_some_and(|path| leads_outside(path, target)) {
            broken.of_folder.push(path);
        }
    }
    broken
}

/// Returns whether a link leads outside the root of its path.
fn leads_outside(path: &str, target: &Path) -> bool {
    let mut depth = path.matches('/').count();
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::walk::walk_repo;
    use super::*;

    #[test]
    fn links_are_told_apart_by_what_they_leave() {
        let repo = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(repo.path().join("fleet/sites/a")).unwrap();
        for (path, target) in [
            ("fleet/sites/a/fine", "../../base/values.yaml"),
            ("fleet/sites/a/shared", "../../../common/values.yaml"),
            ("fleet/sites/a/out", "../../../../etc/passwd"),
            ("fleet/back", "../../fleet/x"),
            ("fleet/absolute", "/etc/passwd"),
            ("top", "fleet/sites"),
        ] {
            symlink(target, repo.path().join(path)).unwrap();
        }
        let listing = walk_repo(repo.path()).unwrap();
        let links = find_broken(&listing, "fleet");
        assert_eq!(links.of_repo, ["fleet/absolute", "fleet/back", "fleet/sites/a/out"]);
        assert_eq!(links.of_folder, ["fleet/sites/a/shared"]);
        assert_eq!(find_broken(&listing, "").of_folder, [""; 0]);
    }
}
