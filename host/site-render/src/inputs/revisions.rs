//! Sources that are one repository: Argo CD has one checkout of a repository for an Application, and
//! refuses to read files of it at two revisions (3.5.7, `runManifestGenAsync`).

use std::collections::BTreeMap;

use super::reference::split_reference;
use crate::codes;
use crate::environment::Reference;
use crate::finding::Finding;
use crate::gate::{ChosenConfig, OpenSite};
use crate::source_url::normalize_git_url;

/// Refuses references that need one repository at two revisions.
pub(super) fn check_revisions(site: &OpenSite) -> Result<(), Box<Finding>> {
    let mut known: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for (reference, place) in references(site) {
        let Some((source, _)) = split_reference(reference) else { continue };
        let Some((url, revision)) = site.sources.get(source) else { continue };
        let (other, at) = *known.entry(normalize_git_url(url)).or_insert((source, revision));
        if at != revision {
            let message = format!(
                "sources `{other}` and `{source}` are one repository at two revisions, `{at}` and \
                 `{revision}`: Argo CD renders no Application that reads files of both"
            );
            let hint = format!("set `{other}_ref` and `{source}_ref` to one revision");
            let finding = codes::REFERENCE_REVISIONS.finding(message);
            return Err(Box::new(finding.at(place.clone()).hint(hint)));
        }
    }
    Ok(())
}

/// Returns the references of a site's values files, and of its configuration.
fn references(site: &OpenSite) -> impl Iterator<Item = &Reference> {
    let component = &site.component;
    let slot = component.config.as_ref();
    let layers = slot.map(|slot| &slot.layers[..]).unwrap_or_default();
    let (base, layers) = match &site.config {
        Some(ChosenConfig::Layers(layers)) => (None, &layers[..]),
        Some(ChosenConfig::Base(base)) => (Some(base), layers),
        None => (slot.map(|slot| &slot.default), layers),
    };
    component.value_files.iter().chain(base).chain(layers)
}
