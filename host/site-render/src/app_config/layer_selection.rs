//! Selects the layers of a site's configuration and loads their files.
//!
//! A policy's choice overrides the profile's, and the profile's overrides the environment's. An
//! optional layer with one file for each site is skipped where the site has no such file; any
//! other missing layer is an error.

use crate::codes;
use crate::environment::{ConfigSlot, Reference};
use crate::files::FleetFiles;
use crate::finding::Problems;
use crate::gate::{ChosenConfig, OpenSite};
use crate::inputs::{Located, fill_template, locate_file, of_one_site};
use crate::origin::Location;
use crate::policy::Answer;
use crate::sources;

use super::ConfigLayer;
use super::load::ModuleStore;
use super::text::{self, MAX_BYTES};

/// The selected layers, weakest first.
pub(super) struct LayerSelection<'s> {
    pub(super) slot: &'s ConfigSlot,
    pub(super) references: Vec<LayerReference>,
}

/// A reference to one layer.
pub(super) struct LayerReference {
    reference: String,
    place: Option<Location>,
    /// Whether the reference names an optional file of one site.
    own: bool,
}

/// The layers that were read, and the references of those that cannot be read here.
pub(super) struct LoadedLayers {
    pub(super) layers: Vec<ConfigLayer>,
    pub(super) unread: Vec<(String, Option<Location>)>,
}

/// Selects the layers of a site, if its component has a configuration file.
pub(super) fn select_layers<'s>(
    site: &'s OpenSite,
    answers: &[Answer],
) -> Result<Option<LayerSelection<'s>>, Problems> {
    let chosen = layers_of_policies(answers)?;
    let Some(slot) = &site.component.config else {
        return match chosen {
            Some((policy, _)) => {
                let message = format!(
                    "policy `{policy}` selects layers of a config, but component `{}` has no `config`",
                    site.component.name
                );
                Err(codes::CONFIG_LAYERS.finding(message).into())
            }
            None => Ok(None),
        };
    };
    let fixed_layer = |(reference, place): &Reference| LayerReference {
        reference: reference.clone(),
        place: place.clone(),
        own: false,
    };
    let template_layer = |(template, place): &Reference| LayerReference {
        reference: fill_template(template, site),
        place: place.clone(),
        own: of_one_site(template),
    };
    let references: Vec<LayerReference> = match (chosen, &site.config) {
        (Some((_, layers)), _) => {
            layers.iter().map(|text| fixed_layer(&(text.clone(), None))).collect()
        }
        (None, Some(ChosenConfig::Layers(layers))) => layers.iter().map(fixed_layer).collect(),
        (None, Some(ChosenConfig::Base(base))) => std::iter::once(fixed_layer(base))
            .chain(slot.layers.iter().map(template_layer))
            .collect(),
        (None, None) => {
            let base = LayerReference { own: false, ..template_layer(&slot.default) };
            std::iter::once(base).chain(slot.layers.iter().map(template_layer)).collect()
        }
    };
    reject_duplicates(&references)?;
    Ok(Some(LayerSelection { slot, references }))
}

/// Returns the layers that policies select, with the name of the policy. Two policies must agree.
fn layers_of_policies(answers: &[Answer]) -> Result<Option<(&str, &[String])>, Problems> {
    let mut chosen: Option<(&str, &[String])> = None;
    for answer in answers {
        let Some(choice) = answer.plan.config.as_ref().filter(|choice| !choice.layers.is_empty())
        else {
            continue;
        };
        match chosen {
            Some((other, layers)) if layers != choice.layers => {
                let message = format!(
                    "policy `{other}` selects the config layers {}, but policy `{}` selects {}",
                    layers.join(", "),
                    answer.policy,
                    choice.layers.join(", ")
                );
                return Err(codes::CONFIG_LAYERS.finding(message).into());
            }
            _ => chosen = Some((&answer.policy, &choice.layers)),
        }
    }
    Ok(chosen)
}

/// Rejects a reference that is listed twice: Python would run the layer twice.
fn reject_duplicates(references: &[LayerReference]) -> Result<(), Problems> {
    let mut seen = std::collections::BTreeSet::new();
    match references.iter().find(|layer| !seen.insert(&layer.reference)) {
        Some(layer) => Err(codes::CONFIG_LAYER_TWICE
            .finding(format!("{} is listed twice among the layers of the config", layer.reference))
            .at(layer.place.clone())
            .into()),
        None => Ok(()),
    }
}

/// Reads the layers. A layer that all sites share is read and parsed once.
pub(super) fn load_layers(
    store: &ModuleStore,
    site: &OpenSite,
    references: &[LayerReference],
) -> Result<LoadedLayers, Problems> {
    let mut loaded = LoadedLayers { layers: Vec::new(), unread: Vec::new() };
    let mut bytes = 0;
    for LayerReference { reference, place, own } in references {
        let Some(file) = locate_layer(&store.files, site, reference, place.clone())? else {
            loaded.unread.push((reference.clone(), place.clone()));
            continue;
        };
        let module = match store.module(&file, *own) {
            Ok(module) => module,
            Err(error) if *own && error.is_missing() => continue,
            Err(error) => {
                let finding = error.into_finding(&file.name, None);
                let place = finding.place.clone().or_else(|| place.clone());
                return Err(finding.at(place).into());
            }
        };
        // The merge is never shorter than its layers, so this fails before any work is done.
        bytes += module.file.text.len();
        if bytes > MAX_BYTES {
            return Err(text::size_finding(reference, bytes).at(place.clone()).into());
        }
        loaded.layers.push(ConfigLayer { reference: reference.clone(), module });
    }
    Ok(loaded)
}

/// Locates the file of a `$source/path` reference, or of a path in the tree.
fn locate_layer(
    files: &FleetFiles,
    site: &OpenSite,
    reference: &str,
    place: Option<Location>,
) -> Result<Option<Located>, Problems> {
    if reference.is_empty() || reference.starts_with(['$', '/']) {
        return locate_file(files, site, reference, place);
    }
    let path = sources::clean_path(reference, place)?;
    Ok(Some(Located::in_fleet(files, path)))
}
