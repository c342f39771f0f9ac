//! The plugin's own parameters, which every site and environment has.

use super::Announcement;
use crate::environment::Component;
use crate::profile::Profiles;
use crate::request::{ClosedGate, Request};

/// Returns the parameters with their current values: from the request, else from the profile.
pub(super) fn fixed_parameters(
    request: &Request,
    loaded: Option<(&Profiles, &Component)>,
) -> Vec<Announcement> {
    let environment = match loaded {
        Some((profiles, _)) => Some(&*profiles.environment().name),
        None => request.subject.environment(),
    };
    let component = match loaded {
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
            "The site: the name of its folder below sites/. Default: the last folder of the source's path.",
            Some(request.subject.site()),
        ),
        fixed_parameter(
            "environment",
            "Environment",
            "The environment. Required only for a bare deploy.yaml and for the targets of a global cluster; a profile names its own.",
            environment,
        ),
        fixed_parameter(
            "component",
            "Component",
            "The component. Default: the only one of the environment.",
            component,
        ),
        fixed_parameter(
            "target",
            "Target",
            "The output: application, resources or manifests of a site; global or gateway of an environment.",
            Some(request.target.word()),
        ),
        fixed_parameter(
            "closed-gate",
            "Closed gate",
            "The output for a disabled site: marker (a ConfigMap with the reason) or empty.",
            Some(gate),
        ),
    ]
}

/// Returns a parameter of type `string`.
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
