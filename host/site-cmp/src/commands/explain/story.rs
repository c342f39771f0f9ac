//! Renders explanations as text, as a table or as JSON.

use std::fmt::Write as _;

use serde::Serialize;
use site_render::explain::{Explanation, Step};
use site_render::policy::DocumentName;
use site_render::value::dotted;

use crate::report::visible;
use crate::table::{TextTable, clip};

/// The widths at which texts of a table are cut, in characters.
const VALUE_WIDTH: usize = 40;
const REASON_WIDTH: usize = 80;

/// One explanation, for JSON.
#[derive(Serialize)]
pub(super) struct Story<'a> {
    path: &'a str,
    steps: Vec<StoryStep<'a>>,
    reads: Vec<StoryRead<'a>>,
}

#[derive(Serialize)]
struct StoryStep<'a> {
    layer: &'a str,
    value: Option<serde_json::Value>,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    reason: Option<&'a str>,
    won: bool,
}

#[derive(Serialize)]
struct StoryRead<'a> {
    document: &'static str,
    path: &'a str,
    found: &'a str,
    from: Option<&'a str>,
}

/// Returns explanations for JSON.
pub(super) fn to_json(explained: &[Explanation]) -> Vec<Story<'_>> {
    explained.iter().map(to_story).collect()
}

fn to_story(explanation: &Explanation) -> Story<'_> {
    let last = explanation.steps.len();
    let steps = explanation.steps.iter().enumerate().map(|(at, step)| {
        let place = step.place.as_ref();
        let value = step.value.as_deref();
        StoryStep {
            layer: &step.layer,
            value: value.and_then(|json| serde_json::from_str(json).ok()),
            file: place.map(|place| place.file.name.as_str()),
            line: place.map(|place| place.at.line),
            column: place.map(|place| place.at.column),
            reason: step.reason.as_deref(),
            won: at + 1 == last,
        }
    });
    let reads = explanation.reads.iter().map(|read| StoryRead {
        document: document_name(read.read.document),
        path: &read.read.path,
        found: &read.value,
        from: read.from.as_deref(),
    });
    Story { path: &explanation.path, steps: steps.collect(), reads: reads.collect() }
}

/// Renders explanations as a table, one value a row.
pub(super) fn render_table(explained: &[Explanation]) -> String {
    let mut table = TextTable::new(&["PATH", "VALUE", "SET BY", "REASON"]);
    for explanation in explained {
        let last = explanation.steps.last();
        let reason = last.and_then(|step| step.reason.as_deref()).unwrap_or_default();
        table.row(vec![
            dotted_path(&explanation.path),
            last.map(|step| clip(&value_text(step), VALUE_WIDTH)).unwrap_or_default(),
            last.map(|step| visible(&step.layer).into_owned()).unwrap_or_default(),
            clip(&visible(reason), REASON_WIDTH),
        ]);
    }
    table.text()
}

/// Renders explanations as text: every layer that set a value, the effective one last and
/// marked.
pub(super) fn render_text(explained: &[Explanation]) -> String {
    let mut text = String::new();
    for (index, explanation) in explained.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        write_explanation(&mut text, explanation);
    }
    text
}

/// Writes one explanation. Results are ignored, because writing to a string cannot fail.
fn write_explanation(text: &mut String, explanation: &Explanation) {
    let _ = writeln!(text, "\u{1b}[1m{}\u{1b}[0m", dotted_path(&explanation.path));
    let last = explanation.steps.len();
    let mut table = TextTable::new(&["", "LAYER", "VALUE", "FROM"]);
    for (at, step) in explanation.steps.iter().enumerate() {
        let place = step.place.as_ref().map(ToString::to_string).unwrap_or_default();
        table.row(vec![
            if at + 1 == last { "=>" } else { "  " }.to_owned(),
            visible(&step.layer).into_owned(),
            value_text(step),
            visible(&place).into_owned(),
        ]);
    }
    text.push_str(&table.text());
    let Some(winner) = explanation.steps.last() else {
        return;
    };
    if let Some(reason) = &winner.reason {
        let _ = writeln!(text, "because: {}", visible(reason));
    }
    if let [.., overridden, _] = explanation.steps.as_slice() {
        let _ = writeln!(
            text,
            "instead of: {} from {}",
            value_text(overridden),
            visible(&overridden.layer)
        );
    }
    if !explanation.reads.is_empty() {
        text.push_str("read by that policy:\n");
        let mut table = TextTable::new(&["  DOCUMENT", "PATH", "VALUE", "FROM"]);
        for read in explanation.reads.iter() {
            table.row(vec![
                format!("  {}", document_name(read.read.document)),
                dotted_path(&read.read.path),
                clip(&visible(&read.value), VALUE_WIDTH),
                visible(read.from.as_deref().unwrap_or_default()).into_owned(),
            ]);
        }
        text.push_str(&table.text());
    }
}

fn dotted_path(pointer: &str) -> String {
    visible(&dotted(pointer)).into_owned()
}

fn value_text(step: &Step) -> String {
    match &step.value {
        Some(json) => visible(json).into_owned(),
        None => "(removed)".to_owned(),
    }
}

fn document_name(name: DocumentName) -> &'static str {
    match name {
        DocumentName::Profile => "profile",
        DocumentName::Values => "values",
        DocumentName::Settings => "settings",
        DocumentName::Fleet => "fleet",
        DocumentName::Cluster => "cluster",
    }
}
