//! The options that commands share.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use site_render::cluster;
use site_render::request::{ClosedGate, Cluster, Form, Target};
use site_render::setting::{RawValue, Setting, Settings};
use site_render::value::Value;
use site_render::{json, yaml};

use super::Inputs;

/// Which fleet.
#[derive(Args, Debug)]
pub(crate) struct FleetArg {
    /// Folder of the fleet [default: the nearest one upwards that holds policies.lock]
    pub(crate) fleet: Option<PathBuf>,
}

/// Whose documents.
#[derive(Args, Debug)]
pub(crate) struct SiteArgs {
    /// Name of the site: its folder under sites/
    #[arg(long, value_name = "NAME")]
    pub(crate) site: Option<String>,
    /// A profile or deploy.yaml that need not be in the fleet
    #[arg(long, value_name = "FILE", requires = "environment")]
    pub(crate) profile: Option<PathBuf>,
    /// The environment, for a profile that does not say which
    #[arg(long, value_name = "ENV")]
    pub(crate) environment: Option<String>,
}

/// What else goes in.
#[derive(Args, Debug)]
#[command(next_help_heading = "Inputs")]
pub(crate) struct InputArgs {
    /// One more base values file, over the environment's; repeatable, the last wins
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    values: Vec<PathBuf>,
    /// The chart, a folder or an archive: its defaults and schema count then
    #[arg(long, value_name = "PATH")]
    chart: Option<PathBuf>,
    /// Where the files of a source are; repeatable
    #[arg(long, value_name = "NAME=DIR", value_parser = source)]
    source: Vec<(String, PathBuf)>,
    /// The component, where an environment has several
    #[arg(long, value_name = "NAME")]
    component: Option<String>,
    /// What a site emits whose gate is closed
    #[arg(long, value_name = "WHAT", default_value = "marker")]
    closed_gate: GateName,
    /// A setting of a policy, as the parameter of that name would set it; repeatable
    #[arg(long, value_name = "POLICY.PROPERTY=VALUE", value_parser = setting)]
    setting: Vec<Setting>,
    /// Version of the cluster's Kubernetes [default: what the fleet keeps in cluster.yaml]
    #[arg(long, value_name = "VERSION", value_parser = kube_version)]
    kube_version: Option<String>,
    /// APIs of the cluster, parted by commas; repeatable [default: likewise]
    #[arg(long, value_name = "API", value_delimiter = ',', value_parser = api)]
    api_versions: Vec<String>,
    /// The helm to run for target manifests [env: SITE_CMP_HELM] [default: on PATH]
    #[arg(long, value_name = "PROGRAM")]
    helm: Option<PathBuf>,
}

/// A target's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetName {
    /// The overlay, as a Helm values file
    Values,
    /// The Argo CD Application
    Application,
    /// What the chart does not make
    Resources,
    /// The rendered chart and the resources
    Manifests,
    /// What the global cluster of an environment needs for its open sites
    Global,
    /// Of that, what leads sites to the global cluster's services
    Gateway,
}

/// What a gateway is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormName {
    /// Values of the chart that makes its objects
    Values,
    /// The objects themselves
    Manifests,
}

/// What a closed gate gives.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum GateName {
    /// One small ConfigMap that says why
    Marker,
    /// Nothing
    Empty,
}

impl TargetName {
    /// The target; a gateway in this form.
    pub(crate) fn target(self, form: FormName) -> Target {
        match self {
            Self::Values => Target::Values,
            Self::Application => Target::Application,
            Self::Resources => Target::Resources,
            Self::Manifests => Target::Manifests,
            Self::Global => Target::Global,
            Self::Gateway => Target::Gateway(match form {
                FormName::Values => Form::Values,
                FormName::Manifests => Form::Manifests,
            }),
        }
    }
}

impl From<GateName> for ClosedGate {
    fn from(name: GateName) -> Self {
        match name {
            GateName::Marker => Self::Marker,
            GateName::Empty => Self::Empty,
        }
    }
}

impl From<InputArgs> for Inputs {
    fn from(args: InputArgs) -> Self {
        Self {
            values: args.values,
            chart: args.chart,
            sources: args.source,
            component: args.component,
            closed_gate: args.closed_gate.into(),
            settings: Settings { named: args.setting, ..Settings::default() },
            policies_lock: None,
            cluster: Cluster { kube_version: args.kube_version, api_versions: args.api_versions },
            reported: Cluster::default(),
            helm: args.helm,
        }
    }
}

fn source(word: &str) -> Result<(String, PathBuf), String> {
    match word.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            let name = name.strip_prefix('$').unwrap_or(name);
            Ok((name.to_owned(), path.into()))
        }
        _ => Err("write NAME=DIR, such as understack=../understack".to_owned()),
    }
}

fn kube_version(word: &str) -> Result<String, String> {
    let version = cluster::kube_version(word).map(str::to_owned);
    version.ok_or_else(|| "write it as the server does, such as 1.33.4".to_owned())
}

fn api(word: &str) -> Result<String, String> {
    let api = cluster::is_api(word).then(|| word.to_owned());
    api.ok_or_else(|| "write GROUP/VERSION or GROUP/VERSION/KIND".to_owned())
}

/// A setting. A list or a mapping is YAML; anything else is the text that a parameter would
/// carry, without the quotes that YAML may need.
fn setting(word: &str) -> Result<Setting, String> {
    let named = word.split_once('=').filter(|(name, _)| name.contains('.'));
    let Some((name, value)) = named else {
        return Err("write POLICY.PROPERTY=VALUE, such as worker.replicas=3".to_owned());
    };
    let file = yaml::decode(name, value.as_bytes()).map_err(|finding| finding.message)?;
    let raw = match yaml::read(&file).map_err(|finding| finding.message)?.root {
        node if matches!(node.value, Value::Sequence(_) | Value::Mapping(_)) => {
            RawValue::Value(json::to_serde(&node))
        }
        node => RawValue::Text(node.as_text().unwrap_or(value.trim()).to_owned()),
    };
    Ok(Setting { name: name.to_owned(), value: raw, from: format!("--setting {name}").into() })
}
