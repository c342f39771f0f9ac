//! The options that several commands share.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use site_render::cluster;
use site_render::finding::Problems;
use site_render::request::{Choice, ClosedGate, Cluster, Subject, Target};
use site_render::setting::{RawValue, Setting, Settings};
use site_render::value::Value;
use site_render::{json, yaml};

use crate::codes;
use crate::exit::CommandError;
use crate::named_files::read_source;
use crate::request_builder::RequestBuilder;

/// The option that names the fleet.
#[derive(Args, Debug)]
pub(crate) struct FleetArg {
    /// Fleet directory [default: the working directory, or the nearest one above it that
    /// contains policies.lock]
    pub(crate) fleet: Option<PathBuf>,
}

/// The options that name the subject of a render.
#[derive(Args, Debug)]
pub(crate) struct SiteArgs {
    /// Name of the site, which is its folder under sites/
    #[arg(long, value_name = "NAME")]
    pub(crate) site: Option<String>,
    /// A profile.yaml or deploy.yaml, which may be outside the fleet; needs --environment
    #[arg(long, value_name = "FILE", requires = "environment")]
    pub(crate) profile: Option<PathBuf>,
    /// Name of the environment
    #[arg(long, value_name = "ENV")]
    pub(crate) environment: Option<String>,
}

/// The options that change the inputs of a render.
#[derive(Args, Debug)]
#[command(next_help_heading = "Inputs")]
pub(crate) struct InputArgs {
    /// Base values file that is merged over those of the environment; repeatable, the last wins
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    values: Vec<PathBuf>,
    /// Chart directory or .tgz; its default values are merged in and its schema is enforced
    #[arg(long, value_name = "PATH")]
    chart: Option<PathBuf>,
    /// Accept a chart of another name or version than the environment names
    #[arg(long, requires = "chart")]
    other_chart: bool,
    /// Local directory of one of the component's Git sources; repeatable
    #[arg(long, value_name = "NAME=DIR", value_parser = parse_source)]
    source: Vec<(String, PathBuf)>,
    /// Name of the component, where the environment has several
    #[arg(long, value_name = "NAME")]
    component: Option<String>,
    /// Output for a site that is disabled, that is, whose gate is closed
    #[arg(long, value_name = "OUTPUT", default_value = "marker", value_parser = choices::<ClosedGate>())]
    closed_gate: ClosedGate,
    /// Set a setting of a policy, as the plugin parameter of the same name does; repeatable
    #[arg(long, value_name = "POLICY.PROPERTY=VALUE", value_parser = parse_setting)]
    setting: Vec<Setting>,
    /// Kubernetes version of the cluster [default: from the fleet's cluster.yaml]
    #[arg(long, value_name = "VERSION", value_parser = parse_kube_version)]
    kube_version: Option<String>,
    /// API versions of the cluster, separated by commas; repeatable [default: from the fleet's
    /// cluster.yaml]
    #[arg(long, value_name = "API", value_delimiter = ',', value_parser = parse_api_version)]
    api_versions: Vec<String>,
    /// The helm program, which the target manifests needs [env: SITE_CMP_HELM] [default: helm on
    /// PATH]
    #[arg(long, value_name = "PROGRAM")]
    helm: Option<PathBuf>,
}

/// Returns a parser of an option whose values are a table of the pipeline.
pub(crate) fn choices<T: Choice + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let values = T::ALL.iter().map(|choice| {
        let (name, help) = choice.row();
        PossibleValue::new(name).help(help)
    });
    // The parser of possible values has refused every other name.
    PossibleValuesParser::new(values)
        .try_map(|name| T::parse(&name).ok_or_else(|| format!("`{name}` is not a valid value")))
}

impl FleetArg {
    /// Returns the named folder, if there is one.
    pub(crate) fn named(&self) -> Option<&Path> {
        self.fleet.as_deref()
    }
}

impl SiteArgs {
    /// Returns the environment whose global cluster the options name.
    pub(crate) fn environment_subject(&self) -> Result<Subject, CommandError> {
        match self {
            Self { site: None, profile: None, environment: Some(name) } => {
                Ok(Subject::Environment { name: name.clone() })
            }
            _ => Err(CommandError::usage(
                "the targets global and gateway need --environment ENV, without --site and --profile",
            )),
        }
    }

    /// Returns the site or profile that the options name, if there is one.
    pub(crate) fn subject(&self) -> Result<Option<Subject>, CommandError> {
        let Self { site, profile, environment } = self;
        match (site, profile, environment) {
            (site, Some(file), Some(environment)) => {
                Ok(Some(profile_subject(file, site.as_deref(), environment)?))
            }
            (Some(name), ..) => {
                Ok(Some(Subject::Site { name: name.clone(), environment: environment.clone() }))
            }
            _ => Ok(None),
        }
    }

    /// Returns the site or profile that the options name.
    pub(crate) fn required_subject(&self) -> Result<Subject, CommandError> {
        self.subject()?.ok_or_else(|| CommandError::usage("name the site: --site NAME"))
    }
}

/// Returns a bare profile as a subject. The site has the name of the profile's folder, unless
/// the user names it.
fn profile_subject(
    file: &Path,
    site: Option<&str>,
    environment: &str,
) -> Result<Subject, Problems> {
    let source = read_source(file, &codes::PROFILE_FILE)?;
    let site = match site {
        Some(site) => site.to_owned(),
        None => folder_name(file).ok_or_else(|| {
            let message = format!("the folder of {} has no name", file.display());
            codes::PROFILE_SITE.finding(message).hint("name the site: --site NAME")
        })?,
    };
    Ok(Subject::Profile { file: source, site, environment: environment.to_owned() })
}

fn folder_name(file: &Path) -> Option<String> {
    let folder = std::path::absolute(file).ok()?;
    Some(folder.parent()?.file_name()?.to_str()?.to_owned())
}

impl InputArgs {
    /// Returns a builder of requests with these inputs.
    pub(crate) fn into_builder(self, target: Target) -> RequestBuilder {
        RequestBuilder {
            values: self.values,
            chart: self.chart,
            other_chart: self.other_chart,
            sources: self.source,
            component: self.component,
            closed_gate: self.closed_gate,
            settings: Settings { named: self.setting, ..Settings::default() },
            cluster: Cluster { kube_version: self.kube_version, api_versions: self.api_versions },
            helm: self.helm,
            ..RequestBuilder::new(target)
        }
    }
}

fn parse_source(word: &str) -> Result<(String, PathBuf), String> {
    match word.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            let name = name.strip_prefix('$').unwrap_or(name);
            Ok((name.to_owned(), path.into()))
        }
        _ => Err("write NAME=DIR, such as understack=../understack".to_owned()),
    }
}

fn parse_kube_version(word: &str) -> Result<String, String> {
    let version = cluster::kube_version(word).map(str::to_owned);
    version.ok_or_else(|| "write a version such as 1.33.4".to_owned())
}

fn parse_api_version(word: &str) -> Result<String, String> {
    let api = cluster::is_api(word).then(|| word.to_owned());
    api.ok_or_else(|| "write GROUP/VERSION or GROUP/VERSION/KIND".to_owned())
}

/// Parses a setting. A list or a mapping is read as YAML; anything else is the text that a
/// plugin parameter would have, so it needs no YAML quotes.
fn parse_setting(word: &str) -> Result<Setting, String> {
    let named = word.split_once('=').filter(|(name, _)| name.contains('.'));
    let Some((name, value)) = named else {
        return Err(
            "write POLICY.PROPERTY=VALUE, such as site-secrets.store.name=site-vault".to_owned()
        );
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
