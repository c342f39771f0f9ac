//! The annotation `argocd.argoproj.io/manifest-generate-paths` of an emitted Application.

use std::collections::{BTreeMap, BTreeSet};

use crate::dependencies::Dependencies;
use crate::gate::OpenSite;
use crate::inputs::{fill_template, split_reference};
use crate::refresh_paths::{above, clean, compact, is_in, join};
use crate::tree::below;

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
    let component = &site.component;
    let links = read.links();
    let of_reference = |reference| {
        let linked = links_of_reference(site, reference, &links);
        path_of_reference(reference).into_iter().chain(linked)
    };
    let mut of_others: BTreeSet<String> = references.flat_map(of_reference).collect();
    let rendered = component.sources.iter().filter_map(|source| source.path.as_ref());
    of_others.extend(rendered.map(|path| clean(&fill_template(path, site))));
    let (prefix, of_plugin) = paths_of_plugin(site, read);
    let sites = join(&prefix, "sites");
    let own = join(&sites, &site.name);
    let all = of_others.union(&of_plugin).cloned().collect();
    let mut paths = compact(all, Some(&own), &[&prefix, &sites]);
    let mut of_plugin_alone = None;
    if component.plugin.is_some() && paths.remove(&own) {
        of_others.retain(|path| is_in(path, &own));
        paths.extend(compact(of_others, None, &[]));
        of_plugin_alone = Some(for_plugin_alone(&site.name));
    }
    let from_root = paths.iter().map(|path| format!("/{path}"));
    let items: Vec<String> = of_plugin_alone.into_iter().chain(from_root).collect();
    (!items.is_empty()).then(|| items.join(";"))
}

/// Returns the links on the way to the file of a reference, and that file, as paths in its repo. Those
/// of a source that is not in the fleet's own tree are not known.
fn links_of_reference(
    site: &OpenSite,
    reference: &str,
    links: &BTreeMap<&str, &[String]>,
) -> Vec<String> {
    let known = split_reference(reference).and_then(|(source, path)| {
        let folder = site.environment.sources.get(source)?.path.as_str();
        Some((folder, *links.get(&*join(folder, &clean(path)))?))
    });
    let Some((folder, linked)) = known else { return Vec::new() };
    linked.iter().filter_map(|path| below(path, folder).map(str::to_owned)).collect()
}

/// Returns the path of the fleet in the repo of the plugin's source, and the paths that the plugin
/// reads there.
fn paths_of_plugin(site: &OpenSite, read: &Dependencies) -> (String, BTreeSet<String>) {
    let Some(plugin) = &site.component.plugin else { return (String::new(), BTreeSet::new()) };
    let folder = clean(&fill_template(&plugin.path, site));
    match above(&folder, &format!("sites/{}", site.name)) {
        Some(above) => {
            let paths = read.paths().into_iter().map(|path| join(above, path));
            (above.to_owned(), paths.collect())
        }
        // The fleet may be anywhere above the folder.
        None => (String::new(), BTreeSet::from([String::new()])),
    }
}

/// Returns the site's folder as only the plugin's source has it. Argo CD resolves a relative path from
/// the folder of each source, and the chart's source has none: there it means a folder beside `sites`,
/// so the chart is not rendered with the old values before the Application gets its new ones.
fn for_plugin_alone(site: &str) -> String {
    format!("../{site}")
}

/// Returns the path of `$source/path` in its repo; of a pattern the folder that has all its files.
fn path_of_reference(reference: &str) -> Option<String> {
    let (_, path) = split_reference(reference)?;
    let path = clean(path);
    Some(match path.find(PATTERN) {
        Some(at) => path[..at].rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
        None => path,
    })
}

#[cfg(test)]
mod tests;
