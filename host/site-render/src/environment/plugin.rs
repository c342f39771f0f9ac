//! A source of the Application that a plugin renders: what of a component stands in it,
//! as its environment says. Refuses targets that would bring the chart a second time.

use crate::codes;
use crate::environment::component::AppSource;
use crate::fields::{Fields, with_suggestion_or};
use crate::finding::Finding;
use crate::request::{Choice, Target};
use crate::sources;

/// A source that this program renders as a plugin.
#[derive(Clone, Debug)]
pub struct PluginSource {
    /// The plugin's name, as Applications call it.
    pub name: String,
    /// Which of the component's sources is the fleet's repo.
    pub source: String,
    /// The site's folder there, with `{{site}}` and the like.
    pub path: String,
    /// What the plugin emits.
    pub target: Target,
}

const KEYS: &[&str] = &["name", "source", "path", "target"];

/// Reads the plugin's source of a component, where it has one.
pub(super) fn read(
    component: &Fields<'_>,
    sources: &[AppSource],
    warnings: &mut Vec<Finding>,
) -> Result<Option<PluginSource>, Box<Finding>> {
    let Some(fields) = component.fields("plugin")? else { return Ok(None) };
    warnings.extend(fields.unknown(KEYS));
    let place = |key: &str| fields.get(key).and_then(|node| node.origin.place());
    let wrong =
        |key: &str, message: String| codes::ENVIRONMENT_PLUGIN.finding(message).at(place(key));
    let source = fields.required("source")?;
    let known = || sources.iter().map(|source| source.name.as_str());
    if !known().any(|name| name == source) {
        let message = format!("`{}` is none of the component's sources", fields.name("source"));
        let finding = wrong("source", message);
        let finding = with_suggestion_or(finding, source, known(), || {
            format!("its sources: {}", known().collect::<Vec<_>>().join(", "))
        });
        return Err(Box::new(finding));
    }
    let path = fields.required("path")?;
    sources::clean_path(path, place("path"))?;
    if let Some(target) = fields.text("target")?.filter(|name| *name != Target::Resources.name()) {
        let message = format!("`{}` cannot be `{target}`", fields.name("target"));
        let hint = "resources: what stands beside the chart, which is a source already";
        return Err(Box::new(wrong("target", message).hint(hint)));
    }
    Ok(Some(PluginSource {
        name: fields.required("name")?.to_owned(),
        source: source.to_owned(),
        path: path.to_owned(),
        target: Target::Resources,
    }))
}
