//! The result of an open gate: one site, or all open sites of an environment.
//!
//! The `fleet` document of policies of scope global is built here: the body of each open
//! site, with the settings that its policies really get. If the gate of one site cannot be
//! evaluated, the whole render fails, because Argo CD would delete what that site needs.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Closed, Gate, OpenSite, evaluate_site};
use crate::codes;
use crate::environment::{Component, Environment, Global, Reference};
use crate::finding::{Finding, Problems, Severity};
use crate::finding_list::FindingList;
use crate::findings::{Reported, Reporter};
use crate::policy::Scope;
use crate::profile::{Profile, Profiles};
use crate::value::{Mapping, Node, Value};

/// All open sites of a component in an environment; at least one.
#[derive(Clone, Debug)]
pub struct OpenFleet {
    /// The environment.
    pub environment: Arc<Environment>,
    /// The component.
    pub component: Arc<Component>,
    /// The component's `global` section.
    pub global: Global,
    /// A profile without values of its own: the environment's defaults, with the settings of
    /// its policies.
    pub profile: Node,
    /// The open sites' profiles, by name.
    pub sites: Node,
}

/// A site or a fleet behind an open gate.
#[derive(Clone, Debug)]
pub(crate) enum Open {
    /// One site.
    Site(Box<OpenSite>),
    /// All open sites of an environment.
    Fleet(Box<OpenFleet>),
}

impl Open {
    /// Returns the site's name; empty for a fleet.
    pub(crate) fn site(&self) -> Arc<str> {
        match self {
            Self::Site(site) => site.name.clone(),
            Self::Fleet(_) => Arc::from(""),
        }
    }

    /// Returns the environment.
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        match self {
            Self::Site(site) => &site.environment,
            Self::Fleet(all) => &all.environment,
        }
    }

    /// Returns the component.
    pub(crate) fn component(&self) -> &Arc<Component> {
        match self {
            Self::Site(site) => &site.component,
            Self::Fleet(all) => &all.component,
        }
    }

    /// Returns the scope that policies are evaluated for.
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Site(_) => Scope::Site,
            Self::Fleet(_) => Scope::Global,
        }
    }

    /// Returns the policies with their settings.
    pub(crate) fn policies(&self) -> &IndexMap<String, Node> {
        match self {
            Self::Site(site) => &site.policies,
            Self::Fleet(all) => &all.global.policies,
        }
    }

    /// Returns the folders of resource files, weakest first.
    pub(crate) fn resources(&self) -> &[Reference] {
        match self {
            Self::Site(site) => &site.component.resources,
            Self::Fleet(all) => &all.global.resources,
        }
    }

    /// Returns the namespace of objects that have no namespace.
    pub(crate) fn namespace(&self) -> &str {
        match self {
            Self::Site(site) => &site.component.namespace,
            Self::Fleet(all) => &all.global.namespace,
        }
    }

    /// Returns the `profile` document of policies.
    pub(crate) fn profile(&self) -> &Node {
        match self {
            Self::Site(site) => &site.body,
            Self::Fleet(all) => &all.profile,
        }
    }

    /// Returns the `fleet` document of policies.
    pub(crate) fn fleet(&self) -> Node {
        match self {
            Self::Site(_) => Node::empty("a site sees no other site"),
            Self::Fleet(all) => all.sites.clone(),
        }
    }
}

/// Evaluates the gate of a site, or of each site of a fleet.
pub(crate) fn evaluate_gate(
    profiles: &Profiles,
    component: &Arc<Component>,
) -> Result<Reported<Gate<Open>>, Problems> {
    match profiles {
        Profiles::Site(profile) => Ok(evaluate_site(profile, component)?.map(|gate| match gate {
            Gate::Open(site) => Gate::Open(Open::Site(Box::new(site))),
            Gate::Closed(closed) => Gate::Closed(closed),
        })),
        Profiles::Fleet { environment, sites } => evaluate_fleet(environment, sites, component),
    }
}

/// Evaluates the gates of all sites of an environment.
fn evaluate_fleet(
    environment: &Arc<Environment>,
    profiles: &[Profile],
    component: &Arc<Component>,
) -> Result<Reported<Gate<Open>>, Problems> {
    let Some(global) = component.global.clone() else {
        return Err(missing_global(environment, component).into());
    };
    let mut sites = Mapping::with_capacity(profiles.len());
    let mut closed = FindingList::default();
    let mut problems = FindingList::default();
    for profile in profiles {
        // The render of each site reports the warnings of its own gate.
        match evaluate_site(profile, component).map(Reported::without_findings) {
            Ok(Gate::Open(open)) => {
                let body = with_policies(&open.body, component, &open.policies);
                sites.insert(open.name.clone(), body);
            }
            Ok(Gate::Closed(site)) => closed.push_with(Severity::Note, || closed_site(&site)),
            Err(found) => problems.extend(found.0),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    if sites.is_empty() {
        let gate = Gate::Closed(all_closed(environment, component));
        // The marker says that every site is closed, so no site is listed.
        return Ok(Reported::new(Reporter::Gate, gate, Vec::new()));
    }
    let fleet = OpenFleet {
        profile: with_policies(&environment.defaults, component, &component.policies),
        environment: environment.clone(),
        component: component.clone(),
        global,
        sites: Node::built(Value::Mapping(Arc::new(sites)), "the open sites"),
    };
    Ok(Reported::new(Reporter::Gate, Gate::Open(Open::Fleet(Box::new(fleet))), closed.into_vec()))
}

fn missing_global(environment: &Environment, component: &Component) -> Finding {
    let name = &component.name;
    let message =
        format!("component `{name}` of environment `{}` has no `global`", environment.name);
    codes::ENVIRONMENT_NO_GLOBAL
        .finding(message)
        .at(environment.place.clone())
        .hint(format!("list the policies of scope global under components.{name}.global.policies"))
}

fn closed_site(closed: &Closed) -> Finding {
    let Closed { site, key, reason, .. } = closed;
    let message = format!(
        "site `{site}` is closed, so the global cluster deploys nothing for it: {key} {reason}"
    );
    codes::GATE_CLOSED.finding(message).at(closed.place.clone())
}

fn all_closed(environment: &Environment, component: &Arc<Component>) -> Closed {
    Closed {
        site: Arc::from(""),
        environment: environment.name.clone(),
        component: component.clone(),
        key: format!("site.{}.enabled", component.name),
        reason: "is true at no site",
        place: None,
    }
}

/// Returns a profile's body in which the component's policies have the settings that they
/// really get.
fn with_policies(body: &Node, component: &Component, policies: &IndexMap<String, Node>) -> Node {
    let policies: Mapping =
        policies.iter().map(|(name, node)| (Arc::from(name.as_str()), node.clone())).collect();
    let policies = Node::built(Value::Mapping(Arc::new(policies)), "settings of policies");
    with_value(body, &["site", &component.name, "policies"], policies)
}

/// Returns a document with another value at these keys.
fn with_value(node: &Node, keys: &[&str], value: Node) -> Node {
    let Some((key, below)) = keys.split_first() else { return value };
    let mut mapping = node.as_mapping().cloned().unwrap_or_default();
    let absent = Node::empty("not written");
    let inner = with_value(mapping.get(*key).unwrap_or(&absent), below, value);
    mapping.insert(Arc::from(*key), inner);
    Node { value: Value::Mapping(Arc::new(mapping)), origin: node.origin.clone() }
}
