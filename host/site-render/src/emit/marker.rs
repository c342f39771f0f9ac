//! The marker of a closed gate: one ConfigMap with the reason. Argo CD prunes the site's objects
//! only if the answer is not empty.
//!
//! The marker has no namespace, so Argo CD puts it where the Application that asked deploys to. The
//! component's namespace need not exist there.

use crate::gate::Closed;
use crate::node_builder::{map, text};
use crate::value::Node;

/// Returns the ConfigMap.
pub(crate) fn build_marker(closed: &Closed) -> Node {
    let Closed { site, environment, component, key, reason, place } = closed;
    let mut data = vec![
        ("component", text(&component.name)),
        ("environment", text(environment)),
        ("key", text(key)),
        ("reason", text(format!("{key} {reason}"))),
    ];
    if !site.is_empty() {
        data.push(("site", text(site)));
    }
    if let Some(place) = place {
        data.push(("place", text(format!("{}:{}", place.file.name, place.at.line))));
    }
    let name = if site.is_empty() { environment } else { site };
    let metadata = map([
        ("name", text(format!("{name}-{}-closed", component.suffix))),
        ("labels", map([("app.kubernetes.io/managed-by", text("site-cmp"))])),
    ]);
    map([
        ("apiVersion", text("v1")),
        ("kind", text("ConfigMap")),
        ("metadata", metadata),
        ("data", map(data)),
    ])
}
