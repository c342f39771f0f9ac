//! Finds files of a mounted Secret or ConfigMap that environment variables name: each is a key that
//! has to exist.
//!
//! `NAUTOBOT_REDIS_SSL_CERTFILE=/etc/nautobot/mtls/tls.crt` reads the key `tls.crt` of the
//! Secret that is mounted at `/etc/nautobot/mtls`.

use policy_sdk::Document;

use crate::references::{Reader, Source};

/// The environment variables and mounts of a container, and the volumes of its pod.
pub(crate) struct Container {
    pub(crate) variables: Document,
    pub(crate) mounts: Document,
    pub(crate) volumes: Document,
}

/// Adds a reference for each key that a variable of the container names.
pub(crate) fn find_keys(container: &Container, reader: &mut Reader) {
    let variables = container.variables.items("");
    for volume in container.volumes.items("") {
        let name = volume.scalar("/name");
        let Some((source, part, object)) = mounted_object(&volume) else { continue };
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
                        references: &mut *reader.references,
                    };
                    reader.add(source, &part, object, Some(key.to_owned()));
                }
            }
        }
    }
}

/// Returns the object that a volume mounts as a whole, and the pointer to its name. A volume that
/// picks keys is skipped: it names them itself, and its files may have other names.
fn mounted_object(volume: &Document) -> Option<(Source, Document, &'static str)> {
    let (source, part, name) = if volume.scalar("/secret/secretName").is_some() {
        (Source::Secret, volume.at("/secret"), "/secretName")
    } else {
        (Source::ConfigMap, volume.at("/configMap"), "/name")
    };
    (part.size("/items") == 0 && part.scalar(name).is_some()).then_some((source, part, name))
}

/// Returns the name of the file if a path is directly in a folder.
fn file_in<'v>(folder: &str, value: &'v str) -> Option<&'v str> {
    let file = value.strip_prefix(folder.trim_end_matches('/'))?.strip_prefix('/')?;
    (!file.is_empty() && !file.contains('/')).then_some(file)
}
