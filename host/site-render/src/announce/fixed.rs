//! The plugin's own parameters, which every site and environment has.

use super::Announcement;
use crate::environment::Component;
use crate::profile::Profiles;
use crate::request::{ClosedGate, Request};

/// Returns the parameters with their current values: from the request, else from the profile.
pub(super) fn fixed_parameters(
    request: &Request,
    found: Option<(&Profiles, &Component)>,
) -> Vec<Announcement> {
    let environment = match found {
        Some((profiles, _)) => Some(&*profiles.environment().name),
        None => request.subject.environment(),
    };
    let component = match found {
        Some((_, component)) => Some(&*component.name),
        None => request.component.as_deref(),
    };
    let gate = match request.closed_gate {
        ClosedGate::Marker => "marker",
        ClosedGate::Empty => "empty",
    };
    vec![
        fixed_parameter(
            "site",
            "Site",
            "The site: its folder below sites/. Without it, the last folder of the source's path.",
            Some(request.subject.site()),
        ),
        fixed_parameter(
            "environment",
            "Environment",
            "The environment. Only a bare deploy.yaml may need it, and the targets of a global cluster; a profile says its own.",
            environment,
        ),
        fixed_parameter(
            "component",
            "Component",
            "The component. Without it, the only one of the environment.",
            component,
        ),
        fixed_parameter(
            "target",
            "Target",
            "What comes back: application, resources or manifests; of an environment global or gateway.",
            Some(request.target.word()),
        ),
        fixed_parameter(
            "closed-gate",
            "Closed gate",
            "What a site gives that is switched off: marker, a ConfigMap that says why, or empty.",
            Some(gate),
        ),
    ]
}

fn fixed_parameter(name: &str, title: &str, tooltip: &str, value: Option<&str>) -> Announcement {
    Announcement {
        name: name.to_owned(),
        title: title.to_owned(),
        tooltip: tooltip.to_owned(),
        item_type: "string",
        collection_type: "string",
        string: value.unwrap_or_default().to_owned(),
        ..Announcement::default()
    }
}
