use policy_sdk::Severity;
use policy_sdk::harness::findings;
use serde_json::json;

use crate::command::tests::{of, script};
use crate::tests::{codes, connected};

#[test]
fn a_second_scheduler_is_an_error() {
    let worker = |more: &[&str]| {
        let mut words = vec!["nautobot-server", "celery", "worker", "-Q", "iad3"];
        words.extend(more);
        json!({"command": words})
    };
    let beside = |list: &str| json!({list: [{"name": "b", "args": ["celery", "beat"]}]});
    for (celery, place) in [
        (json!({"args": ["-B"]}), "args/0"),
        (json!({"args": ["--events", "--beat"]}), "args/1"),
        (worker(&["-EB"]), "command/5"),
        (worker(&["-Blinfo"]), "command/5"),
        (
            script("nautobot-server celery beat & exec nautobot-server celery worker -Q iad3"),
            "command/2",
        ),
        (script("exec nautobot-server celery worker -BQ iad3"), "command/2"),
        (json!({"command": ["nautobot-server", "celery", "beat"]}), "command/2"),
        (beside("sidecars"), "sidecars/0/args/1"),
        (beside("initContainers"), "initContainers/0/args/1"),
    ] {
        let plan = of(json!({"celery": celery.clone()}), json!({"metrics": false}));
        let all = findings(&plan, "worker/beat");
        assert_eq!(all.len(), 1, "{celery}");
        assert_eq!(all[0].severity, Severity::Error);
        assert_eq!(all[0].path, Some(["/celery/", place].concat()), "{celery}");
    }
    for celery in
        [worker(&["-n", "B"]), worker(&["-sB"]), script("echo celery beat; celery worker -Q iad3")]
    {
        let plan = of(json!({"celery": celery.clone()}), json!({"metrics": false}));
        assert!(findings(&plan, "worker/beat").is_empty(), "{celery}");
    }
}

#[test]
fn a_broker_of_the_command_beats_the_setting() {
    let url = "redis://:password@elsewhere/0";
    let env = ["BROKER_URL=", url].concat();
    let joined = ["-b", url].concat();
    for celery in [
        json!({"command": ["celery", "-b", url, "worker", "-Q", "iad3"]}),
        json!({"command": ["celery", joined, "worker", "-Q", "iad3"]}),
        json!({"command": ["nautobot-server", "celery", "--broker", url, "worker", "-Q", "iad3"]}),
        script(&format!("exec celery --broker={url} worker -Q iad3")),
        script("exec celery --broker=$ELSEWHERE worker -Q iad3"),
        script(&format!("CELERY_BROKER_URL={url} exec celery worker -Q iad3")),
        script(&format!("export CELERY_BROKER_URL={url}; exec celery worker -Q iad3")),
        json!({"command": ["env", env, "celery", "worker", "-Q", "iad3"]}),
    ] {
        let plan = of(json!({"celery": celery.clone()}), connected());
        assert_eq!(codes(&plan), ["worker/variable"], "{celery}");
        let error = findings(&plan, "worker/variable")[0];
        assert!(!error.message.contains("password"), "{}", error.message);
        assert!(error.path.as_deref().unwrap().starts_with("/celery/command/"));
        let without = of(json!({"celery": celery}), json!({"metrics": false}));
        assert!(findings(&without, "worker/variable").is_empty());
    }
    let same = json!({"command": ["celery", "-b", "rediss://redis.gw.example:6379/0", "worker", "-Q", "iad3"]});
    let plan = of(json!({"celery": same}), connected());
    assert_eq!(codes(&plan), ["worker/broker-url"]);
}
