//! The gate: `site.enabled` and `site.<component>.enabled`, both real booleans.
//!
//! Missing and null are false. Anything else is an error at its line: a gate that the
//! string `"false"` opens is worse than none. Only an [`OpenSite`] goes further.

mod open;

use std::sync::Arc;

use indexmap::IndexMap;

pub use open::OpenFleet;
pub(crate) use open::{Open, decide};

use crate::codes;
use crate::environment::{self, Component, Environment, Reference};
use crate::fields::{Fields, nearest, wrong_kind};
use crate::finding::{Finding, Problems, Stage};
use crate::keys::PROFILE;
use crate::merge;
use crate::origin::Place;
use crate::profile::{Profile, Profiles};
use crate::value::{Node, Value};

/// Why a component is off at a site, or at all sites of an environment.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The site's name; empty for an environment.
    pub site: Arc<str>,
    /// Its environment's name.
    pub environment: Arc<str>,
    /// The component.
    pub component: Arc<Component>,
    /// The namespace of what is off.
    pub namespace: String,
    /// The key that closes it, dotted.
    pub key: String,
    /// `is false`, `is missing`, `is null`.
    pub reason: &'static str,
    /// Where it says so, if it says so.
    pub place: Option<Place>,
}

/// A component of a site behind an open gate, every field checked.
#[derive(Clone, Debug)]
pub struct OpenSite {
    /// The site's name.
    pub name: Arc<str>,
    /// Its environment.
    pub environment: Arc<Environment>,
    /// The component.
    pub component: Arc<Component>,
    /// The profile's body, for policies.
    pub body: Node,
    /// Labels of the Application.
    pub labels: IndexMap<String, String>,
    /// The API server it is deployed to.
    pub server: String,
    /// Where each source of the component is: name to URL and revision.
    pub sources: IndexMap<String, (String, String)>,
    /// The site's folder in the deploy repo.
    pub deploy_path: String,
    /// The config it chooses, where it does.
    pub config: Option<ChosenConfig>,
    /// Policies and the settings they get.
    pub policies: IndexMap<String, Node>,
    /// Misspelt keys and the like.
    pub warnings: Vec<Finding>,
}

/// The config that a profile chooses.
#[derive(Clone, Debug)]
pub enum ChosenConfig {
    /// A file in the place of the environment's default; its layers stay.
    Base(Reference),
    /// All layers, in the place of the environment's.
    Layers(Vec<Reference>),
}

/// The gate's answer.
pub(crate) enum Gate {
    /// The component runs here.
    Open(Open),
    /// It does not.
    Closed(Closed),
}

/// A key that keeps the gate shut.
struct Shut {
    key: String,
    reason: &'static str,
    place: Option<Place>,
}

/// Decides whether a component runs at a site.
fn site(
    profile: &Profile,
    component: &Arc<Component>,
) -> Result<Result<OpenSite, Closed>, Problems> {
    let top = Fields::of(&profile.body, "a profile", PROFILE.table, Stage::Gate)?;
    match switches(&top, component)? {
        Ok(fields) => open(profile, component, &top, &fields).map(Ok),
        Err(Shut { key, reason, place }) => Ok(Err(Closed {
            site: profile.site.clone(),
            environment: profile.environment.name.clone(),
            component: component.clone(),
            namespace: component.namespace.clone(),
            key,
            reason,
            place,
        })),
    }
}

/// The component's fields where both switches are on, else the key that is not.
fn switches<'n>(
    top: &Fields<'n>,
    component: &Component,
) -> Result<Result<Fields<'n>, Shut>, Box<Finding>> {
    let Some(site) = top.fields("site")? else {
        return Ok(Err(off(top, "site", "site.enabled".to_owned())));
    };
    if let Some(shut) = switch(&site)? {
        return Ok(Err(shut));
    }
    let Some(fields) = site.fields(&component.name)? else {
        refuse_a_slip(&site, &component.name)?;
        return Ok(Err(off(
            &site,
            &component.name,
            format!("{}.enabled", site.name(&component.name)),
        )));
    };
    Ok(switch(&fields)?.map_or(Ok(fields), Err))
}

/// Why `enabled` of these fields shuts the gate, or nothing where it opens it.
fn switch(fields: &Fields<'_>) -> Result<Option<Shut>, Box<Finding>> {
    let key = fields.name("enabled");
    let Some(node) = fields.get("enabled") else { return Ok(Some(off(fields, "enabled", key))) };
    match &node.value {
        Value::Bool(true) => Ok(None),
        Value::Bool(false) => {
            Ok(Some(Shut { key, reason: "is false", place: node.origin.place() }))
        }
        _ => {
            let mut finding = wrong_kind(Stage::Gate, &key, "true or false", node);
            finding.code = codes::GATE_NOT_BOOLEAN.name.into();
            if matches!(node.value, Value::Text(_)) {
                finding.hint = Some("write it without quotes".to_owned());
            }
            Err(finding)
        }
    }
}

/// Shut by a key that is null or not there.
fn off(fields: &Fields<'_>, key: &str, name: String) -> Shut {
    let null = fields.node().get(key);
    Shut {
        key: name,
        reason: if null.is_some() { "is null" } else { "is missing" },
        place: null.unwrap_or(fields.node()).origin.key_place(),
    }
}

/// An absent component next to a key that is nearly its name is a slip, not a decision.
fn refuse_a_slip(site: &Fields<'_>, component: &str) -> Result<(), Box<Finding>> {
    let Some(slip) = site.entries().find(|(key, node)| {
        *key != "enabled"
            && node.as_mapping().is_some()
            && nearest(key, [component].into_iter())
                .is_some_and(|_| strsim::levenshtein(key, component) <= 2)
    }) else {
        return Ok(());
    };
    Err(Box::new(
        codes::GATE_MISSPELT
            .finding(format!("`{}` is not a component", site.name(slip.0)))
            .at(slip.1.origin.key_place())
            .hint(format!("did you mean `{component}`?")),
    ))
}

fn open(
    profile: &Profile,
    component: &Arc<Component>,
    top: &Fields<'_>,
    fields: &Fields<'_>,
) -> Result<OpenSite, Problems> {
    let config_key = component.config.as_ref().map(|config| config.key.as_str());
    let mut sources = IndexMap::new();
    for source in &component.sources {
        let url = top.required(&format!("{}_url", source.name))?;
        let revision = top
            .text(&format!("{}_ref", source.name))?
            .filter(|text| !text.is_empty())
            .unwrap_or("HEAD");
        sources.insert(source.name.clone(), (url.to_owned(), revision.to_owned()));
    }
    let config = match &component.config {
        Some(slot) => chosen_config(fields, &slot.key)?,
        None => None,
    };
    Ok(OpenSite {
        name: profile.site.clone(),
        environment: profile.environment.clone(),
        component: component.clone(),
        body: profile.body.clone(),
        labels: labels(top)?,
        server: top.text("cluster_server")?.unwrap_or("https://kubernetes.default.svc").to_owned(),
        sources,
        deploy_path: deploy_path(top, &profile.site)?,
        config,
        policies: policies(component, fields)?,
        warnings: fields.unknown(config_key.as_slice()),
    })
}

/// One reference, or a list of them.
fn chosen_config(fields: &Fields<'_>, key: &str) -> Result<Option<ChosenConfig>, Box<Finding>> {
    let node = fields.get(key);
    if node.is_some_and(|node| node.as_sequence().is_some()) {
        let layers = environment::read_references(fields, key)?;
        if layers.is_empty() {
            let message = format!("`{}` lists no layer", fields.name(key));
            let place = node.and_then(|node| node.origin.place());
            return Err(Box::new(
                codes::CONFIG_NO_LAYERS
                    .finding(message)
                    .at(place)
                    .hint("leave the key out to get the environment's config"),
            ));
        }
        return Ok(Some(ChosenConfig::Layers(layers)));
    }
    let place = node.and_then(|node| node.origin.place());
    Ok(fields.text(key)?.map(|text| ChosenConfig::Base((text.to_owned(), place))))
}

/// The labels, each a string that Kubernetes takes as a label's value.
fn labels(top: &Fields<'_>) -> Result<IndexMap<String, String>, Box<Finding>> {
    let Some(labels) = top.fields("appLabels")? else {
        return Ok(IndexMap::new());
    };
    let mut checked = IndexMap::new();
    for (key, node) in labels.entries() {
        let Some(text) = labels.text(key)? else {
            continue;
        };
        if !is_label_value(text) {
            return Err(Box::new(
                codes::LABEL_VALUE.finding(format!("`{text}` cannot be the value of label `{key}`"))
                    .at(node.origin.place())
                    .hint("at most 63 letters, digits, `-`, `_` and `.`, a letter or digit first and last"),
            ));
        }
        checked.insert(key.to_owned(), text.to_owned());
    }
    Ok(checked)
}

/// Kubernetes: validation.IsValidLabelValue of k8s.io/apimachinery.
fn is_label_value(text: &str) -> bool {
    let ends = |c: Option<u8>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && ends(bytes.first().copied())
        && ends(bytes.last().copied())
        && bytes.iter().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(c))
}

/// `<prefix>/<site>`, joined as argocd-understack does: a prefix is taken as it is
/// written, but never leads out of the repo.
fn deploy_path(top: &Fields<'_>, site: &str) -> Result<String, Box<Finding>> {
    match top.text("deploy_path_prefix")?.filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => {
            let place = top.get("deploy_path_prefix").and_then(|node| node.origin.place());
            crate::sources::clean(prefix, place)?;
            Ok(format!("{prefix}/{site}"))
        }
        None => Ok(site.to_owned()),
    }
}

/// The policies of a component and their settings, whatever its gate says; where the
/// profile's own cannot be read, the environment's.
pub(crate) fn policies_of(profiles: &Profiles, component: &Component) -> IndexMap<String, Node> {
    let Profiles::Site(profile) = profiles else {
        let global = component.global.as_ref();
        return global.map_or_else(IndexMap::new, |global| global.policies.clone());
    };
    let own = || {
        let top = Fields::of(&profile.body, "a profile", PROFILE.table, Stage::Gate).ok()?;
        let fields = top.fields("site").ok()??.fields(&component.name).ok()??;
        policies(component, &fields).ok()
    };
    own().unwrap_or_else(|| component.policies.clone())
}

/// The environment's policies with the profile's settings on top, and the profile's own.
fn policies(
    component: &Component,
    fields: &Fields<'_>,
) -> Result<IndexMap<String, Node>, Box<Finding>> {
    let mut policies = component.policies.clone();
    for (name, settings) in environment::read_policies(fields)? {
        match policies.get_mut(&name) {
            Some(base) => *base = merge::files(base, &settings),
            None => drop(policies.insert(name, settings)),
        }
    }
    Ok(policies)
}
