//! Changes of a JSON text that keep it valid.

use serde_json::{Map, Value};

use super::random::Random;

/// Keys and values that mean something to a target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vocabulary {
    /// Keys of mappings.
    pub(super) keys: &'static [&'static str],
    /// JSON texts of values.
    pub(super) values: &'static [&'static str],
}

/// Returns the text with one to four changes; a text that is not JSON becomes `start`.
pub(super) fn change_json(text: &str, seed: u32, start: &str, vocabulary: Vocabulary) -> String {
    let mut random = Random::of_seed(seed);
    let parsed = serde_json::from_str(text).or_else(|_| serde_json::from_str(start));
    let mut root: Value = parsed.unwrap_or_default();
    for _ in 0..=random.below(4) {
        let copied = find_value(&root, &mut random).clone();
        change_value(&mut root, &mut random, &copied, vocabulary);
    }
    root.to_string()
}

/// Returns a value somewhere in a tree.
fn find_value<'v>(root: &'v Value, random: &mut Random) -> &'v Value {
    let mut value = root;
    while !random.one_in(4) {
        let next = match value {
            Value::Array(items) => items.get(random.below(items.len())),
            Value::Object(entries) => entries.values().nth(random.below(entries.len())),
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
    }
    value
}

/// Goes down into a tree and changes one of its values.
fn change_value(value: &mut Value, random: &mut Random, copied: &Value, vocabulary: Vocabulary) {
    if !random.one_in(4) {
        let below = match value {
            Value::Array(items) if !items.is_empty() => {
                let at = random.below(items.len());
                items.get_mut(at)
            }
            Value::Object(entries) => {
                let at = random.below(entries.len());
                entries.values_mut().nth(at)
            }
            _ => None,
        };
        if let Some(below) = below {
            return change_value(below, random, copied, vocabulary);
        }
    }
    let fresh = fresh_value(random, copied, vocabulary);
    match value {
        Value::Array(items) => change_items(items, random, fresh),
        Value::Object(entries) => change_entries(entries, random, fresh, vocabulary.keys),
        other => *other = fresh,
    }
}

/// Returns a copied value, or one of the vocabulary.
fn fresh_value(random: &mut Random, copied: &Value, vocabulary: Vocabulary) -> Value {
    // A copy of a large tree would double the input each time.
    if random.one_in(3) && copied.to_string().len() < 400 {
        return copied.clone();
    }
    serde_json::from_str(random.pick::<&str>(vocabulary.values)).expect("a value is JSON")
}

/// Adds, removes or moves an item.
fn change_items(items: &mut Vec<Value>, random: &mut Random, fresh: Value) {
    let at = random.below(items.len() + 1);
    match random.below(4) {
        0 if at < items.len() => drop(items.remove(at)),
        1 if at < items.len() => {
            let other = random.below(items.len());
            items.swap(at, other);
        }
        2 if at < items.len() => items[at] = fresh,
        _ => items.insert(at, fresh),
    }
}

/// Adds, removes or renames an entry.
fn change_entries(
    entries: &mut Map<String, Value>,
    random: &mut Random,
    fresh: Value,
    keys: &[&str],
) {
    let at = random.below(entries.len());
    let present = entries.keys().nth(at).cloned();
    let key = (*random.pick(keys)).to_owned();
    match (random.below(4), present) {
        (0, Some(present)) => drop(entries.remove(&present)),
        (1, Some(present)) => {
            let moved = entries.remove(&present).unwrap_or_default();
            entries.insert(key, moved);
        }
        (2, Some(present)) => drop(entries.insert(present, fresh)),
        _ => drop(entries.insert(key, fresh)),
    }
}
