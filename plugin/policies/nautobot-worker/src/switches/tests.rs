use serde_json::json;

use crate::tests::{MAJORS, plan};
use policy_sdk::harness::{edited, overlay};

/// Each base value that creates an object, the pointer that has to switch it off, and the major
/// versions that have the key.
const TABLE: &[(&str, &[&str])] = &[
    ("/nautobot/enabled", &MAJORS),
    ("/nautobot/pdb/create", &MAJORS),
    ("/nautobot/singleInit", &MAJORS),
    ("/nautobot/superUser/enabled", &MAJORS),
    ("/celery/enabled", &MAJORS),
    ("/celery/pdb/create", &MAJORS),
    ("/celeryWorker/enabled", &MAJORS),
    ("/celeryBeat/enabled", &MAJORS),
    ("/nautobots/default/enabled", &MAJORS),
    ("/nautobots/default/initNautobot", &MAJORS),
    ("/nautobots/default/staticFilesOnly", &MAJORS),
    ("/nautobots/default/pdb/create", &MAJORS),
    ("/workers/default/enabled", &MAJORS),
    ("/workers/default/pdb/create", &MAJORS),
    ("/workers/beat/enabled", &MAJORS),
    ("/workers/iad3/pdb/create", &MAJORS),
    ("/workers/iad3/autoscaling/enabled", &MAJORS),
    ("/redis/enabled", &MAJORS),
    ("/postgresql/enabled", &MAJORS),
    ("/ingress/enabled", &MAJORS),
    ("/networkPolicy/enabled", &MAJORS),
    ("/metrics/nginxExporter/enabled", &MAJORS),
    ("/metrics/uwsgiExporter/enabled", &MAJORS),
    ("/metrics/capacityMetrics/enabled", &MAJORS),
    ("/metrics/prometheusRule/enabled", &MAJORS),
    ("/mariadb/enabled", &["2.5.9"]),
    ("/postgresqlha/enabled", &["2.5.9"]),
    ("/rabbitmq/enabled", &["2.5.9"]),
    ("/route/enabled", &["3.1.1"]),
    ("/serviceAccount/roles/jobCreator/create", &["3.1.1"]),
];

#[test]
fn every_switch_is_off_in_the_majors_that_know_it_and_absent_in_others() {
    for (path, majors) in TABLE {
        for version in MAJORS {
            let expected = majors.contains(&version).then(|| json!(false));
            let plan = plan(version, json!({}), json!({}));
            assert_eq!(edited(&plan, path), expected, "{path} in {version}");
        }
    }
}

#[test]
fn the_table_holds_every_switch_that_goes_off() {
    for version in MAJORS {
        for edit in plan(version, json!({}), json!({})).edits {
            let off = matches!(&edit.change, policy_sdk::Change::Set(json) if json == "false");
            let known = TABLE.iter().any(|(path, _)| *path == edit.path);
            assert!(!off || known, "{} is missing in the table", edit.path);
        }
    }
}

#[test]
fn base_values_do_not_change_what_is_switched_off() {
    for version in MAJORS {
        let on = json!({"redis": {"enabled": true}, "nautobot": {"enabled": true}});
        assert_eq!(
            overlay(&plan(version, on, json!({}))),
            overlay(&plan(version, json!({}), json!({}))),
        );
    }
}

#[test]
fn extra_objects_become_an_empty_list() {
    let plan = plan("3.1.1", json!({}), json!({}));
    assert_eq!(edited(&plan, "/extraObjects"), Some(json!([])));
}
