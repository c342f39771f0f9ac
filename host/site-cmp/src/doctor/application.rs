//! An Application or ApplicationSet in a file: which plugin it names, and how much of the
//! repo its annotation lets through.

use std::path::Path;

use serde_json::Value;
use site_render::finding::Finding;
use site_render::{json, yaml};

use super::{Check, generate_paths};
use crate::codes;
use crate::exit::CommandError;
use crate::folder::read_named;
use crate::named_files::TEXT_BYTES;

/// The plugin's name under the stock plugin server (`argocd/exec`).
const STOCK: &str = "site-cmp-v1";

/// What an Application says of plugin and annotation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Application {
    /// The annotation.
    pub(super) generate_paths: Option<String>,
    /// The plugin, if the source names one.
    plugin: Option<String>,
    /// The source's folder; a template's placeholder as it stands.
    path: String,
}

/// Reads the Application whose source is a folder, or else the first with a plugin.
pub(super) fn read(file: &Path, app: &str) -> Result<Application, CommandError> {
    let name = file.to_string_lossy();
    let bytes =
        read_named(file, TEXT_BYTES).map_err(|error| refused(format!("{name}: {error}")))?;
    let documents = yaml::read_stream(&yaml::decode(&name, &bytes)?)?;
    let mut found: Vec<Application> =
        documents.iter().flat_map(|node| of_document(&json::to_serde(node))).collect();
    let of_app = found.iter().position(|application| application.path == app);
    let of_plugin = || found.iter().position(|application| application.plugin.is_some());
    let at = of_app.or_else(of_plugin).ok_or_else(|| {
        refused(format!("{name} has no Application with a plugin or with path {app}"))
    })?;
    Ok(found.swap_remove(at))
}

fn refused(message: String) -> Finding {
    codes::DOCTOR_APPLICATION
        .finding(message)
        .hint("--application takes a file with an Application or an ApplicationSet")
}

/// The sources of a document, each with the annotation they share.
fn of_document(document: &Value) -> Vec<Application> {
    let body = match document["kind"].as_str() {
        Some("Application") => document,
        Some("ApplicationSet") => &document["spec"]["template"],
        _ => return Vec::new(),
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let generate_paths = text(&body["metadata"]["annotations"][generate_paths::ANNOTATION]);
    let spec = &body["spec"];
    let several = spec["sources"].as_array().into_iter().flatten();
    let sources = several.chain(spec.get("source"));
    let application = |source: &Value| Application {
        generate_paths: generate_paths.clone(),
        plugin: text(&source["plugin"]["name"]),
        path: text(&source["path"]).unwrap_or_default(),
    };
    sources.map(application).collect()
}

impl Application {
    /// Whether it names the plugin.
    pub(super) fn plugin(&self, name: &str) -> Check {
        const TOPIC: &str = "application/plugin";
        let change = format!("plugin: {{name: {name}}}");
        match self.plugin.as_deref() {
            Some(named) if named == name => Check::ok(TOPIC, format!("it names {name}")),
            Some(STOCK) => Check::warn(
                TOPIC,
                format!("it names {STOCK}, which is site-cmp under the stock plugin server"),
                change,
            ),
            Some(other) => Check::fail(TOPIC, format!("it names the plugin {other}"), change),
            None => {
                let says = "it names no plugin: Argo CD would render the folder without policies";
                Check::fail(TOPIC, says, change)
            }
        }
    }

    /// Whether its annotation sends the fleet, and no more.
    pub(super) fn sends(&self, app: &str, fleet: &str, is_used: bool) -> Check {
        const TOPIC: &str = "application/generate-paths";
        let advice = generate_paths::advice(app, fleet);
        let change = format!("metadata.annotations: {}: {advice}", generate_paths::ANNOTATION);
        let Some(annotation) = self.generate_paths.as_deref().filter(|text| !text.is_empty())
        else {
            let says = "it has no annotation: every call sends the whole repo";
            return Check::warn(TOPIC, says, change);
        };
        let sent = generate_paths::root(app, annotation);
        if sent == fleet {
            return Check::ok(TOPIC, format!("`{annotation}` sends {}", shown(fleet)));
        }
        if super::walk::from(fleet, &sent).is_some() {
            let says = format!("`{annotation}` sends {}, more than the fleet", shown(&sent));
            return Check::warn(TOPIC, says, change);
        }
        let says = format!("`{annotation}` sends {} alone, without policies.lock", shown(&sent));
        if is_used {
            return Check::fail(TOPIC, says, change);
        }
        let says = format!("{says}, once the repo-server goes by the annotation");
        Check::warn(TOPIC, says, change)
    }
}

/// A folder of the repo, for people.
pub(super) fn shown(folder: &str) -> &str {
    if folder.is_empty() { "the whole repo" } else { folder }
}

#[cfg(test)]
mod tests;
