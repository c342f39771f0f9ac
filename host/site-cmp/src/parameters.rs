//! What Argo CD tells a plugin: build environment and parameters, as the repo-server
//! sends them to `generate`.
//!
//! Only `ARGOCD_APP_PARAMETERS` is read for parameters: the `PARAM_*` variables beside it
//! collide by design of their names. A name that nobody reads is refused, for a parameter
//! that has no effect is a mistake that nobody sees.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde::Deserialize;
use site_render::finding::{Finding, Problems, Stage};
use site_render::request::{ClosedGate, Cluster, Request, Subject, Target};

use crate::ask::{self, Inputs, TargetName, Wanted};
use crate::fleet_root;

/// The parameters there are. `policies-lock` holds the digest of a lock and changes
/// nothing here: it is part of the Application, and so of the key under which Argo CD
/// caches what comes back, which knows nothing else of a plugin's policies.
const NAMES: [&str; 6] =
    ["closed-gate", "component", "environment", "policies-lock", "site", "target"];

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
    /// The cluster's versions.
    pub(crate) cluster: Cluster,
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
            cluster: self.cluster.clone(),
            ..Inputs::default()
        };
        let wanted = Wanted { target: self.target, merged: false, record_reads: false };
        let name = self.site_in(folder)?;
        let subject = Subject::Site { name, environment: self.environment.clone() };
        Ok(ask::request_for(subject, wanted, &inputs, Vec::new(), None))
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
            let finding = Finding::error(Stage::Sources, "argocd/site", message);
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
    array: Option<serde_json::Value>,
    map: Option<serde_json::Value>,
}

/// Reads them from the environment, all mistakes at once.
pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Parameters, Problems> {
    let mut problems = Vec::new();
    let text = variable("ARGOCD_APP_PARAMETERS").unwrap_or_default();
    let mut given = parse(&text, &mut problems);
    for name in NAMES {
        let key = format!("ARGOCD_ENV_{}", name.to_uppercase().replace('-', "_"));
        // A parameter is nearer to the Application than the plugin's environment.
        if let Some(value) = variable(&key).filter(|value| !value.is_empty()) {
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
        cluster: cluster(&variable),
        project: variable("ARGOCD_APP_PROJECT_NAME").unwrap_or_default(),
        path: variable("ARGOCD_APP_SOURCE_PATH"),
    })
}

fn parse(text: &str, problems: &mut Vec<Finding>) -> BTreeMap<&'static str, String> {
    let mut given = BTreeMap::new();
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
    for parameter in list {
        let Some(name) = NAMES.into_iter().find(|name| *name == parameter.name) else {
            problems.push(unknown(&parameter.name));
            continue;
        };
        let value = match parameter {
            Parameter { string: Some(value), array: None, map: None, .. } if !value.is_empty() => {
                value
            }
            _ => {
                problems.push(wrong(format!("parameter {name} must be one string")));
                continue;
            }
        };
        if given.insert(name, value).is_some() {
            problems.push(wrong(format!("parameter {name} is given twice")));
        }
    }
    given
}

fn target(value: Option<String>, problems: &mut Vec<Finding>) -> Target {
    let Some(value) = value else {
        return Target::Application;
    };
    match TargetName::from_str(&value, false) {
        Ok(name) if name != TargetName::Values => name.into(),
        _ => {
            let finding = wrong(format!("there is no target `{value}` for Argo CD"));
            problems.push(finding.hint("application, resources or manifests"));
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

fn cluster(variable: &impl Fn(&str) -> Option<String>) -> Cluster {
    let version = variable("KUBE_VERSION").filter(|version| !version.is_empty());
    let apis = variable("KUBE_API_VERSIONS").unwrap_or_default();
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
    let finding = wrong(format!("there is no parameter `{name}`"));
    match near {
        Some((_, near)) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint(format!("there are {}", NAMES.join(", "))),
    }
}

fn wrong(message: String) -> Finding {
    Finding::error(Stage::Sources, "argocd/parameter", message)
}

#[cfg(test)]
mod tests;
