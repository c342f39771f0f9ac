//! Renders findings and other data as JSON or YAML, for programs.

use std::borrow::Cow;

use serde::Serialize;
use site_render::disclosure::{shown_data, shown_text};
use site_render::finding::Finding;
use site_render::origin::Origin;
use site_render::value::Node;
use site_render::{json, yaml};

use super::shown::ShownText;

/// One finding; an unknown field is null.
#[derive(Debug, Serialize)]
pub(crate) struct FindingLine<'a> {
    severity: String,
    code: &'a str,
    stage: String,
    message: &'a str,
    file: Option<Cow<'a, str>>,
    line: Option<u32>,
    column: Option<u32>,
    path: Option<&'a str>,
    hint: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingLine<'a> {
    fn from(finding: &'a Finding) -> Self {
        let place = finding.place.as_ref();
        Self {
            severity: finding.severity.to_string(),
            code: &finding.code,
            stage: finding.stage.to_string(),
            message: &finding.message,
            file: place.map(|place| shown_text(&place.file.name)),
            line: place.map(|place| place.at.line),
            column: place.map(|place| place.at.column),
            path: finding.path.as_deref(),
            hint: finding.hint.as_deref(),
        }
    }
}

/// Returns data as a tree without secrets.
fn to_tree(value: &impl Serialize) -> serde_json::Value {
    // Our own types have text keys and finite numbers, for which this never fails.
    let mut tree = serde_json::to_value(value).unwrap_or_default();
    shown_data(&mut tree);
    tree
}

/// Renders data as indented JSON without secrets that ends with a newline, with escaped control
/// characters.
pub(crate) fn to_json(value: &impl Serialize) -> ShownText {
    // As above.
    let mut text = serde_json::to_string_pretty(&to_tree(value)).unwrap_or_default();
    // JSON does not escape DEL and the C1 controls after it, which a terminal interprets.
    if text.contains(|c: char| ('\u{7f}'..='\u{9f}').contains(&c)) {
        text = text
            .chars()
            .map(|c| match c {
                '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(c)),
                _ => c.to_string(),
            })
            .collect();
    }
    text.push('\n');
    ShownText::of_data(text)
}

/// Renders data as YAML without secrets.
pub(crate) fn to_yaml(value: &impl Serialize) -> ShownText {
    let origin = Origin::Built("our own");
    let value = json::from_serde(&to_tree(value), &origin);
    ShownText::of_data(yaml::write(&Node { value, origin }, &|_| None))
}
