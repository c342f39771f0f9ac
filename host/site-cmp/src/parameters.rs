//! Reads the parameters and variables that Argo CD gives a plugin for one Application.
//!
//! Parameters come from `ARGOCD_APP_PARAMETERS` alone. The `PARAM_*` variables beside it are
//! ignored, because the names of two parameters can result in the same variable. An unknown
//! name is an error: a parameter without an effect would be a mistake that nobody notices.
//! Whether a policy has the setting that a name with a dot means is checked where policies
//! are loaded.

mod parse;

use std::collections::BTreeMap;

use site_render::finding::{Finding, Problems};
use site_render::refresh_paths::WatchedPaths;
use site_render::request::{Choice, ClosedGate, Cluster, PLUGIN_PARAMETERS, Subject, Target};
use site_render::setting::Settings;

use crate::codes;
use crate::fleet_root;
use crate::helm::ChosenBy;
use crate::request_builder::RequestBuilder;
use crate::table::clip;
use parse::{ParsedParameters, parse_parameters};

/// The size limit of a variable, in bytes: Linux executes no plugin with a larger one
/// (`MAX_ARG_STRLEN`). `cmp serve` has the same limit, so that both accept the same calls.
const VARIABLE_BYTES: usize = 128 << 10;

/// The longest name that a message shows, in characters.
const NAME_CHARACTERS: usize = 80;

/// The parameters of an Application.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Parameters {
    /// The site, if a parameter names it.
    pub(crate) site: Option<String>,
    /// The environment, if a parameter names it.
    pub(crate) environment: Option<String>,
    /// The component, if a parameter names it.
    pub(crate) component: Option<String>,
    /// The target.
    pub(crate) target: Target,
    /// The output for a site whose gate is closed.
    pub(crate) closed_gate: ClosedGate,
    /// Settings of policies.
    pub(crate) settings: Settings,
    /// The digest of the lock that the Application was stamped with.
    pub(crate) policies_lock: Option<String>,
    /// The annotation `manifest-generate-paths` of the Application, if a parameter repeats it.
    pub(crate) generate_paths: Option<String>,
    /// The versions of the destination cluster.
    pub(crate) reported: Cluster,
    /// The Argo CD project.
    pub(crate) project: String,
    /// The source's path in its repository, if Argo CD reports it.
    pub(crate) path: Option<String>,
}

impl Parameters {
    /// Returns how many folders the working folder is below the repository's root.
    pub(crate) fn depth(&self) -> Option<usize> {
        let path = self.path.as_deref()?;
        Some(path.split('/').filter(|part| !matches!(*part, "" | ".")).count())
    }

    /// Returns a builder of the requests of an Application whose folder is at `folder` in its fleet.
    pub(crate) fn builder(&self, folder: &str) -> RequestBuilder {
        let watched = |paths| WatchedPaths::parse(paths, folder, self.path.as_deref());
        RequestBuilder {
            watched: self.generate_paths.as_deref().map(watched),
            component: self.component.clone(),
            closed_gate: self.closed_gate,
            settings: self.settings.clone(),
            policies_lock: self.policies_lock.clone(),
            reported: self.reported.clone(),
            chosen_by: ChosenBy::Repository,
            ..RequestBuilder::new(self.target)
        }
    }

    /// Returns the site of an Application whose folder is at `folder` in its fleet, or for the
    /// targets of a global cluster the environment.
    pub(crate) fn subject(&self, folder: &str) -> Result<Subject, Problems> {
        if !self.target.is_global() {
            let name = self.site_in(folder)?;
            return Ok(Subject::Site { name, environment: self.environment.clone() });
        }
        let target = self.target.name();
        if let Some(site) = &self.site {
            let message =
                format!("target {target} belongs to an environment, but site {site} is set");
            return Err(invalid(message).hint("remove the parameter `site`").into());
        }
        let named = self.environment.as_deref().or_else(|| fleet_root::environment_of(folder));
        let name = named.map(str::to_owned).ok_or_else(|| {
            invalid(format!("target {target} belongs to an environment, but none is named"))
                .hint("set the plugin's parameter `environment`")
        })?;
        Ok(Subject::Environment { name })
    }

    /// Returns the site: the named one, else that of the folder below `sites/`, else the last
    /// part of the folder or of the source's path.
    fn site_in(&self, folder: &str) -> Result<String, Problems> {
        let last = |path: &str| {
            let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            (!matches!(name, "" | "." | "..")).then(|| name.to_owned())
        };
        let site = self.site.clone().or_else(|| fleet_root::site_of(folder).map(str::to_owned));
        let site = site.or_else(|| last(folder));
        site.or_else(|| last(self.path.as_deref()?)).ok_or_else(|| {
            let message = "the Application's path has no last folder that could name the site";
            let finding = codes::ARGOCD_SITE.finding(message);
            finding.hint("set the plugin's parameter `site`").into()
        })
    }
}

/// Reads parameters from an environment, and reports all mistakes at once. Of two variables
/// with one name the later takes effect.
pub(crate) fn read_parameters(
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Parameters, Problems> {
    let mut problems = Vec::new();
    let mut variables: BTreeMap<String, String> =
        environment.into_iter().filter(|(name, _)| is_from_argocd(name)).collect();
    problems
        .extend(variables.iter().filter(|(_, value)| value.len() > VARIABLE_BYTES).map(too_long));
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let text = variables.remove("ARGOCD_APP_PARAMETERS").unwrap_or_default();
    let mut parsed = parse_parameters(&text, &mut problems);
    add_variables(&mut parsed, &variables);
    let ParsedParameters { mut fixed, settings } = parsed;
    let target = parse_target(fixed.remove("target"), &mut problems);
    let closed_gate = parse_closed_gate(fixed.remove("closed-gate"), &mut problems);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    Ok(Parameters {
        site: fixed.remove("site"),
        environment: fixed.remove("environment"),
        component: fixed.remove("component"),
        target,
        closed_gate,
        settings,
        policies_lock: fixed.remove("policies-lock"),
        // With an empty annotation every commit counts.
        generate_paths: fixed.remove("manifest-generate-paths").filter(|paths| !paths.is_empty()),
        reported: reported_versions(&variables),
        project: variables.remove("ARGOCD_APP_PROJECT_NAME").unwrap_or_default(),
        path: variables.remove("ARGOCD_APP_SOURCE_PATH"),
    })
}

/// Adds the variables of the plugin's environment (`plugin.env`), which Argo CD prefixes with
/// `ARGOCD_ENV_`. A parameter overrides the variable of its name.
fn add_variables(parsed: &mut ParsedParameters, variables: &BTreeMap<String, String>) {
    // An empty variable is treated as unset: Argo CD cannot unset one.
    let value = |(name, value): (&String, &String)| {
        let name = name.strip_prefix("ARGOCD_ENV_").filter(|_| !value.is_empty())?;
        Some((name.to_owned(), value.clone()))
    };
    parsed.settings.variables = variables.iter().filter_map(value).collect();
    for name in parameter_names() {
        let variable = name.to_uppercase().replace('-', "_");
        if let Some(value) = parsed.settings.variables.remove(&variable) {
            parsed.fixed.entry(name).or_insert(value);
        }
    }
}

/// Returns the names of the plugin's own parameters.
fn parameter_names() -> impl Iterator<Item = &'static str> {
    PLUGIN_PARAMETERS.iter().map(|parameter| parameter.name)
}

/// Returns true for a variable that Argo CD sets for plugins.
fn is_from_argocd(name: &str) -> bool {
    name.starts_with("ARGOCD_") || name.starts_with("KUBE_")
}

fn too_long((name, value): (&String, &String)) -> Finding {
    let name = clip(name, NAME_CHARACTERS);
    invalid(format!("{name} has {} bytes, more than the {VARIABLE_BYTES} allowed", value.len()))
}

fn parse_target(value: Option<String>, problems: &mut Vec<Finding>) -> Target {
    let Some(value) = value else {
        return Target::Application;
    };
    Target::parse_for_plugin(&value).unwrap_or_else(|| {
        let finding = invalid(format!("`{value}` is not a valid target for Argo CD"));
        problems.push(finding.hint(values_of("target")));
        Target::Application
    })
}

fn parse_closed_gate(value: Option<String>, problems: &mut Vec<Finding>) -> ClosedGate {
    let Some(value) = value else {
        return ClosedGate::default();
    };
    ClosedGate::parse(&value).unwrap_or_else(|| {
        let finding = invalid(format!("`{value}` is not a valid closed-gate"));
        problems.push(finding.hint(values_of("closed-gate")));
        ClosedGate::default()
    })
}

/// Returns a hint with the values of a parameter.
fn values_of(name: &str) -> String {
    let parameter = PLUGIN_PARAMETERS.iter().find(|parameter| parameter.name == name);
    let values = parameter.map(|parameter| (parameter.values)()).unwrap_or_default();
    format!("set one of {}", values.join(", "))
}

fn reported_versions(variables: &BTreeMap<String, String>) -> Cluster {
    let version = variables.get("KUBE_VERSION").filter(|version| !version.is_empty());
    let apis = variables.get("KUBE_API_VERSIONS").map(String::as_str).unwrap_or_default();
    let apis = apis.split(',').map(str::trim).filter(|api| !api.is_empty());
    Cluster {
        kube_version: version.map(|version| version.trim_start_matches('v').to_owned()),
        api_versions: apis.map(str::to_owned).collect(),
    }
}

fn invalid(message: String) -> Finding {
    codes::ARGOCD_PARAMETER.finding(message)
}

#[cfg(test)]
mod tests;
