use policy_sdk::Plan;
use policy_sdk::harness::findings;
use serde_json::{Value, json};

use super::{is_inside, normalize_path};
use crate::tests::{codes, connected, plan};

fn of(volumes: Value, mounts: Value) -> Plan {
    let celery = json!({"extraVolumes": volumes, "extraVolumeMounts": mounts});
    plan("3.1.1", json!({"celery": celery}), connected())
}

#[test]
fn paths_are_compared_as_they_are_meant() {
    assert_eq!(normalize_path("/a//b/./c/"), "/a/b/c");
    assert!(is_inside("/a/b", "/a") && is_inside("/a", ""));
    assert!(!is_inside("/ab", "/a") && !is_inside("/a", "/a"));
}

#[test]
fn what_kubernetes_refuses_twice_is_an_error() {
    for (volumes, mounts, code) in [
        (json!([{"name": "a"}, {"name": "b"}, {"name": "a"}]), json!([]), "worker/volume"),
        (json!([{"name": "nautobot-config"}]), json!([]), "worker/volume"),
        (json!([{"name": "git-repos"}]), json!([]), "worker/volume"),
        (
            json!([{"name": "a", "emptyDir": {}}]),
            json!([{"name": "a", "mountPath": "/a"}, {"name": "a", "mountPath": "/a/"}]),
            "worker/mount",
        ),
        (
            json!([{"name": "a", "emptyDir": {}}]),
            json!([{"name": "a", "mountPath": "/opt/nautobot/git"}]),
            "worker/mount",
        ),
        (
            json!([{"name": "a", "emptyDir": {}}]),
            json!([{"name": "a", "mountPath": "/opt/nautobot/nautobot_config.py", "subPath": "x"}]),
            "worker/mount",
        ),
    ] {
        let plan = of(volumes.clone(), mounts.clone());
        assert_eq!(codes(&plan), [code], "{volumes} {mounts}");
    }
}

#[test]
fn what_is_in_the_way_is_a_warning() {
    let config_map = json!([{"name": "a", "configMap": {"name": "a"}}]);
    for (path, volumes) in [
        ("/etc/nautobot", config_map.clone()),
        ("/etc", config_map.clone()),
        ("/opt/nautobot", json!([{"name": "a", "secret": {"secretName": "a"}}])),
        ("/etc/nautobot/mtls/ca.crt", json!([{"name": "a", "emptyDir": {}}])),
    ] {
        let plan = of(volumes, json!([{"name": "a", "mountPath": path}]));
        assert_eq!(codes(&plan), ["worker/mount-order"], "{path}");
        let place = findings(&plan, "worker/mount-order")[0].path.as_deref();
        assert_eq!(place, Some("/celery/extraVolumeMounts/0/mountPath"));
    }
    for path in ["/etc/nautobot", "/opt/nautobot", "/etc/nautobot/mtls2", "/scratch"] {
        let scratch = json!([{"name": "a", "emptyDir": {}}]);
        assert_eq!(
            codes(&of(scratch, json!([{"name": "a", "mountPath": path}]))),
            [""; 0],
            "{path}"
        );
    }
}

#[test]
fn two_volumes_at_two_paths_are_fine() {
    let volumes = json!([{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": {}}]);
    let mounts = json!([{"name": "a", "mountPath": "/a"}, {"name": "a", "mountPath": "/b"}]);
    assert_eq!(codes(&of(volumes, mounts)), [""; 0]);
}
