//! The certificates that a fleet's global clusters issue: those that a render emits, and what
//! of them is at hand.
//!
//! What is wanted is read from the documents of the target `global` and from nothing else.
//! A private key that lies among them is told, and never looked into.

mod certificate;
mod files;
mod judge;
mod moment;
mod pem;
mod wanted;

use site_render::finding::{Finding, Stage};
use site_render::fleet::Fleet;

pub(crate) use files::read;
pub(crate) use judge::{Judged, State, judge};
pub(crate) use moment::Moment;
pub(crate) use wanted::{Wanted, of};

use crate::codes;
use crate::exit::CommandError;

/// The certificates of an environment, or of all that have a half on a global cluster, in the
/// order of the documents; with what was noticed, and what kept one from being rendered.
pub(crate) fn wanted(
    fleet: &Fleet,
    environment: Option<&str>,
) -> Result<(Vec<Wanted>, Vec<Finding>), CommandError> {
    let environments = match environment {
        Some(name) => vec![name.to_owned()],
        None => fleet.environments()?,
    };
    let sites = fleet.sites(None)?.into_iter().collect();
    let (mut wanted, mut findings, mut halves) = (Vec::new(), Vec::new(), 0);
    for name in &environments {
        let requests = match fleet.global_requests(name) {
            Ok(requests) => requests,
            Err(problems) => {
                findings.extend(problems.0);
                continue;
            }
        };
        halves += requests.len();
        for request in &requests {
            match site_render::render(fleet, request) {
                Ok(rendered) => {
                    // That a site is off is no news here.
                    let told = rendered.findings.iter();
                    findings.extend(told.filter(|one| one.stage != Stage::Gate).cloned());
                    let documents = rendered.documents.iter();
                    let issued: Vec<_> =
                        documents.filter_map(|node| of(name, node, &sites)).collect();
                    findings.extend(issued.iter().filter_map(Wanted::odd_window));
                    wanted.extend(issued);
                }
                Err(problems) => findings.extend(problems.0),
            }
        }
    }
    if halves == 0 && !findings.iter().any(Finding::is_error) {
        return Err(no_half(environment).into());
    }
    Ok((wanted, findings))
}

fn no_half(environment: Option<&str>) -> Finding {
    let message = match environment {
        Some(name) => format!(
            "environment `{name}` issues no certificates: no component of it has a `global`"
        ),
        None => "no environment issues certificates: no component has a `global`".to_owned(),
    };
    codes::CERTS_NO_GLOBAL
        .finding(message)
        .hint("name the policies of scope global under components.NAME.global.policies")
}
