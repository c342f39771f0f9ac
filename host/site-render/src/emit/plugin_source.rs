//! The Application's source that this program renders itself, as a plugin.
//!
//! Everything that decides what comes back stands in its parameters, the digest of
//! `policies.lock` too: Argo CD keeps a plugin's answer by the source's text and revision,
//! and knows nothing else of the policies behind it.

use std::sync::Arc;

use crate::build::{list, map, text};
use crate::fleet::Fleet;
use crate::gate::OpenSite;
use crate::inputs::fill;
use crate::json;
use crate::origin::Origin;
use crate::policies::settings::Given;
use crate::request::{Choice, Request};
use crate::setting::Said;
use crate::value::{Node, Value};

/// The source, where the environment says that there is one.
pub(super) fn plugin_source(
    fleet: &Fleet,
    site: &OpenSite,
    given: &[Given],
    request: &Request,
) -> Option<Node> {
    let plugin = site.component.plugin.as_ref()?;
    let (url, revision) = &site.sources[&plugin.source];
    let string = |name: &str, value: &str| map([("name", text(name)), ("string", text(value))]);
    let mut parameters = vec![string("site", &site.name)];
    // What the caller had to say, the plugin has to be told too.
    parameters.extend(request.subject.environment().map(|name| string("environment", name)));
    if site.environment.components.len() > 1 {
        parameters.push(string("component", &site.component.name));
    }
    parameters.push(string("target", plugin.target.name()));
    // Of two that mean one setting, the later is the stronger, and a name is given once.
    for (at, setting) in given.iter().enumerate() {
        if !given[at + 1..].iter().any(|later| later.name == setting.name) {
            parameters.push(parameter(setting));
        }
    }
    parameters.push(string("policies-lock", &fleet.lock.digest));
    Some(map([
        ("path", text(fill(&plugin.path, site))),
        ("plugin", map([("name", text(&plugin.name)), ("parameters", list(parameters))])),
        ("repoURL", text(url)),
        ("targetRevision", text(revision)),
    ]))
}

/// A setting as the parameter that means the same.
fn parameter(setting: &Given) -> Node {
    let (kind, value) = match &setting.said {
        Said::Text(said) => ("string", text(said)),
        Said::List(items) => ("array", list(items.iter().map(text))),
        Said::Map(entries) => {
            ("map", map(entries.iter().map(|(key, said)| (key.as_str(), text(said)))))
        }
        Said::Value(value) => {
            let value = json::from_serde(value, &Origin::Asked(Arc::from(setting.name.as_str())));
            let written = match &value {
                Value::Text(said) => said.to_string(),
                other => json::to_string(other),
            };
            ("string", text(written))
        }
    };
    map([("name", text(&setting.name)), (kind, value)])
}
