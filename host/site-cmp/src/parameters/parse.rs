//! Parses `ARGOCD_APP_PARAMETERS`, the list of an Application's plugin parameters.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::error::Category;
use site_render::announce::READ_ONLY;
use site_render::finding::Finding;
use site_render::setting::{RawValue, Setting, Settings};

use super::{NAME_CHARACTERS, invalid, parameter_names};
use crate::table::clip;
use site_render::suggestion::nearest;

/// One parameter, as Argo CD writes it.
#[derive(Deserialize)]
struct Parameter {
    #[serde(default)]
    name: String,
    string: Option<String>,
    array: Option<Vec<String>>,
    map: Option<BTreeMap<String, String>>,
}

/// The parameters of an Application: the plugin's own, and settings of policies.
#[derive(Default)]
pub(super) struct ParsedParameters {
    pub(super) fixed: BTreeMap<&'static str, String>,
    pub(super) settings: Settings,
}

/// Parses the list, and adds every mistake to the problems.
pub(super) fn parse_parameters(text: &str, problems: &mut Vec<Finding>) -> ParsedParameters {
    let mut parsed = ParsedParameters::default();
    if text.is_empty() {
        return parsed;
    }
    let list: Vec<Parameter> = match serde_json::from_str::<Option<_>>(text) {
        Ok(list) => list.unwrap_or_default(),
        Err(error) => {
            // The parser's words quote the text, which may be a secret.
            let why = match error.classify() {
                Category::Syntax | Category::Io => "it is not valid JSON",
                Category::Eof => "the JSON ends too early",
                Category::Data => "a value has another type than a parameter has",
            };
            let (line, column) = (error.line(), error.column());
            let message = format!(
                "ARGOCD_APP_PARAMETERS is not a list of parameters: {why} at line {line} column {column}"
            );
            problems.push(invalid(message));
            return parsed;
        }
    };
    let mut seen = BTreeSet::new();
    for parameter in list {
        if !seen.insert(parameter.name.clone()) {
            let name = clip(&parameter.name, NAME_CHARACTERS);
            problems.push(invalid(format!("parameter {name} is set twice")));
            continue;
        }
        let fixed = parameter_names().find(|name| *name == parameter.name);
        let outcome = match fixed {
            Some(name) => parse_string(name, parameter).map(|value| {
                parsed.fixed.insert(name, value);
            }),
            None => parse_setting(parameter).map(|setting| parsed.settings.named.push(setting)),
        };
        problems.extend(outcome.err());
    }
    parsed
}

fn parse_string(name: &str, parameter: Parameter) -> Result<String, Finding> {
    match parameter {
        Parameter { string: Some(value), array: None, map: None, .. } if !value.is_empty() => {
            Ok(value)
        }
        _ => Err(invalid(format!("parameter {name} must be one string"))),
    }
}

/// Parses a parameter that names a policy and one of its settings.
fn parse_setting(parameter: Parameter) -> Result<Setting, Finding> {
    let name = parameter.name;
    let (policy, rest) = name.split_once('.').unwrap_or((&name, ""));
    if let Some((_, why)) = READ_ONLY.into_iter().find(|(known, _)| *known == policy) {
        return Err(invalid(format!("parameter {policy} is read-only")).hint(why));
    }
    if rest.is_empty() {
        return Err(unknown_parameter(&name));
    }
    let value = match (parameter.string, parameter.array, parameter.map) {
        (Some(text), None, None) => RawValue::Text(text),
        (None, Some(items), None) => RawValue::List(items),
        (None, None, Some(entries)) => RawValue::Map(entries),
        _ => {
            let message = format!("parameter {name} must have one of string, array and map");
            return Err(invalid(message));
        }
    };
    Ok(Setting { from: format!("parameter {}", clip(&name, NAME_CHARACTERS)).into(), name, value })
}

/// Returns the error for an unknown parameter, with a suggestion.
pub(super) fn unknown_parameter(name: &str) -> Finding {
    let finding = invalid(format!("unknown parameter `{}`", clip(name, NAME_CHARACTERS)));
    match nearest(name, parameter_names()) {
        Some(suggestion) => finding.hint(format!("did you mean `{suggestion}`?")),
        None => finding.hint(format!(
            "parameters: {}, and POLICY.PROPERTY for a setting of a policy",
            parameter_names().collect::<Vec<_>>().join(", ")
        )),
    }
}
