//! The settings of a site's policies, with those from beside the fleet on top: first the
//! variables, then what was named, the nearer the later.
//!
//! A name that leads to no setting of a policy of this site is refused, for a setting that
//! has no effect is a mistake that nobody sees.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::convert;
use super::load::Ready;
use super::property::Property;
use crate::codes;
use crate::fields::{nearest, with_suggestion, with_suggestion_or};
use crate::finding::{Finding, clipped};
use crate::fleet::Fleet;
use crate::json;
use crate::merge;
use crate::origin::Origin;
use crate::secret;
use crate::setting::{Said, Settings};
use crate::value::{Mapping, Node, Value};

/// How many names a hint lists, and the longest name that a message shows, in characters.
const LISTED: usize = 12;
const NAME: usize = 80;

/// The longest path of a setting, in keys: no schema that a person reads goes deeper.
const MAX_KEYS: usize = 32;

/// Policies by name, each with its settings.
pub(crate) type Policies = IndexMap<String, Node>;

/// A setting from beside the fleet, at its place.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The name it has as a parameter.
    pub(crate) name: String,
    /// What was said.
    pub(crate) said: Said,
    policy: String,
    path: Vec<String>,
    value: Json,
    from: Arc<str>,
    /// Whether it was named, and so is stronger than a variable.
    named: bool,
}

/// What came of settings from beside the fleet.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// All policies, with their settings.
    pub(crate) policies: Policies,
    /// What was given, weakest first.
    pub(crate) given: Vec<Given>,
    /// What cannot be.
    pub(crate) problems: Vec<Finding>,
}

/// Lays what was asked for over the settings of a site's policies.
pub(crate) fn settle(fleet: &Fleet, whose: &str, policies: &Policies, asked: &Settings) -> Settled {
    let mut settled = Settled { policies: policies.clone(), ..Settled::default() };
    if asked.is_empty() {
        return settled;
    }
    // A policy that cannot be loaded says so itself, when it is asked.
    let loaded = policies.keys().filter_map(|name| Some((name, fleet.policy(name, None).ok()?)));
    let schemas: Schemas = loaded.map(|(name, ready)| (name.clone(), ready)).collect();
    let known = Known { fleet, whose, policies, schemas };
    known.variables(&asked.variables, &mut settled);
    known.named(asked, &mut settled);
    settled.given.sort_by_key(|given| (given.named, given.path.len()));
    for given in &settled.given {
        let origin = Origin::Asked(given.from.clone());
        let value = json::from_serde(&given.value, &origin);
        let leaf = Node { value, origin: origin.clone() };
        let settings = given.path.iter().rev().fold(leaf, |node, key| {
            let mapping = Mapping::from([(Arc::from(key.as_str()), node)]);
            Node { value: Value::Mapping(Arc::new(mapping)), origin: origin.clone() }
        });
        if let Some(slot) = settled.policies.get_mut(&given.policy) {
            *slot = merge::files(slot, &settings);
        }
    }
    settled
}

type Schemas = IndexMap<String, Arc<Ready>>;

/// A setting's policy and keys, and its schema.
type Found<'k> = (&'k str, Vec<&'k str>, Property<'k>);

/// The settings that there are.
struct Known<'a> {
    fleet: &'a Fleet,
    /// The site or environment, as messages call it.
    whose: &'a str,
    policies: &'a Policies,
    schemas: Schemas,
}

impl Known<'_> {
    fn named(&self, asked: &Settings, settled: &mut Settled) {
        for setting in &asked.named {
            let (policy, path) = setting.name.split_once('.').unwrap_or((&setting.name, ""));
            let found = self.find(policy, path, &setting.from);
            let given = found.and_then(|found| {
                let Some(found) = found else { return Ok(None) };
                given(found, &setting.said, &setting.from, true).map(Some)
            });
            match given {
                Ok(given) => settled.given.extend(given),
                Err(finding) => settled.problems.push(*finding),
            }
        }
    }

    /// The setting of a name, or nothing where its policy could not be loaded.
    fn find<'k>(
        &'k self,
        policy: &'k str,
        path: &'k str,
        from: &str,
    ) -> Result<Option<Found<'k>>, Box<Finding>> {
        if !self.policies.contains_key(policy) {
            return Err(self.no_policy(policy, from));
        }
        let Some(ready) = self.schemas.get(policy) else { return Ok(None) };
        let mut property = Property::top(&ready.policy.description().settings_schema);
        let mut keys = Vec::new();
        for key in path.split('.') {
            let next = property.get(key).filter(|_| keys.len() < MAX_KEYS);
            property = next.ok_or_else(|| no_setting(policy, &keys, key, property, from))?;
            keys.push(key);
        }
        Ok(Some((policy, keys, property)))
    }

    fn variables(&self, variables: &BTreeMap<String, String>, settled: &mut Settled) {
        let mut known: BTreeMap<String, Vec<Found<'_>>> = BTreeMap::new();
        for (policy, ready) in &self.schemas {
            let top = Property::top(&ready.policy.description().settings_schema);
            for (keys, property) in top.tree() {
                let name = format!("{}_{}", shouted(policy), shouted(&keys.join("_")));
                known.entry(name).or_default().push((policy, keys, property));
            }
        }
        for (variable, said) in variables {
            let from = format!("variable ARGOCD_ENV_{variable}");
            let given = match known.get(variable).map(Vec::as_slice) {
                Some([found]) => {
                    given(found.clone(), &Said::Text(said.clone()), &Arc::from(from), false)
                        .map(Some)
                }
                Some(several) => Err(ambiguous(several, &from)),
                None => self.no_variable(variable, &known, &from).map_or(Ok(None), Err),
            };
            match given {
                Ok(given) => settled.given.extend(given),
                Err(finding) => settled.problems.push(*finding),
            }
        }
    }

    /// An error for a variable that begins with a policy's name and is no setting of it.
    fn no_variable(
        &self,
        variable: &str,
        known: &BTreeMap<String, Vec<Found<'_>>>,
        from: &str,
    ) -> Option<Box<Finding>> {
        let begins = |policy: &&String| {
            variable.strip_prefix(&shouted(policy)).is_some_and(|rest| rest.starts_with('_'))
        };
        if let Some(policy) = self.policies.keys().find(begins) {
            // Where the policy could not be loaded, its settings are not known.
            self.schemas.get(policy)?;
            let message = format!("{from}: policy `{policy}` has no such setting");
            let finding = codes::SETTING_UNKNOWN.finding(message);
            let known = known.keys().map(String::as_str);
            return Some(Box::new(with_suggestion(finding, variable, known)));
        }
        let pinned = self.fleet.lock.policies.keys().find(begins)?;
        Some(self.no_policy(pinned, from))
    }

    fn no_policy(&self, policy: &str, from: &str) -> Box<Finding> {
        let whose = self.whose;
        let message = format!("{from}: {whose} uses no policy `{}`", clipped(policy, NAME));
        let finding = codes::SETTING_POLICY.finding(message);
        let names = || self.policies.keys().map(String::as_str);
        Box::new(with_suggestion_or(finding, policy, names(), || {
            format!("it uses {}", listed(names()))
        }))
    }
}

fn given(
    (policy, keys, property): Found<'_>,
    said: &Said,
    from: &Arc<str>,
    named: bool,
) -> Result<Given, Box<Finding>> {
    let secret = keys.iter().any(|key| secret::is_named_by(key));
    let value = convert::value(said, property).map_err(|wrong| {
        let wrong = if secret { "it is of another type" } else { &wrong };
        let message = format!("{from}: `{}` of policy `{policy}`: {wrong}", keys.join("."));
        Box::new(codes::SETTING_TYPE.finding(message))
    })?;
    Ok(Given {
        name: format!("{policy}.{}", keys.join(".")),
        said: said.clone(),
        policy: policy.to_owned(),
        path: keys.into_iter().map(str::to_owned).collect(),
        value,
        from: from.clone(),
        named,
    })
}

fn no_setting(
    policy: &str,
    above: &[&str],
    key: &str,
    property: Property<'_>,
    from: &str,
) -> Box<Finding> {
    let path: Vec<&str> = above.iter().copied().chain([key]).collect();
    let name = clipped(&path.join("."), NAME);
    let message = format!("{from}: policy `{policy}` has no setting `{name}`");
    let finding = codes::SETTING_UNKNOWN.finding(message);
    let known = || property.listed().map(|(key, _)| key);
    let within = |key: &str| above.iter().copied().chain([key]).collect::<Vec<_>>().join(".");
    Box::new(match nearest(key, known()) {
        Some(near) => finding.hint(format!("did you mean `{}`?", within(near))),
        None if known().next().is_none() => finding.hint("nothing can be set there"),
        None => finding.hint(format!("there are {}", listed(known()))),
    })
}

fn ambiguous(several: &[Found<'_>], from: &str) -> Box<Finding> {
    let names = several.iter().map(|(policy, keys, _)| format!("{policy}.{}", keys.join(".")));
    let names: Vec<String> = names.collect();
    let message = format!("{from} could be {}", names.join(" or "));
    let finding = codes::SETTING_AMBIGUOUS.finding(message);
    Box::new(finding.hint("name it as a parameter of the plugin"))
}

/// A name as an environment variable has it.
fn shouted(name: &str) -> String {
    let shout = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(shout).collect()
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.take(LISTED + 1).collect();
    if names.len() > LISTED {
        names[LISTED] = "…";
    }
    names.join(", ")
}
