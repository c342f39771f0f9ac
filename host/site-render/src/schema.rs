//! JSON Schemas of charts and policies; remote schemas are never fetched.
//!
//! A remote `$ref` accepts any value, because a render must not depend on another web server. The
//! chart that this was measured on has 18 of them.
//!
//! A schema is input like any other: its size, the size of its regular expressions and the steps
//! of each validation have limits, and all are checked before the memory or the time is spent.

mod compiled;
mod cost;
pub(crate) mod extension;
mod references;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value as Json;

use crate::disclosure::{
    CLIP_MARGIN, clip_text, is_secret_at, shown_data, shown_lines, shown_of_schema,
};
use cost::{Steps, count_steps};
use references::{Anchors, References, find_anchors};

/// The keys and values of one schema: ten times those of the largest schema of a chart that we
/// know. A compiled one takes up to a KiB for each.
pub(crate) const MAX_VALUES: usize = 50_000;

/// The memory of all regular expressions of one schema, and the most that a single one gets, in
/// bytes. `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$` takes 2 KB.
const PATTERN_BYTES: usize = 16 << 20;
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// How often a match with lookaround or back references may go back in its text.
const BACKTRACKS: usize = 10_000;

/// The errors of one validation, with the values that they copy: about a KiB each.
const MAX_ERRORS: u64 = 50_000;

/// The longest message of a validator, in characters. A longer one is written without the value.
const MAX_MESSAGE: usize = 4096;

/// The hint for a validation that takes too many steps.
pub(crate) const COST_HINT: &str =
    "simplify the schema: `$ref`, `allOf`, `anyOf` and `oneOf` inside each other multiply";

/// A compiled schema, and the remote references that it ignores.
pub(crate) struct Schema {
    validator: Validator,
    /// The schema without its remote references.
    local: Json,
    anchors: Anchors,
    /// The URLs whose schemas accept any value here.
    pub(crate) remote: BTreeSet<String>,
}

/// The result of a validation.
pub(crate) enum Validation {
    /// The value is valid.
    Valid,
    /// The first errors.
    Invalid(Vec<SchemaError>),
    /// The validation would take too many steps.
    TooExpensive,
}

/// One reason why a value is not valid.
pub(crate) struct SchemaError {
    /// The JSON Pointer of the wrong value.
    pub(crate) path: String,
    /// The validator's message.
    pub(crate) message: String,
    /// The keys of the value that the schema does not allow, if that is the reason.
    pub(crate) unknown_keys: Vec<String>,
}

impl Schema {
    /// Compiles a schema, unless it is remembered from an earlier call.
    ///
    /// # Errors
    /// Returns the reason why the schema is not valid.
    pub(crate) fn compile(schema: &Json) -> Result<Arc<Self>, String> {
        let values = count_nodes(schema);
        if values > MAX_VALUES {
            return Err(format!("it has {values} keys and values, more than {MAX_VALUES}"));
        }
        compiled::get_or_compile(schema, values)
    }

    /// Compiles a schema of allowed size.
    fn compile_checked(schema: &Json) -> Result<Self, String> {
        let mut cleaner = Cleaner { remote: BTreeSet::new(), has_plain_id: has_plain_id(schema) };
        let local = cleaner.clean(schema);
        let size = PATTERN_BYTES / count_patterns(&local).max(1);
        let size = size.min(MAX_PATTERN_BYTES);
        let patterns = PatternOptions::fancy_regex()
            .backtrack_limit(BACKTRACKS)
            .size_limit(size)
            .dfa_size_limit(size);
        let options = jsonschema::options().with_pattern_options(patterns);
        let validator = options.build(&local).map_err(|error| {
            let place = error.instance_path();
            format!("{} (at `{place}`)", shown_of_schema(&clipped(&error), schema))
        })?;
        let anchors = find_anchors(&local);
        Ok(Self { validator, local, anchors, remote: cleaner.remote })
    }

    /// Validates a value; reports at most `most` errors.
    pub(crate) fn validate(&self, value: &Json, most: usize) -> Validation {
        let references = References::new(&self.local, &self.anchors);
        let Ok(steps) = count_steps(&self.local, &references, value) else {
            return Validation::TooExpensive;
        };
        if self.validator.is_valid(value) {
            return Validation::Valid;
        }
        Validation::Invalid(self.errors(value, most, steps))
    }

    /// Returns the first errors; only one where the validator, which collects all of them, could
    /// collect too many.
    fn errors(&self, value: &Json, most: usize, steps: Steps) -> Vec<SchemaError> {
        let describe = |error: ValidationError<'_>| {
            let path = error.instance_path().to_string();
            let unknown_keys = match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected }
                | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected.clone(),
                _ => Vec::new(),
            };
            SchemaError { message: complaint(&error, value, &path), path, unknown_keys }
        };
        if steps.copies > MAX_ERRORS {
            let message = "it is not valid; the schema has too many choices to say where";
            let (path, message) = (String::new(), message.to_owned());
            return vec![SchemaError { path, message, unknown_keys: Vec::new() }];
        }
        if steps.errors > MAX_ERRORS {
            return self.validator.validate(value).err().map(describe).into_iter().collect();
        }
        self.validator.iter_errors(value).take(most).map(describe).collect()
    }
}

/// The longest text of a value that a message quotes, in bytes.
const QUOTED: usize = 200;

/// Returns the message of a validation error. It quotes a scalar that is not a secret and names
/// the type of any other value: a list or an object may contain secrets, and its text is long.
fn complaint(error: &ValidationError<'_>, root: &Json, path: &str) -> String {
    let secret = is_secret_at(root, path);
    if quotes_schema(error.kind(), secret) {
        return format!("this value is not valid (`{}`)", error.kind().keyword());
    }
    // These messages have the names of keys, and not the value.
    let names_keys = matches!(
        error.kind(),
        ValidationErrorKind::AdditionalProperties { .. } | ValidationErrorKind::Required { .. }
    );
    let name = match error.instance().as_ref() {
        _ if secret => "this value",
        Json::Array(_) => "this list",
        Json::Object(_) if !names_keys => "this object",
        Json::String(text) if text.len() > QUOTED => "this text",
        // The message quotes it as one line, in which a secret of several is not found.
        Json::String(text) if text.contains('\n') && shown_lines(text) != *text => "this text",
        _ => return clipped(error),
    };
    clipped(&error.masked_with(name))
}

/// Returns whether a message would quote what a schema says of a secret: of this value, if it is
/// one, or of values in it.
fn quotes_schema(kind: &ValidationErrorKind, secret: bool) -> bool {
    let has_parts = |value: &Json| value.is_object() || value.is_array();
    match kind {
        ValidationErrorKind::Constant { expected_value } => secret || has_parts(expected_value),
        ValidationErrorKind::Enum { options } => {
            secret || options.as_array().is_none_or(|options| options.iter().any(has_parts))
        }
        ValidationErrorKind::Not { schema } => {
            let mut shown = schema.clone();
            shown_data(&mut shown);
            secret || shown != *schema
        }
        ValidationErrorKind::Type { .. }
        | ValidationErrorKind::Required { .. }
        | ValidationErrorKind::AdditionalProperties { .. }
        | ValidationErrorKind::MinLength { .. }
        | ValidationErrorKind::MaxLength { .. }
        | ValidationErrorKind::MinItems { .. }
        | ValidationErrorKind::MaxItems { .. }
        | ValidationErrorKind::Format { .. }
        | ValidationErrorKind::AnyOf { .. }
        | ValidationErrorKind::OneOfNotValid { .. }
        | ValidationErrorKind::OneOfMultipleValid { .. } => false,
        _ => secret,
    }
}

/// Returns a text, or the beginning of a long one without its secrets. The secrets of a short one are
/// hidden in its finding.
fn clipped(shown: &impl fmt::Display) -> String {
    let mut text = LimitedText::default();
    // It stops where the text is too long.
    let _ = write!(text, "{shown}");
    if text.0.len() <= MAX_MESSAGE { text.0 } else { clip_text(&text.0, MAX_MESSAGE) }
}

/// The longest text that is read, in bytes: a character has up to four.
const MAX_READ: usize = 4 * (MAX_MESSAGE + CLIP_MARGIN) + 4;

/// A text that fails to grow over [`MAX_READ`].
#[derive(Default)]
struct LimitedText(String);

impl fmt::Write for LimitedText {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = MAX_READ.saturating_sub(self.0.len());
        self.0.push_str(&part[..part.floor_char_boundary(room)]);
        if part.len() > room { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Returns the number of keys and values in a tree.
fn count_nodes(schema: &Json) -> usize {
    1 + match schema {
        Json::Object(object) => object.values().map(|below| 1 + count_nodes(below)).sum(),
        Json::Array(items) => items.iter().map(count_nodes).sum::<usize>(),
        _ => 0,
    }
}

/// Returns the number of regular expressions in a schema.
fn count_patterns(schema: &Json) -> usize {
    match schema {
        Json::Object(object) => {
            let named = object.get("patternProperties").and_then(Json::as_object);
            let own = named.map_or(0, serde_json::Map::len);
            let pattern = usize::from(object.get("pattern").is_some_and(Json::is_string));
            own + pattern + object.values().map(count_patterns).sum::<usize>()
        }
        Json::Array(items) => items.iter().map(count_patterns).sum(),
        _ => 0,
    }
}

/// Returns whether `id` is a keyword of the schema's draft, as `$id` is in later ones.
fn has_plain_id(schema: &Json) -> bool {
    let draft = schema.get("$schema").and_then(Json::as_str);
    draft.is_some_and(|draft| draft.contains("draft-04"))
}

/// Removes what would make a schema depend on other documents.
struct Cleaner {
    remote: BTreeSet<String>,
    has_plain_id: bool,
}

impl Cleaner {
    /// Returns the schema with `{}` in place of every object that refers to a remote schema.
    fn clean(&mut self, schema: &Json) -> Json {
        match schema {
            Json::Object(object) => {
                let reference = object
                    .get("$ref")
                    .and_then(Json::as_str)
                    .filter(|reference| reference.contains("://"));
                if let Some(reference) = reference {
                    self.remote.insert(reference.to_owned());
                    return Json::Object(serde_json::Map::new());
                }
                let kept = object.iter().filter(|(key, value)| !self.is_identifier(key, value));
                let kept: Vec<_> = kept.collect();
                let cleaned = kept.into_iter().map(|(key, value)| (key.clone(), self.clean(value)));
                Json::Object(cleaned.collect())
            }
            Json::Array(items) => Json::Array(items.iter().map(|item| self.clean(item)).collect()),
            scalar => scalar.clone(),
        }
    }

    /// Returns whether a keyword would make local references relative to a remote URL.
    fn is_identifier(&self, key: &str, value: &Json) -> bool {
        value.is_string() && (key == "$id" || self.has_plain_id && key == "id")
    }
}
