//! Locates the folder of the fleet.

use crate::codes;
use std::path::{Path, PathBuf};

use site_render::finding::Finding;
use site_render::lock::LOCK_FILE;

/// The hint where only a part of a fleet arrived at the plugin.
pub(crate) const WIDEN: &str = "Argo CD must send the whole fleet: set the annotation \
     argocd.argoproj.io/manifest-generate-paths to the fleet's root, or remove it";

/// Returns the named folder, else the working folder or the nearest one above it that
/// contains the lock.
///
/// At most `levels` folders above the working folder are searched: a plugin works in a folder
/// below ones that other users can write to, where a lock must not be trusted.
pub(crate) fn find_fleet(
    named: Option<&Path>,
    levels: Option<usize>,
) -> Result<PathBuf, Box<Finding>> {
    if let Some(folder) = named {
        if folder.is_dir() {
            return Ok(folder.to_owned());
        }
        let message = format!("folder {} not found", folder.display());
        return Err(no_fleet(message, "name the folder that contains policies.lock"));
    }
    let working = std::env::current_dir().map_err(|error| {
        no_fleet(format!("the working folder cannot be read: {error}"), "change to another folder")
    })?;
    nearest_lock(&working, levels).ok_or_else(|| {
        no_fleet(
            format!("{LOCK_FILE} not found in the working folder or above it"),
            match levels {
                None => "name the fleet's folder, or change to it",
                Some(_) => WIDEN,
            },
        )
    })
}

/// Returns the site that a folder belongs to; `folder` is its path from the fleet's root.
pub(crate) fn site_of(folder: &str) -> Option<&str> {
    first_part_below(folder, "sites/")
}

/// Returns the environment that a folder belongs to; `folder` is its path from the fleet's root.
pub(crate) fn environment_of(folder: &str) -> Option<&str> {
    first_part_below(folder, "environments/")
}

fn first_part_below<'f>(folder: &'f str, above: &str) -> Option<&'f str> {
    folder.strip_prefix(above)?.split('/').next().filter(|name| !name.is_empty())
}

fn nearest_lock(from: &Path, levels: Option<usize>) -> Option<PathBuf> {
    let most = levels.map_or(usize::MAX, |levels| levels.saturating_add(1));
    from.ancestors().take(most).find(|folder| folder.join(LOCK_FILE).is_file()).map(Path::to_owned)
}

fn no_fleet(message: String, hint: &str) -> Box<Finding> {
    Box::new(codes::SOURCES_NO_FLEET.finding(message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_lock_above_is_used() {
        let root = tempfile::tempdir().unwrap();
        let site = root.path().join("fleet/sites/a");
        std::fs::create_dir_all(&site).unwrap();
        std::fs::write(root.path().join("fleet").join(LOCK_FILE), "").unwrap();
        std::fs::write(root.path().join(LOCK_FILE), "").unwrap();
        let fleet = root.path().join("fleet");
        assert_eq!(nearest_lock(&site, None), Some(fleet.clone()));
        assert_eq!(nearest_lock(&site, Some(2)), Some(fleet.clone()));
        assert_eq!(nearest_lock(&site, Some(1)), None);
        assert_eq!(nearest_lock(&fleet, Some(0)), Some(fleet));
    }

    #[test]
    fn a_site_has_a_folder_below_sites() {
        assert_eq!(site_of("sites/a"), Some("a"));
        assert_eq!(site_of("sites/a/b"), Some("a"));
        for other in ["", "sites", "sites/", "apps/a", "a/sites/b"] {
            assert_eq!(site_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let finding = find_fleet(Some(Path::new("/nowhere/at/all")), None).unwrap_err();
        assert_eq!(finding.message, "folder /nowhere/at/all not found");
    }
}
