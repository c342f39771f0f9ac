use policy_sdk::Failure;
use policy_sdk::harness::findings;
use serde_json::{Value, json};

use crate::tests::{connected, evaluate, one, plan, request, try_plan, worker};

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().or(item["name"].as_str()).unwrap())
        .collect()
}

#[test]
fn base_items_stay_untouched_and_ours_follow() {
    let kept = json!({"name": "KEPT", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}});
    let values = json!({"celery": {
        "extraEnvVars": [kept, {"name": "NAUTOBOT_DB_SSLMODE", "value": "verify-full"}],
        "extraVolumes": [{"name": "scratch", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "scratch", "mountPath": "/scratch"}],
        "extraEnvVarsSecret": ["mine", "nautobot-django"],
    }});
    let plan = plan("3.1.1", values, connected());
    let worker = worker(&plan);
    let env = &worker["extraEnvVars"];
    assert_eq!(env[0], kept);
    assert_eq!(names(env)[1..3], ["NAUTOBOT_DB_SSLMODE", "prometheus_multiproc_dir"]);
    let modes: Vec<_> = env
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["name"] == "NAUTOBOT_DB_SSLMODE")
        .collect();
    assert_eq!(modes, [&json!({"name": "NAUTOBOT_DB_SSLMODE", "value": "verify-full"})]);
    assert_eq!(names(&worker["extraVolumes"]), ["scratch", "prometheus-multiproc", "mtls-client"]);
    assert_eq!(
        names(&worker["extraEnvVarsSecret"]),
        ["mine", "nautobot-django", "nautobot-custom-env"]
    );
}

#[test]
fn the_workers_own_list_hides_the_one_of_celery_an_empty_one_and_a_null_too() {
    for own in [json!([{"name": "OWN", "value": "1"}]), json!([]), json!(null)] {
        let values = json!({
            "celery": {"extraEnvVars": [{"name": "ALL", "value": "1"}]},
            "workers": {"iad3": {"extraEnvVars": own}},
        });
        let plan = plan("3.1.1", values, json!({}));
        let worker = worker(&plan);
        let found = names(&worker["extraEnvVars"]);
        assert!(!found.contains(&"ALL"), "{found:?}");
        assert_eq!(found.contains(&"OWN"), own.as_array().is_some_and(|own| !own.is_empty()));
    }
}

#[test]
fn a_mount_at_our_path_is_replaced_and_one_volume_may_be_mounted_twice() {
    let values = json!({"celery": {"extraVolumeMounts": [
        {"name": "old", "mountPath": "/etc/nautobot/mtls"},
        {"name": "data", "mountPath": "/a"},
        {"name": "data", "mountPath": "/b"},
    ]}});
    let plan = plan("3.1.1", values, connected());
    let worker = worker(&plan);
    assert_eq!(
        names(&worker["extraVolumeMounts"]),
        ["data", "data", "prometheus-multiproc", "mtls-client"]
    );
}

#[test]
fn a_list_that_gains_nothing_is_not_written() {
    let values = json!({"celery": {"extraEnvVarsCM": ["cluster-data"]}});
    let worker = worker(&plan("3.1.1", values, json!({"metrics": false})));
    for list in ["extraEnvVars", "extraEnvVarsCM", "extraEnvVarsSecret", "extraVolumes"] {
        assert!(worker.get(list).is_none(), "{list}");
    }
}

#[test]
fn a_note_names_the_lists_that_hide_those_of_unread_files() {
    let unread = |values| {
        let mut input = request("3.1.1", values, json!({"metrics": false}));
        input["cluster"]["unread"] = json!(["$deploy/values.yaml"]);
        evaluate(input).unwrap()
    };
    let written = unread(json!({}));
    let found = findings(&written, "worker/whole-lists");
    assert!(found[0].message.contains("in full: extraEnvVarsCM;"), "{found:?}");
    assert!(found[0].message.ends_with("$deploy/values.yaml"), "{found:?}");
    let untouched = unread(json!({"celery": {"extraEnvVarsCM": ["cluster-data"]}}));
    assert!(findings(&untouched, "worker/whole-lists").is_empty());
    let all_read = plan("3.1.1", json!({}), json!({"metrics": false}));
    assert!(findings(&all_read, "worker/whole-lists").is_empty());
}

#[test]
fn celery_keeps_its_lists() {
    let plan = plan("3.1.1", json!({}), connected());
    assert!(!plan.edits.iter().any(|edit| edit.path.starts_with("/celery/extra")));
}

#[test]
fn a_template_instead_of_a_list_cannot_be_added_to() {
    let values = json!({"celery": {"extraVolumes": "{{ .Values.x }}"}});
    let failure = try_plan("3.1.1", values, json!({})).unwrap_err();
    let expected = one("/celery/extraVolumes", "is a string, must be a list");
    assert_eq!(failure, Failure::BadValues(expected));
}
