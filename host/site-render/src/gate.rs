//! The gate: a component is rendered for a site only if `site.enabled` and
//! `site.<component>.enabled` are both the boolean `true`.
//!
//! A missing or null key means `false`. Any other kind of value is an error at its line, because
//! other tools treat the string `"false"` as true. Only an [`OpenSite`] or an [`OpenFleet`]
//! reaches the next stages.

mod destination;
mod flags;
mod open;

use std::sync::Arc;

use indexmap::IndexMap;

pub use destination::Destination;
pub use open::OpenFleet;
pub(crate) use open::{Open, evaluate_gate};

use crate::codes;
use crate::environment::{self, Component, Environment, Reference};
use crate::fields::Fields;
use crate::finding::{Finding, Problems, Stage, clip_text};
use crate::findings::{Reported, Reporter};
use crate::helm_merge;
use crate::keys::PROFILE;
use crate::origin::Location;
use crate::profile::{Profile, Profiles};
use crate::source_url::{self, Repository};
use crate::value::Node;

use flags::{ClosedBy, Flags, read_flags};

/// A component that is disabled at a site, or at all sites of an environment.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The site's name; empty for an environment.
    pub site: Arc<str>,
    /// Its environment's name.
    pub environment: Arc<str>,
    /// The component.
    pub component: Arc<Component>,
    /// The key that closes it, dotted.
    pub key: String,
    /// `is false`, `is missing`, `is null`.
    pub reason: &'static str,
    /// The place of that key, if it is written.
    pub place: Option<Location>,
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
    /// The cluster it is deployed to.
    pub destination: Destination,
    /// The URL and revision of each source of the component, by its name.
    pub sources: IndexMap<String, (String, String)>,
    /// The site's folder in the deploy repo.
    pub deploy_path: String,
    /// The config that the profile chooses, if it chooses one.
    pub config: Option<ChosenConfig>,
    /// Policies with their settings.
    pub policies: IndexMap<String, Node>,
}

impl OpenSite {
    /// Returns the Application's name: `<site>-<component>`.
    pub(crate) fn application_name(&self) -> String {
        format!("{}-{}", self.name, self.component.suffix)
    }
}

/// The config that a profile chooses.
#[derive(Clone, Debug)]
pub enum ChosenConfig {
    /// A file that replaces the environment's default; the layers over it stay.
    Base(Reference),
    /// All layers, which replace those of the environment.
    Layers(Vec<Reference>),
}

/// The result of the gate.
pub(crate) enum Gate<T> {
    /// The component runs here.
    Open(T),
    /// The component does not run here.
    Closed(Closed),
}

/// Evaluates the gate of a component at one site.
fn evaluate_site(
    profile: &Profile,
    component: &Arc<Component>,
) -> Result<Reported<Gate<OpenSite>>, Problems> {
    let top = Fields::of(&profile.body, "a profile", PROFILE.table, Stage::Gate)?;
    match read_flags(&top, component)? {
        Flags::On(fields) => Ok(open_site(profile, component, &top, &fields)?.map(Gate::Open)),
        Flags::Off(ClosedBy { key, reason, place }) => {
            let closed = Closed {
                site: profile.site.clone(),
                environment: profile.environment.name.clone(),
                component: component.clone(),
                key,
                reason,
                place,
            };
            let site = top.fields("site")?;
            let fields = site.map(|site| site.fields(&component.name)).transpose()?.flatten();
            let unknown = fields.map(|fields| unknown_keys(component, &fields)).unwrap_or_default();
            Ok(Reported::new(Reporter::Gate, Gate::Closed(closed), unknown))
        }
    }
}

/// Returns a warning for each unknown key of a component.
fn unknown_keys(component: &Component, fields: &Fields<'_>) -> Vec<Finding> {
    let config_key = component.config.as_ref().map(|config| config.key.as_str());
    fields.unknown(config_key.as_slice())
}

/// Returns the cluster that a profile names, whether its gate is open or not.
pub(crate) fn destination_of(profile: &Profile) -> Option<Destination> {
    let top = Fields::of(&profile.body, "a profile", PROFILE.table, Stage::Gate).ok()?;
    destination::read_destination(&top).ok()
}

/// Checks every field of a component whose gate is open.
fn open_site(
    profile: &Profile,
    component: &Arc<Component>,
    top: &Fields<'_>,
    fields: &Fields<'_>,
) -> Result<Reported<OpenSite>, Problems> {
    let mut sources = IndexMap::new();
    for source in &component.sources {
        let url = source_url::read_url(top, &format!("{}_url", source.name), Repository::Git)?;
        let key = format!("{}_ref", source.name);
        let revision = top.text(&key)?.filter(|text| !text.is_empty()).unwrap_or("HEAD");
        // Git would read it as an option, and Argo CD refuses it.
        if revision.starts_with('-') {
            let message = format!("`{key}` is not a revision: `{revision}`");
            return Err(codes::SOURCE_REVISION.finding(message).at(top.place(&key)).into());
        }
        sources.insert(source.name.clone(), (url.to_owned(), revision.to_owned()));
    }
    let config = match &component.config {
        Some(slot) => read_config_choice(fields, &slot.key)?,
        None => None,
    };
    let site = OpenSite {
        name: profile.site.clone(),
        environment: profile.environment.clone(),
        component: component.clone(),
        body: profile.body.clone(),
        labels: read_labels(top)?,
        destination: destination::read_destination(top)?,
        sources,
        deploy_path: read_deploy_path(top, &profile.site)?,
        config,
        policies: merge_policies(component, fields)?,
    };
    Ok(Reported::new(Reporter::Gate, site, unknown_keys(component, fields)))
}

/// Reads the config of a profile: one reference, or a list of layers.
fn read_config_choice(
    fields: &Fields<'_>,
    key: &str,
) -> Result<Option<ChosenConfig>, Box<Finding>> {
    let node = fields.get(key);
    if node.is_some_and(|node| node.as_sequence().is_some()) {
        let layers = environment::read_templates(fields, key, environment::NO_PLACEHOLDERS)?;
        if layers.is_empty() {
            let message = format!("`{}` is an empty list", fields.name(key));
            let place = node.and_then(|node| node.origin.place());
            return Err(Box::new(
                codes::CONFIG_NO_LAYERS
                    .finding(message)
                    .at(place)
                    .hint("remove the key to use the environment's config"),
            ));
        }
        return Ok(Some(ChosenConfig::Layers(layers)));
    }
    let place = node.and_then(|node| node.origin.place());
    Ok(fields.text(key)?.map(|text| ChosenConfig::Base((text.to_owned(), place))))
}

/// Reads the labels, and refuses values that Kubernetes would refuse.
fn read_labels(top: &Fields<'_>) -> Result<IndexMap<String, String>, Box<Finding>> {
    let Some(labels) = top.fields("appLabels")? else {
        return Ok(IndexMap::new());
    };
    let mut checked = IndexMap::new();
    for (key, node) in labels.entries() {
        if !is_label_key(key) {
            let message = format!("`{}` is not a valid key of a label", clip_text(key, 80));
            let finding = codes::LABEL_KEY.finding(message).at(node.origin.key_place());
            return Err(Box::new(finding));
        }
        let Some(text) = labels.text(key)? else {
            continue;
        };
        if !is_label_value(text) {
            return Err(Box::new(
                codes::LABEL_VALUE.finding(format!("`{text}` is not a valid value of label `{key}`"))
                    .at(node.origin.place())
                    .hint("use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit first and last"),
            ));
        }
        checked.insert(key.to_owned(), text.to_owned());
    }
    Ok(checked)
}

/// Returns whether Kubernetes accepts a label's key: `validation.IsQualifiedName` of
/// k8s.io/apimachinery, a name with an optional DNS subdomain and `/` before it.
fn is_label_key(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let is_part = |part: &str| {
        let lower = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let ends = |c: Option<u8>| c.is_some_and(lower);
        let bytes = part.as_bytes();
        ends(bytes.first().copied())
            && ends(bytes.last().copied())
            && bytes.iter().all(|c| lower(*c) || *c == b'-')
    };
    prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_part))
        && !name.is_empty()
        && is_label_value(name)
}

/// Returns whether Kubernetes accepts a label's value: `validation.IsValidLabelValue` of
/// k8s.io/apimachinery.
fn is_label_value(text: &str) -> bool {
    let ends = |c: Option<u8>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && ends(bytes.first().copied())
        && ends(bytes.last().copied())
        && bytes.iter().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(c))
}

/// Returns `<prefix>/<site>`, or `<site>` if the profile has no `deploy_path_prefix`. As in
/// argocd-understack the prefix is not normalised. A prefix that leaves the repo is an error.
fn read_deploy_path(top: &Fields<'_>, site: &str) -> Result<String, Box<Finding>> {
    match top.text("deploy_path_prefix")?.filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => {
            let place = top.place("deploy_path_prefix");
            crate::sources::clean_path(prefix, place)?;
            Ok(format!("{prefix}/{site}"))
        }
        None => Ok(site.to_owned()),
    }
}

/// Returns the policies of a component and their settings, whether its gate is open or not:
/// those of the environment with the profile's merged over them. If the profile's cannot be read,
/// it returns those of the environment alone; for a global cluster those of its global section.
pub(crate) fn policies_of(profiles: &Profiles, component: &Component) -> IndexMap<String, Node> {
    let Profiles::Site(profile) = profiles else {
        let global = component.global.as_ref();
        return global.map_or_else(IndexMap::new, |global| global.policies.clone());
    };
    let own = || {
        let top = Fields::of(&profile.body, "a profile", PROFILE.table, Stage::Gate).ok()?;
        let fields = top.fields("site").ok()??.fields(&component.name).ok()??;
        merge_policies(component, &fields).ok()
    };
    own().unwrap_or_else(|| component.policies.clone())
}

/// Merges the profile's policies and settings over those of the environment.
fn merge_policies(
    component: &Component,
    fields: &Fields<'_>,
) -> Result<IndexMap<String, Node>, Box<Finding>> {
    let mut policies = component.policies.clone();
    for (name, settings) in environment::read_policies(fields)? {
        match policies.get_mut(&name) {
            Some(base) => *base = helm_merge::merge_files(base, &settings),
            None => drop(policies.insert(name, settings)),
        }
    }
    Ok(policies)
}
