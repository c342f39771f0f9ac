//! Files of a mounted Secret or ConfigMap that variables name: each is a key that has to be
//! there.
//!
//! `NAUTOBOT_REDIS_SSL_CERTFILE=/etc/nautobot/mtls/tls.crt` reads the key `tls.crt` of the
//! Secret that is mounted at `/etc/nautobot/mtls`.

use policy_sdk::Document;

use crate::reads::{Reader, Source};

/// What one container has: variables, mounts, and the volumes of its pod.
pub(crate) struct Container {
    pub(crate) variables: Document,
    pub(crate) mounts: Document,
    pub(crate) volumes: Document,
}

/// Notes the keys that variables of a container name.
pub(crate) fn search(container: &Container, reader: &mut Reader) {
    let variables = container.variables.items("");
    for volume in container.volumes.items("") {
        let name = volume.scalar("/name");
        let Some((source, part, object)) = mounted(&volume) else { continue };
        for mount in container.mounts.items("") {
            if mount.scalar("/name") != name || mount.scalar("/subPath").is_some() {
                continue;
            }
            let Some(folder) = mount.scalar("/mountPath") else { continue };
            for variable in &variables {
                let value = variable.scalar("/value").unwrap_or_default();
                if let Some(key) = file_in(&folder, &value) {
                    let by = variable.scalar("/name").unwrap_or_default();
                    let mut reader = Reader {
                        by: [&*reader.by, " (", &*by, ")"].concat(),
                        namespace: reader.namespace.clone(),
                        found: &mut *reader.found,
                    };
                    reader.note(source, &part, object, Some(key.to_owned()));
                }
            }
        }
    }
}

/// The object that a volume shows as a whole, and where the volume names it. Where keys are
/// picked, they are named there, and files may be called otherwise.
fn mounted(volume: &Document) -> Option<(Source, Document, &'static str)> {
    let (source, part, name) = if volume.scalar("/secret/secretName").is_some() {
        (Source::Secret, volume.at("/secret"), "/secretName")
    } else {
        (Source::ConfigMap, volume.at("/configMap"), "/name")
    };
    (part.size("/items") == 0 && part.scalar(name).is_some()).then_some((source, part, name))
}

/// The file that a path names right in a folder.
fn file_in<'v>(folder: &str, value: &'v str) -> Option<&'v str> {
    let file = value.strip_prefix(folder.trim_end_matches('/'))?.strip_prefix('/')?;
    (!file.is_empty() && !file.contains('/')).then_some(file)
}
