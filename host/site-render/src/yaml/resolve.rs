//! Resolves scalars: go-yaml v2's words, numbers and tags.
//!
//! As in Go, base-60 numbers are not supported and a timestamp remains a string.

use std::borrow::Cow;
use std::sync::Arc;

use yaml_events::Style;

use super::number;
use super::timestamp::is_timestamp;
use crate::base64;
use crate::codes;
use crate::finding::Code;
use crate::value::Value;

/// A resolved scalar. Integers and floats are separate because they format differently as keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(Arc<str>),
}

/// The code and the message for a scalar that cannot be read.
pub(super) type ScalarError = (&'static Code, String);

const LONG_TAG: &str = "tag:yaml.org,2002:";

/// Resolves a scalar as it is written in the file.
pub(super) fn resolve_scalar(
    text: Cow<'_, str>,
    style: Style,
    tag: Option<&str>,
) -> Result<Scalar, ScalarError> {
    let Some(tag) = tag else {
        return Ok(match style {
            Style::Plain => resolve_plain(&text).unwrap_or_else(|| Scalar::Text(text.into())),
            _ => Scalar::Text(text.into()),
        });
    };
    let Some(short) = tag.strip_prefix(LONG_TAG) else {
        // go-yaml reads a scalar with an application's own tag as a string.
        return Ok(Scalar::Text(text.into()));
    };
    resolve_tagged(&text, short)
}

/// Resolves a scalar with a standard tag.
fn resolve_tagged(text: &str, tag: &str) -> Result<Scalar, ScalarError> {
    let plain = resolve_plain(text);
    let resolved = match (tag, plain) {
        ("binary", _) => base64::decode_text(text).map(|t| Scalar::Text(t.into())),
        ("bool", Some(plain @ Scalar::Bool(_)))
        | ("null", Some(plain @ Scalar::Null))
        | ("int", Some(plain @ Scalar::Integer(_)))
        | ("float", Some(plain @ Scalar::Float(_))) => Some(plain),
        ("float", Some(Scalar::Integer(plain))) => i64::try_from(plain).ok().map(|plain| {
            #[expect(clippy::cast_precision_loss, reason = "the tag requires a float")]
            let float = plain as f64;
            Scalar::Float(float)
        }),
        ("timestamp", _) if is_timestamp(text) => Some(Scalar::Text(text.into())),
        ("bool" | "null" | "int" | "float" | "timestamp", _) => None,
        _ => Some(Scalar::Text(text.into())),
    };
    // The value may be a secret: a scalar does not know its key.
    resolved.ok_or_else(|| (&codes::YAML_TAG, format!("this value is not a valid `!!{tag}`")))
}

/// Resolves a plain scalar. Returns `None` for a string.
pub(super) fn resolve_plain(text: &str) -> Option<Scalar> {
    let Some(first) = text.bytes().next() else {
        return Some(Scalar::Null);
    };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => resolve_number(text, first),
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            resolve_word(text)
        }
        _ => None,
    }
}

/// Resolves the words of YAML 1.1 for booleans and null.
fn resolve_word(text: &str) -> Option<Scalar> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => return None,
    })
}

/// Resolves a number.
fn resolve_number(text: &str, first: u8) -> Option<Scalar> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Some(Scalar::Float(f64::INFINITY));
        }
        "-.inf" | "-.Inf" | "-.INF" => return Some(Scalar::Float(f64::NEG_INFINITY)),
        ".nan" | ".NaN" | ".NAN" => return Some(Scalar::Float(f64::NAN)),
        _ => {}
    }
    if first == b'.' {
        return number::parse_pointed(text).map(Scalar::Float);
    }
    let bare = text.replace('_', "");
    number::parse_integer(&bare)
        .map(Scalar::Integer)
        .or_else(|| number::parse_float(&bare).map(Scalar::Float))
        .or_else(|| number::parse_binary_tail(&bare).map(Scalar::Integer))
}

impl Scalar {
    /// Returns the scalar as a JSON value.
    pub(super) fn to_value(&self) -> Result<Value, ScalarError> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Integer(value) => Value::Number(value.to_string().into()),
            Self::Float(value) if value.is_finite() => {
                Value::Number(number::format_json(*value).into())
            }
            Self::Float(_) => {
                let message = "an infinity or NaN cannot be represented in JSON";
                return Err((&codes::YAML_NUMBER, message.to_owned()));
            }
            Self::Text(text) => Value::Text(text.clone()),
        })
    }

    /// Returns the scalar as the key of a mapping.
    pub(super) fn to_key(&self) -> Result<Arc<str>, ScalarError> {
        Ok(match self {
            Self::Null => {
                let message = "a mapping has a null key, which Helm rejects";
                return Err((&codes::YAML_NULL_KEY, message.to_owned()));
            }
            Self::Bool(value) => value.to_string().into(),
            Self::Integer(value) if i64::try_from(*value).is_err() => {
                let message = format!("the key {value} is larger than Helm allows for a number");
                return Err((&codes::YAML_KEY, message));
            }
            Self::Integer(value) => value.to_string().into(),
            Self::Float(value) => number::format_key(*value).into(),
            Self::Text(text) => text.clone(),
        })
    }
}
