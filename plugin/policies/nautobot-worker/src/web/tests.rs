use policy_sdk::harness::{findings, overlay};
use serde_json::json;

use crate::tests::{MAJORS, plan};

#[test]
fn every_web_server_of_the_base_values_goes_off_by_name() {
    for version in MAJORS {
        let values = json!({"nautobots": {
            "default": {"enabled": true},
            "api": {"enabled": true, "pdb": {"create": true}},
            "ui/2": {"enabled": false},
        }});
        let plan = plan(version, values, json!({}));
        let off = json!({
            "enabled": false, "initNautobot": false, "staticFilesOnly": false,
            "pdb": {"create": false},
        });
        let nautobots = &overlay(&plan)["nautobots"];
        assert_eq!(*nautobots, json!({"default": off, "api": off, "ui/2": off}));
    }
}

#[test]
fn one_that_runs_under_another_name_is_reported() {
    let values = json!({"nautobots": {
        "default": {"enabled": true}, "api": {"enabled": true}, "idle": {"enabled": false},
    }});
    let plan = plan("3.1.1", values, json!({}));
    let found = findings(&plan, "worker/web-instance");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path.as_deref(), Some("/nautobots/api"));
}
