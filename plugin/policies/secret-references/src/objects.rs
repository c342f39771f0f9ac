//! Finds Secrets and ConfigMaps that objects read: pods of the rendered chart, and all other objects
//! except those that create Secrets or ConfigMaps.

use policy_sdk::{Document, Object};

use crate::mounted::{self, Container};
use crate::references::{Reader, Reference};

/// Kinds whose names are of objects that they create or read in another namespace.
const CREATORS: [&str; 6] =
    ["Secret", "SealedSecret", "ExternalSecret", "Certificate", "ConfigMap", "Bundle"];

/// Returns the references of all objects.
pub(crate) fn find_references(objects: &[Object]) -> Vec<Reference> {
    let mut references = Vec::new();
    for object in objects {
        let mut reader = Reader {
            by: object.label(),
            namespace: object.namespace.clone(),
            references: &mut references,
        };
        if CREATORS.contains(&&*object.kind) {
            // External Secrets reads templates from a ConfigMap or Secret of the namespace.
            reader.search(&object.body.at("/spec/target/template/templateFrom"));
            continue;
        }
        reader.search(&object.body);
        if let Some(pod) = object.pod_spec() {
            find_mounted_keys(&pod, &mut reader);
        }
    }
    references
}

fn find_mounted_keys(pod: &Document, reader: &mut Reader) {
    for list in ["/initContainers", "/containers"] {
        for container in pod.items(list) {
            let container = Container {
                variables: container.at("/env"),
                mounts: container.at("/volumeMounts"),
                volumes: pod.at("/volumes"),
            };
            mounted::find_keys(&container, reader);
        }
    }
}
