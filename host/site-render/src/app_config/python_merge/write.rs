//! Writes the text of a merge: the layers verbatim, except for statements that occur only once in
//! the result.

use std::fmt::Write as _;

use ruff_text_size::TextRange;

use super::ConfigLayer;
use crate::app_config::python::Module;

/// The start of the comment above each layer.
const HEADER: &str = "# layer ";
/// The replacement of a statement that shares its line with others.
const NOTHING: &str = "pass";

/// Returns the merged text; `dropped` are the repeated star imports, by layer and index.
pub(super) fn write_merged(layers: &[ConfigLayer], dropped: &[(usize, usize)]) -> String {
    let mut text =
        String::with_capacity(layers.iter().map(|one| one.module.file.text.len() + 160).sum());
    let mut features: Vec<&str> = Vec::new();
    for name in layers.iter().flat_map(|one| &one.module.facts.futures).flat_map(|(names, _)| names)
    {
        if !features.contains(&name.as_str()) {
            features.push(name);
        }
    }
    if !features.is_empty() {
        let _ = writeln!(text, "from __future__ import {}", features.join(", "));
    }
    for (index, layer) in layers.iter().enumerate() {
        let body = layer_body(&layer.module, index, dropped);
        let body = body.trim_matches('\n').trim_end();
        if !text.is_empty() {
            text.push('\n');
        }
        // The output of an earlier merge has such a comment already.
        if layers.len() > 1 || !body.starts_with(HEADER) {
            let ConfigLayer { reference, module } = layer;
            let number = index + 1;
            let _ = writeln!(
                text,
                "{HEADER}{number}: {} (sha256 {})",
                reference.escape_debug(),
                module.sha256
            );
        }
        text.push_str(body);
        text.push('\n');
    }
    text
}

/// Returns a layer's text without the statements that the merge has moved or dropped.
fn layer_body(module: &Module, index: usize, dropped: &[(usize, usize)]) -> String {
    let facts = &module.facts;
    let futures = facts.futures.iter().map(|(_, range)| (*range, true));
    let again = dropped.iter().filter(|(layer, _)| *layer == index);
    let again = again.map(|(_, number)| (facts.stars[*number].range, false));
    let mut cuts: Vec<(TextRange, bool)> = futures.chain(again).collect();
    cuts.sort_by_key(|(range, _)| range.start());
    let source = &module.file.text;
    let mut text = String::with_capacity(source.len());
    let mut done = 0;
    for (range, whole) in cuts {
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        let alone = line_end(source, start, end);
        text.push_str(&source[done..start]);
        done = end;
        match alone {
            Some(end) if whole => done = end,
            Some(_) if !source[start..end].contains('\n') => {
                let _ = write!(text, "# in a layer above: {}", &source[start..end]);
            }
            _ => text.push_str(NOTHING),
        }
    }
    text.push_str(&source[done..]);
    text
}

/// Returns the end of a statement's line, if nothing but a comment shares the line.
fn line_end(source: &str, start: usize, end: usize) -> Option<usize> {
    let before = start == 0 || source[..start].ends_with('\n');
    let length = source[end..].find('\n').map_or(source.len() - end, |at| at + 1);
    let rest = source[end..end + length].trim();
    (before && (rest.is_empty() || rest.starts_with('#'))).then_some(end + length)
}
