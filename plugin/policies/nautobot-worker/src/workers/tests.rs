use policy_sdk::Failure;
use policy_sdk::harness::{edited, findings, overlay};
use serde_json::json;

use crate::tests::{MAJORS, one, plan, try_plan, worker};

#[test]
fn the_sites_worker_serves_its_queue_and_the_extra_ones() {
    for version in MAJORS {
        assert_eq!(worker(&plan(version, json!({}), json!({})))["taskQueues"], "iad3");
        let settings = json!({"extraQueues": ["bulk", "iad3-slow"]});
        let plan = plan(version, json!({}), settings);
        assert_eq!(worker(&plan)["taskQueues"], "iad3,bulk,iad3-slow");
    }
}

#[test]
fn its_own_queue_is_no_extra_one() {
    let failure = try_plan("3.1.1", json!({}), json!({"extraQueues": ["iad3"]})).unwrap_err();
    let expected =
        one("/extraQueues", "names iad3, the site's own queue, which the worker serves anyway");
    assert_eq!(failure, Failure::BadSettings(expected));
}

#[test]
fn the_global_default_queue_is_a_warning() {
    let plan = plan("3.1.1", json!({}), json!({"extraQueues": ["default"]}));
    let warning = findings(&plan, "worker/default-queue")[0];
    assert_eq!(warning.path.as_deref(), Some("/extraQueues/0"));
}

#[test]
fn other_workers_go_off_by_name_and_are_reported_unless_off_already() {
    for version in MAJORS {
        let values = json!({"workers": {
            "default": {"enabled": true}, "beat": {"enabled": true}, "iad3": {"enabled": false},
            "bulk": {"enabled": true, "pdb": {"create": true}},
            "inherits": {"taskQueues": "x"},
            "idle": {"enabled": false},
            "job": {"enabled": true, "type": "kubernetes"},
        }});
        let plan = plan(version, values, json!({}));
        let workers = &overlay(&plan)["workers"];
        assert_eq!(workers["bulk"], json!({"enabled": false, "pdb": {"create": false}}));
        assert_eq!(workers["idle"], json!({"enabled": false}));
        // The schema of 3.x refuses `pdb` together with `type: kubernetes`.
        assert_eq!(workers["job"], json!({"enabled": false}));
        assert_eq!(workers["iad3"]["enabled"], true);
        let reported: Vec<_> = findings(&plan, "worker/other-worker")
            .into_iter()
            .filter_map(|finding| finding.path.as_deref())
            .collect();
        assert_eq!(reported, ["/workers/bulk", "/workers/inherits", "/workers/job"]);
    }
}

#[test]
fn replicas_and_concurrency_are_written_only_where_settings_say() {
    let silent = plan("3.1.1", json!({}), json!({}));
    assert_eq!(edited(&silent, "/workers/iad3/replicaCount"), None);
    assert_eq!(edited(&silent, "/workers/iad3/concurrency"), None);
    let said = plan("3.1.1", json!({}), json!({"replicas": 3, "concurrency": 0}));
    assert_eq!(worker(&said)["replicaCount"], 3);
    assert_eq!(worker(&said)["concurrency"], 0);
}

#[test]
fn what_base_values_put_beside_the_worker_stays_on_request_alone() {
    for (switch, setting) in
        [("pdb/create", "disruptionBudget"), ("autoscaling/enabled", "autoscaling")]
    {
        let (part, key) = switch.split_once('/').unwrap();
        let path = format!("/workers/iad3/{switch}");
        for version in MAJORS {
            for on in [
                json!({"celery": {part: {key: true}}}),
                json!({"workers": {"iad3": {part: {key: true}}}}),
            ] {
                let alone = plan(version, on.clone(), json!({}));
                assert_eq!(edited(&alone, &path), Some(json!(false)));
                assert_eq!(findings(&alone, "worker/not-kept").len(), 1);
                let kept = plan(version, on, json!({setting: true}));
                assert_eq!(edited(&kept, &path), Some(json!(true)));
                assert_eq!(findings(&kept, "worker/not-kept").len(), 0);
            }
            let own = json!({
                "celery": {part: {key: true}}, "workers": {"iad3": {part: {key: false}}},
            });
            assert_eq!(
                edited(&plan(version, own, json!({setting: true})), &path),
                Some(json!(false))
            );
        }
    }
}

#[test]
fn fixed_replicas_and_autoscaling_exclude_each_other() {
    let refused =
        try_plan("3.1.1", json!({}), json!({"replicas": 3, "autoscaling": true})).unwrap_err();
    assert!(format!("{refused:?}").contains("/replicas"), "{refused:?}");
}

#[test]
fn a_worker_of_another_type_becomes_celery_with_a_warning() {
    let kubernetes = json!({"enabled": true, "type": "kubernetes"});
    for (values, place) in [
        (json!({"workers": {"iad3": kubernetes}}), "/workers/iad3/type"),
        (json!({"celery": kubernetes}), "/celery/type"),
        (json!({"celery": kubernetes, "workers": {"iad3": {"enabled": true}}}), "/celery/type"),
    ] {
        let plan = plan("3.1.1", values, json!({}));
        assert_eq!(worker(&plan)["type"], "celery");
        let all = findings(&plan, "worker/type");
        assert_eq!(all.iter().map(|f| f.path.as_deref()).collect::<Vec<_>>(), [Some(place)]);
    }
    for own in [json!("celery"), json!(null), json!("")] {
        let values = json!({"celery": kubernetes, "workers": {"iad3": {"type": own}}});
        assert!(findings(&plan("3.1.1", values, json!({})), "worker/type").is_empty(), "{own}");
    }
}

#[test]
fn queues_of_the_base_values_are_replaced_with_a_note() {
    let replaced = |values| {
        let plan = plan("3.1.1", values, json!({"extraQueues": ["bulk"]}));
        findings(&plan, "worker/replaced")
            .iter()
            .map(|f| f.path.clone().unwrap())
            .collect::<Vec<_>>()
    };
    let own = json!({"workers": {"iad3": {"taskQueues": "a,b"}}, "celery": {"taskQueues": "c"}});
    assert_eq!(replaced(own), ["/workers/iad3/taskQueues"]);
    assert_eq!(replaced(json!({"celery": {"taskQueues": "c"}})), ["/celery/taskQueues"]);
    assert_eq!(replaced(json!({"workers": {"iad3": {"taskQueues": "iad3,bulk"}}})), [""; 0]);
}
