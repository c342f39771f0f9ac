//! What a closed gate leaves behind: one ConfigMap that says why, so that Argo CD prunes
//! what was there without meeting an empty answer.

use crate::build::{map, text};
use crate::gate::Closed;
use crate::value::Node;

/// The ConfigMap.
pub(crate) fn build_marker(closed: &Closed) -> Node {
    let Closed { site, environment, component, namespace, key, reason, place } = closed;
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
        ("namespace", text(namespace)),
        ("labels", map([("app.kubernetes.io/managed-by", text("site-cmp"))])),
    ]);
    map([
        ("apiVersion", text("v1")),
        ("kind", text("ConfigMap")),
        ("metadata", metadata),
        ("data", map(data)),
    ])
}
