//! Builds the Argo CD `Application` of a component at a site.
//!
//! It is equal to the output of argocd-understack's Application template for the same
//! `deploy.yaml` (chart at rackerlabs/understack 2c8c08d3), except for the overlay in
//! `helm.valuesObject`. docs/understack.md lists every difference.

use std::collections::BTreeSet;

use super::generate_paths::generate_paths;
use crate::app_config::{AppConfig, Delivery};
use crate::dependencies::Dependencies;
use crate::environment::AppSource;
use crate::gate::{Destination, OpenSite};
use crate::inputs::{Inputs, fill_template, split_reference};
use crate::node_builder::{boolean, list, map, text};
use crate::validate::Proven;
use crate::value::Node;

/// Sync options: create the namespace, apply large objects, and keep fields that other managers
/// own.
const SYNC_OPTIONS: &[&str] = &[
    "CreateNamespace=true",
    "ServerSideApply=true",
    "RespectIgnoreDifferences=true",
    "ApplyOutOfSyncOnly=true",
];

/// Returns the Application. `read` are the files that its render has read, `plugin` is the source
/// that site-cmp itself renders, if there is one.
pub(crate) fn build_application(
    site: &OpenSite,
    inputs: &Inputs,
    proven: &Proven,
    read: &Dependencies,
    plugin: Option<Node>,
) -> Node {
    let component = &site.component;
    let config = config_reference(proven).map(|(_, path)| path);
    let references = inputs.value_files.iter().map(String::as_str).chain(config);
    let refresh = generate_paths(site, references.clone(), read);
    let named: BTreeSet<&str> =
        references.filter_map(|reference| Some(split_reference(reference)?.0)).collect();
    let others = component
        .sources
        .iter()
        .filter_map(|source| other_source(site, source, named.contains(&*source.name)));
    map([
        ("apiVersion", text("argoproj.io/v1alpha1")),
        ("kind", text("Application")),
        ("metadata", build_metadata(site, refresh)),
        (
            "spec",
            map([
                ("destination", build_destination(site)),
                ("project", text(&component.project.0)),
                (
                    "sources",
                    list(
                        std::iter::once(chart_source(site, inputs, proven))
                            .chain(others)
                            .chain(plugin),
                    ),
                ),
                ("syncPolicy", sync_policy()),
            ]),
        ),
    ])
}

fn build_destination(site: &OpenSite) -> Node {
    let cluster = match &site.destination {
        Destination::Server(url) => ("server", text(url)),
        Destination::Name(name) => ("name", text(name)),
    };
    map([("namespace", text(&site.component.namespace)), cluster])
}

/// Returns the metadata of the Application; a change of the files in `refresh` renders it again.
fn build_metadata(site: &OpenSite, refresh: Option<String>) -> Node {
    let compare = text("ServerSideDiff=true,IncludeMutationWebhook=true");
    let refresh = refresh.map(|paths| ("argocd.argoproj.io/manifest-generate-paths", text(paths)));
    let annotations =
        std::iter::once(("argocd.argoproj.io/compare-options", compare)).chain(refresh);
    let mut entries = vec![
        ("name", text(site.application_name())),
        ("finalizers", list([text("resources-finalizer.argocd.argoproj.io")])),
        ("annotations", map(annotations)),
    ];
    if !site.labels.is_empty() {
        entries.push((
            "labels",
            map(site.labels.iter().map(|(key, value)| (key.as_str(), text(value)))),
        ));
    }
    map(entries)
}

/// Returns the chart's source, with its values files and the overlay.
fn chart_source(site: &OpenSite, inputs: &Inputs, proven: &Proven) -> Node {
    let component = &site.component;
    let pinned = &inputs.versions.pinned;
    let mut helm = Vec::new();
    if !pinned.api_versions.is_empty() {
        helm.push(("apiVersions", list(pinned.api_versions.iter().map(text))));
    }
    if let Some((parameter, path)) = config_reference(proven) {
        let parameter = map([("name", text(parameter)), ("path", text(path))]);
        helm.push(("fileParameters", list([parameter])));
    }
    helm.push(("ignoreMissingValueFiles", boolean(true)));
    helm.extend(pinned.kube_version.as_ref().map(|version| ("kubeVersion", text(version))));
    helm.push(("releaseName", text(&component.release)));
    if component.skip_schema_validation {
        helm.push(("skipSchemaValidation", boolean(true)));
    }
    helm.extend([
        ("valueFiles", list(inputs.value_files.iter().map(text))),
        ("valuesObject", proven.overlay.clone()),
    ]);
    map([
        ("chart", text(&component.chart)),
        ("helm", map(helm)),
        ("repoURL", text(&component.repository)),
        ("targetRevision", text(&component.version)),
    ])
}

/// Returns the value and the reference of a configuration file that Argo CD reads.
fn config_reference(proven: &Proven) -> Option<(&str, &str)> {
    match proven.config.as_ref()? {
        AppConfig { parameter, delivery: Delivery::Reference(path), .. } => Some((parameter, path)),
        _ => None,
    }
}

/// Returns a source that the chart refers to, or one whose `path` Argo CD renders. A source that is
/// neither would only be fetched.
fn other_source(site: &OpenSite, source: &AppSource, is_named: bool) -> Option<Node> {
    let (url, revision) = &site.sources[&source.name];
    let path = source.path.as_ref().map(|path| ("path", text(fill_template(path, site))));
    if path.is_none() && !is_named {
        return None;
    }
    let mut entries: Vec<_> = path.into_iter().collect();
    entries.extend(is_named.then(|| ("ref", text(&source.name))));
    entries.extend([("repoURL", text(url)), ("targetRevision", text(revision))]);
    if !source.config_maps.is_empty() {
        let patches = source.config_maps.iter().map(|(name, data)| {
            map([
                ("patch", text(labels_patch(site, data))),
                ("target", map([("kind", text("ConfigMap")), ("name", text(name))])),
            ])
        });
        entries.push(("kustomize", map([("patches", list(patches))])));
    }
    Some(map(entries))
}

/// Returns a JSON patch, as YAML text, that copies labels into a ConfigMap's data.
fn labels_patch(site: &OpenSite, data: &[(String, String)]) -> String {
    let value = |label: &String| site.labels.get(label).map_or("", String::as_str);
    // No escaping is needed: Kubernetes allows only letters, digits, `-`, `_` and `.` in a label's
    // value.
    data.iter()
        .map(|(key, label)| {
            format!("- op: replace\n  path: /data/{key}\n  value: \"{}\"\n", value(label))
        })
        .collect()
}

/// Returns the sync policy: automated, with pruning and self-healing.
fn sync_policy() -> Node {
    map([
        ("automated", map([("prune", boolean(true)), ("selfHeal", boolean(true))])),
        (
            "managedNamespaceMetadata",
            map([(
                "annotations",
                map([("argocd.argoproj.io/sync-options", text("Delete=false"))]),
            )]),
        ),
        ("syncOptions", list(SYNC_OPTIONS.iter().map(text))),
    ])
}
