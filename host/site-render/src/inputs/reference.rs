//! References to files of other sources: `$source/path`.

use std::sync::Arc;

use crate::codes;
use crate::environment::SourceFolder;
use crate::files::FleetFiles;
use crate::finding::Problems;
use crate::gate::OpenSite;
use crate::origin::Location;
use crate::refresh_paths::join;
use crate::sources::{self, LONGEST_PATH, ReadError};
use crate::tree::{Tree, below};
use crate::yaml::Parsed;

/// The file that a reference names.
#[derive(Clone)]
pub(crate) struct Located {
    pub(crate) tree: Arc<dyn Tree>,
    /// The folder of the source in its tree; empty for its root.
    folder: String,
    pub(crate) path: String,
    pub(crate) name: String,
}

impl Located {
    /// Returns a file of the fleet by its path.
    pub(crate) fn in_fleet(files: &FleetFiles, path: String) -> Self {
        let tree = files.world.tree.clone();
        Self { tree, folder: String::new(), name: path.clone(), path }
    }

    /// Returns the folder of the source in its tree, and the path in that folder.
    pub(super) fn in_source(&self) -> (&str, &str) {
        (&self.folder, below(&self.path, &self.folder).unwrap_or_default())
    }

    /// Returns another file of the source, by its path in the tree, if it is one.
    pub(super) fn beside(&self, path: &str) -> Option<Self> {
        let Self { tree, folder, .. } = self;
        below(path, folder)?;
        let prefix = self.name.strip_suffix(&self.path).unwrap_or_default();
        let name = format!("{prefix}{path}");
        Some(Self { tree: tree.clone(), folder: folder.clone(), path: path.to_owned(), name })
    }

    /// Returns the path in the tree to which links lead; `None` for a path without links.
    pub(super) fn end_of_links(&self) -> Option<String> {
        self.tree.links_to(&self.path).pop()
    }

    /// Returns the file that stands where the path has a folder, for a path that does not exist.
    pub(super) fn file_above(&self) -> Option<String> {
        let ends = self.path.match_indices('/').map(|(at, _)| &self.path[..at]);
        let above = ends.into_iter().find(|above| self.tree.is_file(above))?;
        // The render depends on it.
        let _ = self.tree.read(above, 0);
        Some(above.to_owned())
    }

    /// Refuses a file to which a link leads out of the copy of its repository: the repository does
    /// not have it.
    pub(super) fn check_links(
        &self,
        reference: &str,
        place: Option<Location>,
    ) -> Result<(), Problems> {
        let Some(end) = self.end_of_links().filter(|end| below(end, &self.folder).is_none()) else {
            return Ok(());
        };
        let message =
            format!("{reference} is a link to {end}, which is not in the source's repository");
        let hint = format!("the copy of the repository is in {}", self.folder);
        Err(codes::FILE_OUTSIDE.finding(message).at(place).hint(hint).into())
    }

    /// Reads the document; one that does not depend on the site is cached.
    pub(super) fn document(
        &self,
        files: &FleetFiles,
        template: &str,
    ) -> Result<Arc<Parsed>, ReadError> {
        let read = || sources::read_document(&files.world, &*self.tree, &self.path, &self.name);
        if of_one_site(template) {
            read().map(Arc::new)
        } else {
            files.shared_document(&self.name, read)
        }
    }
}

/// Returns the name of the source and the path of `$source/path`.
pub(crate) fn split_reference(reference: &str) -> Option<(&str, &str)> {
    reference.strip_prefix('$')?.split_once('/')
}

/// Returns the file of `$source/path`, or nothing if the source is not available.
pub(crate) fn locate_file(
    files: &FleetFiles,
    site: &OpenSite,
    reference: &str,
    place: Option<Location>,
) -> Result<Option<Located>, Problems> {
    let Some((source, path)) = split_reference(reference) else {
        let finding = codes::REFERENCE_FORM
            .finding(format!("`{reference}` does not have the form $source/path"))
            .at(place);
        let is_remote = reference.contains("://");
        let hint =
            "the content of an address can change without a commit: copy the file into the fleet";
        return Err(if is_remote { finding.hint(hint) } else { finding }.into());
    };
    let known = site.component.sources.iter().any(|known| known.name == source);
    if !known {
        return Err(codes::REFERENCE_SOURCE
            .finding(format!(
                "`{reference}` names a source that component `{}` does not have",
                site.component.name
            ))
            .at(place)
            .hint(format!(
                "its sources: {}",
                site.component
                    .sources
                    .iter()
                    .map(|source| format!("${}", source.name))
                    .collect::<Vec<_>>()
                    .join(", ")
            ))
            .into());
    }
    let path = sources::clean_path(&without_detours(path), place.clone())?;
    if let Some(tree) = files.world.sources.get(source) {
        let name = format!("${source}/{path}");
        return Ok(Some(Located { tree: tree.clone(), folder: String::new(), name, path }));
    }
    let folder = site
        .environment
        .sources
        .get(source)
        .filter(|folder| folder.is_copy_of(&site.sources[source]));
    let Some(SourceFolder { path: folder, .. }) = folder else { return Ok(None) };
    let located =
        Located { folder: folder.clone(), ..Located::in_fleet(files, join(folder, &path)) };
    located.check_links(reference, place)?;
    Ok(Some(located))
}

/// Removes each folder that the path leaves again by `..`, and empty names, as Argo CD does before it
/// follows links. A path that leaves its repository keeps its `..`.
fn without_detours(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Returns whether a reference names another file for each site.
pub(crate) fn of_one_site(template: &str) -> bool {
    template.contains("{{site}}") || template.contains("{{deploy_path}}")
}

/// Replaces `{{site}}`, `{{environment}}` and `{{deploy_path}}`.
pub(crate) fn fill_template(template: &str, site: &OpenSite) -> String {
    // It is refused as a path, and could become any size.
    if template.len() > LONGEST_PATH {
        return template.to_owned();
    }
    template
        .replace("{{site}}", &site.name)
        .replace("{{environment}}", &site.environment.name)
        .replace("{{deploy_path}}", &site.deploy_path)
}
