//! Which folder is the fleet.

use crate::codes;
use std::path::{Path, PathBuf};

use site_render::finding::Finding;
use site_render::lock::LOCK_FILE;

/// What to do where a fleet did not arrive as a whole.
pub(crate) const WIDEN: &str = "the whole fleet must reach the plugin: let the annotation \
     argocd.argoproj.io/manifest-generate-paths name its root, or leave it out";

/// The folder that was named, else the nearest one upwards that holds the lock.
///
/// At most `levels` folders above the working one are looked at: a plugin's working
/// folder lies in a place that others can write to.
pub(crate) fn find(named: Option<&Path>, levels: Option<usize>) -> Result<PathBuf, Box<Finding>> {
    if let Some(folder) = named {
        if folder.is_dir() {
            return Ok(folder.to_owned());
        }
        let message = format!("there is no folder {}", folder.display());
        return Err(lost(message, "name the folder that holds policies.lock"));
    }
    let working = std::env::current_dir()
        .map_err(|error| lost(format!("there is no working folder: {error}"), "change into one"))?;
    upwards(&working, levels).ok_or_else(|| {
        lost(
            format!("no {LOCK_FILE} in the working folder or above it"),
            match levels {
                None => "name the fleet's folder, or change into it",
                Some(_) => WIDEN,
            },
        )
    })
}

/// The site that a folder of a fleet belongs to; `folder` is its path from the fleet's root.
pub(crate) fn site_of(folder: &str) -> Option<&str> {
    below(folder, "sites/")
}

/// The environment that a folder of a fleet belongs to, likewise.
pub(crate) fn environment_of(folder: &str) -> Option<&str> {
    below(folder, "environments/")
}

fn below<'f>(folder: &'f str, above: &str) -> Option<&'f str> {
    folder.strip_prefix(above)?.split('/').next().filter(|name| !name.is_empty())
}

fn upwards(from: &Path, levels: Option<usize>) -> Option<PathBuf> {
    let most = levels.map_or(usize::MAX, |levels| levels.saturating_add(1));
    from.ancestors().take(most).find(|folder| folder.join(LOCK_FILE).is_file()).map(Path::to_owned)
}

fn lost(message: String, hint: &str) -> Box<Finding> {
    Box::new(codes::SOURCES_NO_FLEET.finding(message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_lock_upwards_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let site = root.path().join("fleet/sites/a");
        std::fs::create_dir_all(&site).unwrap();
        std::fs::write(root.path().join("fleet").join(LOCK_FILE), "").unwrap();
        std::fs::write(root.path().join(LOCK_FILE), "").unwrap();
        let fleet = root.path().join("fleet");
        assert_eq!(upwards(&site, None), Some(fleet.clone()));
        assert_eq!(upwards(&site, Some(2)), Some(fleet.clone()));
        assert_eq!(upwards(&site, Some(1)), None);
        assert_eq!(upwards(&fleet, Some(0)), Some(fleet));
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
    fn a_name_that_is_no_folder_is_refused() {
        let finding = find(Some(Path::new("/nowhere/at/all")), None).unwrap_err();
        assert_eq!(finding.message, "there is no folder /nowhere/at/all");
    }
}
