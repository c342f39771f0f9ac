//! Converts a text, a list or a map from outside the fleet to the type of a property.
//!
//! Argo CD's parameters hold texts only, so the property's type decides how a text is
//! parsed. If the property accepts a string, the text stays a string.

use serde_json::{Map, Number, Value as Json};

use super::property::Property;
use crate::finding::clip_text;
use crate::json::parse_tree;
use crate::setting::RawValue;
use crate::suggestion::nearest;

/// The longest number that is read, in characters: no double needs more digits.
const LONGEST_NUMBER: usize = 40;

/// Returns the value, or the error message for a value of another type.
pub(super) fn convert_value(raw: &RawValue, property: Property<'_>) -> Result<Json, String> {
    match raw {
        RawValue::Value(value) => Ok(value.clone()),
        RawValue::Text(text) => convert_text(text, property),
        RawValue::List(items) if property.accepts("array") => {
            let item = property.items();
            let items = items.iter().enumerate().map(|(index, text)| {
                convert_text(text, item).map_err(|wrong| format!("item {}: {wrong}", index + 1))
            });
            items.collect::<Result<_, _>>().map(Json::Array)
        }
        RawValue::Map(entries) if property.accepts("object") => {
            let entries = entries.iter().map(|(key, text)| {
                let property = property.get(key).ok_or_else(|| unknown_key(key, property))?;
                let value =
                    convert_text(text, property).map_err(|wrong| format!("`{key}`: {wrong}"))?;
                Ok((key.clone(), value))
            });
            entries.collect::<Result<Map<_, _>, String>>().map(Json::Object)
        }
        RawValue::List(_) => Err(format!("it takes {}, not a list", expected_types(property))),
        RawValue::Map(_) => Err(format!("it takes {}, not a map", expected_types(property))),
    }
}

/// Returns the value that a text is for a property.
fn convert_text(text: &str, property: Property<'_>) -> Result<Json, String> {
    if property.accepts("string") {
        return Ok(Json::String(text.to_owned()));
    }
    let is_number = property.accepts("number");
    let number = (is_number || property.accepts("integer"))
        .then(|| parse_number(text).filter(|number| is_number || is_whole(number)));
    if let Some(number) = number.flatten() {
        return Ok(Json::Number(number));
    }
    match text {
        "true" | "false" if property.accepts("boolean") => return Ok(Json::Bool(text == "true")),
        "null" if property.accepts("null") => return Ok(Json::Null),
        _ => {}
    }
    let (list, map) = (property.accepts("array"), property.accepts("object"));
    if !list && !map {
        return Err(format!("it takes {}, not {}", expected_types(property), quote_clipped(text)));
    }
    match parse_tree(text) {
        Ok(value @ Json::Array(_)) if list => Ok(value),
        Ok(value @ Json::Object(_)) if map => Ok(value),
        Ok(_) => Err(format!("it takes {}, not {}", expected_types(property), quote_clipped(text))),
        Err(error) => Err(format!("it takes {}, as JSON: {error}", expected_types(property))),
    }
}

/// Parses a JSON number in the range of a double.
fn parse_number(text: &str) -> Option<Number> {
    let fits = text.len() <= LONGEST_NUMBER && text.parse::<f64>().is_ok_and(f64::is_finite);
    if fits { serde_json::from_str(text).ok() } else { None }
}

fn is_whole(number: &Number) -> bool {
    number.to_string().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn unknown_key(key: &str, property: Property<'_>) -> String {
    let known = property.properties().map(|(key, _)| key);
    match nearest(key, known) {
        Some(near) => format!("it has no `{key}`; did you mean `{near}`?"),
        None => format!("it has no `{key}`"),
    }
}

fn expected_types(property: Property<'_>) -> String {
    let kinds = property.kinds().unwrap_or_default();
    let named = kinds.iter().map(|kind| match *kind {
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a map",
        "string" => "a string",
        other => other,
    });
    named.collect::<Vec<_>>().join(" or ")
}

fn quote_clipped(text: &str) -> String {
    format!("`{}`", clip_text(text, 40))
}
