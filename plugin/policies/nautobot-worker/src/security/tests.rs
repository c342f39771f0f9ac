use policy_sdk::harness::findings;
use serde_json::{Value, json};

use crate::tests::{codes, connected, plan};

fn of(celery: Value) -> Vec<(String, Option<String>)> {
    let plan = plan("3.1.1", json!({"celery": celery}), connected());
    assert!(codes(&plan).iter().all(|code| *code == "worker/key-unreadable"), "{:?}", codes(&plan));
    findings(&plan, "worker/key-unreadable")
        .iter()
        .map(|finding| (finding.message.clone(), finding.path.clone()))
        .collect()
}

#[test]
fn a_key_that_only_root_may_read_needs_a_group() {
    for (celery, place) in [
        (json!({"podSecurityContext": {"enabled": false}}), "/celery/podSecurityContext/enabled"),
        (json!({"podSecurityContext": {"fsGroup": null}}), "/celery/podSecurityContext/fsGroup"),
        (
            json!({"podSecurityContext": {"enabled": false}, "containerSecurityContext": {"enabled": false}}),
            "/celery/podSecurityContext/enabled",
        ),
    ] {
        let found = of(celery);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1.as_deref(), Some(place));
        assert!(found[0].0.contains("/etc/nautobot/mtls"));
    }
}

#[test]
fn root_a_group_or_an_open_key_is_fine() {
    let off = json!({"enabled": false});
    for celery in [
        json!({}),
        json!({"podSecurityContext": {"enabled": true, "fsGroup": 1000}}),
        json!({"podSecurityContext": off, "containerSecurityContext": {"runAsUser": 0}}),
        json!({
            "podSecurityContext": {"fsGroup": null, "runAsUser": 0},
            "containerSecurityContext": {"runAsUser": null},
        }),
        json!({
            "podSecurityContext": off,
            "extraVolumes": [{"name": "mtls-client", "secret": {"secretName": "s"}}],
        }),
    ] {
        assert_eq!(of(celery.clone()), [], "{celery}");
    }
}

#[test]
fn a_switch_of_the_workers_own_wins() {
    let values = json!({
        "celery": {"podSecurityContext": {"enabled": false}},
        "workers": {"iad3": {"podSecurityContext": {"enabled": true}}},
    });
    assert_eq!(codes(&plan("3.1.1", values, connected())), [""; 0]);
}

#[test]
fn no_pods_are_a_warning_unless_a_setting_says_so() {
    let values = json!({"celery": {"replicaCount": 0, "autoscaling": {"enabled": true}}});
    let with = |more: Value| {
        let mut settings = connected();
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let plan = plan("3.1.1", values.clone(), settings);
        findings(&plan, "worker/no-pods").len()
    };
    assert_eq!(with(json!({})), 1);
    assert_eq!(with(json!({"replicas": 0})), 0);
    assert_eq!(with(json!({"autoscaling": true})), 0);
}

#[test]
fn a_label_that_the_deployment_selects_by_is_an_error() {
    let values =
        json!({"celery": {"podLabels": {"team": "x", "app.kubernetes.io/component": "x"}}});
    let plan = plan("3.1.1", values, connected());
    let error = findings(&plan, "worker/pod-labels")[0];
    assert_eq!(error.path.as_deref(), Some("/celery/podLabels/app.kubernetes.io~1component"));
}
