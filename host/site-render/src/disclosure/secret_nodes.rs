//! Finds the secrets of a document by the keys above them.

use super::command_options::{is_value, option_name};
use super::key_names::{Sensitivity, is_reference, names_secret, sensitivity};
use super::literals::is_literal;
use crate::value::{Node, Value};

/// The maximum number of values that are collected: each is compared with every message.
const MAX_VALUES: usize = 256;

/// Returns the texts below keys that name secrets in a document.
pub(crate) fn secret_values(node: &Node) -> Vec<&str> {
    let mut values = Vec::new();
    collect(node, false, &mut values);
    values
}

fn collect<'n>(node: &'n Node, secret: bool, values: &mut Vec<&'n str>) {
    if values.len() >= MAX_VALUES {
        return;
    }
    match &node.value {
        Value::Mapping(mapping) => {
            for (key, child) in &**mapping {
                let below = is_secret_below(key, secret, child);
                collect(child, below, values);
            }
        }
        Value::Sequence(items) => {
            with_options(items).for_each(|(item, below)| collect(item, secret || below, values));
        }
        Value::Text(text) | Value::Number(text) if secret && is_literal(text) && text.len() > 1 => {
            values.push(text);
        }
        _ => {}
    }
}

/// Returns the items of a list, and whether each is the value of an option before it that names a
/// secret: `["--password", "x"]`.
pub(super) fn with_options(items: &[Node]) -> impl Iterator<Item = (&Node, bool)> {
    let mut option = false;
    items.iter().map(move |item| {
        let is_secret = option && item.as_text().is_none_or(is_value);
        option = item.as_text().and_then(option_name).is_some_and(names_secret);
        (item, is_secret)
    })
}

/// Returns whether the value of a key is a secret, by its key or because it is below one.
pub(super) fn is_secret_below(key: &str, above: bool, child: &Node) -> bool {
    if is_reference(key) {
        return false;
    }
    above
        || match sensitivity(key) {
            Sensitivity::Plain => false,
            Sensitivity::Ambiguous => child.as_mapping().is_none(),
            Sensitivity::Likely | Sensitivity::Certain => true,
        }
}
