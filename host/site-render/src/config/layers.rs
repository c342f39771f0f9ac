//! Which layers a site's configuration has, and their files.
//!
//! A policy's choice counts before the profile's, the profile's before the environment's.
//! A layer that each site may have and this one has not is skipped; any other that is
//! missing is refused.

use crate::codes;
use crate::environment::{ConfigSlot, Reference};
use crate::files::FleetFiles;
use crate::finding::Problems;
use crate::gate::{ChosenConfig, OpenSite};
use crate::inputs::{Located, fill_template, locate_file, of_one_site};
use crate::origin::Place;
use crate::policy::Answer;
use crate::sources;

use super::Layer;
use super::load::ModuleStore;
use super::text::{self, MAX_BYTES};

/// The layers that are wanted, weakest first.
pub(super) struct Wanted<'s> {
    pub(super) slot: &'s ConfigSlot,
    pub(super) references: Vec<WantedLayer>,
}

/// One layer.
pub(super) struct WantedLayer {
    reference: String,
    place: Option<Place>,
    /// Whether every site has a file of its own there, if it has one.
    own: bool,
}

/// Layers that were read, and references of those that cannot be read here.
pub(super) struct Found {
    pub(super) layers: Vec<Layer>,
    pub(super) unread: Vec<(String, Option<Place>)>,
}

/// The layers of a site, where its component has a configuration.
pub(super) fn wanted<'s>(
    site: &'s OpenSite,
    answers: &[Answer],
) -> Result<Option<Wanted<'s>>, Problems> {
    let chosen = by_policies(answers)?;
    let Some(slot) = &site.component.config else {
        return match chosen {
            Some((policy, _)) => {
                let message = format!(
                    "policy `{policy}` chooses a config, and component `{}` has none",
                    site.component.name
                );
                Err(codes::CONFIG_LAYERS.finding(message).into())
            }
            None => Ok(None),
        };
    };
    let plain = |(reference, place): &Reference| WantedLayer {
        reference: reference.clone(),
        place: place.clone(),
        own: false,
    };
    let template = |(template, place): &Reference| WantedLayer {
        reference: fill_template(template, site),
        place: place.clone(),
        own: of_one_site(template),
    };
    let references: Vec<WantedLayer> = match (chosen, &site.config) {
        (Some((_, layers)), _) => layers.iter().map(|text| plain(&(text.clone(), None))).collect(),
        (None, Some(ChosenConfig::Layers(layers))) => layers.iter().map(plain).collect(),
        (None, Some(ChosenConfig::Base(base))) => {
            std::iter::once(plain(base)).chain(slot.layers.iter().map(template)).collect()
        }
        (None, None) => {
            let base = WantedLayer { own: false, ..template(&(slot.default.clone(), None)) };
            std::iter::once(base).chain(slot.layers.iter().map(template)).collect()
        }
    };
    refuse_twice(&references)?;
    Ok(Some(Wanted { slot, references }))
}

/// The layers that policies choose, and which policy does; two have to agree.
fn by_policies(answers: &[Answer]) -> Result<Option<(&str, &[String])>, Problems> {
    let mut chosen: Option<(&str, &[String])> = None;
    for answer in answers {
        let Some(choice) = answer.plan.config.as_ref().filter(|choice| !choice.layers.is_empty())
        else {
            continue;
        };
        match chosen {
            Some((other, layers)) if layers != choice.layers => {
                let message = format!(
                    "policy `{other}` wants the config made of {}, policy `{}` of {}",
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

fn refuse_twice(references: &[WantedLayer]) -> Result<(), Problems> {
    let mut seen = std::collections::BTreeSet::new();
    match references.iter().find(|layer| !seen.insert(&layer.reference)) {
        Some(layer) => Err(codes::CONFIG_LAYER_TWICE
            .finding(format!("{} is a layer of the config twice", layer.reference))
            .at(layer.place.clone())
            .into()),
        None => Ok(()),
    }
}

/// Reads layers; one that all sites share is read and parsed once for all of them.
pub(super) fn read(
    store: &ModuleStore,
    site: &OpenSite,
    references: &[WantedLayer],
) -> Result<Found, Problems> {
    let mut found = Found { layers: Vec::new(), unread: Vec::new() };
    let mut bytes = 0;
    for WantedLayer { reference, place, own } in references {
        let Some(file) = find(&store.files, site, reference, place.clone())? else {
            found.unread.push((reference.clone(), place.clone()));
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
        bytes += module.file.text.len();
        if bytes > MAX_BYTES {
            return Err(text::too_large(reference, bytes).at(place.clone()).into());
        }
        found.layers.push(Layer { reference: reference.clone(), module });
    }
    Ok(found)
}

/// The file of a `$source/path`, or of a path in the tree.
fn find(
    files: &FleetFiles,
    site: &OpenSite,
    reference: &str,
    place: Option<Place>,
) -> Result<Option<Located>, Problems> {
    if reference.is_empty() || reference.starts_with(['$', '/']) {
        return locate_file(files, site, reference, place);
    }
    let path = sources::clean_path(reference, place)?;
    Ok(Some(Located { tree: files.world.tree.clone(), name: path.clone(), path }))
}
