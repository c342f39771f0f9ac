//! Refuses names that Kubernetes and Argo CD would refuse.

use crate::codes;
use crate::finding::Finding;
use crate::gate::OpenSite;

/// The longest name of an Application: Argo CD writes it into a label value.
const MAX_APPLICATION: usize = 63;

/// Returns the errors on names in a site's documents.
pub(crate) fn check_names(site: &OpenSite) -> Vec<Finding> {
    let application = site.application_name();
    let mut findings = Vec::new();
    if !is_dns_label(&site.name) {
        findings.push(
            codes::NAME_SITE.finding(format!("`{}` is not a valid name of a site: Kubernetes accepts lower-case letters, digits and `-`, with a letter or digit first and last", site.name))
                .at(site.body.origin.place())
                .hint("rename the site's folder"),
        );
    } else if application.len() > MAX_APPLICATION {
        findings.push(
            codes::NAME_APPLICATION.finding(format!("the name of Application `{application}` has {} characters, more than the {MAX_APPLICATION} allowed", application.len()))
                .at(site.body.origin.place())
                .hint("rename the site's folder to a shorter name"),
        );
    }
    findings
}

/// Returns whether a text is an RFC 1123 label, as `IsDNS1123Label` of Kubernetes.
fn is_dns_label(text: &str) -> bool {
    let is_alphanumeric = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(|c| is_alphanumeric(*c))
        && bytes.last().is_some_and(|c| is_alphanumeric(*c))
        && bytes.iter().all(|c| is_alphanumeric(*c) || *c == b'-')
}
