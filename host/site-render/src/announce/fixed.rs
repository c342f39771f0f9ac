//! Announces the plugin's own parameters, from their table.

use super::Announcement;
use crate::environment::Component;
use crate::profile::Profiles;
use crate::request::{Choice, PLUGIN_PARAMETERS, PluginParameter, Request};

/// Returns the parameters with their current values: as requested, else from the profile.
pub(super) fn fixed_parameters(
    request: &Request,
    known: Option<(&Profiles, &Component)>,
) -> Vec<Announcement> {
    let environment = match known {
        Some((profiles, _)) => Some(&*profiles.environment().name),
        None => request.subject.environment(),
    };
    let component = match known {
        Some((_, component)) => Some(&*component.name),
        None => request.component.as_deref(),
    };
    let values = |name| match name {
        "site" => Some(request.subject.site()),
        "environment" => environment,
        "component" => component,
        "target" => Some(request.target.name()),
        "closed-gate" => Some(request.closed_gate.name()),
        _ => None,
    };
    let shown = PLUGIN_PARAMETERS.iter().filter(|parameter| parameter.is_announced);
    shown.map(|parameter| fixed_parameter(parameter, values(parameter.name))).collect()
}

/// Returns one parameter with its value.
fn fixed_parameter(parameter: &PluginParameter, value: Option<&str>) -> Announcement {
    Announcement {
        name: parameter.name.to_owned(),
        title: parameter.title.to_owned(),
        tooltip: parameter.description(),
        item_type: "string",
        collection_type: "string",
        string: value.unwrap_or_default().to_owned(),
        ..Announcement::default()
    }
}
