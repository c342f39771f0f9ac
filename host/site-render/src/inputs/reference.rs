//! References to files of other sources: `$source/path`.

use std::sync::Arc;

use crate::codes;
use crate::environment::SourceFolder;
use crate::finding::{Finding, Problems};
use crate::fleet::Fleet;
use crate::gate::OpenSite;
use crate::origin::Place;
use crate::sources;
use crate::tree::Tree;
use crate::yaml::Parsed;

/// A file behind a reference.
pub(crate) struct Located {
    pub(crate) tree: Arc<dyn Tree>,
    pub(crate) path: String,
    pub(crate) name: String,
}

impl Located {
    /// The document; one that does not depend on the site is read once for all.
    pub(super) fn document(
        &self,
        fleet: &Fleet,
        template: &str,
    ) -> Result<Arc<Parsed>, Box<Finding>> {
        let read = || {
            sources::document(&fleet.world, &*self.tree, &self.path, &self.name)
                .map_err(|error| error.into_finding(&self.name, None))
        };
        if of_one_site(template) { read().map(Arc::new) } else { fleet.shared(&self.name, read) }
    }
}

/// Finds the file of `$source/path`, or nothing where the source is not at hand.
pub(crate) fn locate(
    fleet: &Fleet,
    site: &OpenSite,
    reference: &str,
    place: Option<Place>,
) -> Result<Option<Located>, Problems> {
    let Some((source, path)) = reference.strip_prefix('$').and_then(|rest| rest.split_once('/'))
    else {
        return Err(codes::SOURCE_REFERENCE
            .finding(format!("`{reference}` is not of the form $source/path"))
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
    let path = sources::clean(path, place)?;
    if let Some(tree) = fleet.world.sources.get(source) {
        return Ok(Some(Located { tree: tree.clone(), name: format!("${source}/{path}"), path }));
    }
    let folder = site
        .environment
        .sources
        .get(source)
        .filter(|folder| folder.is_copy_of(&site.sources[source]));
    Ok(folder.map(|SourceFolder { path: folder, .. }| {
        let path = if folder.is_empty() { path } else { format!("{folder}/{path}") };
        Located { tree: fleet.world.tree.clone(), name: path.clone(), path }
    }))
}

/// Whether a reference leads every site to a file of its own.
pub(crate) fn of_one_site(template: &str) -> bool {
    template.contains("{{site}}") || template.contains("{{deploy_path}}")
}

/// Fills in `{{site}}`, `{{environment}}` and `{{deploy_path}}`.
pub(crate) fn fill(template: &str, site: &OpenSite) -> String {
    template
        .replace("{{site}}", &site.name)
        .replace("{{environment}}", &site.environment.name)
        .replace("{{deploy_path}}", &site.deploy_path)
}
