//! The config stage: loads the layers of a component's configuration file (Python) and delivers
//! them as one module.
//!
//! A single layer is passed to Argo CD by reference and stays unchanged. Several layers are merged
//! by Python's own rules and are delivered inline. The merge never guesses: it rejects each
//! ambiguous statement with its place. The stage does not know the meaning of any setting.

mod depth;
pub(crate) mod flow;
mod layer_selection;
mod load;
mod python_merge;
mod pattern;
mod python;
mod readers;
mod env_reads;
mod secrets;
#[cfg(test)]
mod tests;
mod text;
mod walk;

use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) use load::ModuleStore;
pub use python::Module;
pub use python_merge::{ConfigLayer, MergedConfig, merge_layers};

use crate::codes;
use crate::finding::{Finding, Problems, Severity};
use crate::findings::{Reported, Reporter};
use crate::gate::Open;
use crate::node_builder::map;
use crate::origin::SourceFile;
use crate::policy::Answer;
use crate::value::{Node, Value};

use layer_selection::{LayerSelection, LoadedLayers};

/// A component's configuration file, with its layers selected and read.
#[derive(Debug)]
pub(crate) struct AppConfig {
    /// The Helm value that receives the text.
    pub(crate) parameter: String,
    /// How the text reaches the chart.
    pub(crate) delivery: Delivery,
    /// The text, if it can be read here.
    pub(crate) text: Option<Arc<SourceFile>>,
    /// Names of the environment variables that the text reads.
    pub(crate) reads: Arc<BTreeSet<String>>,
    /// The layers of the text, if they can be read here.
    pub(crate) layers: Vec<ConfigLayer>,
}

/// How a configuration file reaches the chart.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// Argo CD reads the one file itself, by this reference.
    Reference(String),
    /// The text is part of the values.
    Inline,
}

impl AppConfig {
    /// Returns a configuration whose only layer cannot be read here: Argo CD reads it.
    fn unchecked(parameter: String, reference: &str) -> Self {
        Self {
            parameter,
            delivery: Delivery::Reference(reference.to_owned()),
            text: None,
            reads: Arc::default(),
            layers: Vec::new(),
        }
    }

    /// Returns the values that carry the text, unless it is delivered by reference.
    pub(crate) fn inline_values(&self) -> Option<Node> {
        matches!(self.delivery, Delivery::Inline).then(|| self.as_values()).flatten()
    }

    /// Returns the same values as a layer, so that `explain` can name the origin of the text.
    pub(crate) fn values_layer(&self) -> Option<crate::helm_merge::ValuesLayer> {
        let name = self.text.as_ref()?.name.clone();
        self.inline_values().map(|values| crate::helm_merge::ValuesLayer { name, values })
    }

    /// Returns the text as a values document, if it can be read here.
    pub(crate) fn as_values(&self) -> Option<Node> {
        let text = self.text.as_ref()?.text.as_str();
        let text = Node::built(Value::Text(text.into()), "the configuration");
        let path = self.parameter.split('.').rev();
        Some(path.fold(text, |node, key| map([(key, node)])))
    }
}

/// Selects the layers of a site's configuration file, reads them and merges them.
///
/// Returns `None` for a global cluster, whose components bring a configuration of their own.
pub(crate) fn resolve(
    store: &ModuleStore,
    open: &Open,
    answers: &[Answer],
) -> Result<Reported<Option<AppConfig>>, Problems> {
    let reported = |config, findings| Ok(Reported::new(Reporter::Config, config, findings));
    let Open::Site(site) = open else { return reported(None, Vec::new()) };
    let Some(LayerSelection { slot, references }) = layer_selection::select_layers(site, answers)?
    else {
        return reported(None, Vec::new());
    };
    let LoadedLayers { layers, unread } = layer_selection::load_layers(store, site, &references)?;
    let parameter = slot.parameter.clone();
    if let Some((reference, place)) = unread.first() {
        let message = format!("{reference} cannot be read here, so it is delivered unchecked");
        let finding = codes::CONFIG_UNREADABLE.finding(message).at(place.clone());
        if layers.is_empty() && unread.len() == 1 {
            return reported(Some(AppConfig::unchecked(parameter, reference)), vec![finding]);
        }
        return Err(unmergeable_layer(finding, reference).into());
    }
    let problems: Vec<Finding> =
        layers.iter().flat_map(|layer| layer.module.problems.iter().cloned()).collect();
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    // Argo CD reads a file only through a source (`$name/path`). Any other single layer is inline.
    if let [layer] = &layers[..]
        && layer.reference.starts_with('$')
    {
        let config = AppConfig {
            parameter,
            delivery: Delivery::Reference(layer.reference.clone()),
            text: Some(layer.module.file.clone()),
            reads: layer.module.reads.clone(),
            layers,
        };
        return reported(Some(config), Vec::new());
    }
    let MergedConfig { text, findings } = merge_layers(&layers)?;
    let modules: Vec<&Module> = layers.iter().map(|layer| &*layer.module).collect();
    let reads = Arc::new(env_reads::find_variables(&modules));
    let name = layers.iter().map(|layer| layer.reference.as_str()).collect::<Vec<_>>().join(", ");
    let text = Some(Arc::new(SourceFile::new(format!("the config of {name}"), text)));
    let config = AppConfig { parameter, delivery: Delivery::Inline, text, reads, layers };
    reported(Some(config), findings)
}

/// Returns the error for an unreadable layer that would have to be merged.
fn unmergeable_layer(finding: Finding, reference: &str) -> Finding {
    let source = reference.trim_start_matches('$').split('/').next().unwrap_or(reference);
    let message =
        format!("{reference} cannot be read here, so it cannot be merged with the other layers");
    finding
        .severity(Severity::Error)
        .reworded(message)
        .hint(format!("map it with --source {source}=DIR, or in the environment's `sources`"))
}
