//! Reads the source of the Application that site-cmp renders as a plugin. Rejects targets that
//! would apply the chart a second time.

use crate::codes;
use crate::environment::component::AppSource;
use crate::environment::placeholders::{OF_SITE, check_placeholders};
use crate::fields::{Fields, with_suggestion_or};
use crate::finding::Finding;
use crate::request::{Choice, Target};
use crate::sources;

/// A source that site-cmp renders as a plugin.
#[derive(Clone, Debug)]
pub struct PluginSource {
    /// The name of the plugin in Applications.
    pub name: String,
    /// The component's source that is the fleet's repo.
    pub source: String,
    /// The site's folder in that repo, with placeholders such as `{{site}}`.
    pub path: String,
    /// The target that the plugin renders.
    pub target: Target,
}

/// Reads the plugin of a component, if there is one.
pub(super) fn read_plugin(
    component: &Fields<'_>,
    sources: &[AppSource],
) -> Result<Option<PluginSource>, Box<Finding>> {
    let Some(fields) = component.fields("plugin")? else { return Ok(None) };
    let invalid = |key: &str, message: String| {
        codes::ENVIRONMENT_PLUGIN.finding(message).at(fields.place(key))
    };
    let source = fields.required("source")?;
    let known = || sources.iter().map(|source| source.name.as_str());
    if !known().any(|name| name == source) {
        let message = format!("`{}` is not a source of the component", fields.name("source"));
        let finding = invalid("source", message);
        let finding = with_suggestion_or(finding, source, known(), || {
            format!("its sources: {}", known().collect::<Vec<_>>().join(", "))
        });
        return Err(Box::new(finding));
    }
    let path = fields.required("path")?;
    sources::clean_path(path, fields.place("path"))?;
    check_placeholders(path, OF_SITE, fields.place("path").as_ref())?;
    if let Some(target) = fields.text("target")?.filter(|name| *name != Target::Resources.name()) {
        let message = format!("`{}` must be `resources`, found `{target}`", fields.name("target"));
        let hint = "set it to `resources`: the chart is a source of the Application already";
        return Err(Box::new(invalid("target", message).hint(hint)));
    }
    let name = fields.required("name")?;
    if let Some(why) = wrong_name(name) {
        let message = format!("`{}` {why}, found `{name}`", fields.name("name"));
        let hint = "use `site-cmp@v1` for `cmp serve`, and `site-cmp-v1` for Argo CD's own plugin \
                    server with argocd/exec";
        return Err(Box::new(invalid("name", message).hint(hint)));
    }
    Ok(Some(PluginSource {
        name: name.to_owned(),
        source: source.to_owned(),
        path: path.to_owned(),
        target: Target::Resources,
    }))
}

/// Returns what is wrong with the name of a plugin, as far as that is known without the install.
/// Argo CD opens the socket `<name>.sock` of the plugin that an Application names, and the name of
/// ours always has a version.
fn wrong_name(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._@".contains(c);
    if !name.chars().all(allowed) {
        return Some("may have letters, digits, `-`, `.`, `_` and `@`");
    }
    let without_version = name.trim_end_matches(['@', '-']) == "site-cmp";
    without_version.then_some("must end with the version of the plugin")
}
