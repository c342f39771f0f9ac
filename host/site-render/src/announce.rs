//! What a site can be asked for: the parameters of the plugin, and what they are now.
//!
//! It decides nothing. A gate that is closed and a render that fails still announce all
//! that can be set, for that is when somebody looks; the overlay's entry says why there is
//! none.

mod fixed;
mod overlay;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::finding::{Fault, Problems};
use crate::fleet::Fleet;
use crate::gate;
use crate::profile;
use crate::request::{Request, Target};

/// One parameter, in the words of Argo CD's `ParameterAnnouncement`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// The parameter's name.
    pub name: String,
    /// What a form calls it.
    pub title: String,
    /// What a form says about it.
    pub tooltip: String,
    /// Whether it must be given.
    pub required: bool,
    /// `string`, `number` or `boolean`: of the value, of each item, of each entry.
    pub item_type: &'static str,
    /// `string`, `array` or `map`: which of the next three holds the value.
    pub collection_type: &'static str,
    /// The value now.
    pub string: String,
    /// The items now.
    pub array: Vec<String>,
    /// The entries now.
    pub map: BTreeMap<String, String>,
}

/// Names that are announced to be read, and why they cannot be set.
pub const READ_ONLY: [(&str, &str); 2] = [
    ("chart", "the environment says which chart it is"),
    ("overlay", "policies alone decide what the overlay is; set what their settings allow"),
];

/// All parameters of a request's site or environment: the plugin's own, the settings of its policies, and
/// what is shown to be read. The order is that of the policies and their schemas.
///
/// # Errors
/// What the machine cannot do now and may do the next time, such as a policy that is not
/// compiled yet. What is wrong with the input stands in the overlay's entry.
pub fn announce(fleet: &Fleet, request: &Request) -> Result<Vec<Announcement>, Problems> {
    let found = profile::read(fleet, &request.subject).and_then(|profiles| {
        let component = profiles.component(request.component.as_deref())?;
        Ok((profiles, component))
    });
    let known = found.as_ref().ok().map(|(profiles, component)| (profiles, &**component));
    let mut all = fixed::announced(request, known);
    if let Some((profiles, component)) = known {
        let policies = gate::policies_of(profiles, component);
        all.extend(settings::announced(fleet, &policies, request)?);
        all.push(overlay::chart(component, request));
    }
    let target = if request.target.is_global() { Target::Global } else { Target::Values };
    let values = request.with_target(target);
    match crate::render(fleet, &values) {
        Err(problems) if problems.fault() == Fault::Environment => return Err(problems),
        rendered => all.push(overlay::announced(&rendered)),
    }
    Ok(all)
}
