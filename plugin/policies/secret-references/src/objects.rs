//! Secrets that objects name: pods of a rendered chart, and all else beside those that make
//! Secrets.

use policy_sdk::{Document, Object};

use crate::mounted::{self, Container};
use crate::reads::{Read, Reader};

/// All of them.
pub(crate) fn reads(objects: &[Object]) -> Vec<Read> {
    let mut found = Vec::new();
    for object in objects {
        if matches!(&*object.kind, "Secret" | "SealedSecret" | "ExternalSecret" | "Certificate") {
            continue;
        }
        let mut reader =
            Reader { by: object.told(), namespace: object.namespace.clone(), found: &mut found };
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
