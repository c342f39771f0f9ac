//! Objects that make a Secret or a ConfigMap, and the keys of those.

use policy_sdk::{Document, Kind, Object};

use crate::reads::Source;

/// A Secret or ConfigMap that an object makes.
#[derive(Debug)]
pub(crate) struct Made<'o> {
    pub(crate) source: Source,
    pub(crate) name: String,
    pub(crate) by: &'o Object,
    /// Its keys; none where the store alone knows them.
    pub(crate) keys: Option<Vec<String>>,
}

impl Made<'_> {
    /// Whether nothing but readers gives it a purpose: a chart's own Secret may be empty.
    pub(crate) fn is_external(&self) -> bool {
        self.by.kind == "ExternalSecret"
    }
}

/// All of them.
pub(crate) fn all(objects: &[Object]) -> Vec<Made<'_>> {
    objects.iter().filter_map(made).collect()
}

fn made(object: &Object) -> Option<Made<'_>> {
    let body = &object.body;
    let named = |path: &str| {
        let name = body.scalar(path).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| object.name.clone())
    };
    let mut source = Source::Secret;
    let (name, keys) = match (object.group(), &*object.kind) {
        ("", "Secret") => {
            (object.name.clone(), Some([body.keys("/data"), body.keys("/stringData")].concat()))
        }
        ("", "ConfigMap") => {
            source = Source::ConfigMap;
            (object.name.clone(), Some([body.keys("/data"), body.keys("/binaryData")].concat()))
        }
        // trust-manager writes a bundle into ConfigMaps of its own name.
        ("trust.cert-manager.io", "Bundle") => {
            source = Source::ConfigMap;
            let key = body.scalar("/spec/target/configMap/key")?;
            let formats = body.at("/spec/target/additionalFormats");
            let more = ["/jks/key", "/pkcs12/key"].iter().filter_map(|path| formats.scalar(path));
            (object.name.clone(), Some([key].into_iter().chain(more).collect()))
        }
        ("bitnami.com", "SealedSecret") => {
            (named("/spec/template/metadata/name"), Some(body.keys("/spec/encryptedData")))
        }
        ("cert-manager.io", "Certificate") => {
            let keys = ["tls.crt", "tls.key", "ca.crt"].map(str::to_owned);
            (body.scalar("/spec/secretName")?, Some(keys.into()))
        }
        ("external-secrets.io", "ExternalSecret") => {
            let policy = body.scalar("/spec/target/creationPolicy");
            // It adds to another's Secret, or makes none.
            if matches!(policy.as_deref(), Some("None" | "Merge")) {
                return None;
            }
            if body.kind("/spec/target/manifest") == Kind::Mapping {
                if body.scalar("/spec/target/manifest/kind")? != "ConfigMap" {
                    return None;
                }
                source = Source::ConfigMap;
            }
            (named("/spec/target/name"), external(&body.at("/spec")))
        }
        _ => return None,
    };
    Some(Made { source, name, by: object, keys })
}

/// The keys that External Secrets writes: those of a template in place of the values', or
/// beside them.
fn external(spec: &Document) -> Option<Vec<String>> {
    let template = spec.at("/target/template");
    let merges = template.scalar("/mergePolicy").as_deref() == Some("Merge");
    let mut keys = template.keys("/data");
    if template.size("/templateFrom") > 0 {
        return None;
    }
    if !keys.is_empty() && !merges {
        return Some(keys);
    }
    if spec.size("/dataFrom") > 0 {
        return None;
    }
    keys.extend(spec.items("/data").iter().filter_map(|value| value.scalar("/secretKey")));
    Some(keys)
}
