//! Expected certificates: the objects of kind Certificate in a render's documents, with
//! cert-manager's defaults.

use crate::codes;
use std::collections::BTreeSet;

use site_render::finding::Finding;
use site_render::value::{Node, Value};

use super::timestamp::parse_duration;

/// The group of cert-manager's API.
const GROUP: &str = "cert-manager.io/";

/// A certificate that cert-manager is requested to issue.
#[derive(Debug)]
pub(crate) struct ExpectedCert {
    pub(crate) environment: String,
    /// The site whose name is part of its own name.
    pub(crate) site: Option<String>,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) common_name: String,
    /// Its lifetime as a Go duration; empty for cert-manager's default.
    pub(crate) duration: String,
    /// The time before expiry at which it is renewed, likewise.
    pub(crate) renew_before: String,
    /// Such as `ECDSA 256`.
    pub(crate) key: String,
    /// Such as `Issuer mtls-ca-issuer`.
    pub(crate) issuer: String,
    pub(crate) usages: Vec<String>,
    pub(crate) is_ca: bool,
}

impl ExpectedCert {
    /// Returns a warning if `renewBefore` is not a valid duration.
    pub(super) fn invalid_renewal(&self) -> Option<Finding> {
        let text = &self.renew_before;
        let message = format!(
            "renewBefore of Certificate {} is `{text}`, which is not a valid duration",
            self.name
        );
        let is_odd = !text.is_empty() && parse_duration(text).is_none();
        is_odd.then(|| {
            codes::CERTS_DURATION
                .finding(message)
                .hint("write a duration such as 720h; until then a third of the lifetime is used")
        })
    }
}

/// Returns the certificate that an object requests, if it is a Certificate of cert-manager.
pub(crate) fn read_expected(
    environment: &str,
    object: &Node,
    sites: &BTreeSet<String>,
) -> Option<ExpectedCert> {
    let text = |path: &str| scalar_text(object, path).unwrap_or_default();
    if text("/kind") != "Certificate" || !text("/apiVersion").starts_with(GROUP) {
        return None;
    }
    let name = text("/metadata/name");
    let kind = scalar_text(object, "/spec/issuerRef/kind").unwrap_or_else(|| "Issuer".to_owned());
    let usages = object.pointer("/spec/usages").and_then(Node::as_sequence).unwrap_or_default();
    Some(ExpectedCert {
        environment: environment.to_owned(),
        site: site_of(&name, sites).map(str::to_owned),
        namespace: text("/metadata/namespace"),
        secret: text("/spec/secretName"),
        common_name: text("/spec/commonName"),
        duration: text("/spec/duration"),
        renew_before: text("/spec/renewBefore"),
        key: private_key(object),
        issuer: format!("{kind} {}", text("/spec/issuerRef/name")),
        usages: usages.iter().filter_map(Node::as_text).map(str::to_owned).collect(),
        is_ca: matches!(
            object.pointer("/spec/isCA").map(|node| &node.value),
            Some(Value::Bool(true))
        ),
        name,
    })
}

/// Returns the scalar at a JSON pointer as text.
fn scalar_text(object: &Node, path: &str) -> Option<String> {
    object.pointer(path).and_then(Node::scalar).map(ToString::to_string)
}

/// Returns algorithm and size with cert-manager's defaults.
fn private_key(object: &Node) -> String {
    let algorithm = scalar_text(object, "/spec/privateKey/algorithm");
    let algorithm = algorithm.unwrap_or_else(|| "RSA".to_owned());
    let size = scalar_text(object, "/spec/privateKey/size");
    let usual = match algorithm.as_str() {
        "RSA" => "2048",
        "ECDSA" => "256",
        _ => return algorithm,
    };
    format!("{algorithm} {}", size.as_deref().unwrap_or(usual))
}

/// Returns the longest site name that is part of a name, between dashes or dots.
fn site_of<'s>(name: &str, sites: &'s BTreeSet<String>) -> Option<&'s str> {
    let borders = name.match_indices(['-', '.']).map(|(at, _)| at);
    let ends: Vec<usize> = borders.chain([name.len()]).collect();
    let starts = std::iter::once(0).chain(ends.iter().map(|at| at + 1));
    let parts = starts.flat_map(|start| ends.iter().filter_map(move |end| name.get(start..*end)));
    parts.filter_map(|part| sites.get(part)).max_by_key(|site| site.len()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use site_render::yaml;

    use super::*;

    #[test]
    fn what_an_object_does_not_say_is_cert_managers_default() {
        let expected = |spec: &str| {
            let text = format!(
                "{{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {{name: a}}, spec: {spec}}}"
            );
            let file = yaml::decode("object", text.as_bytes()).unwrap();
            read_expected("dev", &yaml::read(&file).unwrap().root, &BTreeSet::new())
        };
        let plain = expected("{secretName: s, issuerRef: {name: i}}").unwrap();
        assert_eq!((plain.key.as_str(), plain.issuer.as_str()), ("RSA 2048", "Issuer i"));
        assert!(!plain.is_ca && plain.site.is_none() && plain.invalid_renewal().is_none());
        let key = "{privateKey: {algorithm: ECDSA, size: 384}, isCA: true, renewBefore: a month}";
        let odd = expected(key).unwrap();
        assert_eq!(odd.key, "ECDSA 384");
        assert!(odd.is_ca);
        let message = odd.invalid_renewal().unwrap().message;
        assert_eq!(
            message,
            "renewBefore of Certificate a is `a month`, which is not a valid duration"
        );
        assert_eq!(expected("{privateKey: {algorithm: Ed25519}}").unwrap().key, "Ed25519");
    }

    #[test]
    fn the_longest_site_in_a_name_is_its_site() {
        let sites: BTreeSet<String> =
            ["iad3", "rax-dev-iad3", "dev", "client"].map(str::to_owned).into();
        for (name, site) in [
            ("mtls-client-rax-dev-iad3", Some("rax-dev-iad3")),
            ("rax-dev-iad3", Some("rax-dev-iad3")),
            ("iad3.mtls", Some("iad3")),
            ("mtls-client-iad33", Some("client")),
            ("mtls-ca", None),
            ("", None),
        ] {
            assert_eq!(site_of(name, &sites), site, "{name}");
        }
    }
}
