//! The checks stage: the check policies evaluate the final values and the objects that will
//! be applied.

use crate::finding::Problems;
use crate::finding_list::FindingList;
use crate::findings::{Reported, Reporter};
use crate::node_builder;
use crate::policies::{Evaluated, evaluate_check};
use crate::validate::Proven;
use crate::value::Node;

/// Evaluates the check policies, and fails where one reports an error.
pub(crate) fn run_checks(
    evaluated: &Evaluated,
    proven: &Proven,
    objects: Vec<Node>,
) -> Result<Reported<()>, Problems> {
    let objects = node_builder::map([("objects", node_builder::list(objects))]);
    let mut findings = FindingList::default();
    for (loaded, request) in &evaluated.checks {
        let values = proven.coalesced.clone();
        let evaluated = evaluate_check(loaded, request.clone(), values, &objects, &mut findings);
        findings.extend(evaluated.err().into_iter().flat_map(|problems| problems.0));
    }
    if findings.has_error() {
        return Err(findings.into());
    }
    Ok(Reported::new(Reporter::Checks, (), findings.into_vec()))
}
