//! Links of a repo that would break a call. They are read and never followed: Argo CD's
//! own check looks at their text alone, too.

use std::path::{Component, Path};

use super::walk::{Kind, Listing, from};

/// Links that one or the other refuses, by path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Broken<'a> {
    /// Links that are absolute or lead out of the repo: the repo-server refuses the repo.
    pub(super) of_repo: Vec<&'a str>,
    /// Links of the folder that lead out of it, and stay in the repo.
    pub(super) of_folder: Vec<&'a str>,
}

/// Looks for them; `folder` is the one that would be sent alone.
pub(super) fn broken<'a>(listing: &'a Listing, folder: &str) -> Broken<'a> {
    let mut broken = Broken::default();
    for entry in &listing.entries {
        let Kind::Link(target) = &entry.kind else {
            continue;
        };
        let path = entry.path.as_str();
        if leaves(path, target) {
            broken.of_repo.push(path);
        } else if from(path, folder).is_some_and(|path| leaves(path, target)) {
            broken.of_folder.push(path);
        }
    }
    broken
}

/// Whether a link at a path leads out of what the path begins at.
fn leaves(path: &str, target: &Path) -> bool {
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

    use super::super::walk::walk;
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
        let listing = walk(repo.path()).unwrap();
        let found = broken(&listing, "fleet");
        assert_eq!(found.of_repo, ["fleet/absolute", "fleet/back", "fleet/sites/a/out"]);
        assert_eq!(found.of_folder, ["fleet/sites/a/shared"]);
        assert_eq!(broken(&listing, "").of_folder, [""; 0]);
    }
}
