use serde_json::json;

use crate::harness;

#[test]
fn a_check_sees_every_object_and_where_it_is() {
    let objects = harness::request(json!({"cluster": {"objects": [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}},
        {
            "apiVersion": "cert-manager.io/v1", "kind": "Issuer",
            "metadata": {"name": "b", "namespace": "n"}, "spec": {"ca": {"secretName": "s"}},
        },
    ]}}))
    .objects();
    assert!(objects[0].is("", "Secret") && objects[0].namespace.is_empty());
    assert!(objects[1].is("cert-manager.io", "Issuer"));
    assert_eq!(objects[1].label(), "Issuer b");
    assert_eq!(objects[1].body.text("/spec/ca/secretName").unwrap(), "s");
    assert_eq!(objects[1].path("/spec"), "/objects/1/spec");
}

#[test]
fn what_is_no_list_of_objects_is_no_object() {
    for objects in [json!(null), json!({"a": 1}), json!("x")] {
        let request = harness::request(json!({"cluster": {"objects": objects}}));
        assert!(request.objects().is_empty());
    }
    let odd = harness::request(json!({"cluster": {"objects": [7]}})).objects();
    assert_eq!((odd[0].label().as_str(), odd[0].group()), (" ", ""));
}

#[test]
fn pods_are_found_however_deep_they_are_wrapped() {
    let pod = json!({"containers": [{"name": "c"}]});
    let objects = harness::request(json!({"cluster": {"objects": [
        {"kind": "Pod", "spec": pod},
        {"kind": "Deployment", "spec": {"template": {"spec": pod}}},
        {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}}},
        {"kind": "Service", "spec": {"containers": 7}},
        {"kind": "ConfigMap"},
    ]}}))
    .objects();
    let paths: Vec<Option<String>> =
        objects.iter().map(|one| one.pod_spec().map(|pod| pod.path(""))).collect();
    assert_eq!(paths[0].as_deref(), Some("/objects/0/spec"));
    assert_eq!(paths[1].as_deref(), Some("/objects/1/spec/template/spec"));
    assert!(paths[2].as_ref().unwrap().ends_with("/jobTemplate/spec/template/spec"));
    assert_eq!(paths[3..], [None, None]);
}
