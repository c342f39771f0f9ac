//! The checks stage: the check policies evaluate the final values and the objects that will
//! be applied.

use crate::finding::{Finding, Problems};
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
    let mut findings = Vec::new();
    for (loaded, request) in &evaluated.checks {
        match evaluate_check(loaded, request.clone(), proven.coalesced.clone(), &objects) {
            Ok(reported) => findings.extend(reported),
            Err(problems) => findings.extend(problems.0),
        }
    }
    if findings.iter().any(Finding::is_error) {
        return Err(Problems(findings));
    }
    Ok(Reported::new(Reporter::Checks, (), findings))
}
