//! Checks for documents that Kubernetes would change or refuse.

use crate::codes;
use crate::finding::Finding;
use crate::value::{Node, Value, escape};

/// The size from which an object gets a warning, in bytes of its keys and values. `kubectl apply`
/// without `--server-side` stores a copy of at most 262,144 bytes in an annotation, and etcd takes
/// requests of 1.5 MiB.
const LARGE: usize = 200_000;

/// Returns an error if `valuesObject` has a null outside of lists: a merge patch of the Application
/// takes it for a removal (RFC 7386), so the chart's default would return with the second sync.
pub(super) fn null_finding(overlay: &Node) -> Option<Finding> {
    let mut path = String::new();
    let node = find_null(overlay, &mut path)?;
    let message = format!("`valuesObject` has a null at `{path}`, which Argo CD's patches remove");
    let hint = "set an explicit value that disables it, or write the null into a values file";
    Some(codes::EMIT_NULL.finding(message).at(node.origin.place()).on(path).hint(hint))
}

fn find_null<'n>(node: &'n Node, path: &mut String) -> Option<&'n Node> {
    if matches!(node.value, Value::Null) && !path.is_empty() {
        return Some(node);
    }
    for (key, child) in node.as_mapping().into_iter().flatten() {
        let length = path.len();
        path.push('/');
        path.push_str(&escape(key));
        if let Some(found) = find_null(child, path) {
            return Some(found);
        }
        path.truncate(length);
    }
    None
}

/// Returns a warning for each object that is almost too large.
pub(super) fn size_findings(documents: &[Node]) -> Vec<Finding> {
    let large = documents.iter().map(|document| (document, bytes_of(document)));
    let large = large.filter(|(_, bytes)| *bytes > LARGE);
    large
        .map(|(document, bytes)| {
            let text = |path: &str| document.pointer(path).and_then(Node::as_text).unwrap_or_default();
            let message = format!(
                "{} {} has about {} KiB; etcd stores at most 1.5 MiB, and a client-side apply 256 KiB",
                text("/kind"),
                text("/metadata/name"),
                bytes >> 10
            );
            let hint = "have it applied with `ServerSideApply=true`, and move large texts into the image or \
                        into files that the chart reads";
            codes::EMIT_LARGE.finding(message).hint(hint)
        })
        .collect()
}

/// Returns about how many bytes a value has as JSON.
fn bytes_of(node: &Node) -> usize {
    const MARKS: usize = 4;
    match &node.value {
        Value::Mapping(mapping) => {
            mapping.iter().map(|(key, child)| key.len() + MARKS + bytes_of(child)).sum()
        }
        Value::Sequence(items) => items.iter().map(|item| 1 + bytes_of(item)).sum(),
        _ => node.scalar().map_or(MARKS, |text| text.len() + 2),
    }
}
