//! Mappings that a later values file removes with a null.

use crate::codes;
use crate::finding::Finding;
use crate::helm_merge::{self, ValuesLayer};
use crate::value::{Mapping, Node, Value};

/// Returns a warning for each mapping of an earlier layer that a later one sets to null.
pub(super) fn report_removed(layers: &[ValuesLayer]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some((first, others)) = layers.split_first() else { return findings };
    let mut merged = first.values.clone();
    for layer in others {
        find_removed(&merged, &layer.values, &mut String::new(), &mut |path, below, null| {
            let keys = below.as_mapping().map_or(0, Mapping::len);
            let from =
                below.origin.describe().map(|place| format!(" of {place}")).unwrap_or_default();
            let things = if keys == 1 { "key" } else { "keys" };
            let message = format!(
                "{} sets `{path}` to null, which removes {keys} {things}{from}",
                layer.name
            );
            findings.push(codes::VALUES_REMOVED.finding(message).at(null.origin.place()));
        });
        helm_merge::merge_into(&mut merged, &layer.values);
    }
    findings
}

/// Calls a function with the path, the mapping and the null of each removal.
fn find_removed(
    below: &Node,
    above: &Node,
    path: &mut String,
    report: &mut dyn FnMut(&str, &Node, &Node),
) {
    let (Some(_), Some(over)) = (below.as_mapping(), above.as_mapping()) else { return };
    for (key, node) in over {
        let Some(known) = below.get(key).filter(|known| !known.is_empty()) else { continue };
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        path.push_str(key);
        match node.value {
            Value::Null if known.as_mapping().is_some() => report(path, known, node),
            _ => find_removed(known, node, path, report),
        }
        path.truncate(length);
    }
}
