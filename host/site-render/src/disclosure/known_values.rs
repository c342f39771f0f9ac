//! Hides values that are known to be secrets wherever a text repeats them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::escapes::{search_repeated, unescaped};
use super::literals::{is_literal, may_be_shown};
use super::shown_text::{HIDDEN, replace_ranges};
use crate::value::{Node, Value};

/// The maximum number of values that a text is compared with.
const MAX_VALUES: usize = 256;

/// The minimum length of a value that is hidden everywhere, in bytes, and of one that is hidden
/// where it is a word. A shorter one is hidden only between quotes: it may be any word.
const ANYWHERE: usize = 6;
const WORD: usize = 3;

/// The longest value of one line that is compared, in bytes: every message reads its file's values.
const LONGEST: usize = 16 << 10;

/// How much of a text before a cut is compared with the beginnings of values, in bytes, and the
/// maximum number of cuts of a text.
const BEFORE_CUT: usize = 4 << 10;
const CUTS: usize = 32;

/// The text in place of one that cannot be compared with all secrets.
pub(crate) const NOT_SHOWN: &str =
    "(not shown: its documents have too many secrets to compare it with)";

/// The secrets of documents, each once.
#[derive(Debug, Default)]
pub(crate) struct KnownSecrets<'n> {
    values: BTreeSet<Cow<'n, str>>,
    are_too_many: bool,
}

impl<'n> KnownSecrets<'n> {
    /// Adds a value.
    pub(crate) fn add(&mut self, value: impl Into<Cow<'n, str>>) {
        let value = value.into();
        if self.values.len() < MAX_VALUES {
            self.values.insert(value);
        } else {
            self.are_too_many |= !self.values.contains(&value);
        }
    }

    /// Returns a text without the secrets. If they are too many, none of the text is shown.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.hide_those(text, |_| true)
    }

    /// Returns a text without the secrets that a condition holds for.
    fn hide_those<'t>(&self, text: &'t str, holds: impl Fn(&str) -> bool) -> Cow<'t, str> {
        if self.are_too_many && !text.is_empty() {
            return Cow::Owned(NOT_SHOWN.to_owned());
        }
        // Ranges that overlap are merged, so the order of the values does not matter.
        hide_known_values(text, self.values.iter().map(|value| &**value).filter(|one| holds(one)))
    }

    /// Replaces a code or a path by the part that is shown of it. A plain word is one by chance.
    pub(crate) fn hide_in_name(&self, name: &mut String) {
        if let Cow::Owned(shown) = self.hide_those(name, |value| !is_word(value)) {
            *name = shown;
        }
    }

    /// Replaces a text by what is shown of it.
    pub(crate) fn hide_in(&self, text: &mut String) {
        if let Cow::Owned(shown) = self.hide(text) {
            *text = shown;
        }
    }

    /// Returns a value without the secrets in its texts, numbers and keys.
    pub(crate) fn hide_in_node(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::Mapping(mapping) => Value::Mapping(Arc::new(
                mapping
                    .iter()
                    .map(|(key, child)| (Arc::from(&*self.hide(key)), self.hide_in_node(child)))
                    .collect(),
            )),
            Value::Sequence(items) => Value::Sequence(Arc::new(
                items.iter().map(|item| self.hide_in_node(item)).collect(),
            )),
            Value::Text(text) | Value::Number(text) => match self.hide_whole(text) {
                Cow::Borrowed(_) => node.value.clone(),
                Cow::Owned(shown) => Value::Text(shown.into()),
            },
            other => other.clone(),
        };
        Node { value, origin: node.origin.clone() }
    }

    /// Returns a whole value without the secrets, however short it is.
    fn hide_whole<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.values.contains(text) { Cow::Owned(HIDDEN.to_owned()) } else { self.hide(text) }
    }
}

/// Returns whether a value is a plain word, which other texts have by chance.
pub(super) fn is_word(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Returns a text without the given values.
pub(crate) fn hide_known_values<'t, 'v>(
    text: &'t str,
    values: impl IntoIterator<Item = &'v str>,
) -> Cow<'t, str> {
    let values: Vec<&str> = values.into_iter().collect();
    replace_ranges(text, repeated_ranges(text, &values))
}

/// Returns the ranges of a text that repeat values, in no order.
fn repeated_ranges(text: &str, values: &[&str]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    if !values.is_empty() {
        search_repeated(text, &mut found, &|text, found| {
            for value in values.iter().filter(|value| value.len() <= text.len()) {
                let ranges = text.match_indices(value).map(|(at, _)| at..at + value.len());
                found.extend(ranges.filter(|range| is_repeated(text, range)));
            }
            add_before_cuts(text, values, found);
        });
    }
    found
}

/// Adds the beginnings of values that end where a text was cut.
fn add_before_cuts(text: &str, values: &[&str], found: &mut Vec<Range<usize>>) {
    for (cut, _) in text.match_indices('…').take(CUTS) {
        let from = text.ceil_char_boundary(cut.saturating_sub(BEFORE_CUT));
        let before = &text[from..cut];
        for value in values.iter().filter(|value| value.len() >= WORD) {
            let head = &value[..value.ceil_char_boundary(WORD)];
            let mut begins = before.match_indices(head).map(|(at, _)| from + at..cut);
            let part = begins.find(|range| value.starts_with(&text[range.clone()]));
            found.extend(part.filter(|range| is_repeated(text, range)));
        }
    }
}

/// Returns the ranges of a line of a file that repeat its values. Constants do by chance, and a key
/// that is a plain word.
pub(super) fn repeated_in_line(line: &str, values: &[&str]) -> Vec<Range<usize>> {
    let values: Vec<&str> = values.iter().copied().filter(|value| !may_be_shown(value)).collect();
    let mut found = repeated_ranges(line, &values);
    found.retain(|range| {
        let next = line[range.end..].trim_start_matches(['"', '\'', ' ']);
        !(is_word(&line[range.clone()]) && next.starts_with([':', '=']))
    });
    found
}

/// Returns whether a range of a text that is equal to a value repeats it, and is not by chance a
/// part of another word.
fn is_repeated(text: &str, range: &Range<usize>) -> bool {
    let borders = |c: char| !c.is_alphanumeric();
    let is_word = text[..range.start].chars().next_back().is_none_or(borders)
        && text[range.end..].chars().next().is_none_or(borders);
    range.len() >= ANYWHERE || range.len() >= WORD && is_word || is_quoted(text, range)
}

/// Returns whether a range of a text is between two quotes.
fn is_quoted(text: &str, range: &Range<usize>) -> bool {
    let quote = ['"', '\'', '`'];
    text[..range.start].ends_with(quote) && text[range.end..].starts_with(quote)
}

/// Returns the values that are hidden in a text, those nearest to the hidden range `next`: each
/// hidden range without its quotes, and each quoted text and item in it.
pub(crate) fn hidden_values<'t>(
    text: &'t str,
    ranges: &[Range<usize>],
    next: usize,
) -> Vec<&'t str> {
    let from = if ranges.len() > MAX_VALUES { next.saturating_sub(MAX_VALUES / 2) } else { 0 };
    let near = ranges.iter().skip(from).take(MAX_VALUES);
    let lines = near.flat_map(|range| text[range.clone()].lines().take(MAX_VALUES));
    let mut values: Vec<&str> = lines.flat_map(parts).take(2 * MAX_VALUES).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Returns the values that are hidden in a text, also as a program reads them that knows escapes;
/// `None` if they are too many.
pub(crate) fn all_hidden_values<'t>(
    text: &'t str,
    ranges: &[Range<usize>],
) -> Option<BTreeSet<Cow<'t, str>>> {
    let mut values = BTreeSet::new();
    for line in ranges.iter().flat_map(|range| text[range.clone()].lines()) {
        let parts = parts(line);
        if line.len() > LONGEST || parts.len() == MAX_VALUES || values.len() > 2 * MAX_VALUES {
            return None;
        }
        for part in parts {
            let part = part.trim_end_matches([';', ')']);
            values.extend(unescaped(part).map(Cow::Owned));
            values.insert(Cow::Borrowed(part));
        }
    }
    values.retain(|value| value.len() > 1);
    Some(values)
}

/// Returns a value of YAML without the tags, the anchor or the mark of an alias before it.
fn without_tags(mut value: &str) -> &str {
    while value.starts_with(['!', '&']) {
        let Some((_tag, rest)) = value.split_once(' ') else { break };
        value = rest.trim_start();
    }
    value.strip_prefix('*').unwrap_or(value)
}

/// Returns the texts that a message may quote of a hidden line.
fn parts(line: &str) -> Vec<&str> {
    let line = &line[..line.floor_char_boundary(LONGEST)];
    let whole = without_tags(line.trim());
    let uncommented = whole.split(" #").next().unwrap_or_default();
    let items = whole.split(['"', '\'', ',', '[', ']', '{', '}']).map(str::trim);
    // A user and a password, which a message may quote alone.
    let password = whole.split_once([':', '/']).filter(|_| !whole.contains(char::is_whitespace));
    let trimmed = [whole, uncommented].map(|text| text.trim().trim_matches(['"', '\'', ',']));
    trimmed
        .into_iter()
        .chain(items)
        .chain(password.map(|(_user, password)| password))
        .filter(|part| part.len() > 1 && is_literal(part))
        .take(MAX_VALUES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{KnownSecrets, MAX_VALUES, NOT_SHOWN, hidden_values, hide_known_values};
    use crate::disclosure::source_text::hidden_ranges;

    #[test]
    fn a_message_does_not_repeat_a_hidden_value() {
        let file =
            "password: !!int hunter2 # x\ntoken: [abc, \"d e f\"]\npwd: 'no'\nuser: hunter\n";
        let values = hidden_values(file, &hidden_ranges(file), 0);
        let hide = |text: &str| hide_known_values(text, values.iter().copied()).into_owned();
        assert_eq!(hide("`hunter2` is no number"), "`***` is no number");
        assert_eq!(hide("not abc, but abcd or no"), "not ***, but abcd or no");
        assert_eq!(hide("`d e f` and 'no' are hunter"), "`***` and '***' are hunter");
    }

    #[test]
    fn the_beginning_of_a_value_before_a_cut_is_hidden() {
        let hide = |text: &str| hide_known_values(text, ["hunter2-xyz", "é-hunter3"]).into_owned();
        for (text, shown) in [
            ("is \"a hunter2-x…\" no", "is \"a ***…\" no"),
            ("is hun…", "is ***…"),
            ("is xhunter2…", "is x***…"),
            ("is é-hun…, é-hunter3", "is ***…, ***"),
            ("is hu…, shun…, hunter…s hunter2-…", "is hu…, shun…, ***…s ***…"),
            ("is hunter2", "is hunter2"),
        ] {
            assert_eq!(hide(text), shown);
        }
    }

    #[test]
    fn a_plain_word_is_shown_in_a_name_unless_secrets_are_too_many() {
        let mut secrets = KnownSecrets::default();
        secrets.add("config");
        secrets.add("hunter2");
        let named = |secrets: &KnownSecrets<'_>, name: &str| {
            let mut name = name.to_owned();
            secrets.hide_in_name(&mut name);
            name
        };
        assert_eq!(named(&secrets, "config-map/hunter2"), "config-map/***");
        (0..MAX_VALUES).for_each(|at| secrets.add(format!("secret{at}")));
        assert_eq!(named(&secrets, "config-map/x"), NOT_SHOWN);
    }
}
