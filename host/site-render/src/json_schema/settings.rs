//! The settings of pinned policies, as parts of a larger schema.
//!
//! Settings are merged from an environment, a profile and an Application, so each of these may
//! be incomplete. The definitions here therefore require nothing; the render validates the
//! merged settings against the policy's own schema.

use serde_json::{Map, Value as Json, json};

use super::builder::allow_null;
use crate::finding::Problems;
use crate::fleet::Fleet;
use crate::policy::Scope;

/// A pinned policy's settings.
pub(super) struct Pinned {
    name: String,
    pub(super) component: String,
    pub(super) scopes: Vec<Scope>,
    definition: Json,
}

/// Loads the policies of a fleet's lock.
pub(super) fn load_pinned(fleet: &Fleet) -> Result<Vec<Pinned>, Problems> {
    let load = |name: &String| {
        let loaded = fleet.policies.get(name, None)?;
        let described = loaded.policy.description();
        Ok(Pinned {
            name: name.clone(),
            component: described.component.clone(),
            scopes: described.scopes.clone(),
            definition: definition(name, &described.settings_schema),
        })
    };
    fleet.policies.lock.policies.keys().map(load).collect()
}

/// Returns the definitions that [`listed`] refers to.
pub(super) fn definitions(pinned: &[Pinned]) -> Map<String, Json> {
    pinned.iter().map(|policy| (policy.name.clone(), policy.definition.clone())).collect()
}

/// Returns the schema of a mapping from names of policies to their settings.
pub(super) fn listed(pinned: &[Pinned], is_valid: impl Fn(&Pinned) -> bool) -> Json {
    let valid = pinned.iter().filter(|policy| is_valid(policy));
    let refer = |policy: &Pinned| json!({ "$ref": format!("#/$defs/{}", policy.name) });
    let properties: Map<_, _> = valid.map(|policy| (policy.name.clone(), refer(policy))).collect();
    json!({
        "type": ["object", "null"],
        "description": "Policies of policies.lock, each with its settings.",
        "properties": properties,
        "additionalProperties": false,
    })
}

/// Returns a policy's schema as a definition of a larger schema.
pub(super) fn definition(policy: &str, schema: &Json) -> Json {
    let mut definition = partial(schema, policy);
    if let Json::Object(keywords) = &mut definition {
        allow_null(keywords);
    }
    definition
}

/// Returns a schema that accepts a part of what `schema` accepts: nothing is required of a
/// mapping. Lists replace each other as a whole, so their items stay as they are.
fn partial(schema: &Json, policy: &str) -> Json {
    let Json::Object(keywords) = schema else { return schema.clone() };
    let each = |value: &Json| match value {
        Json::Object(parts) => {
            parts.iter().map(|(name, part)| (name.clone(), partial(part, policy))).collect()
        }
        Json::Array(parts) => parts.iter().map(|part| partial(part, policy)).collect(),
        other => other.clone(),
    };
    let mut result = Map::new();
    for (keyword, value) in keywords {
        let value = match keyword.as_str() {
            // A part of the settings may violate a condition that the merged settings satisfy.
            "required" | "dependentRequired" | "dependentSchemas" | "minProperties" | "if"
            | "then" | "else" | "not" | "$schema" | "$id" => continue,
            "properties" | "patternProperties" | "$defs" | "definitions" | "allOf" | "anyOf" => {
                each(value)
            }
            // Of several branches that required different keys, more than one may match now.
            "oneOf" => {
                result.insert("anyOf".to_owned(), each(value));
                continue;
            }
            "additionalProperties" | "unevaluatedProperties" | "propertyNames" => {
                partial(value, policy)
            }
            "$ref" => match moved(value, policy) {
                Some(reference) => reference,
                None => continue,
            },
            _ => whole(value, policy),
        };
        result.insert(keyword.clone(), value);
    }
    Json::Object(result)
}

/// Returns a value with its references moved.
fn whole(value: &Json, policy: &str) -> Json {
    match value {
        Json::Object(entries) => {
            let entries = entries.iter().filter_map(|(name, value)| match name.as_str() {
                "$ref" => Some((name.clone(), moved(value, policy)?)),
                _ => Some((name.clone(), whole(value, policy))),
            });
            Json::Object(entries.collect())
        }
        Json::Array(items) => items.iter().map(|item| whole(item, policy)).collect(),
        scalar => scalar.clone(),
    }
}

/// Returns a reference into a policy's own schema as one into its definition. A reference to
/// another document is dropped: an editor must not fetch what a render never fetches.
fn moved(reference: &Json, policy: &str) -> Option<Json> {
    let inside = reference.as_str()?.strip_prefix('#')?;
    Some(json!(format!("#/$defs/{policy}{inside}")))
}
