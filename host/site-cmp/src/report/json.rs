//! Renders findings and other data as JSON or YAML, for programs.

use serde::Serialize;
use site_render::finding::Finding;
use site_render::origin::Origin;
use site_render::value::Node;
use site_render::{json, yaml};

/// One finding; an unknown field is null.
#[derive(Debug, Serialize)]
pub(crate) struct FindingLine<'a> {
    severity: String,
    code: &'a str,
    stage: String,
    message: &'a str,
    file: Option<&'a str>,
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
            file: place.map(|place| place.file.name.as_str()),
            line: place.map(|place| place.at.line),
            column: place.map(|place| place.at.column),
            path: finding.path.as_deref(),
            hint: finding.hint.as_deref(),
        }
    }
}

/// Renders data as indented JSON that ends with a newline, with escaped control characters.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    // Our own types have text keys and finite numbers, for which this never fails.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
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
    text
}

/// Renders data as YAML.
pub(crate) fn to_yaml(value: &impl Serialize) -> String {
    let origin = Origin::Built("our own");
    // As above.
    let tree = serde_json::to_value(value).unwrap_or_default();
    yaml::write(&Node { value: json::from_serde(&tree, &origin), origin }, &|_| None)
}
