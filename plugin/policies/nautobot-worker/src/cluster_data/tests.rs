#![expect(clippy::needless_pass_by_value, reason = "json!({..}) reads best where it is passed")]

use policy_sdk::Failure;
use serde_json::{Value, json};

use crate::tests::{codes, evaluate, plan, worker};

fn labelled(labels: Value) -> Value {
    json!({
        "profile": {"appLabels": labels},
        "values": {"nautobot": {
            "db": {"host": "d", "existingSecret": "s"}, "redis": {"host": "r"},
            "django": {"existingSecret": "s"},
        }},
        "cluster": {"chart": {"version": "3.1.1"}},
    })
}

#[test]
fn the_config_map_tells_partition_and_site() {
    let plan = plan("3.1.1", json!({}), json!({}));
    let body: Value = serde_json::from_str(&plan.manifests[0].body).unwrap();
    assert_eq!(
        body,
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cluster-data"},
            "data": {"UNDERSTACK_PARTITION": "prod", "UNDERSTACK_SITE": "iad3"},
        })
    );
    assert_eq!(plan.manifests.len(), 1);
    assert_eq!(worker(&plan)["extraEnvVarsCM"], json!(["cluster-data"]));
}

#[test]
fn a_profile_without_partition_gives_an_empty_one_and_a_warning() {
    let plan = evaluate(labelled(json!({"understack.rackspace.com/site": "iad3"}))).unwrap();
    assert_eq!(codes(&plan), ["worker/no-partition"]);
    assert!(plan.manifests[0].body.contains("\"UNDERSTACK_PARTITION\":\"\""));
}

#[test]
fn a_partition_that_is_no_text_is_refused() {
    let labels = json!({
        "understack.rackspace.com/site": "iad3", "understack.rackspace.com/partition": false,
    });
    let failure = evaluate(labelled(labels)).unwrap_err();
    assert!(matches!(failure, Failure::BadProfile(_)));
}
