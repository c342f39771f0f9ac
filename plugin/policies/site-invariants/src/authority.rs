//! Reports objects that bring the authority's key to a site or sign certificates there: the key
//! stays on the global cluster. There it reports an authority whose key changes.

use policy_sdk::{Document, Object, Plan, pointer};

use crate::codes;
use crate::settings::Settings;

const GROUP: &str = "cert-manager.io";

/// The problem of an object that brings an authority, as the predicate of a message, and the
/// pointer to it.
type Problem = (String, String);

/// Reports an object that would bring an authority to a site. Returns whether it does.
pub(crate) fn report_key(plan: &mut Plan, object: &Object, settings: &Settings) -> bool {
    let Some((problem, path)) = find_authority(object, settings) else { return false };
    let message = format!("{} {problem}", object.label());
    plan.report(
        codes::MTLS_CA_KEY_ON_SITE.finding(message).at(object.path(&path)).hint(
            "remove it: the global cluster issues the certificates of sites (policy mtls-clients), and a site gets only its own certificate and key, and the authority's public certificate",
        ),
    );
    true
}

/// Reports an authority of the global cluster that gets a new key at each renewal.
///
/// No server then trusts a certificate that the old key signed, so every site is cut off at once.
/// cert-manager does so by default since 1.18
/// (<https://cert-manager.io/docs/releases/release-notes/release-notes-1.18/>).
pub(crate) fn report_rotation(plan: &mut Plan, object: &Object) {
    const POLICY: &str = "/spec/privateKey/rotationPolicy";
    let body = &object.body;
    let is_authority = object.is(GROUP, "Certificate") && body.is_true("/spec/isCA");
    if !is_authority || body.scalar(POLICY).is_some_and(|policy| policy == "Never") {
        return;
    }
    let message = format!(
        "{} is an authority that gets a new key at each renewal: servers then refuse every certificate that it issued",
        object.label()
    );
    plan.report(
        codes::MTLS_ROTATION
            .finding(message)
            .at(object.path("/spec"))
            .hint("set privateKey.rotationPolicy: Never"),
    );
}

fn find_authority(object: &Object, settings: &Settings) -> Option<Problem> {
    let body = &object.body;
    match (object.group(), &*object.kind) {
        (GROUP, "Issuer" | "ClusterIssuer") => {
            Some(("would sign certificates at a site".to_owned(), String::new()))
        }
        (GROUP, "Certificate") if body.is_true("/spec/isCA") => {
            let problem = "would create an authority and its key at a site";
            Some((problem.to_owned(), "/spec/isCA".to_owned()))
        }
        ("", "Secret") => {
            let known = is_authority(&object.name, settings);
            ["/data", "/stringData"].iter().find_map(|part| find_key(body, part, known))
        }
        ("bitnami.com", "SealedSecret") => {
            find_key(body, "/spec/encryptedData", is_authority(&object.name, settings))
        }
        ("external-secrets.io", "ExternalSecret") => find_fetched_key(body, settings),
        _ => None,
    }
}

/// Finds an authority's key among the keys of a Secret. In a Secret that is `known` as an
/// authority's, any private key is one.
fn find_key(body: &Document, part: &str, known: bool) -> Option<Problem> {
    let mut keys = body.keys(part).into_iter();
    let key = keys.find(|key| is_key_of_authority(key) || known && is_key(key))?;
    let path = [part, &pointer([&*key])].concat();
    Some((format!("contains the authority's key ({key})"), path))
}

/// Finds an authority's key that External Secrets would fetch: by the name that it gets in the
/// Secret, or by its place in the store.
fn find_fetched_key(body: &Document, settings: &Settings) -> Option<Problem> {
    let values = body.items("/spec/data").into_iter().enumerate().map(|(index, value)| {
        let path = format!("/spec/data/{index}");
        let named = value.scalar("/secretKey").filter(|key| is_key_of_authority(key));
        let contained = named.map(|key| format!("contains the authority's key ({key})"));
        (contained.or_else(|| describe_fetch(&value.at("/remoteRef"), settings)), path)
    });
    let wholes = body.items("/spec/dataFrom").into_iter().enumerate().map(|(index, from)| {
        (describe_fetch(&from.at("/extract"), settings), format!("/spec/dataFrom/{index}"))
    });
    let mut all = values.chain(wholes).filter_map(|(problem, path)| Some((problem?, path)));
    find_key(body, "/spec/target/template/data", false).or_else(|| all.next())
}

/// Describes a reference to a store that fetches an authority's key: as a property, or with all
/// properties of the remote key.
fn describe_fetch(remote: &Document, settings: &Settings) -> Option<String> {
    let key = remote.scalar("/key")?;
    let property = remote.scalar("/property").unwrap_or_default();
    let whole = property.is_empty();
    let known = is_authority(&key, settings) && (whole || is_key(&property));
    if !known && !is_key_of_authority(&property) {
        return None;
    }
    let part = if whole { "all of".to_owned() } else { format!("property {property} of") };
    Some(format!("fetches the authority's key: {part} {key}"))
}

/// Returns whether the last part of a name or of a remote key names an authority.
fn is_authority(name: &str, settings: &Settings) -> bool {
    let last = name.rsplit(['/', ':']).next().unwrap_or_default();
    last == "ca" || last.ends_with("-ca") || settings.authorities.iter().any(|known| known == last)
}

/// Returns whether a name is that of a private key, such as `tls.key`, `key` or `private-key`.
fn is_key(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("key")
}

/// Returns whether a name has both words, `ca` and `key`, such as `ca.key`, `ca_tls.key` or
/// `mtls-ca-key.pem`. It compares whole words, so that `cache.key` is not one.
fn is_key_of_authority(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has =
        |word: &str| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word);
    has("ca") && has("key")
}
