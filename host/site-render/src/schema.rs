//! JSON Schemas of charts and policies; remote schemas are never fetched.
//!
//! A remote `$ref` accepts any value, because a render must not depend on another web server. The
//! chart that this was measured on has 18 of them.

pub(crate) mod extension;

use std::collections::BTreeSet;

use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

use crate::secret;

/// A compiled schema, and the remote references that it ignores.
pub(crate) struct Schema {
    /// The validator.
    pub(crate) validator: Validator,
    /// The URLs whose schemas accept any value here.
    pub(crate) remote: BTreeSet<String>,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// Returns the reason why the schema is not valid.
    pub(crate) fn compile(schema: &Json) -> Result<Self, String> {
        let mut remote = BTreeSet::new();
        let local = without_remote_refs(schema, &mut remote);
        let validator = jsonschema::options().build(&local).map_err(|error| error.to_string())?;
        Ok(Self { validator, remote })
    }
}

/// Returns the message of a validation error, without the value if it may be a secret.
pub(crate) fn complaint(error: &ValidationError<'_>, path: &str) -> String {
    if path.split('/').any(secret::is_named_by) {
        error.masked().to_string()
    } else {
        error.to_string()
    }
}

/// Returns the schema with `{}` in place of every object that refers to a remote schema.
fn without_remote_refs(schema: &Json, remote: &mut BTreeSet<String>) -> Json {
    match schema {
        Json::Object(object) => {
            let reference = object
                .get("$ref")
                .and_then(Json::as_str)
                .filter(|reference| reference.contains("://"));
            if let Some(reference) = reference {
                remote.insert(reference.to_owned());
                return Json::Object(serde_json::Map::new());
            }
            // `$id` would make local references relative to a remote URL.
            let kept = object.iter().filter(|(key, value)| *key != "$id" || !value.is_string());
            Json::Object(
                kept.map(|(key, value)| (key.clone(), without_remote_refs(value, remote)))
                    .collect(),
            )
        }
        Json::Array(items) => {
            Json::Array(items.iter().map(|item| without_remote_refs(item, remote)).collect())
        }
        scalar => scalar.clone(),
    }
}
