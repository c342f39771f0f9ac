//! Mappings that a later values file removes with a null.

use crate::codes;
use crate::finding::Severity;
use crate::finding_list::FindingList;
use crate::helm_merge::ValuesLayer;
use crate::value::{Mapping, Node, Value};

/// Adds a warning for each mapping of earlier layers, merged in `below`, that a layer sets to null.
pub(super) fn report_removed(below: &Node, layer: &ValuesLayer, findings: &mut FindingList) {
    find_removed(below, &layer.values, &mut String::new(), &mut |path, removed, null| {
        findings.push_with(Severity::Warning, || {
            let keys = removed.as_mapping().map_or(0, Mapping::len);
            let from = removed.origin.describe().map(|place| format!(" of {place}"));
            let message = format!(
                "{} sets `{path}` to null, which removes {keys} {}{}",
                layer.name,
                if keys == 1 { "key" } else { "keys" },
                from.unwrap_or_default()
            );
            codes::VALUES_REMOVED.finding(message).at(null.origin.place())
        });
    });
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
