//! A certificate as cert-manager is asked for it: the objects of kind Certificate among what
//! a render gives, with cert-manager's own defaults.

use crate::codes;
use std::collections::BTreeSet;

use site_render::finding::Finding;
use site_render::value::{Node, Value};

use super::moment::span;

/// The group of cert-manager's API.
const GROUP: &str = "cert-manager.io/";

/// What cert-manager asks for.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) environment: String,
    /// The site whose name its own name holds.
    pub(crate) site: Option<String>,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) common_name: String,
    /// How long it lives, as Go writes a duration; empty for cert-manager's default.
    pub(crate) duration: String,
    /// How long before its end it is renewed, likewise.
    pub(crate) renew_before: String,
    /// Such as `ECDSA 256`.
    pub(crate) key: String,
    /// Such as `Issuer mtls-ca-issuer`.
    pub(crate) issuer: String,
    pub(crate) usages: Vec<String>,
    pub(crate) is_ca: bool,
}

impl Wanted {
    /// A warning where nobody can say when it is renewed.
    pub(super) fn odd_window(&self) -> Option<Finding> {
        let text = &self.renew_before;
        let message = format!("renewBefore of Certificate {} is `{text}`, no duration", self.name);
        let is_odd = !text.is_empty() && span(text).is_none();
        is_odd.then(|| {
            codes::CERTS_DURATION
                .finding(message)
                .hint("write it as Go does, such as 720h; till then a third of its life is taken")
        })
    }
}

/// The certificate that an object asks for, if it is one of those.
pub(crate) fn of(environment: &str, object: &Node, sites: &BTreeSet<String>) -> Option<Wanted> {
    let text = |path: &str| scalar(object, path).unwrap_or_default();
    if text("/kind") != "Certificate" || !text("/apiVersion").starts_with(GROUP) {
        return None;
    }
    let name = text("/metadata/name");
    let kind = scalar(object, "/spec/issuerRef/kind").unwrap_or_else(|| "Issuer".to_owned());
    let usages = object.pointer("/spec/usages").and_then(Node::as_sequence).unwrap_or_default();
    Some(Wanted {
        environment: environment.to_owned(),
        site: site_of(&name, sites).map(str::to_owned),
        namespace: text("/metadata/namespace"),
        secret: text("/spec/secretName"),
        common_name: text("/spec/commonName"),
        duration: text("/spec/duration"),
        renew_before: text("/spec/renewBefore"),
        key: key(object),
        issuer: format!("{kind} {}", text("/spec/issuerRef/name")),
        usages: usages.iter().filter_map(Node::as_text).map(str::to_owned).collect(),
        is_ca: matches!(
            object.pointer("/spec/isCA").map(|node| &node.value),
            Some(Value::Bool(true))
        ),
        name,
    })
}

fn scalar(object: &Node, path: &str) -> Option<String> {
    object.pointer(path).and_then(Node::scalar).map(ToString::to_string)
}

/// Algorithm and size, with cert-manager's defaults.
fn key(object: &Node) -> String {
    let algorithm = scalar(object, "/spec/privateKey/algorithm");
    let algorithm = algorithm.unwrap_or_else(|| "RSA".to_owned());
    let size = scalar(object, "/spec/privateKey/size");
    let usual = match algorithm.as_str() {
        "RSA" => "2048",
        "ECDSA" => "256",
        _ => return algorithm,
    };
    format!("{algorithm} {}", size.as_deref().unwrap_or(usual))
}

/// The site whose name stands in another name, between dashes or dots; the longest.
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
        let wanted = |spec: &str| {
            let text = format!(
                "{{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {{name: a}}, spec: {spec}}}"
            );
            let file = yaml::decode("object", text.as_bytes()).unwrap();
            of("dev", &yaml::read(&file).unwrap().root, &BTreeSet::new())
        };
        let plain = wanted("{secretName: s, issuerRef: {name: i}}").unwrap();
        assert_eq!((plain.key.as_str(), plain.issuer.as_str()), ("RSA 2048", "Issuer i"));
        assert!(!plain.is_ca && plain.site.is_none() && plain.odd_window().is_none());
        let key = "{privateKey: {algorithm: ECDSA, size: 384}, isCA: true, renewBefore: a month}";
        let odd = wanted(key).unwrap();
        assert_eq!(odd.key, "ECDSA 384");
        assert!(odd.is_ca);
        let told = odd.odd_window().unwrap().message;
        assert_eq!(told, "renewBefore of Certificate a is `a month`, no duration");
        assert_eq!(wanted("{privateKey: {algorithm: Ed25519}}").unwrap().key, "Ed25519");
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
