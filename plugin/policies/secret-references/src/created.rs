//! Finds the Secrets and ConfigMaps that objects create, with their keys.

use policy_sdk::{Document, Kind, Object};

use crate::references::Source;

/// A Secret or ConfigMap that an object creates.
#[derive(Debug)]
pub(crate) struct Created<'o> {
    pub(crate) source: Source,
    pub(crate) name: String,
    /// The object that creates it.
    pub(crate) by: &'o Object,
    /// Its keys, unless only the store knows them.
    pub(crate) keys: Option<Vec<String>>,
}

impl Created<'_> {
    /// Returns whether External Secrets creates it. Only then is it useless without a reader: a
    /// chart creates Secrets of its own that nothing may read.
    pub(crate) fn is_external(&self) -> bool {
        self.by.kind == "ExternalSecret"
    }
}

/// Returns all Secrets and ConfigMaps that these objects create.
pub(crate) fn find_created(objects: &[Object]) -> Vec<Created<'_>> {
    objects.iter().filter_map(read_created).collect()
}

/// Reads the Secret or ConfigMap that an object creates, by the rules of its kind.
fn read_created(object: &Object) -> Option<Created<'_>> {
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
            // It creates no Secret, or adds keys to the Secret of another object.
            if matches!(policy.as_deref(), Some("None" | "Merge")) {
                return None;
            }
            if body.kind("/spec/target/manifest") == Kind::Mapping {
                if body.scalar("/spec/target/manifest/kind")? != "ConfigMap" {
                    return None;
                }
                source = Source::ConfigMap;
            }
            (named("/spec/target/name"), external_keys(&body.at("/spec")))
        }
        _ => return None,
    };
    Some(Created { source, name, by: object, keys })
}

/// Returns the keys that External Secrets writes: those of a template, which replace the keys of
/// the fetched values unless its merge policy is Merge.
fn external_keys(spec: &Document) -> Option<Vec<String>> {
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
