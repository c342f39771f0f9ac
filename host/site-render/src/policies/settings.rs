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
use super::variables::{VariablePrefixes, env_var_name};
use crate::codes;
use crate::disclosure::key_names::names_secret;
use crate::fields::with_hint;
use crate::finding::{Finding, Severity, clip_text};
use crate::finding_list::FindingList;
use crate::helm_merge;
use crate::json;
use crate::origin::Origin;
use crate::policy_store::{LoadedPolicy, PolicyStore};
use crate::setting::{RawValue, Settings};
use crate::suggestion::Suggester;
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
    pub(crate) problems: FindingList,
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
    let known = KnownSettings { store, whose, policies, schemas, suggester: Suggester::default() };
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
            helm_merge::merge_into(slot, &settings);
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
    suggester: Suggester,
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
            property =
                next.ok_or_else(|| self.unknown_setting(policy, &keys, key, property, from))?;
            keys.push(key);
        }
        Ok(Some((policy, keys, property)))
    }

    /// Returns the error for a setting that a policy does not have.
    fn unknown_setting(
        &self,
        policy: &str,
        above: &[&str],
        key: &str,
        property: Property<'_>,
        from: &str,
    ) -> Box<Finding> {
        let full_name =
            |key: &str| above.iter().copied().chain([key]).collect::<Vec<_>>().join(".");
        let name = clip_text(&full_name(key), NAME);
        let message = format!("{from}: policy `{policy}` has no setting `{name}`");
        let finding = codes::SETTING_UNKNOWN.finding(message);
        let known = || property.properties().map(|(key, _)| key);
        Box::new(match self.suggester.nearest(key, property.property_count(), known()) {
            Some(near) => finding.hint(format!("did you mean `{}`?", full_name(near))),
            None if known().next().is_none() => finding.hint("it has no settings at this path"),
            None => finding.hint(format!("it has {}", list_names(known()))),
        })
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
        let used = VariablePrefixes::of(self.policies.keys());
        let pinned = VariablePrefixes::of(self.store.lock.policies.keys());
        for (variable, text) in variables {
            let from = || format!("variable ARGOCD_ENV_{variable}");
            let problems = &mut resolved.problems;
            match known.get(variable).map(Vec::as_slice) {
                Some([name]) => {
                    let raw = RawValue::Text(text.clone());
                    match to_override(name.clone(), &raw, &Arc::from(from()), false) {
                        Ok(one) => resolved.overrides.push(one),
                        Err(finding) => problems.push(*finding),
                    }
                }
                Some(several) => {
                    problems.push_with(Severity::Error, || ambiguous_variable(several, &from()));
                }
                None => match (used.policy_of(variable), pinned.policy_of(variable)) {
                    // The settings of a policy that could not be loaded are not known.
                    (Some(policy), _) if !self.schemas.contains_key(policy) => {}
                    (Some(policy), _) => problems.push_with(Severity::Error, || {
                        self.unknown_variable(policy, variable, &known, &from())
                    }),
                    (None, Some(policy)) => problems
                        .push_with(Severity::Error, || *self.unknown_policy(policy, &from())),
                    (None, None) => {}
                },
            }
        }
    }

    /// Returns the error for a variable that begins with a policy's name and names no setting
    /// of it.
    fn unknown_variable(
        &self,
        policy: &str,
        variable: &str,
        known: &BTreeMap<String, Vec<ResolvedName<'_>>>,
        from: &str,
    ) -> Finding {
        let message = format!("{from}: policy `{policy}` has no such setting");
        let finding = codes::SETTING_UNKNOWN.finding(message);
        let keys = known.keys().map(String::as_str);
        with_hint(finding, self.suggester.nearest(variable, known.len(), keys))
    }

    /// Returns the error for a policy that the site does not use.
    fn unknown_policy(&self, policy: &str, from: &str) -> Box<Finding> {
        let whose = self.whose;
        let message = format!("{from}: {whose} does not use policy `{}`", clip_text(policy, NAME));
        let finding = codes::SETTING_POLICY.finding(message);
        let names = || self.policies.keys().map(String::as_str);
        Box::new(match self.suggester.nearest(policy, self.policies.len(), names()) {
            Some(near) => with_hint(finding, Some(near)),
            None => finding.hint(format!("it uses {}", list_names(names()))),
        })
    }
}

/// Converts a raw value to the type of its setting.
fn to_override(
    (policy, keys, property): ResolvedName<'_>,
    raw: &RawValue,
    from: &Arc<str>,
    named: bool,
) -> Result<Override, Box<Finding>> {
    let secret = keys.iter().any(|key| names_secret(key));
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

/// Returns the error for a variable that several settings could mean.
fn ambiguous_variable(several: &[ResolvedName<'_>], from: &str) -> Finding {
    let names = several.iter().map(|(policy, keys, _)| format!("{policy}.{}", keys.join(".")));
    let names: Vec<String> = names.collect();
    let message = format!("{from} could be {}", names.join(" or "));
    let finding = codes::SETTING_AMBIGUOUS.finding(message);
    finding.hint("set it as a parameter of the plugin instead")
}

/// Returns the first names as a list for a hint.
fn list_names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.take(LISTED + 1).collect();
    if names.len() > LISTED {
        names[LISTED] = "…";
    }
    names.join(", ")
}
