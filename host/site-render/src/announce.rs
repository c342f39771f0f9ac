//! Announces the plugin parameters of a site or an environment with their current values.
//!
//! Announcing changes nothing. It works for a closed gate and for a failing render too, because
//! that is when users look at the parameters; the entry of the overlay then contains the reason.

mod fixed;
mod overlay;
mod settings;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::disclosure::shown_text;
use crate::finding::{Fault, Problems};
use crate::fleet::Fleet;
use crate::gate;
use crate::memory::MemoryBudget;
use crate::profile;
use crate::request::{Request, Target};

/// One parameter, with the fields of Argo CD's `ParameterAnnouncement`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// The parameter's name.
    pub name: String,
    /// The label in Argo CD's form.
    pub title: String,
    /// The description in Argo CD's form.
    pub tooltip: String,
    /// Whether a value is required.
    pub required: bool,
    /// `string`, `number` or `boolean`: the type of the value, of each item, or of each entry.
    pub item_type: &'static str,
    /// `string`, `array` or `map`: the field below that holds the value.
    pub collection_type: &'static str,
    /// The current value.
    pub string: String,
    /// The current items.
    pub array: Vec<String>,
    /// The current entries.
    pub map: BTreeMap<String, String>,
}

/// The read-only parameters, and why they cannot be set.
pub const READ_ONLY: [(&str, &str); 2] = [
    ("chart", "the environment configures the chart"),
    ("overlay", "only policies set the overlay; change their settings instead"),
];

/// Returns all parameters for a request: the plugin's own, the settings of its policies in the
/// order of their schemas, and the read-only ones.
///
/// # Errors
/// Returns errors of the environment that may be transient, such as a policy that is not compiled
/// yet. Errors in the input are reported in the overlay's entry.
pub fn announce(fleet: &Fleet, request: &Request) -> Result<Vec<Announcement>, Problems> {
    let memory = &MemoryBudget::of_render();
    let loaded = profile::read_profiles(&fleet.environments, &request.subject, memory).and_then(
        |profiles| {
            let profiles = profiles.without_findings();
            let component = profiles.component(request.component.as_deref())?;
            Ok((profiles, component))
        },
    );
    let known = loaded.as_ref().ok().map(|(profiles, component)| (profiles, &**component));
    let mut all = fixed::fixed_parameters(request, known);
    if let Some((profiles, component)) = known {
        let policies = gate::policies_of(profiles, component);
        all.extend(settings::setting_parameters(&fleet.policies, &policies, request)?);
        all.push(overlay::chart_parameter(component, request));
    }
    // The targets that show the overlay without running Helm.
    let target = if request.target.is_global() { Target::Global } else { Target::Values };
    let values = request.with_target(target);
    match crate::render(fleet, &values) {
        Err(problems) if problems.fault() == Fault::Environment => return Err(problems),
        rendered => all.push(overlay::overlay_parameter(&rendered)),
    }
    all.iter_mut().for_each(Announcement::hide_secrets);
    Ok(all)
}

impl Announcement {
    /// Hides secrets in all texts.
    fn hide_secrets(&mut self) {
        let Self { name, title, tooltip, string, array, map, .. } = self;
        let texts = [name, title, tooltip, string].into_iter();
        for text in texts.chain(array).chain(map.values_mut()) {
            if let Cow::Owned(shown) = shown_text(text) {
                *text = shown;
            }
        }
    }
}
