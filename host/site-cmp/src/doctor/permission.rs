//! File permissions of another user, from owner and mode only, so that the check needs no
//! privileges. Access control lists and capabilities are not considered.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A user whose group has the same number, as in Argo CD's image (999 and 999).
#[derive(Clone, Copy, Debug)]
pub(crate) struct User(pub(crate) u32);

/// A permission, as a bit of a mode.
#[derive(Clone, Copy, Debug)]
pub(super) enum Right {
    /// Writing to a file or folder, connecting to a socket.
    Write = 0o2,
    /// Entering a folder.
    Pass = 0o1,
}

impl User {
    /// Returns whether owner and mode allow it.
    pub(super) fn may(self, right: Right, meta: &Metadata) -> bool {
        self.mode_allows(right, meta.uid(), meta.gid(), meta.mode())
    }

    /// Applies the class of owner, group or others that matches the user first, as the kernel
    /// does.
    fn mode_allows(self, right: Right, owner: u32, group: u32, mode: u32) -> bool {
        let shift = match self.0 {
            0 => return true,
            id if id == owner => 6,
            id if id == group => 3,
            _ => 0,
        };
        (mode >> shift) & right as u32 != 0
    }

    /// Returns the first folder on the way to a path, itself included, that the user may not
    /// enter.
    pub(super) fn first_closed_folder(self, folder: &Path) -> io::Result<Option<PathBuf>> {
        let mut way: Vec<&Path> = folder.ancestors().collect();
        way.reverse();
        for step in way {
            if !self.may(Right::Pass, &std::fs::metadata(step)?) {
                return Ok(Some(step.to_owned()));
            }
        }
        Ok(None)
    }
}

/// Formats owner, group and mode.
pub(super) fn show_mode(meta: &Metadata) -> String {
    format!("owner {}:{}, mode {:04o}", meta.uid(), meta.gid(), meta.mode() & 0o7777)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_class_decides_even_if_a_wider_one_would_allow() {
        let user = User(999);
        assert!(user.mode_allows(Right::Write, 999, 0, 0o200));
        assert!(
            !user.mode_allows(Right::Write, 999, 0, 0o577),
            "the owner is not one of the others"
        );
        assert!(user.mode_allows(Right::Write, 0, 999, 0o020));
        assert!(!user.mode_allows(Right::Write, 0, 999, 0o707));
        assert!(user.mode_allows(Right::Pass, 0, 0, 0o001));
        assert!(!user.mode_allows(Right::Write, 0, 0, 0o755), "a socket with the usual umask");
        assert!(User(0).mode_allows(Right::Write, 5, 5, 0));
    }

    #[test]
    fn a_closed_folder_on_the_way_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let closed = root.path().join("closed");
        let inner = closed.join("inner");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::set_permissions(root.path(), PermissionsExt::from_mode(0o755)).unwrap();
        std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o700)).unwrap();
        // Nobody has this number, so the last class decides.
        let stranger = User(4_000_000_000);
        assert_eq!(stranger.first_closed_folder(&inner).unwrap(), Some(closed.clone()));
        std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(stranger.first_closed_folder(&inner).unwrap(), None);
    }
}
