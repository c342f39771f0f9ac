//! The gate: `site.enabled` and `site.<component>.enabled`, both real booleans.

use crate::origin::Place;

/// Why a component is off at a site.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The key that closes it, dotted.
    pub key: String,
    /// `is false`, `is missing`, `is null`.
    pub reason: &'static str,
    /// Where it says so, if it says so.
    pub place: Option<Place>,
}
