//! Finds the secrets of a document by the keys above them.

use super::key_names::{Sensitivity, is_reference, sensitivity};
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
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, secret, values)),
        Value::Text(text) | Value::Number(text) if secret && is_literal(text) && text.len() > 1 => {
            values.push(text);
        }
        _ => {}
    }
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
