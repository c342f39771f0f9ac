//! Where values come from: every layer that had a say, in order.

use crate::finding::Problems;
use crate::origin::Place;
use crate::policy::Read;
use crate::request::Rendered;

/// Why one value is what it is.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// JSON Pointer of the value.
    pub path: String,
    /// Who set it, weakest first; the last one won.
    pub steps: Vec<Step>,
    /// What the policy that set it had read to decide, with what it found there.
    pub reads: Vec<(Read, String)>,
}

/// One layer's say.
#[derive(Clone, Debug)]
pub struct Step {
    /// The layer: a file, a chart, a policy.
    pub layer: String,
    /// The value it gave, as JSON; none where it took the key away.
    pub value: Option<String>,
    /// Where it stands, for a file.
    pub place: Option<Place>,
    /// Why, for a policy.
    pub reason: Option<String>,
}

/// Explains one value, or with no path every value of the overlay.
///
/// A path is a JSON Pointer (`/nautobot/db/host`) or dotted (`nautobot.db.host`).
/// Ask for the render with `record_reads`, else no reads are known.
pub fn explain(_rendered: &Rendered, _path: Option<&str>) -> Result<Vec<Explanation>, Problems> {
    unimplemented!()
}
