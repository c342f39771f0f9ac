//! Names that Kubernetes and Argo CD would refuse, refused before they get there.

use crate::codes;
use crate::finding::Finding;
use crate::gate::OpenSite;

/// The longest name of an Application: Argo CD writes it into a label's value.
const MAX_APPLICATION: usize = 63;

/// Errors on the names that a site's documents will carry.
pub(crate) fn check_names(site: &OpenSite) -> Vec<Finding> {
    let application = application(site);
    let mut findings = Vec::new();
    if !is_dns_label(&site.name) {
        findings.push(
            codes::NAME_SITE.finding(format!("`{}` cannot name a site: Kubernetes takes lower-case letters, digits and `-`, a letter or digit first and last", site.name))
                .at(site.body.origin.place())
                .hint("rename the site's folder"),
        );
    } else if application.len() > MAX_APPLICATION {
        findings.push(
            codes::NAME_APPLICATION.finding(format!("Application `{application}` has {} characters, at most {MAX_APPLICATION} are possible", application.len()))
                .at(site.body.origin.place())
                .hint("give the site's folder a shorter name"),
        );
    }
    findings
}

/// The Application's name: `<site>-<component>`.
pub(crate) fn application(site: &OpenSite) -> String {
    format!("{}-{}", site.name, site.component.suffix)
}

/// RFC 1123, as Kubernetes' `IsDNS1123Label`.
fn is_dns_label(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(|c| plain(*c))
        && bytes.last().is_some_and(|c| plain(*c))
        && bytes.iter().all(|c| plain(*c) || *c == b'-')
}
