//! The authority's key is on the global cluster and nowhere else: nothing at a site signs, and
//! nothing brings that key there.

use policy_sdk::{Document, Finding, Object, Plan, pointer};

use crate::settings::Settings;

const GROUP: &str = "cert-manager.io";

/// In which way an object brings an authority, and where in it.
type Brings = (String, String);

/// Reports what would bring an authority to a site; whether there was something.
pub(crate) fn report(plan: &mut Plan, object: &Object, settings: &Settings) -> bool {
    let Some((what, path)) = brings(object, settings) else { return false };
    let message = format!("{} {what}", object.told());
    plan.report(
        Finding::error("mtls/ca-key-on-site", message).at(object.path(&path)).hint(
            "certificates of sites are made on the global cluster (policy mtls-clients); a site gets its own pair and the authority's public certificate",
        ),
    );
    true
}

/// Reports an authority of the global cluster that gets a new key when it renews. Nothing that its
/// old key signed is then trusted, so every site is cut off at once: cert-manager does so by
/// default since 1.18 (its release notes), and did not before.
pub(crate) fn report_rotation(plan: &mut Plan, object: &Object) {
    const POLICY: &str = "/spec/privateKey/rotationPolicy";
    let body = &object.body;
    let is_authority = object.is(GROUP, "Certificate") && body.is_true("/spec/isCA");
    if !is_authority || body.scalar(POLICY).is_some_and(|policy| policy == "Never") {
        return;
    }
    let message = format!(
        "{} makes an authority that gets a new key at each renewal: every certificate that it issued is then refused",
        object.told()
    );
    plan.report(
        Finding::warning("mtls/rotation", message)
            .at(object.path("/spec"))
            .hint("set privateKey.rotationPolicy: Never"),
    );
}

fn brings(object: &Object, settings: &Settings) -> Option<Brings> {
    let body = &object.body;
    match (object.group(), &*object.kind) {
        (GROUP, "Issuer" | "ClusterIssuer") => {
            Some(("would sign certificates at a site".to_owned(), String::new()))
        }
        (GROUP, "Certificate") if body.is_true("/spec/isCA") => {
            let what = "makes an authority, and its key, at a site";
            Some((what.to_owned(), "/spec/isCA".to_owned()))
        }
        ("", "Secret") => {
            let known = is_authority(&object.name, settings);
            ["/data", "/stringData"].iter().find_map(|part| held(body, part, known))
        }
        ("bitnami.com", "SealedSecret") => {
            held(body, "/spec/encryptedData", is_authority(&object.name, settings))
        }
        ("external-secrets.io", "ExternalSecret") => external(body, settings),
        _ => None,
    }
}

/// A key of a Secret that is an authority's.
fn held(body: &Document, part: &str, known: bool) -> Option<Brings> {
    let mut keys = body.keys(part).into_iter();
    let key = keys.find(|key| is_key_of_authority(key) || known && is_key(key))?;
    let path = [part, &pointer([&*key])].concat();
    Some((format!("holds the authority's key ({key})"), path))
}

/// What External Secrets would bring: by the name it gets, or by where it is kept.
fn external(body: &Document, settings: &Settings) -> Option<Brings> {
    let values = body.items("/spec/data").into_iter().enumerate().map(|(index, value)| {
        let path = format!("/spec/data/{index}");
        let named = value.scalar("/secretKey").filter(|key| is_key_of_authority(key));
        let held = named.map(|key| format!("holds the authority's key ({key})"));
        (held.or_else(|| fetched(&value.at("/remoteRef"), settings)), path)
    });
    let wholes = body.items("/spec/dataFrom").into_iter().enumerate().map(|(index, from)| {
        (fetched(&from.at("/extract"), settings), format!("/spec/dataFrom/{index}"))
    });
    let mut all = values.chain(wholes).filter_map(|(what, path)| Some((what?, path)));
    held(body, "/spec/target/template/data", false).or_else(|| all.next())
}

/// A reference to a store that leads to an authority's key, or to all that is kept with it.
fn fetched(remote: &Document, settings: &Settings) -> Option<String> {
    let key = remote.scalar("/key")?;
    let property = remote.scalar("/property").unwrap_or_default();
    let whole = property.is_empty();
    let known = is_authority(&key, settings) && (whole || is_key(&property));
    if !known && !is_key_of_authority(&property) {
        return None;
    }
    let what = if whole { "all of".to_owned() } else { format!("property {property} of") };
    Some(format!("fetches the authority's key: {what} {key}"))
}

/// By the last part of a name or of a store's key.
fn is_authority(name: &str, settings: &Settings) -> bool {
    let last = name.rsplit(['/', ':']).next().unwrap_or_default();
    last == "ca" || last.ends_with("-ca") || settings.authorities.iter().any(|known| known == last)
}

/// `tls.key`, `key`, `private-key`.
fn is_key(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("key")
}

/// `ca.key`, `ca_tls.key`, `mtls-ca-key.pem`: both words, each for itself.
fn is_key_of_authority(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has =
        |word: &str| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word);
    has("ca") && has("key")
}
