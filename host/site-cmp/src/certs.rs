//! The certificates that a fleet's global clusters issue: those that a render emits, compared
//! with a folder of certificates.
//!
//! The expected certificates are read from the documents of the target `global` only. A private
//! key in the folder is reported and never parsed.

mod certificate;
mod files;
mod assess;
mod timestamp;
mod pem;
mod expected;

use site_render::finding::{Finding, Stage};
use site_render::fleet::Fleet;

pub(crate) use assess::{CertState, CertStatus, assess_cert};
pub(crate) use expected::{ExpectedCert, read_expected};
pub(crate) use files::read_folder;
pub(crate) use timestamp::Timestamp;

use crate::codes;
use crate::exit::CommandError;

/// Returns the expected certificates of an environment, or of all with a `global` section, in
/// the order of the documents. Returns also the findings of the renders, errors included.
pub(crate) fn expected_certs(
    fleet: &Fleet,
    environment: Option<&str>,
) -> Result<(Vec<ExpectedCert>, Vec<Finding>), CommandError> {
    let environments = match environment {
        Some(name) => vec![name.to_owned()],
        None => fleet.environments()?,
    };
    let sites = fleet.sites(None)?.into_iter().collect();
    let (mut expected, mut findings, mut sections) = (Vec::new(), Vec::new(), 0);
    for name in &environments {
        let requests = match fleet.global_requests(name) {
            Ok(requests) => requests,
            Err(problems) => {
                findings.extend(problems.0);
                continue;
            }
        };
        sections += requests.len();
        for request in &requests {
            match site_render::render(fleet, request) {
                Ok(rendered) => {
                    // Notes about disabled sites do not concern certificates.
                    let noticed = rendered.findings.iter();
                    findings.extend(noticed.filter(|one| one.stage != Stage::Gate).cloned());
                    let documents = rendered.documents.iter();
                    let issued: Vec<_> =
                        documents.filter_map(|node| read_expected(name, node, &sites)).collect();
                    findings.extend(issued.iter().filter_map(ExpectedCert::invalid_renewal));
                    expected.extend(issued);
                }
                Err(problems) => findings.extend(problems.0),
            }
        }
    }
    if sections == 0 && !findings.iter().any(Finding::is_error) {
        return Err(no_global_section(environment).into());
    }
    Ok((expected, findings))
}

/// Returns the error of a fleet or environment without a `global` section.
fn no_global_section(environment: Option<&str>) -> Finding {
    let message = match environment {
        Some(name) => format!(
            "environment `{name}` issues no certificates: none of its components has a `global` section"
        ),
        None => {
            "no environment issues certificates: no component has a `global` section".to_owned()
        }
    };
    codes::CERTS_NO_GLOBAL
        .finding(message)
        .hint("list the policies of scope global under components.NAME.global.policies")
}
