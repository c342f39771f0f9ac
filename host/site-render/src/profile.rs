//! Reads the profile of a site, and finds the environment that it belongs to.

use std::sync::Arc;

use crate::codes;
use crate::environment::{self, Component, Environment};
use crate::environments::Environments;
use crate::fields::{Fields, with_suggestion_or};
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems, Stage};
use crate::finding_list::{FindingList, limited};
use crate::findings::{Reported, Reporter};
use crate::helm_merge;
use crate::keys::{PROFILE, PROFILE_HEADER};
use crate::memory::MemoryBudget;
use crate::request::Subject;
use crate::sources;
use crate::value::{Mapping, Node, Value, escape};
use crate::vocabulary::PARTITION_LABEL;
use crate::yaml::Parsed;

/// The names that a profile may have; a site's folder holds exactly one of them.
pub(crate) const FILES: &[&str] =
    &["profile.yaml", "deploy.yaml", "profile.jsonnet", "deploy.jsonnet"];

/// The profile of a site. Its header and environment are checked, the values of its body are not.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The site's name, which is the name of its folder.
    pub site: Arc<str>,
    /// The environment.
    pub environment: Arc<Environment>,
    /// The body, merged over the environment's defaults.
    pub body: Node,
    /// Warnings on duplicate and unknown keys.
    pub warnings: Vec<Finding>,
    /// The memory of its document, in bytes.
    memory: u64,
}

impl Profile {
    /// Takes its memory out of the budget of a render.
    fn spend(&self, memory: &MemoryBudget) -> Result<(), Box<Finding>> {
        memory.spend(self.memory, || format!("the profile of site `{}`", self.site))
    }
}

/// The profiles of a request's subject.
pub(crate) enum Profiles {
    /// The profile of one site.
    Site(Profile),
    /// The profiles of all sites of an environment, by name.
    Fleet {
        /// The environment.
        environment: Arc<Environment>,
        /// The profiles.
        sites: Vec<Profile>,
    },
}

/// Reads the profiles of a request's subject.
pub(crate) fn read_profiles(
    environments: &Environments,
    subject: &Subject,
    memory: &MemoryBudget,
) -> Result<Reported<Profiles>, Problems> {
    let profiles = match subject {
        Subject::Site { name, environment } => {
            of_site(environments, name, environment.as_deref()).map(Profiles::Site)
        }
        Subject::Profile { file, site, environment } => {
            let parsed = sources::parse_alone(&environments.files.world, file)?;
            profile(environments, site, parsed, Some(environment)).map(Profiles::Site)
        }
        Subject::Environment { name } => of_environment(environments, name, memory),
    }?;
    let environment = profiles.environment();
    memory.spend(environment.memory, || format!("environment `{}`", environment.name))?;
    if let Profiles::Site(profile) = &profiles {
        profile.spend(memory)?;
    }
    // For a fleet they are left out: the render of each site reports those of its own profile.
    let warnings = match &profiles {
        Profiles::Site(profile) => profile.warnings.clone(),
        Profiles::Fleet { .. } => Vec::new(),
    };
    Ok(Reported::new(Reporter::Profile, profiles, warnings))
}

/// Returns the sorted names of all sites, or only of those in an environment if one is given. A
/// site whose profile cannot be read is always listed, so that its render reports why.
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

/// Reads all profiles of an environment. Each profile that cannot be read is an error: it may
/// belong to this environment, and Argo CD would prune the objects that its site needs.
fn of_environment(
    environments: &Environments,
    name: &str,
    memory: &MemoryBudget,
) -> Result<Profiles, Problems> {
    let environment = environments.get(name, None)?;
    let mut sites = Vec::new();
    let mut problems = FindingList::default();
    for site in site_names(environments, None)? {
        match of_site(environments, &site, None) {
            Ok(profile) if profile.environment.name == environment.name => {
                profile.spend(memory)?;
                sites.push(profile);
            }
            Ok(_of_another) => {}
            Err(found) => problems.extend(found.0),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    Ok(Profiles::Fleet { environment, sites })
}

/// Reads the profile in a site's folder: a `profile` or a bare `deploy`, in YAML or Jsonnet.
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
                "site `{name}` has no profile: {folder}/ contains none of {}",
                FILES.join(", ")
            ))
            .into()),
        None if files.list_folders("sites").unwrap_or_default().iter().any(|one| one == name) => {
            let message = format!("site `{name}` has no profile: {folder} is not a folder");
            Err(codes::PROFILE_MISSING.finding(message).into())
        }
        None => Err(unknown_site(files, name)),
    }
}

fn profile(
    environments: &Environments,
    site: &str,
    parsed: Parsed,
    chosen: Option<&str>,
) -> Result<Profile, Problems> {
    let Parsed { root, mut warnings, memory, .. } = parsed;
    if matches!(root.value, Value::Null) {
        return Err(codes::PROFILE_EMPTY
            .finding(format!("the profile of site `{site}` is empty"))
            .at(root.origin.place())
            .into());
    }
    let top = Fields::of(&root, "a profile", PROFILE.table, Stage::Profile)?;
    environment::check_header(&top, "SiteProfile", site)?;
    let environment = find_environment(environments, &top, site, chosen)?;
    warnings.extend(unknown_key_warnings(&top, &environment));
    let warnings = limited(warnings);
    let body = helm_merge::merge_files(&environment.defaults, &without_header(&root, &top));
    check_partition(&environment, &body)?;
    Ok(Profile { site: Arc::from(site), environment, body, warnings, memory })
}

/// Returns the environment that the caller or the profile names, else the one whose partition is
/// the value of the partition label in the profile's `appLabels`.
fn find_environment(
    environments: &Environments,
    top: &Fields<'_>,
    site: &str,
    chosen: Option<&str>,
) -> Result<Arc<Environment>, Problems> {
    let named = top.text("environment")?;
    if let (Some(chosen), Some(named)) = (chosen, named.filter(|named| Some(*named) != chosen)) {
        return Err(codes::PROFILE_ENVIRONMENT
            .finding(format!("site `{site}` belongs to environment `{named}`, not to `{chosen}`"))
            .at(top.place("environment"))
            .into());
    }
    if let Some(name) = chosen.or(named) {
        let place = top.place("environment");
        return environments.get(name, place);
    }
    let label = top
        .fields("appLabels")?
        .and_then(|labels| labels.get(PARTITION_LABEL).and_then(Node::as_text));
    if let Some(label) = label
        && let Some(environment) = environments.of_partition(label)?
    {
        return Ok(environment);
    }
    Err(codes::PROFILE_ENVIRONMENT
        .finding(format!("site `{site}` does not name its environment"))
        .at(top.node().origin.place())
        .hint("set `environment: NAME` in the profile, or use --environment")
        .into())
}

/// Refuses the partition label of another environment: the workers would read its data.
fn check_partition(environment: &Environment, body: &Node) -> Result<(), Box<Finding>> {
    let label = body.pointer(&format!("/appLabels/{}", escape(PARTITION_LABEL)));
    match (&environment.partition, label.and_then(Node::as_text)) {
        (Some(own), Some(text)) if own != text => Err(Box::new(
            codes::PROFILE_PARTITION
                .finding(format!(
                    "the partition label is `{text}`, but the partition of environment `{}` is `{own}`",
                    environment.name
                ))
                .at(label.and_then(|node| node.origin.place()))
                .hint(format!("set it to `{own}`, or name another `environment` in the profile")),
        )),
        _ => Ok(()),
    }
}

fn unknown_key_warnings(top: &Fields<'_>, environment: &Environment) -> Vec<Finding> {
    let places = environment.components.values().flat_map(|component| &component.sources);
    let sources: Vec<String> = places
        .flat_map(|source| [format!("{}_url", source.name), format!("{}_ref", source.name)])
        .collect();
    let defaults =
        environment.defaults.as_mapping().into_iter().flat_map(Mapping::keys).map(AsRef::as_ref);
    let more: Vec<&str> = sources.iter().map(String::as_str).chain(defaults).collect();
    let metadata = top.fields("metadata").ok().flatten();
    let below = metadata.iter().flat_map(Fields::unknown_below);
    top.unknown(&more).into_iter().chain(below).collect()
}

fn without_header(root: &Node, top: &Fields<'_>) -> Node {
    let is_header =
        |name: &str| PROFILE_HEADER.iter().copied().flatten().any(|key| key.name == name);
    let body: Mapping = top
        .entries()
        .filter(|(key, _)| !is_header(key))
        .map(|(key, node)| (Arc::from(key), node.clone()))
        .collect();
    Node { value: Value::Mapping(Arc::new(body)), origin: root.origin.clone() }
}

impl Profiles {
    /// Returns the environment.
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        match self {
            Self::Site(profile) => &profile.environment,
            Self::Fleet { environment, .. } => environment,
        }
    }

    /// Returns the component with this name; without a name, the only component. Returns an error
    /// if there is no such component, or several and no name.
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
                || "several components, and the request names none".to_owned(),
                |name| format!("no component `{name}`"),
            );
            codes::COMPONENT_UNKNOWN
                .finding(format!("environment `{}` has {what}", environment.name))
                .hint(format!("its components: {}", known()))
                .into()
        })
    }
}
