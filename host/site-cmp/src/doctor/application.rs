//! Checks of an Application or ApplicationSet in a file: the plugin it names, and the part of
//! the repo that its annotation sends.

use std::path::Path;

use serde_json::Value;
use site_render::finding::Finding;
use site_render::{json, yaml};

use super::{Check, generate_paths};
use crate::codes;
use crate::exit::CommandError;
use crate::folder::read_named;
use crate::named_files::TEXT_BYTES;

/// The plugin's name with the stock plugin server (`argocd/exec`).
const STOCK: &str = "site-cmp-v1";

/// The plugin, path and annotation of an Application's source.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Application {
    /// The annotation.
    pub(super) generate_paths: Option<String>,
    /// The plugin, if the source names one.
    plugin: Option<String>,
    /// The source's folder; a placeholder of a template is kept unchanged.
    path: String,
}

/// Reads the Application with the source path `app`, or else the first one with a plugin.
pub(super) fn read_application(file: &Path, app: &str) -> Result<Application, CommandError> {
    let name = file.to_string_lossy();
    let bytes = read_named(file, TEXT_BYTES)
        .map_err(|error| application_error(format!("{name}: {error}")))?;
    let documents = yaml::read_stream(&yaml::decode(&name, &bytes)?)?;
    let mut found: Vec<Application> =
        documents.iter().flat_map(|node| sources_of(&json::to_serde(node))).collect();
    let of_app = found.iter().position(|application| application.path == app);
    let of_plugin = || found.iter().position(|application| application.plugin.is_some());
    let at = of_app.or_else(of_plugin).ok_or_else(|| {
        application_error(format!("{name} has no Application with a plugin or with path {app}"))
    })?;
    Ok(found.swap_remove(at))
}

/// Returns the error of a file without a matching Application.
fn application_error(message: String) -> Finding {
    codes::DOCTOR_APPLICATION
        .finding(message)
        .hint("set --application to a file with an Application or an ApplicationSet")
}

/// Returns the sources of a document, each with the shared annotation.
fn sources_of(document: &Value) -> Vec<Application> {
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
    /// Checks that the source names the plugin.
    pub(super) fn check_plugin(&self, name: &str) -> Check {
        const TOPIC: &str = "application/plugin";
        let change = format!("plugin: {{name: {name}}}");
        match self.plugin.as_deref() {
            Some(named) if named == name => Check::ok(TOPIC, format!("it names {name}")),
            Some(STOCK) => Check::warn(
                TOPIC,
                format!("it names {STOCK}, which is site-cmp with the stock plugin server"),
                change,
            ),
            Some(other) => Check::fail(TOPIC, format!("it names the plugin {other}"), change),
            None => {
                let says = "it names no plugin: Argo CD would render the folder without policies";
                Check::fail(TOPIC, says, change)
            }
        }
    }

    /// Checks that the annotation sends the fleet and nothing else.
    pub(super) fn check_annotation(&self, app: &str, fleet: &str, is_used: bool) -> Check {
        const TOPIC: &str = "application/generate-paths";
        let advice = generate_paths::advise_annotation(app, fleet);
        let change = format!("metadata.annotations: {}: {advice}", generate_paths::ANNOTATION);
        let Some(annotation) = self.generate_paths.as_deref().filter(|text| !text.is_empty())
        else {
            let says = "it has no annotation: every call sends the whole repo";
            return Check::warn(TOPIC, says, change);
        };
        let sent = generate_paths::sent_root(app, annotation);
        if sent == fleet {
            return Check::ok(TOPIC, format!("`{annotation}` sends {}", show_folder(fleet)));
        }
        if super::walk::strip_folder(fleet, &sent).is_some() {
            let says = format!("`{annotation}` sends {}, more than the fleet", show_folder(&sent));
            return Check::warn(TOPIC, says, change);
        }
        let says =
            format!("`{annotation}` sends only {}, without policies.lock", show_folder(&sent));
        if is_used {
            return Check::fail(TOPIC, says, change);
        }
        let says = format!("{says}, as soon as the repo-server uses the annotation");
        Check::warn(TOPIC, says, change)
    }
}

/// Returns a folder of the repo as a person reads it.
pub(super) fn show_folder(folder: &str) -> &str {
    if folder.is_empty() { "the whole repo" } else { folder }
}

#[cfg(test)]
mod tests;
