//! The annotation `argocd.argoproj.io/manifest-generate-paths` of an emitted Application.

use std::collections::BTreeSet;

use crate::dependencies::Dependencies;
use crate::gate::OpenSite;
use crate::inputs::fill_template;
use crate::refresh_paths::{above, clean, compact, join};

/// The characters with which a name becomes a pattern, in Argo CD or in Helm's values files.
const PATTERN: [char; 4] = ['*', '?', '[', '{'];

/// Returns the annotation of a site's Application; nothing if it depends on no file of a repo.
/// `references` are the files `$source/path` that Argo CD reads, `read` those of this render, which
/// the source that is a plugin reads again.
pub(super) fn generate_paths<'r>(
    site: &OpenSite,
    references: impl Iterator<Item = &'r str>,
    read: &Dependencies,
) -> Option<String> {
    let mut paths: BTreeSet<String> = references.filter_map(path_of_reference).collect();
    let component = &site.component;
    let rendered = component.sources.iter().filter_map(|source| source.path.as_ref());
    paths.extend(rendered.map(|path| clean(&fill_template(path, site))));
    let mut prefix = String::new();
    if let Some(plugin) = &component.plugin {
        let folder = clean(&fill_template(&plugin.path, site));
        match above(&folder, &format!("sites/{}", site.name)) {
            Some(above) => {
                above.clone_into(&mut prefix);
                paths.extend(read.paths().into_iter().map(|path| join(above, path)));
            }
            // The fleet may be anywhere above the folder.
            None => drop(paths.insert(String::new())),
        }
    }
    let sites = join(&prefix, "sites");
    let own = join(&sites, &site.name);
    let paths = compact(paths, Some(&own), &[&prefix, &sites]);
    let items: Vec<String> = paths.iter().map(|path| format!("/{path}")).collect();
    (!items.is_empty()).then(|| items.join(";"))
}

/// Returns the path of `$source/path` in its repo; of a pattern the folder that has all its files.
fn path_of_reference(reference: &str) -> Option<String> {
    let (_, path) = reference.strip_prefix('$')?.split_once('/')?;
    let path = clean(path);
    Some(match path.find(PATTERN) {
        Some(at) => path[..at].rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
        None => path,
    })
}

#[cfg(test)]
mod tests;
