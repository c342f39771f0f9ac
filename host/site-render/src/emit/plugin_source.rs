//! The Application's source that site-cmp itself renders, as a plugin.
//!
//! All inputs of its render are parameters, including the digest of `policies.lock`: Argo CD
//! caches plugin output under the text and the revision of the source, so a new lock must change
//! the text.

use std::sync::Arc;

use crate::gate::OpenSite;
use crate::inputs::fill_template;
use crate::json;
use crate::node_builder::{list, map, text};
use crate::origin::Origin;
use crate::policies::Evaluated;
use crate::policies::settings::Override;
use crate::request::{Choice, Request};
use crate::setting::RawValue;
use crate::value::{Node, Value};

/// Returns the source, if the environment configures one.
pub(super) fn build_plugin_source(
    site: &OpenSite,
    evaluated: &Evaluated,
    request: &Request,
) -> Option<Node> {
    let plugin = site.component.plugin.as_ref()?;
    let (url, revision) = &site.sources[&plugin.source];
    let string = |name: &str, value: &str| map([("name", text(name)), ("string", text(value))]);
    let mut parameters = vec![string("site", &site.name)];
    // The plugin needs every parameter that the caller had to set.
    parameters.extend(request.subject.environment().map(|name| string("environment", name)));
    // The only component of an environment is the default.
    if site.environment.components.len() > 1 {
        parameters.push(string("component", &site.component.name));
    }
    parameters.push(string("target", plugin.target.name()));
    // If two parameters set the same setting, the later one wins; each name is emitted once.
    let overrides = &evaluated.overrides;
    for (at, setting) in overrides.iter().enumerate() {
        if !overrides[at + 1..].iter().any(|later| later.name == setting.name) {
            parameters.push(plugin_parameter(setting));
        }
    }
    parameters.push(string("policies-lock", &evaluated.lock_digest));
    Some(map([
        ("path", text(fill_template(&plugin.path, site))),
        ("plugin", map([("name", text(&plugin.name)), ("parameters", list(parameters))])),
        ("repoURL", text(url)),
        ("targetRevision", text(revision)),
    ]))
}

/// Returns a setting as the equivalent parameter.
fn plugin_parameter(setting: &Override) -> Node {
    let (kind, value) = match &setting.raw {
        RawValue::Text(value) => ("string", text(value)),
        RawValue::List(items) => ("array", list(items.iter().map(text))),
        RawValue::Map(entries) => {
            ("map", map(entries.iter().map(|(key, value)| (key.as_str(), text(value)))))
        }
        RawValue::Value(value) => {
            let value =
                json::from_serde(value, &Origin::Override(Arc::from(setting.name.as_str())));
            let written = match &value {
                Value::Text(text) => text.to_string(),
                other => json::to_string(other),
            };
            ("string", text(written))
        }
    };
    map([("name", text(&setting.name)), (kind, value)])
}
