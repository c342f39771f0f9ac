//! Secrets and ConfigMaps that objects name: pods of a rendered chart, and all other objects
//! but those that make Secrets or ConfigMaps themselves.

use policy_sdk::{Document, Object};

use crate::mounted::{self, Container};
use crate::reads::{Read, Reader};

/// Objects that name what they make, or read in namespaces of their own.
const MAKERS: [&str; 6] =
    ["Secret", "SealedSecret", "ExternalSecret", "Certificate", "ConfigMap", "Bundle"];

/// All of them.
pub(crate) fn reads(objects: &[Object]) -> Vec<Read> {
    let mut found = Vec::new();
    for object in objects {
        let mut reader =
            Reader { by: object.told(), namespace: object.namespace.clone(), found: &mut found };
        if MAKERS.contains(&&*object.kind) {
            // External Secrets takes templates from a ConfigMap or Secret of the namespace.
            reader.search(&object.body.at("/spec/target/template/templateFrom"));
            continue;
        }
        reader.search(&object.body);
        if let Some(pod) = object.pod() {
            containers(&pod, &mut reader);
        }
    }
    found
}

fn containers(pod: &Document, reader: &mut Reader) {
    for list in ["/initContainers", "/containers"] {
        for container in pod.items(list) {
            let container = Container {
                variables: container.at("/env"),
                mounts: container.at("/volumeMounts"),
                volumes: pod.at("/volumes"),
            };
            mounted::search(&container, reader);
        }
    }
}
