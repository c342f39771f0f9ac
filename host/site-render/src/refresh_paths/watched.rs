//! The parameter `manifest-generate-paths`: the annotation of the Application that calls the plugin,
//! repeated, so that a render can say what it does not cover.

use std::collections::BTreeSet;

use super::{above, clean, compact, is_in, resolve};
use crate::codes;
use crate::dependencies::Dependencies;
use crate::finding::Finding;

/// The paths whose change makes Argo CD call the plugin again, each from the fleet's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedPaths {
    /// Files, and folders with everything below them.
    paths: Vec<String>,
    /// The folder of the Application's source, from the fleet's root.
    folder: String,
}

impl WatchedPaths {
    /// Parses the annotation. `folder` is the folder of the Application's source from the fleet's
    /// root, `source` the same folder from the root of its repo, if it is known. Without it, only
    /// paths that are relative to the folder are used.
    pub fn parse(annotation: &str, folder: &str, source: Option<&str>) -> Self {
        let folder = clean(folder);
        let source = source.map(clean);
        // The folders of the repo above the fleet.
        let root = source.as_deref().and_then(|source| above(source, &folder));
        let items = annotation.split(';').map(str::trim).filter(|item| !item.is_empty());
        let paths = items.filter_map(|item| match (root, item.strip_prefix('/')) {
            (None, Some(_)) => None,
            (None, None) => Some(resolve(&folder, item)),
            (Some(root), Some(absolute)) => below(&clean(absolute), root),
            (Some(root), None) => below(&resolve(source.as_deref().unwrap_or(""), item), root),
        });
        Self { paths: paths.collect(), folder }
    }

    /// Returns an error that names a file on which the render depends and which is not covered.
    /// `site` is empty for an environment.
    pub(crate) fn check(&self, read: &Dependencies, site: &str) -> Result<(), Box<Finding>> {
        let read = read.paths();
        let is_covered = |path: &str| self.paths.iter().any(|watched| is_in(path, watched));
        let mut missed = read.iter().filter(|path| !is_covered(path));
        let Some(first) = missed.next() else { return Ok(()) };
        let more = match missed.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "the output depends on `{first}`{more}, and the parameter manifest-generate-paths does \
             not cover it: Argo CD would not see a change"
        );
        let hint = format!(
            "set the annotation argocd.argoproj.io/manifest-generate-paths and the parameter to `{}`",
            self.annotation_for(read.into_iter().map(str::to_owned).collect(), site)
        );
        Err(Box::new(codes::SOURCE_UNWATCHED.finding(message).hint(hint)))
    }

    /// Returns the annotation that covers these paths, relative to the folder.
    fn annotation_for(&self, paths: BTreeSet<String>, site: &str) -> String {
        let own = (!site.is_empty()).then(|| format!("sites/{site}"));
        let paths = compact(paths, own.as_deref(), &["", "sites"]);
        let levels = self.folder.split('/').filter(|part| !part.is_empty()).count();
        let item = |path: String| match path.strip_prefix(&self.folder) {
            Some("") => ".".to_owned(),
            Some(rest) if self.folder.is_empty() => rest.to_owned(),
            Some(rest) if rest.starts_with('/') => rest[1..].to_owned(),
            _ if path.is_empty() => vec![".."; levels].join("/"),
            _ => format!("{}{path}", "../".repeat(levels)),
        };
        paths.into_iter().map(item).collect::<Vec<_>>().join(";")
    }
}

/// Returns a path of the repo from the fleet's root. A folder above the fleet is all of it.
fn below(path: &str, root: &str) -> Option<String> {
    if is_in(root, path) {
        return Some(String::new());
    }
    is_in(path, root).then(|| path[root.len()..].trim_start_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(annotation: &str, source: Option<&str>) -> String {
        WatchedPaths::parse(annotation, "sites/a", source).paths.join(" ")
    }

    #[test]
    fn paths_are_resolved_as_argo_cd_does() {
        for (annotation, source, expected) in [
            (".", Some("sites/a"), "sites/a"),
            (" ../../base ; /lib;; ../b/./x", Some("sites/a"), "base lib sites/b/x"),
            ("/lib;/fleet/lib;../../lib", Some("fleet/sites/a"), "lib lib"),
            ("/other;../../../other;../../fleet", Some("fleet/sites/a"), "fleet"),
            ("/fleets;/fleet/base", Some("fleet/sites/a"), "base"),
            ("/lib;.;../../base", None, "sites/a base"),
            ("/lib;.", Some("apps/a"), "sites/a"),
        ] {
            assert_eq!(parse(annotation, source), expected, "{annotation} {source:?}");
        }
        let at_root = WatchedPaths::parse("base;/fleet/lib;/lib", "", Some("fleet"));
        assert_eq!(at_root.paths, ["base", "lib"]);
        for all in ["/", "/fleet", "../..", "../../..", "../../../../../.."] {
            assert_eq!(WatchedPaths::parse(all, "sites/a", Some("fleet/sites/a")).paths, [""]);
        }
    }

    #[test]
    fn the_annotation_is_relative_to_the_source() {
        let paths = ["sites/a/profile.yaml", "policies.lock", "sites/b/x", "environments"];
        let paths: BTreeSet<String> = paths.map(str::to_owned).into();
        for (folder, expected) in [
            ("sites/a", "../../environments;../../policies.lock;.;../../sites/b/x"),
            ("sites", "../environments;../policies.lock;a;b/x"),
            ("", "environments;policies.lock;sites/a;sites/b/x"),
        ] {
            let watched = WatchedPaths::parse("", folder, None);
            let annotation = watched.annotation_for(paths.clone(), "a");
            assert_eq!(annotation, expected);
            let again = WatchedPaths::parse(&annotation, folder, Some(&format!("x/{folder}")));
            assert!(paths.iter().all(|path| again.paths.iter().any(|one| is_in(path, one))));
        }
        let all = WatchedPaths::parse("", "sites/a", None);
        assert_eq!(all.annotation_for(BTreeSet::from(["ö".to_owned()]), "a"), "../..");
    }
}
