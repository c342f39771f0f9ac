//! JSON Schemas of strangers: used where they stand, never fetched.
//!
//! A remote `$ref` accepts anything. The chart that this was measured on has 18 of them,
//! and a render must not depend on somebody's web server.

pub(crate) mod extension;

use std::collections::BTreeSet;

use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

use crate::secret;

/// A schema that can be asked, and the remote references it would have followed.
pub(crate) struct Schema {
    /// The validator.
    pub(crate) validator: Validator,
    /// URLs that accept anything here.
    pub(crate) remote: BTreeSet<String>,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// Says why it is none.
    pub(crate) fn compile(schema: &Json) -> Result<Self, String> {
        let mut remote = BTreeSet::new();
        let local = without_remote_refs(schema, &mut remote);
        let validator = jsonschema::options().build(&local).map_err(|error| error.to_string())?;
        Ok(Self { validator, remote })
    }
}

/// What a schema says of a value; where a secret may stand, without the value.
pub(crate) fn complaint(error: &ValidationError<'_>, path: &str) -> String {
    if path.split('/').any(secret::is_named_by) {
        error.masked().to_string()
    } else {
        error.to_string()
    }
}

/// The schema with `{}` in place of every object that refers to another host.
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
            // `$id` would make local references relative to somebody's web server.
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
