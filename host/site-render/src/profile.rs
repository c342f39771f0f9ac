//! The profile: what a site says about itself, and to which environment it belongs.

use std::sync::Arc;

use crate::codes;
use crate::environment::{self, Component, Environment};
use crate::environments::Environments;
use crate::fields::{Fields, with_suggestion_or};
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems, Stage};
use crate::findings::{Reported, Reporter};
use crate::helm_merge;
use crate::request::Subject;
use crate::sources;
use crate::value::{Mapping, Node, Value};
use crate::vocabulary::PARTITION_LABEL;
use crate::yaml::Parsed;

/// The header of a profile, which a bare `deploy.yaml` lacks.
const HEADER: &[&str] = &["apiVersion", "kind", "metadata", "environment"];
/// The vocabulary of a `deploy.yaml`.
const BODY: &[&str] = &["site", "global", "appLabels", "cluster_server", "deploy_path_prefix"];

/// The names of a profile in its site's folder, of which there is one.
const FILES: &[&str] = &["profile.yaml", "deploy.yaml", "profile.jsonnet", "deploy.jsonnet"];

/// What a site says, not yet checked beyond its shape.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The name of the folder that holds it.
    pub site: Arc<str>,
    /// Its environment.
    pub environment: Arc<Environment>,
    /// Its body over the environment's defaults.
    pub body: Node,
    /// Duplicate and unknown keys.
    pub warnings: Vec<Finding>,
}

/// The profiles that a request is about.
pub(crate) enum Profiles {
    /// That of one site.
    Site(Profile),
    /// Those of all sites of an environment, by name.
    Fleet {
        /// The environment.
        environment: Arc<Environment>,
        /// Its sites.
        sites: Vec<Profile>,
    },
}

/// Returns the profiles of a request's subject.
pub(crate) fn read_profiles(
    environments: &Environments,
    subject: &Subject,
) -> Result<Reported<Profiles>, Problems> {
    let profiles = match subject {
        Subject::Site { name, environment } => {
            of_site(environments, name, environment.as_deref()).map(Profiles::Site)
        }
        Subject::Profile { file, site, environment } => {
            let parsed = sources::parse_alone(&environments.files.world, file)?;
            profile(environments, site, parsed, Some(environment)).map(Profiles::Site)
        }
        Subject::Environment { name } => of_environment(environments, name),
    }?;
    // Of a fleet, the render of each site reports the warnings of its own profile.
    let warnings = match &profiles {
        Profiles::Site(profile) => profile.warnings.clone(),
        Profiles::Fleet { .. } => Vec::new(),
    };
    Ok(Reported::new(Reporter::Profile, profiles, warnings))
}

/// Returns the names of all sites, sorted; of one environment, if one is given. A site whose
/// profile cannot be read is listed, so that its render reports why.
pub(crate) fn site_names(
    environments: &Environments,
    environment: Option<&str>,
) -> Result<Vec<String>, Problems> {
    let mut names = environments.files.list_folders("sites")?;
    let Some(expected) = environment else {
        return Ok(names);
    };
    environments.get(expected, None)?;
    names.retain(|name| match of_site(environments, name, None) {
        Ok(profile) => &*profile.environment.name == expected,
        Err(_) => true,
    });
    Ok(names)
}

/// Returns the error for a site that the fleet does not have, with a suggestion.
pub(crate) fn unknown_site(files: &FleetFiles, name: &str) -> Problems {
    let known = files.list_folders("sites").unwrap_or_default();
    let finding = codes::SITE_UNKNOWN.finding(format!("site `{name}` not found in this fleet"));
    let known = known.iter().map(String::as_str);
    with_suggestion_or(finding, name, known, || "`cmp check` lists every site".to_owned()).into()
}

/// All profiles of an environment. One that cannot be read may be of this environment, and
/// what its site needs would be taken away: each is an error.
fn of_environment(environments: &Environments, name: &str) -> Result<Profiles, Problems> {
    let environment = environments.get(name, None)?;
    let mut sites = Vec::new();
    let mut problems = Vec::new();
    for site in site_names(environments, None)? {
        match of_site(environments, &site, None) {
            Ok(profile) if profile.environment.name == environment.name => sites.push(profile),
            Ok(_of_another) => {}
            Err(found) => problems.extend(found.0),
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    Ok(Profiles::Fleet { environment, sites })
}

/// The profile in a site's folder: a `profile` or a bare `deploy`, in YAML or Jsonnet.
pub(crate) fn of_site(
    environments: &Environments,
    name: &str,
    environment: Option<&str>,
) -> Result<Profile, Problems> {
    let files = &*environments.files;
    if name.is_empty() || name.contains('/') || sources::clean_path(name, None).is_err() {
        return Err(unknown_site(files, name));
    }
    let folder = format!("sites/{name}");
    let twice = |first: &str, second: &str| {
        let message = format!("site `{name}` has a {first} and a {second}");
        codes::PROFILE_TWICE.finding(message)
    };
    match sources::read_single(&files.world, &folder, FILES, twice)? {
        Some(parsed) => profile(environments, name, parsed, environment),
        None if files.tree().list(&folder).is_ok() => Err(codes::PROFILE_MISSING
            .finding(format!(
                "site `{name}` has no profile: {folder}/ holds none of {}",
                FILES.join(", ")
            ))
            .into()),
        None => Err(unknown_site(files, name)),
    }
}

fn profile(
    environments: &Environments,
    site: &str,
    parsed: Parsed,
    chosen: Option<&str>,
) -> Result<Profile, Problems> {
    let Parsed { root, mut warnings } = parsed;
    if matches!(root.value, Value::Null) {
        return Err(codes::PROFILE_EMPTY
            .finding(format!("the profile of site `{site}` is empty"))
            .at(root.origin.place())
            .into());
    }
    let top = Fields::of(&root, "a profile", Stage::Profile)?;
    environment::header(&top, "SiteProfile", site)?;
    let environment = environment_of(environments, &top, site, chosen)?;
    warnings.extend(unknown_keys(&top, &environment));
    let body = helm_merge::merge_files(&environment.defaults, &without_header(&root, &top));
    Ok(Profile { site: Arc::from(site), environment, body, warnings })
}

/// The environment: named by the caller, by the profile, or by its partition label.
fn environment_of(
    environments: &Environments,
    top: &Fields<'_>,
    site: &str,
    chosen: Option<&str>,
) -> Result<Arc<Environment>, Problems> {
    let named = top.text("environment")?;
    if let (Some(chosen), Some(named)) = (chosen, named.filter(|named| Some(*named) != chosen)) {
        return Err(codes::PROFILE_ENVIRONMENT
            .finding(format!("site `{site}` belongs to environment `{named}`, not to `{chosen}`"))
            .at(top.get("environment").and_then(|node| node.origin.place()))
            .into());
    }
    if let Some(name) = chosen.or(named) {
        let place = top.get("environment").and_then(|node| node.origin.place());
        return environments.get(name, place);
    }
    let label = top
        .fields("appLabels")?
        .and_then(|labels| labels.get(PARTITION_LABEL).and_then(Node::as_text));
    for name in environments.names()? {
        let environment = environments.get(&name, None)?;
        if label.is_some() && environment.partition.as_deref() == label {
            return Ok(environment);
        }
    }
    Err(codes::PROFILE_ENVIRONMENT
        .finding(format!("site `{site}` does not say its environment"))
        .at(top.node().origin.place())
        .hint("write `environment: NAME` in the profile, or give --environment")
        .into())
}

fn unknown_keys(top: &Fields<'_>, environment: &Environment) -> Vec<Finding> {
    let places = environment.components.values().flat_map(|component| &component.sources);
    let sources: Vec<String> = places
        .flat_map(|source| [format!("{}_url", source.name), format!("{}_ref", source.name)])
        .collect();
    let defaults =
        environment.defaults.as_mapping().into_iter().flat_map(Mapping::keys).map(AsRef::as_ref);
    let known: Vec<&str> = HEADER
        .iter()
        .chain(BODY)
        .copied()
        .chain(sources.iter().map(String::as_str))
        .chain(defaults)
        .collect();
    top.unknown(&known)
}

fn without_header(root: &Node, top: &Fields<'_>) -> Node {
    let body: Mapping = top
        .entries()
        .filter(|(key, _)| !HEADER.contains(key))
        .map(|(key, node)| (Arc::from(key), node.clone()))
        .collect();
    Node { value: Value::Mapping(Arc::new(body)), origin: root.origin.clone() }
}

impl Profiles {
    /// Their environment.
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        match self {
            Self::Site(profile) => &profile.environment,
            Self::Fleet { environment, .. } => environment,
        }
    }

    /// The component of that name; without a name the only one there is.
    pub(crate) fn component(&self, name: Option<&str>) -> Result<Arc<Component>, Problems> {
        let environment = self.environment();
        let components = &environment.components;
        let known = || components.keys().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
        let chosen = match name {
            Some(name) => components.get(name),
            None if components.len() == 1 => components.values().next(),
            None => None,
        };
        chosen.cloned().ok_or_else(|| {
            let what = name.map_or_else(
                || "several components, and none was chosen".to_owned(),
                |name| format!("no component `{name}`"),
            );
            codes::COMPONENT_UNKNOWN
                .finding(format!("environment `{}` has {what}", environment.name))
                .hint(format!("its components: {}", known()))
                .into()
        })
    }
}
