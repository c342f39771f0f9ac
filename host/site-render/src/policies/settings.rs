//! The settings of a site's policies, with the settings from outside the fleet merged over
//! them: first the variables, then the named settings, which override variables.
//!
//! A name that is not a setting of this site's policies is refused: a setting without effect
//! would hide a mistake.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::convert;
use super::property::Property;
use crate::codes;
use crate::fields::{with_suggestion, with_suggestion_or};
use crate::finding::{Finding, clip_text};
use crate::helm_merge;
use crate::json;
use crate::origin::Origin;
use crate::policy_store::{LoadedPolicy, PolicyStore};
use crate::secret;
use crate::setting::{RawValue, Settings};
use crate::suggestion::nearest;
use crate::value::{Mapping, Node, Value};

/// How many names a hint lists, and the longest name that a message shows, in characters.
const LISTED: usize = 12;
const NAME: usize = 80;

/// The longest path of a setting, in keys: no schema that a person reads is deeper.
const MAX_KEYS: usize = 32;

/// Policies by name, each with its settings.
pub(crate) type PolicySettings = IndexMap<String, Node>;

/// A setting from outside the fleet, with the place in its policy's settings.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    /// The name it has as a parameter.
    pub(crate) name: String,
    /// The value as the caller wrote it.
    pub(crate) raw: RawValue,
    policy: String,
    path: Vec<String>,
    value: Json,
    from: Arc<str>,
    /// Whether it names its policy, and so is stronger than a variable.
    named: bool,
}

/// The settings of a site's policies, with the overrides merged in.
#[derive(Debug, Default)]
pub(crate) struct ResolvedSettings {
    /// All policies, with their settings.
    pub(crate) policies: PolicySettings,
    /// The overrides, weakest first.
    pub(crate) overrides: Vec<Override>,
    /// Errors on overrides that cannot be used.
    pub(crate) problems: Vec<Finding>,
}

/// Merges settings from outside the fleet over the settings of a site's policies.
pub(crate) fn apply_overrides(
    store: &PolicyStore,
    whose: &str,
    policies: &PolicySettings,
    settings: &Settings,
) -> ResolvedSettings {
    let mut resolved =
        ResolvedSettings { policies: policies.clone(), ..ResolvedSettings::default() };
    if settings.is_empty() {
        return resolved;
    }
    // The evaluation of a policy that cannot be loaded reports its error.
    let loaded = policies.keys().filter_map(|name| Some((name, store.get(name, None).ok()?)));
    let schemas: Schemas = loaded.map(|(name, loaded)| (name.clone(), loaded)).collect();
    let known = KnownSettings { store, whose, policies, schemas };
    known.resolve_variables(&settings.variables, &mut resolved);
    known.resolve_named(settings, &mut resolved);
    resolved.overrides.sort_by_key(|one| (one.named, one.path.len()));
    for one in &resolved.overrides {
        let origin = Origin::Override(one.from.clone());
        let value = json::from_serde(&one.value, &origin);
        let leaf = Node { value, origin: origin.clone() };
        let settings = one.path.iter().rev().fold(leaf, |node, key| {
            let mapping = Mapping::from([(Arc::from(key.as_str()), node)]);
            Node { value: Value::Mapping(Arc::new(mapping)), origin: origin.clone() }
        });
        if let Some(slot) = resolved.policies.get_mut(&one.policy) {
            *slot = helm_merge::merge_files(slot, &settings);
        }
    }
    resolved
}

type Schemas = IndexMap<String, Arc<LoadedPolicy>>;

/// A setting that exists: its policy, its keys and its schema.
type ResolvedName<'k> = (&'k str, Vec<&'k str>, Property<'k>);

/// The settings of a site's policies, by their schemas.
struct KnownSettings<'a> {
    store: &'a PolicyStore,
    /// The name of the site or environment in messages.
    whose: &'a str,
    policies: &'a PolicySettings,
    schemas: Schemas,
}

impl KnownSettings<'_> {
    /// Resolves the settings that name their policy.
    fn resolve_named(&self, settings: &Settings, resolved: &mut ResolvedSettings) {
        for setting in &settings.named {
            let (policy, path) = setting.name.split_once('.').unwrap_or((&setting.name, ""));
            let name = self.resolve_name(policy, path, &setting.from);
            let one = name.and_then(|name| {
                let Some(name) = name else { return Ok(None) };
                to_override(name, &setting.value, &setting.from, true).map(Some)
            });
            match one {
                Ok(one) => resolved.overrides.extend(one),
                Err(finding) => resolved.problems.push(*finding),
            }
        }
    }

    /// Returns the setting of a name, or nothing where its policy could not be loaded.
    fn resolve_name<'k>(
        &'k self,
        policy: &'k str,
        path: &'k str,
        from: &str,
    ) -> Result<Option<ResolvedName<'k>>, Box<Finding>> {
        if !self.policies.contains_key(policy) {
            return Err(self.unknown_policy(policy, from));
        }
        let Some(loaded) = self.schemas.get(policy) else { return Ok(None) };
        let mut property = Property::top(&loaded.policy.description().settings_schema);
        let mut keys = Vec::new();
        for key in path.split('.') {
            let next = property.get(key).filter(|_| keys.len() < MAX_KEYS);
            property = next.ok_or_else(|| unknown_setting(policy, &keys, key, property, from))?;
            keys.push(key);
        }
        Ok(Some((policy, keys, property)))
    }

    /// Resolves environment variables, each to the one setting that it can mean.
    fn resolve_variables(
        &self,
        variables: &BTreeMap<String, String>,
        resolved: &mut ResolvedSettings,
    ) {
        let mut known: BTreeMap<String, Vec<ResolvedName<'_>>> = BTreeMap::new();
        for (policy, loaded) in &self.schemas {
            let top = Property::top(&loaded.policy.description().settings_schema);
            for (keys, property) in top.tree() {
                let name = format!("{}_{}", env_var_name(policy), env_var_name(&keys.join("_")));
                known.entry(name).or_default().push((policy, keys, property));
            }
        }
        for (variable, text) in variables {
            let from = format!("variable ARGOCD_ENV_{variable}");
            let one = match known.get(variable).map(Vec::as_slice) {
                Some([name]) => {
                    let raw = RawValue::Text(text.clone());
                    to_override(name.clone(), &raw, &Arc::from(from), false).map(Some)
                }
                Some(several) => Err(ambiguous_variable(several, &from)),
                None => self.unknown_variable(variable, &known, &from).map_or(Ok(None), Err),
            };
            match one {
                Ok(one) => resolved.overrides.extend(one),
                Err(finding) => resolved.problems.push(*finding),
            }
        }
    }

    /// Returns the error for a variable that begins with a policy's name and names no setting
    /// of it.
    fn unknown_variable(
        &self,
        variable: &str,
        known: &BTreeMap<String, Vec<ResolvedName<'_>>>,
        from: &str,
    ) -> Option<Box<Finding>> {
        let begins = |policy: &&String| {
            variable.strip_prefix(&env_var_name(policy)).is_some_and(|rest| rest.starts_with('_'))
        };
        if let Some(policy) = self.policies.keys().find(begins) {
            // The settings of a policy that could not be loaded are not known.
            self.schemas.get(policy)?;
            let message = format!("{from}: policy `{policy}` has no such setting");
            let finding = codes::SETTING_UNKNOWN.finding(message);
            let known = known.keys().map(String::as_str);
            return Some(Box::new(with_suggestion(finding, variable, known)));
        }
        let pinned = self.store.lock.policies.keys().find(begins)?;
        Some(self.unknown_policy(pinned, from))
    }

    /// Returns the error for a policy that the site does not use.
    fn unknown_policy(&self, policy: &str, from: &str) -> Box<Finding> {
        let whose = self.whose;
        let message = format!("{from}: {whose} does not use policy `{}`", clip_text(policy, NAME));
        let finding = codes::SETTING_POLICY.finding(message);
        let names = || self.policies.keys().map(String::as_str);
        Box::new(with_suggestion_or(finding, policy, names(), || {
            format!("it uses {}", list_names(names()))
        }))
    }
}

/// Converts a raw value to the type of its setting.
fn to_override(
    (policy, keys, property): ResolvedName<'_>,
    raw: &RawValue,
    from: &Arc<str>,
    named: bool,
) -> Result<Override, Box<Finding>> {
    let secret = keys.iter().any(|key| secret::is_named_by(key));
    let value = convert::convert_value(raw, property).map_err(|wrong| {
        let wrong = if secret { "it has another type" } else { &wrong };
        let message = format!("{from}: `{}` of policy `{policy}`: {wrong}", keys.join("."));
        Box::new(codes::SETTING_TYPE.finding(message))
    })?;
    Ok(Override {
        name: format!("{policy}.{}", keys.join(".")),
        raw: raw.clone(),
        policy: policy.to_owned(),
        path: keys.into_iter().map(str::to_owned).collect(),
        value,
        from: from.clone(),
        named,
    })
}

fn unknown_setting(
    policy: &str,
    above: &[&str],
    key: &str,
    property: Property<'_>,
    from: &str,
) -> Box<Finding> {
    let path: Vec<&str> = above.iter().copied().chain([key]).collect();
    let name = clip_text(&path.join("."), NAME);
    let message = format!("{from}: policy `{policy}` has no setting `{name}`");
    let finding = codes::SETTING_UNKNOWN.finding(message);
    let known = || property.properties().map(|(key, _)| key);
    let within = |key: &str| above.iter().copied().chain([key]).collect::<Vec<_>>().join(".");
    Box::new(match nearest(key, known()) {
        Some(near) => finding.hint(format!("did you mean `{}`?", within(near))),
        None if known().next().is_none() => finding.hint("it has no settings at this path"),
        None => finding.hint(format!("it has {}", list_names(known()))),
    })
}

/// Returns the error for a variable that several settings could mean.
fn ambiguous_variable(several: &[ResolvedName<'_>], from: &str) -> Box<Finding> {
    let names = several.iter().map(|(policy, keys, _)| format!("{policy}.{}", keys.join(".")));
    let names: Vec<String> = names.collect();
    let message = format!("{from} could be {}", names.join(" or "));
    let finding = codes::SETTING_AMBIGUOUS.finding(message);
    Box::new(finding.hint("set it as a parameter of the plugin instead"))
}

/// Returns a name in the spelling of an environment variable.
fn env_var_name(name: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(upper).collect()
}

/// Returns the first names as a list for a hint.
fn list_names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.take(LISTED + 1).collect();
    if names.len() > LISTED {
        names[LISTED] = "…";
    }
    names.join(", ")
}
