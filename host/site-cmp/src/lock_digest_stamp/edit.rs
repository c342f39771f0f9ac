//! Candidate edits of a YAML text.
//!
//! The parser reports where a value begins but not where it ends, so an edit is a guess. The
//! caller parses each candidate again and uses the first correct one.

use site_render::origin::Position;
use site_render::value::{Node, Value};

use super::sources::{has_digest, stamp_entries};
use super::{PARAMETER, Stamp};

/// Returns candidate texts in which one more parameter of a plugin has the digest.
pub(super) fn candidate_texts(text: &str, plugin: &Node, stamp: Stamp<'_>) -> Vec<String> {
    let text = SourceText::from_text(text);
    let digest = format!("\"{}\"", stamp.digest);
    let item = format!("{{name: {PARAMETER}, string: {digest}}}");
    if let Some(entry) = stamp_entries(plugin).find(|entry| !has_digest(entry, stamp.digest)) {
        return match entry.get("string") {
            Some(old) => text.replace_scalar(old, &digest),
            None => text.add_key(entry, &format!("string: {digest}"), &[]),
        };
    }
    let Some(parameters) = plugin.get("parameters") else {
        let block = [format!("  - name: {PARAMETER}"), format!("    string: {digest}")];
        return text.add_key(plugin, "parameters:", &block);
    };
    match &parameters.value {
        Value::Sequence(items) => text.add_item(parameters, items, &item, &digest),
        Value::Null => {
            let mut texts = text.replace_scalar(parameters, &format!("[{item}]"));
            texts.extend(text.fill_absent(parameters, &digest));
            texts
        }
        _ => Vec::new(),
    }
}

/// A text with the positions of its lines.
struct SourceText<'t> {
    whole: &'t str,
    /// The start of each line, and its end before the line break.
    lines: Vec<(usize, usize)>,
    line_break: &'static str,
}

impl<'t> SourceText<'t> {
    /// Finds the lines of a text.
    fn from_text(text: &'t str) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end_matches(['\n', '\r']).len();
            lines.push((start, end));
            start += line.len();
        }
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { whole: text, lines, line_break }
    }

    /// Returns the byte offset of a position.
    fn byte_offset(&self, at: Position) -> Option<usize> {
        let (start, end) = *self.lines.get(at.line.checked_sub(1)? as usize)?;
        let column = at.column.checked_sub(1)? as usize;
        let line = &self.whole[start..end];
        let offset = line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset);
        Some(start + offset)
    }

    /// Returns the text with a part replaced.
    fn splice_text(&self, from: usize, to: usize, new: &str) -> String {
        format!("{}{new}{}", &self.whole[..from], &self.whole[to..])
    }

    /// Returns the text with lines added after a line, or before it.
    fn with_lines(&self, line: u32, behind: bool, new: &[String]) -> Option<String> {
        let (start, end) = *self.lines.get(line.checked_sub(1)? as usize)?;
        let new = new.join(self.line_break);
        Some(if behind {
            self.splice_text(end, end, &format!("{}{new}", self.line_break))
        } else {
            self.splice_text(start, start, &format!("{new}{}", self.line_break))
        })
    }

    /// Returns texts with a scalar replaced: quoted, plain, or plain inside brackets.
    fn replace_scalar(&self, old: &Node, new: &str) -> Vec<String> {
        let found = position_of(old).and_then(|at| {
            let start = self.byte_offset(at)?;
            Some((start, self.lines.get(at.line.checked_sub(1)? as usize)?.1))
        });
        let Some((start, end)) = found else { return Vec::new() };
        let rest = &self.whole[start..end];
        let quoted = |quote: char| {
            let lengths = rest.match_indices(quote).skip(1).map(|(at, _)| at + 1);
            lengths.take(8).collect::<Vec<_>>()
        };
        let plain = rest.find(" #").map_or(rest, |at| &rest[..at]).trim_end();
        let lengths = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(quote),
            Some('|' | '>') | None => Vec::new(),
            Some(_) => {
                let flow = plain.find([',', ']', '}']).map(|at| plain[..at].trim_end().len());
                [Some(plain.len()), flow].into_iter().flatten().collect()
            }
        };
        lengths.into_iter().map(|length| self.splice_text(start, start + length, new)).collect()
    }

    /// Returns texts with a key and its lines added to a mapping that has a `name`.
    fn add_key(&self, mapping: &Node, key: &str, below: &[String]) -> Vec<String> {
        let key_at = mapping.get("name").and_then(|name| name.origin.key_place());
        if self.opens_with(mapping, '{') {
            let items = below.iter().map(|line| line.trim_start_matches([' ', '-']));
            let value = match below {
                [] => String::new(),
                _ => format!(" [{{{}}}]", items.collect::<Vec<_>>().join(", ")),
            };
            return self.behind_bracket(mapping, &format!("{key}{value}, ")).into_iter().collect();
        }
        let Some(at) = key_at.map(|place| place.at) else { return Vec::new() };
        let indent = " ".repeat((at.column as usize).saturating_sub(1));
        let lines = std::iter::once(key).chain(below.iter().map(String::as_str));
        let lines: Vec<String> = lines.map(|line| format!("{indent}{line}")).collect();
        self.with_lines(at.line, true, &lines).into_iter().collect()
    }

    /// Returns texts with an item added to a list, at the end or else at the start.
    fn add_item(&self, list: &Node, items: &[Node], item: &str, digest: &str) -> Vec<String> {
        if self.opens_with(list, '[') {
            let comma = if items.is_empty() { "" } else { ", " };
            return self.behind_bracket(list, &format!("{item}{comma}")).into_iter().collect();
        }
        let (Some(dash), Some(end)) = (position_of(list), items.last()) else { return Vec::new() };
        let inner = position_of(end).map_or(dash.column + 2, |at| at.column.max(dash.column + 2));
        let lines = new_item(dash.column, inner, digest);
        [self.with_lines(last_line(end), true, &lines), self.with_lines(dash.line, false, &lines)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Returns the text with a list added to a key without a value.
    fn fill_absent(&self, absent: &Node, digest: &str) -> Option<String> {
        let at = absent.origin.key_place()?.at;
        self.with_lines(at.line, true, &new_item(at.column + 2, at.column + 4, digest))
    }

    /// Returns whether a value begins with a bracket.
    fn opens_with(&self, node: &Node, bracket: char) -> bool {
        let offset = position_of(node).and_then(|at| self.byte_offset(at));
        offset.is_some_and(|offset| self.whole[offset..].starts_with(bracket))
    }

    /// Returns the text with something added after an opening bracket.
    fn behind_bracket(&self, node: &Node, new: &str) -> Option<String> {
        let offset = self.byte_offset(position_of(node)?)? + 1;
        Some(self.splice_text(offset, offset, new))
    }
}

/// Returns the position of a value.
fn position_of(node: &Node) -> Option<Position> {
    node.origin.place().map(|place| place.at)
}

/// Returns the lines of a parameter with its dash and keys in these columns.
fn new_item(dash: u32, inner: u32, digest: &str) -> Vec<String> {
    let blank = |columns: u32| " ".repeat(columns as usize);
    let (before, gap) = (blank(dash.saturating_sub(1)), blank(inner.saturating_sub(dash + 1)));
    let keys = blank(inner.saturating_sub(1));
    vec![format!("{before}-{gap}name: {PARAMETER}"), format!("{keys}string: {digest}")]
}

/// Returns the last line on which a value inside a node begins.
fn last_line(node: &Node) -> u32 {
    let own = position_of(node).map_or(0, |at| at.line);
    let below: &mut dyn Iterator<Item = &Node> = match &node.value {
        Value::Mapping(mapping) => &mut mapping.values(),
        Value::Sequence(items) => &mut items.iter(),
        _ => &mut std::iter::empty(),
    };
    below.map(last_line).fold(own, u32::max)
}
