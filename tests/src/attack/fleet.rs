//! The fleet of an attacker: one environment, one site, one component, and any files.
//!
//! Keys are set as JSON, which every reader of YAML reads. A file that must be YAML of its own
//! kind is written as text and replaces the one that would be there.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::guests;
use super::honest::variables;
use super::packed::{Entry, Packed};

/// Where the parts of the fleet are.
pub(super) const PROFILE: &str = "sites/edge/profile.yaml";
/// The deadline of a hostile call: Argo CD's default (`controller.repo.server.timeout.seconds`).
pub(super) const DEADLINE: Duration = Duration::from_mins(1);
/// The folder that a call about the site names.
const SITE_FOLDER: &str = "sites/edge";
/// The folder that a call about the global cluster names.
const ENVIRONMENT_FOLDER: &str = "environments/dev";

/// A fleet under construction.
#[derive(Clone, Debug)]
pub struct HostileFleet {
    component: Map<String, Value>,
    section: Map<String, Value>,
    policies: BTreeMap<String, String>,
    entries: BTreeMap<String, Entry>,
}

impl Default for HostileFleet {
    fn default() -> Self {
        Self::new()
    }
}

impl HostileFleet {
    /// Returns a fleet that renders.
    pub fn new() -> Self {
        let component = json!({
            "chart": {"name": "web", "repository": "https://charts.example.net", "version": "1.0.0"},
            "release": "web",
            "namespace": "web",
            "project": "sites",
            "sources": {"deploy": {}},
        });
        let Value::Object(component) = component else { unreachable!("it is written above") };
        Self {
            component,
            section: Map::from_iter([("enabled".to_owned(), Value::Bool(true))]),
            policies: BTreeMap::new(),
            entries: BTreeMap::new(),
        }
        // A chart that no policy edits is refused.
        .policy("base", guests::setting("base", "/base", "true"), json!({}))
    }

    /// Returns a fleet whose one policy sets a value at a path.
    pub fn setting(path: &str, value: &str) -> Self {
        let mut fleet = Self::new();
        fleet.policies.clear();
        fleet.component.remove("policies");
        fleet.policy("hostile", guests::setting("hostile", path, value), json!({}))
    }

    /// Sets a key of the component in the environment.
    pub fn component(mut self, key: &str, value: Value) -> Self {
        self.component.insert(key.to_owned(), value);
        self
    }

    /// Sets a key of the component in the profile.
    pub fn section(mut self, key: &str, value: Value) -> Self {
        self.section.insert(key.to_owned(), value);
        self
    }

    /// Adds a file, in place of one that is there.
    pub fn file(mut self, path: &str, content: impl Into<Bytes>) -> Self {
        self.entries.insert(path.to_owned(), Entry::File(content.into()));
        self
    }

    /// Adds a symbolic link.
    pub fn link(mut self, path: &str, target: &str) -> Self {
        self.entries.insert(path.to_owned(), Entry::Link(target.to_owned()));
        self
    }

    /// Adds a policy with its pin; the component's sites call it with these settings.
    pub fn policy(mut self, name: &str, artifact: Vec<u8>, settings: Value) -> Self {
        self.policies.insert(name.to_owned(), site_render::sha256(&artifact));
        let all = self.component.entry("policies").or_insert_with(|| json!({}));
        all[name] = settings;
        self.file(&format!("policies/{name}.wasm"), artifact)
    }

    /// Adds a values file of the site's component.
    pub fn values(mut self, path: &str, text: impl Into<Bytes>) -> Self {
        let files = self.component.entry("valueFiles").or_insert_with(|| json!([]));
        let files = files.as_array_mut().expect("a list");
        files.push(Value::String(format!("$deploy/{path}")));
        self.file(path, text)
    }

    /// Adds a global section whose values are validated against this schema.
    pub fn global_schema(self, schema: &Value, values: &str) -> Self {
        let global = json!({
            "namespace": "web",
            "valueFiles": ["base.yaml"],
            "schema": {"file": "schema.json"},
        });
        self.component("global", global)
            .file("schema.json", schema.to_string())
            .file("base.yaml", values.to_owned())
    }

    /// Adds more sites, each with its component enabled.
    pub fn with_sites(self, count: usize) -> Self {
        (0..count).fold(self, |fleet, site| {
            let name = format!("site-{site:05}");
            let path = format!("sites/{name}/profile.yaml");
            let text = fleet.profile(&name).to_string();
            fleet.file(&path, text)
        })
    }

    /// Returns the profile of a site.
    pub(super) fn profile(&self, name: &str) -> Value {
        json!({
            "apiVersion": "site-cmp/v1",
            "kind": "SiteProfile",
            "metadata": {"name": name},
            "environment": "dev",
            "deploy_url": "https://git.example.net/fleet.git",
            "cluster_server": format!("https://{name}.example.net"),
            "appLabels": {"understack.rackspace.com/site": name},
            "site": {"enabled": true, "web": self.section},
        })
    }

    /// Returns a call for the site's manifests.
    pub fn site_call(&self) -> Call {
        self.call(SITE_FOLDER, "edge")
    }

    /// Returns a call for the global cluster's manifests.
    pub(super) fn global_call(&self) -> Call {
        self.call(ENVIRONMENT_FOLDER, "dev").with_parameter("target", "global")
    }

    fn call(&self, folder: &str, name: &str) -> Call {
        Call {
            archive: self.packed(),
            folder: folder.to_owned(),
            variables: variables("hostile", name),
            deadline: DEADLINE,
        }
    }

    /// Packs it.
    pub fn packed(&self) -> Packed {
        let environment = json!({
            "apiVersion": "site-cmp/v1",
            "kind": "Environment",
            "metadata": {"name": "dev"},
            "sources": {"deploy": {"path": "."}},
            "components": {"web": self.component},
        });
        let pins = self.policies.iter().map(|(name, digest)| {
            let pin = json!({"path": format!("policies/{name}.wasm"), "sha256": digest});
            (name.clone(), pin)
        });
        let lock = json!({"version": 1, "policies": pins.collect::<Map<_, _>>()});
        let written = [
            ("policies.lock", lock),
            ("environments/dev/environment.yaml", environment),
            (PROFILE, self.profile("edge")),
        ];
        let mut entries = self.entries.clone();
        for (path, value) in written {
            let file = || Entry::File(value.to_string().into());
            entries.entry(path.to_owned()).or_insert_with(file);
        }
        Packed::entries(&entries)
    }
}
