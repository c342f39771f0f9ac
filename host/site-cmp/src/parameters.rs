//! What Argo CD tells a plugin: build environment and parameters, as the repo-server
//! sends them to `generate`.
//!
//! Only `ARGOCD_APP_PARAMETERS` is read for parameters: the `PARAM_*` variables beside it
//! collide by design of their names. A name that nobody reads is refused, for a parameter
//! that has no effect is a mistake that nobody sees. Whether a policy has the setting that
//! a name with a dot means is found out where policies are known.

use std::collections::{BTreeMap, BTreeSet};

use clap::ValueEnum;
use serde::Deserialize;
use site_render::announce::READ_ONLY;
use site_render::finding::{Finding, Problems};
use site_render::request::{ClosedGate, Cluster, Request, Subject, Target};
use site_render::setting::{RawValue, Setting, Settings};

use crate::ask::{self, FormName, Inputs, TargetName, Wanted};
use crate::codes;
use crate::fleet_root;
use crate::table::clip;

/// The parameters there are beside settings of policies. `policies-lock` holds the digest
/// of a lock and decides nothing here: it is part of the Application, and so of the key
/// under which Argo CD caches what comes back, which knows nothing else of a plugin's
/// policies.
const NAMES: [&str; 6] =
    ["closed-gate", "component", "environment", "policies-lock", "site", "target"];

/// The largest variable, in bytes: what Linux lets a plugin be executed with
/// (`MAX_ARG_STRLEN`). A server takes no more, so that both doors take the same.
const LONGEST: usize = 128 << 10;

/// The longest name that a message shows, in characters.
const NAME: usize = 80;

/// What Argo CD can ask for.
const TARGETS: &str = "application, resources or manifests; of an environment global or gateway";

/// What was asked of the plugin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// The site, if it is not the working folder's.
    pub(crate) site: Option<String>,
    /// The environment, for a bare profile.
    pub(crate) environment: Option<String>,
    /// The component.
    pub(crate) component: Option<String>,
    /// The target.
    pub(crate) target: Target,
    /// What a closed gate gives.
    pub(crate) closed_gate: ClosedGate,
    /// Settings of policies.
    pub(crate) settings: Settings,
    /// The digest of the lock that the Application is made for.
    pub(crate) policies_lock: Option<String>,
    /// The versions of the destination.
    pub(crate) reported: Cluster,
    /// The Argo CD project.
    pub(crate) project: String,
    /// The source's path in its repository, where Argo CD says it.
    pub(crate) path: Option<String>,
}

impl Parameters {
    /// How many folders the working one lies below the repository's root.
    pub(crate) fn depth(&self) -> Option<usize> {
        let path = self.path.as_deref()?;
        Some(path.split('/').filter(|part| !matches!(*part, "" | ".")).count())
    }

    /// The request, for an application whose folder is at `folder` in its fleet.
    pub(crate) fn request(&self, folder: &str) -> Result<Request, Problems> {
        let inputs = Inputs {
            component: self.component.clone(),
            closed_gate: self.closed_gate,
            settings: self.settings.clone(),
            policies_lock: self.policies_lock.clone(),
            reported: self.reported.clone(),
            ..Inputs::default()
        };
        let wanted = Wanted { target: self.target, merged: false, record_reads: false };
        let subject = self.subject(folder)?;
        Ok(ask::request_for(subject, wanted, &inputs, Vec::new(), None))
    }

    /// Whose documents: a site's, or for the targets of a global cluster an environment's.
    fn subject(&self, folder: &str) -> Result<Subject, Problems> {
        if !self.target.is_global() {
            let name = self.site_in(folder)?;
            return Ok(Subject::Site { name, environment: self.environment.clone() });
        }
        let target = self.target.word();
        if let Some(site) = &self.site {
            let message = format!("target {target} is of an environment, not of site {site}");
            return Err(wrong(message).hint("leave out the parameter `site`").into());
        }
        let named = self.environment.as_deref().or_else(|| fleet_root::environment_of(folder));
        let name = named.map(str::to_owned).ok_or_else(|| {
            wrong(format!("target {target} is of an environment, and none is named"))
                .hint("give the plugin the parameter `environment`")
        })?;
        Ok(Subject::Environment { name })
    }

    /// The site: the one that was named, else that of the folder, else what its folder, or
    /// the source's path, is called last.
    fn site_in(&self, folder: &str) -> Result<String, Problems> {
        let last = |path: &str| {
            let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            (!matches!(name, "" | "." | "..")).then(|| name.to_owned())
        };
        let site = self.site.clone().or_else(|| fleet_root::site_of(folder).map(str::to_owned));
        let site = site.or_else(|| last(folder));
        site.or_else(|| last(self.path.as_deref()?)).ok_or_else(|| {
            let message = "the application's folder has no name to call a site by";
            let finding = codes::ARGOCD_SITE.finding(message);
            finding.hint("give the plugin the parameter `site`").into()
        })
    }
}

/// One parameter as it arrives.
#[derive(Deserialize)]
struct Parameter {
    #[serde(default)]
    name: String,
    string: Option<String>,
    array: Option<Vec<String>>,
    map: Option<BTreeMap<String, String>>,
}

/// What parameters say.
#[derive(Default)]
struct Given {
    fixed: BTreeMap<&'static str, String>,
    settings: Settings,
}

/// Reads them from an environment, all mistakes at once; of two variables with one name
/// the later counts.
pub(crate) fn read(
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Parameters, Problems> {
    let mut problems = Vec::new();
    let mut variables: BTreeMap<String, String> =
        environment.into_iter().filter(|(name, _)| is_ours(name)).collect();
    problems.extend(variables.iter().filter(|(_, value)| value.len() > LONGEST).map(too_long));
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let text = variables.remove("ARGOCD_APP_PARAMETERS").unwrap_or_default();
    let Given { fixed: mut given, mut settings } = parse(&text, &mut problems);
    // An empty variable is one that is not there.
    let said = |(name, value): (&String, &String)| {
        let name = name.strip_prefix("ARGOCD_ENV_").filter(|_| !value.is_empty())?;
        Some((name.to_owned(), value.clone()))
    };
    settings.variables = variables.iter().filter_map(said).collect();
    for name in NAMES {
        let variable = settings.variables.remove(&name.to_uppercase().replace('-', "_"));
        // A parameter is nearer to the Application than the plugin's environment.
        if let Some(value) = variable {
            given.entry(name).or_insert(value);
        }
    }
    let target = target(given.remove("target"), &mut problems);
    let closed_gate = closed_gate(given.remove("closed-gate"), &mut problems);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    Ok(Parameters {
        site: given.remove("site"),
        environment: given.remove("environment"),
        component: given.remove("component"),
        target,
        closed_gate,
        settings,
        policies_lock: given.remove("policies-lock"),
        reported: cluster(&variables),
        project: variables.remove("ARGOCD_APP_PROJECT_NAME").unwrap_or_default(),
        path: variables.remove("ARGOCD_APP_SOURCE_PATH"),
    })
}

/// Whether a variable is one that Argo CD sets for plugins.
fn is_ours(name: &str) -> bool {
    name.starts_with("ARGOCD_") || name.starts_with("KUBE_")
}

fn too_long((name, value): (&String, &String)) -> Finding {
    let name = clip(name, NAME);
    wrong(format!("{name} has {} bytes, more than the {LONGEST} allowed", value.len()))
}

fn parse(text: &str, problems: &mut Vec<Finding>) -> Given {
    let mut given = Given::default();
    if text.is_empty() {
        return given;
    }
    let list: Vec<Parameter> = match serde_json::from_str::<Option<_>>(text) {
        Ok(list) => list.unwrap_or_default(),
        Err(error) => {
            let message = format!("ARGOCD_APP_PARAMETERS is no list of parameters: {error}");
            problems.push(wrong(message));
            return given;
        }
    };
    let mut names = BTreeSet::new();
    for parameter in list {
        if !names.insert(parameter.name.clone()) {
            let name = clip(&parameter.name, NAME);
            problems.push(wrong(format!("parameter {name} is given twice")));
            continue;
        }
        let fixed = NAMES.into_iter().find(|name| *name == parameter.name);
        let taken = match fixed {
            Some(name) => one_string(name, parameter).map(|value| {
                given.fixed.insert(name, value);
            }),
            None => setting(parameter).map(|setting| given.settings.named.push(setting)),
        };
        problems.extend(taken.err());
    }
    given
}

fn one_string(name: &str, parameter: Parameter) -> Result<String, Finding> {
    match parameter {
        Parameter { string: Some(value), array: None, map: None, .. } if !value.is_empty() => {
            Ok(value)
        }
        _ => Err(wrong(format!("parameter {name} must be one string"))),
    }
}

/// A parameter that names a policy and one of its settings.
fn setting(parameter: Parameter) -> Result<Setting, Finding> {
    let name = parameter.name;
    let (policy, rest) = name.split_once('.').unwrap_or((&name, ""));
    if let Some((_, why)) = READ_ONLY.into_iter().find(|(known, _)| *known == policy) {
        return Err(wrong(format!("parameter {policy} can only be read")).hint(why));
    }
    if rest.is_empty() {
        return Err(unknown(&name));
    }
    let value = match (parameter.string, parameter.array, parameter.map) {
        (Some(text), None, None) => RawValue::Text(text),
        (None, Some(items), None) => RawValue::List(items),
        (None, None, Some(entries)) => RawValue::Map(entries),
        _ => {
            return Err(wrong(format!("parameter {name} must be one of string, array and map")));
        }
    };
    Ok(Setting { from: format!("parameter {}", clip(&name, NAME)).into(), name, value })
}

fn target(value: Option<String>, problems: &mut Vec<Finding>) -> Target {
    let Some(value) = value else {
        return Target::Application;
    };
    match TargetName::from_str(&value, false) {
        Ok(name) if name != TargetName::Values => name.target(FormName::Manifests),
        _ => {
            let finding = wrong(format!("there is no target `{value}` for Argo CD"));
            problems.push(finding.hint(TARGETS));
            Target::Application
        }
    }
}

fn closed_gate(value: Option<String>, problems: &mut Vec<Finding>) -> ClosedGate {
    match value.as_deref() {
        None | Some("marker") => ClosedGate::Marker,
        Some("empty") => ClosedGate::Empty,
        Some(value) => {
            let finding = wrong(format!("a closed gate cannot give `{value}`"));
            problems.push(finding.hint("marker or empty"));
            ClosedGate::Marker
        }
    }
}

fn cluster(variables: &BTreeMap<String, String>) -> Cluster {
    let version = variables.get("KUBE_VERSION").filter(|version| !version.is_empty());
    let apis = variables.get("KUBE_API_VERSIONS").map(String::as_str).unwrap_or_default();
    let apis = apis.split(',').map(str::trim).filter(|api| !api.is_empty());
    Cluster {
        kube_version: version.map(|version| version.trim_start_matches('v').to_owned()),
        api_versions: apis.map(str::to_owned).collect(),
    }
}

fn unknown(name: &str) -> Finding {
    let near = NAMES
        .into_iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let finding = wrong(format!("there is no parameter `{}`", clip(name, NAME)));
    match near {
        Some((_, near)) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint(format!(
            "there are {}, and POLICY.PROPERTY for a setting of a policy",
            NAMES.join(", ")
        )),
    }
}

fn wrong(message: String) -> Finding {
    codes::ARGOCD_PARAMETER.finding(message)
}

#[cfg(test)]
mod tests;
