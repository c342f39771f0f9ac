//! What a closed gate leaves behind: one ConfigMap that says why, so that Argo CD prunes
//! the workers without meeting an empty answer.

use crate::emit::build::{map, text};
use crate::gate::Closed;
use crate::profile::Profile;
use crate::value::Node;

/// The ConfigMap.
pub(crate) fn marker(profile: &Profile, component: &str, closed: &Closed) -> Node {
    let mut data = vec![
        ("component", text(component)),
        ("environment", text(&profile.environment.name)),
        ("key", text(&closed.key)),
        ("reason", text(format!("{} {}", closed.key, closed.reason))),
        ("site", text(&profile.site)),
    ];
    if let Some(place) = &closed.place {
        data.push(("place", text(format!("{}:{}", place.file.name, place.at.line))));
    }
    let namespace = profile
        .environment
        .components
        .get(component)
        .map_or("default", |component| &component.namespace);
    map([
        ("apiVersion", text("v1")),
        ("kind", text("ConfigMap")),
        (
            "metadata",
            map([
                ("name", text(format!("{}-{}-closed", profile.site, component.replace('_', "-")))),
                ("namespace", text(namespace)),
                ("labels", map([("app.kubernetes.io/managed-by", text("site-cmp"))])),
            ]),
        ),
        ("data", map(data)),
    ])
}
