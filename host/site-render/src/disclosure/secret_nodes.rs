//! Finds the secrets of a document: by the keys above a value, and by what is beside it in its
//! mapping, the name of a variable or `kind: Secret`.
//!
//! Every part of the product that asks whether a value is a secret asks here, with the whole
//! document: a value alone does not know the name beside it.

use std::cell::LazyCell;
use std::ops::Deref;

use serde_json::Value as Json;

use super::command_options::{is_value, option_name};
use super::escapes::unescaped;
use super::key_names::names_secret;
use super::known_values::{KnownSecrets, hidden_values, is_word};
use super::literals::is_literal;
use super::marks::{DocumentNode, Marks, OBJECT_DATA, is_one_of, is_value_key};
use super::pairs::{is_pair, is_pair_of_keys};
use super::repeated_by::RepeatedBy;
use super::shown_values::hidden_in_lines;
use super::source_text::merge_ranges;
use crate::value::{Mapping, Node, Value, unescape};

/// The length of the shortest line of several, and of the shortest key, that is a secret of its own.
const LINE: usize = 6;

impl DocumentNode for Node {
    fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.as_mapping().into_iter().flatten().map(|(key, child)| (&**key, child))
    }

    fn child(&self, key: &str) -> Option<&Self> {
        self.get(key).or_else(|| self.as_sequence()?.get(key.parse::<usize>().ok()?))
    }

    fn text(&self) -> Option<&str> {
        self.as_text()
    }

    fn is_mapping(&self) -> bool {
        self.as_mapping().is_some()
    }
}

/// Returns whether the value at a JSON Pointer of a document is a secret. Keys that the document
/// does not have count too.
pub(crate) fn is_secret_at(root: &impl DocumentNode, path: &str) -> bool {
    let (mut node, mut secret) = (Some(root), false);
    let mut keys = path.split('/').skip(1).map(unescape).peekable();
    while let Some(key) = keys.next() {
        let marks = node.map(Marks::of_start).unwrap_or_default();
        secret |= node.is_some_and(|list| is_option_value(list, &key) || is_pair_value(list, &key));
        node = node.and_then(|node| node.child(&key));
        let is_mapping = node.map_or(keys.peek().is_some(), DocumentNode::is_mapping);
        secret = marks.is_secret(&key, secret, is_mapping);
    }
    secret
}

/// Returns whether an item of a list is the value of the option before it.
fn is_option_value(list: &impl DocumentNode, key: &str) -> bool {
    let before = key.parse::<usize>().ok().and_then(|index| index.checked_sub(1));
    let option = before.filter(|_| !list.is_mapping()).and_then(|at| list.child(&at.to_string()));
    let names_secret =
        option.and_then(DocumentNode::text).and_then(option_name).is_some_and(names_secret);
    names_secret && list.child(key).is_some_and(|item| item.text().is_none_or(is_value))
}

/// Returns whether an item of a list is the value in a pair.
fn is_pair_value(list: &impl DocumentNode, key: &str) -> bool {
    let text = |at: &str| list.child(at).and_then(DocumentNode::text);
    key == "1" && !list.is_mapping() && list.child("2").is_none() && is_pair(text("0"), text("1"))
}

/// Returns whether the value at a JSON Pointer may be a secret of a document that is not known, so
/// that a name may be beside any value.
pub(crate) fn may_be_secret_at(path: &str) -> bool {
    is_secret_at(&Json::Null, path)
        || path.split('/').any(|key| is_value_key(key) || is_one_of(key, OBJECT_DATA))
}

/// Returns the secrets of documents that some texts may repeat, to hide them in those.
pub(crate) fn known_secrets<'n>(
    documents: impl IntoIterator<Item = &'n Node>,
    texts: &RepeatedBy,
) -> KnownSecrets<'n> {
    let mut secrets = KnownSecrets::default();
    if !texts.is_empty() {
        documents.into_iter().for_each(|node| collect(node, &Box::new(false), texts, &mut secrets));
    }
    secrets
}

/// Adds the secrets in a node. Whether it is one by the names above it is found out only for a value
/// that a text may repeat.
fn collect<'n>(
    node: &'n Node,
    secret: &dyn Deref<Target = bool>,
    texts: &RepeatedBy,
    secrets: &mut KnownSecrets<'n>,
) {
    match &node.value {
        Value::Mapping(mapping) => {
            let marks = LazyCell::new(|| Marks::of(node));
            if let Some(value) = value_among_keys(mapping) {
                secrets.add(value);
            }
            for (key, child) in &**mapping {
                if is_value_like(key, child) && texts.may_repeat(key) && **secret {
                    secrets.add(&**key);
                }
                let below = LazyCell::new(|| marks.is_secret(key, **secret, child.is_mapping()));
                collect(child, &below, texts, secrets);
            }
        }
        Value::Sequence(items) => {
            for (item, is_option) in with_names(items) {
                let below = LazyCell::new(|| is_option || **secret);
                collect(item, &below, texts, secrets);
            }
        }
        Value::Text(text) | Value::Number(text) if text.len() > 1 => {
            let may_repeat_line = text.lines().any(|line| texts.may_repeat(line.trim()));
            if may_repeat_line && **secret && is_literal(text) {
                add_lines(text, texts, secrets);
            }
            if texts.may_repeat_part(text) {
                add_parts(text, texts, secrets);
            }
        }
        _ => {}
    }
}

/// Adds a secret, and each of its lines: a text may repeat one of them.
fn add_lines<'n>(text: &'n str, texts: &RepeatedBy, secrets: &mut KnownSecrets<'n>) {
    let has_lines = text.trim().contains('\n');
    let lines = text.lines().map(str::trim).filter(|line| !has_lines || line.len() >= LINE);
    for value in lines.chain([text]).filter(|value| value.len() > 1 && texts.may_repeat(value)) {
        secrets.add(value);
    }
}

/// Adds the secrets within a text, such as the password of a URL, as they are and decoded.
fn add_parts<'n>(text: &'n str, texts: &RepeatedBy, secrets: &mut KnownSecrets<'n>) {
    let values = hidden_values(text, &merge_ranges(hidden_in_lines(text)), 0).into_iter();
    for value in values.filter(|value| !is_word(value)) {
        if texts.may_repeat(value) {
            secrets.add(value);
        }
        if let Some(decoded) = unescaped(value) {
            secrets.add(decoded);
        }
    }
}

/// Returns whether a key below a secret looks like a value itself: `tokens: {hunter2: alice}`.
fn is_value_like(key: &str, child: &Node) -> bool {
    let has_case = || key.len() >= LINE && key.chars().skip(1).any(char::is_uppercase);
    !child.is_mapping() && (is_unusual(key) || child.as_text().is_none() && has_case())
}

/// Returns whether a name looks like a value: keys below a secret may be names, or tokens.
pub(super) fn is_unusual(key: &str) -> bool {
    key.len() >= LINE
        && key.contains(|c: char| c.is_ascii_digit())
        && key.contains(char::is_alphabetic)
}

/// Returns the items of a list, and whether each is a secret by the item before it: the option of a
/// command, or the name in a pair.
pub(super) fn with_names(items: &[Node]) -> impl Iterator<Item = (&Node, bool)> {
    let is_pair = matches!(items, [name, value] if is_pair(name.as_text(), value.as_text()));
    let items = with_options(items, names_secret).enumerate();
    items.map(move |(at, (item, is_option))| (item, is_option || is_pair && at == 1))
}

/// Returns the key of a mapping that is the value in a pair.
pub(super) fn value_among_keys(mapping: &Mapping) -> Option<&str> {
    let mut entries = mapping.iter();
    let (name, value) = (entries.next()?, entries.next()?);
    let are_keys = [name, value].iter().all(|(_, child)| matches!(child.value, Value::Null));
    (entries.next().is_none() && are_keys && is_pair_of_keys(name.0, value.0)).then_some(&**value.0)
}

/// Returns the items of a list, and whether each is the value of an option before it whose name is
/// that of a secret: `["--password", "x"]`.
pub(crate) fn with_options(
    items: &[Node],
    is_secret_name: fn(&str) -> bool,
) -> impl Iterator<Item = (&Node, bool)> {
    let mut option = false;
    items.iter().map(move |item| {
        let is_secret = option && item.as_text().is_none_or(is_value);
        option = item.as_text().and_then(option_name).is_some_and(is_secret_name);
        (item, is_secret)
    })
}

#[cfg(test)]
mod tests;
