//! References to files of other sources: `$source/path`.

use std::sync::Arc;

use crate::codes;
use crate::environment::SourceFolder;
use crate::files::FleetFiles;
use crate::finding::Problems;
use crate::gate::OpenSite;
use crate::origin::Location;
use crate::sources::{self, LONGEST_PATH, ReadError};
use crate::tree::Tree;
use crate::yaml::Parsed;

/// The file that a reference names.
pub(crate) struct Located {
    pub(crate) tree: Arc<dyn Tree>,
    pub(crate) path: String,
    pub(crate) name: String,
}

impl Located {
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
        return Err(codes::REFERENCE_FORM
            .finding(format!("`{reference}` does not have the form $source/path"))
            .at(place)
            .into());
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
    let path = sources::clean_path(&without_detours(path), place)?;
    if let Some(tree) = files.world.sources.get(source) {
        return Ok(Some(Located { tree: tree.clone(), name: format!("${source}/{path}"), path }));
    }
    let folder = site
        .environment
        .sources
        .get(source)
        .filter(|folder| folder.is_copy_of(&site.sources[source]));
    Ok(folder.map(|SourceFolder { path: folder, .. }| {
        let path = if folder.is_empty() { path } else { format!("{folder}/{path}") };
        Located { tree: files.world.tree.clone(), name: path.clone(), path }
    }))
}

/// Removes each folder that the path leaves again by `..`, as Argo CD does before it follows links.
/// A path that leaves its repository keeps its `..`.
fn without_detours(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        if part == ".." && parts.last().is_some_and(|last| !matches!(*last, "" | ".." | ".")) {
            parts.pop();
        } else if part != "." {
            parts.push(part);
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
