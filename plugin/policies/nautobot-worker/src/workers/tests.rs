use policy_sdk::Failure;
use policy_sdk::harness::{edited, findings, overlay};
use serde_json::json;

use crate::tests::{MAJORS, one, plan, try_plan, worker};

#[test]
fn the_sites_worker_serves_its_queue_and_the_extra_ones() {
    for version in MAJORS {
        assert_eq!(
            worker(&plan(version, json!({}), json!({})))["taskQueues"],
            "iad3"
        );
        let settings = json!({"extraQueues": ["bulk", "iad3-slow"]});
        let plan = plan(version, json!({}), settings);
        assert_eq!(worker(&plan)["taskQueues"], "iad3,bulk,iad3-slow");
    }
}

#[test]
fn its_own_queue_is_no_extra_one() {
    let failure = try_plan("3.1.1", json!({}), json!({"extraQueues": ["iad3"]})).unwrap_err();
    let expected = one("/extraQueues", "names iad3, which the worker serves anyway");
    assert_eq!(failure, Failure::BadSettings(expected));
}

#[test]
fn the_global_default_queue_is_a_warning() {
    let plan = plan("3.1.1", json!({}), json!({"extraQueues": ["default"]}));
    assert_eq!(findings(&plan, "worker/default-queue").len(), 1);
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
        assert_eq!(
            workers["bulk"],
            json!({"enabled": false, "pdb": {"create": false}})
        );
        assert_eq!(workers["idle"], json!({"enabled": false}));
        // The schema of 3.x refuses `pdb` beside `type: kubernetes`.
        assert_eq!(workers["job"], json!({"enabled": false}));
        assert_eq!(workers["iad3"]["enabled"], true);
        let reported: Vec<_> = findings(&plan, "worker/other-worker")
            .into_iter()
            .filter_map(|finding| finding.path.as_deref())
            .collect();
        assert_eq!(
            reported,
            ["/workers/bulk", "/workers/inherits", "/workers/job"]
        );
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
    assert_eq!(edited(&said, "/workers/iad3/autoscaling/enabled"), None);
}

#[test]
fn fixed_replicas_end_autoscaling_wherever_it_comes_from() {
    let settings = || json!({"replicas": 3});
    for values in [
        json!({"celery": {"autoscaling": {"enabled": true}}}),
        json!({"workers": {"iad3": {"autoscaling": {"enabled": true}}}}),
    ] {
        assert_eq!(
            worker(&plan("3.1.1", values, settings()))["autoscaling"]["enabled"],
            false
        );
    }
    let own = json!({
        "celery": {"autoscaling": {"enabled": true}},
        "workers": {"iad3": {"autoscaling": {"enabled": false}}},
    });
    assert!(
        worker(&plan("3.1.1", own, settings()))
            .get("autoscaling")
            .is_none()
    );
}

#[test]
fn a_disruption_budget_stays_with_the_worker_that_runs() {
    for version in MAJORS {
        let values = json!({"celery": {"pdb": {"create": true, "minAvailable": 1}}});
        let budget = plan(version, values, json!({}));
        assert_eq!(edited(&budget, "/celery/pdb/create"), Some(json!(false)));
        assert_eq!(worker(&budget)["pdb"], json!({"create": true}));
    }
    let refused = json!({
        "celery": {"pdb": {"create": true}}, "workers": {"iad3": {"pdb": {"create": false}}},
    });
    assert!(
        worker(&plan("3.1.1", refused, json!({})))
            .get("pdb")
            .is_none()
    );
    assert!(
        worker(&plan("3.1.1", json!({}), json!({})))
            .get("pdb")
            .is_none()
    );
}

#[test]
fn a_worker_of_another_type_becomes_celery_with_a_warning() {
    let values = json!({"workers": {"iad3": {"enabled": true, "type": "kubernetes"}}});
    let plan = plan("3.1.1", values, json!({}));
    assert_eq!(worker(&plan)["type"], "celery");
    assert_eq!(findings(&plan, "worker/type").len(), 1);
}
