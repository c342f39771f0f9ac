use policy_sdk::harness::findings;
use policy_sdk::{Plan, Severity};
use serde_json::{Value, json};

use crate::tests::{MAJORS, codes, plan};

pub(super) fn of(values: Value, settings: Value) -> Plan {
    plan("3.1.1", values, settings)
}

/// Returns code, path and message of the only finding on this command.
pub(super) fn found(celery: Value, settings: Value) -> (String, String, String) {
    let plan = of(json!({"celery": celery}), with_metrics_off(settings));
    let all: Vec<_> = plan
        .findings
        .iter()
        .filter(|f| {
            f.severity != Severity::Note && f.code.starts_with("worker/c")
                || f.code == "worker/queue"
        })
        .collect();
    assert_eq!(all.len(), 1, "{all:?}");
    let finding = all[0];
    (finding.code.clone(), finding.path.clone().unwrap_or_default(), finding.message.clone())
}

fn with_metrics_off(mut settings: Value) -> Value {
    settings["metrics"] = json!(false);
    settings
}

pub(super) fn is_fine(celery: Value, settings: Value) {
    let plan = of(json!({"celery": celery.clone()}), with_metrics_off(settings));
    for code in ["worker/queue", "worker/command", "worker/command-unread", "worker/concurrency"] {
        assert!(findings(&plan, code).is_empty(), "{celery}: {:?}", findings(&plan, code));
    }
}

pub(super) fn script(text: &str) -> Value {
    json!({"command": ["sh", "-c", text]})
}

#[test]
fn a_command_that_serves_another_queue_is_an_error_at_that_word() {
    let command =
        json!({"command": ["nautobot-server", "celery", "worker", "--queues", "default"]});
    assert_eq!(
        found(command, json!({})),
        (
            "worker/queue".to_owned(),
            "/celery/command/4".to_owned(),
            "the worker's command serves the queues \"default\", but this site's worker has to serve \"iad3\"".to_owned()
        )
    );
    for version in MAJORS {
        let values = json!({"workers": {"iad3": {"args": ["-Q", "x"]}}});
        let plan = plan(version, values, json!({}));
        let finding = findings(&plan, "worker/queue")[0];
        assert_eq!(finding.path.as_deref(), Some("/workers/iad3/args/1"), "{version}");
        assert_eq!(finding.severity, Severity::Error);
    }
}

#[test]
fn every_spelling_of_the_sites_queues_is_fine() {
    let settings = json!({"extraQueues": ["bulk"]});
    for words in [
        json!(["--queues", "$(CELERY_TASK_QUEUES)"]),
        json!(["--queues=iad3,bulk"]),
        json!(["-Q", "bulk,iad3"]),
        json!(["-Qiad3,bulk"]),
        json!(["-EQ", "iad3,bulk"]),
        json!(["-Q", "default", "--queues", "iad3,bulk"]),
        json!(["-Q", "iad3,bulk,x", "-X", "x"]),
        json!(["--loglevel", "$(NAUTOBOT_LOG_LEVEL)", "-Q", "iad3,bulk", "--", "-Q", "x"]),
    ] {
        let mut command = vec![json!("nautobot-server"), json!("celery"), json!("worker")];
        command.extend(words.as_array().unwrap().clone());
        is_fine(json!({"command": command}), settings.clone());
        is_fine(json!({"args": words}), settings.clone());
    }
}

#[test]
fn every_spelling_of_another_queue_is_an_error() {
    for words in [
        json!(["--queues", "default"]),
        json!(["--queues=iad3,default"]),
        json!(["-Qdefault"]),
        json!(["-EQdefault"]),
        json!(["-Q=iad3"]),
        json!(["-Q", "iad3, bulk"]),
        json!(["-Q", "iad3", "-Q", "$$(CELERY_TASK_QUEUES)"]),
        json!(["-X", "iad3"]),
        json!(["--exclude-queues=iad3"]),
        json!(["-Q", ""]),
        json!(["--queues", "--events"]),
        json!(["-n", "-Q", "-Q", "other"]),
    ] {
        let (code, place, _) = found(json!({"args": words.clone()}), json!({}));
        assert_eq!(code, "worker/queue", "{words}");
        assert!(place.starts_with("/celery/args/"), "{words}: {place}");
    }
}

#[test]
fn a_command_without_a_queue_serves_the_global_one() {
    for command in [
        json!({"command": ["nautobot-server", "celery", "worker"]}),
        json!({"command": ["celery", "-A", "nautobot.core.celery", "worker", "-l", "INFO"]}),
        json!({"command": ["python", "-m", "celery", "-Anautobot.core", "worker", "-X", "x"]}),
        script("exec nautobot-server celery worker --events"),
    ] {
        let (code, _, message) = found(command, json!({}));
        assert_eq!(code, "worker/queue");
        assert!(
            message.contains("global default queue instead of the site's \"iad3\""),
            "{message}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_a_warning_that_says_so() {
    for celery in [
        json!({"command": ["/opt/run-worker.sh"]}),
        json!({"command": ["bash", "/opt/run.sh", "-c", "x"]}),
        json!({"command": ["nautobot-server", "celery", "worker", "-Q", "$(SITE_QUEUE)"]}),
        json!({"command": ["nautobot-server", "celery", "worker", "-Q", "{{ .Values.q }}"]}),
        json!({"command": "{{ .Values.command | toYaml }}"}),
        json!({"args": ["$(EXTRA_ARGS)"]}),
        json!({"args": ["--queue-list", "iad3"]}),
        json!({"command": [], "args": ["start-worker"]}),
        json!({"command": ["celery", "multi", "start", "w1"]}),
        script("exec nautobot-server celery worker -Q $(cat /etc/queue)"),
        script("exec nautobot-server celery worker -Q `hostname`"),
        script("exec $WORKER"),
        script("/opt/setup; sleep 5"),
        script(&"sh -c ".repeat(3)),
        json!({"command": ["a".repeat(1 << 20)]}),
    ] {
        let (code, place, _) = found(celery.clone(), json!({}));
        let short: String = celery.to_string().chars().take(80).collect();
        assert_eq!(code, "worker/command-unread", "{short}");
        assert!(place.starts_with("/celery/"), "{short}: {place}");
    }
}

#[test]
fn a_program_that_serves_nothing_is_an_error() {
    for (celery, what) in [
        (json!({"command": ["sleep", "infinity"]}), "sleep"),
        (json!({"command": ["/bin/sh", "-c", "set -e; exec sleep infinity"]}), "sleep"),
        (json!({"command": ["nautobot-server", "celery", "beat"]}), "celery beat"),
        (json!({"command": ["nautobot-server", "start"]}), "nautobot-server start"),
        (json!({"command": []}), "web server"),
        (json!({"command": null}), "web server"),
    ] {
        let (code, _, message) = found(celery, json!({}));
        assert_eq!(code, "worker/command");
        assert!(message.contains(what), "{message}");
    }
    let (_, _, message) = found(json!({"command": [], "concurrency": 2}), json!({}));
    assert!(message.contains("cannot append --concurrency 2"), "{message}");
}

#[test]
fn words_that_kubernetes_refuses_are_errors() {
    for (celery, place) in [
        (json!({"command": "nautobot-server celery worker"}), "/celery/command"),
        (json!({"command": {"a": 1}}), "/celery/command"),
        (json!({"args": ["--concurrency", 2]}), "/celery/args/1"),
        (json!({"args": [null]}), "/celery/args/0"),
        (json!({"args": true}), "/celery/args"),
    ] {
        let (code, at, _) = found(celery, json!({}));
        assert_eq!((&*code, &*at), ("worker/command", place));
    }
}

#[test]
fn an_argument_that_beats_the_setting_is_a_warning_with_both() {
    let settings = json!({"concurrency": 8});
    for (args, word) in [
        (json!(["--concurrency", "2"]), "--concurrency 2"),
        (json!(["--concurrency=2"]), "--concurrency 2"),
        (json!(["--autoscale=10,3"]), "--autoscale 10,3"),
        (json!(["--pool", "solo"]), "--pool solo"),
        (json!(["--concurrency", "$(PROCESSES)"]), "--concurrency $(PROCESSES)"),
    ] {
        let (code, place, message) = found(json!({"args": args}), settings.clone());
        assert_eq!(code, "worker/concurrency");
        assert!(place.starts_with("/celery/args/"));
        assert!(message.contains(word) && message.contains("(8)"), "{message}");
    }
    is_fine(json!({"args": ["--concurrency", "8"]}), settings.clone());
    is_fine(json!({"args": ["--concurrency", "2"]}), json!({}));
    // The chart appends the setting to a command, so it wins over one in it.
    let command =
        json!(["nautobot-server", "celery", "worker", "-Q", "iad3", "--concurrency", "2"]);
    is_fine(json!({"command": command}), settings.clone());
    let (_, place, message) = found(json!({"command": command}), json!({"concurrency": 0}));
    assert_eq!(place, "/celery/command/6");
    assert!(message.contains("(0)"), "{message}");
    // A script does not see what is appended to it.
    let (code, _, message) = found(script("celery worker -Q iad3"), settings.clone());
    assert_eq!(code, "worker/concurrency");
    assert!(message.contains("does not pass on"), "{message}");
    is_fine(json!({"command": ["sh", "-c", "celery worker -Q iad3 $0 $1"]}), settings);
}

#[test]
fn the_short_form_is_nautobots_own_option() {
    let (code, place, message) = found(json!({"args": ["-c", "2"]}), json!({}));
    assert_eq!((&*code, &*place), ("worker/command", "/celery/args/0"));
    assert!(message.contains("reads -c as the path of its config"), "{message}");
    is_fine(json!({"command": ["celery", "worker", "-Q", "iad3", "-c", "2"]}), json!({}));
}

#[test]
fn variables_of_the_base_values_are_expanded() {
    let values = |text: &str| {
        json!({
            "args": ["-Q", "$(MINE)"],
            "extraEnvVars": [{"name": "MINE", "value": text}],
        })
    };
    is_fine(values("iad3"), json!({}));
    assert_eq!(found(values("default"), json!({})).0, "worker/queue");
    assert_eq!(found(values("$(OTHER)"), json!({})).0, "worker/command-unread");
    // The policy's own ConfigMap names the site, unless the worker's own variables do.
    let mut site = json!({"args": ["-Q", "$(UNDERSTACK_SITE)"]});
    is_fine(site.clone(), json!({}));
    site["extraEnvVars"] = json!([{"name": "UNDERSTACK_SITE", "value": "x"}]);
    assert_eq!(found(site, json!({})).0, "worker/queue");
}

#[test]
fn a_variable_of_the_base_values_may_refer_to_the_queues() {
    let values = |value: &str, word: &str| {
        json!({
            "command": ["sh", "-c", format!("exec celery worker -Q {word}")],
            "extraEnvVars": [{"name": "QUEUES", "value": value}],
        })
    };
    for word in ["$QUEUES", "$(QUEUES)", "\"${QUEUES:-default}\""] {
        is_fine(values("$(CELERY_TASK_QUEUES)", word), json!({}));
        assert_eq!(found(values("x,$(CELERY_TASK_QUEUES)", word), json!({})).0, "worker/queue");
        for value in ["$(UNDERSTACK_SITE)", "$(QUEUES)", "{{ .Values.x }}$(CELERY_TASK_QUEUES)"] {
            let (code, _, _) = found(values(value, word), json!({}));
            assert_eq!(code, "worker/command-unread", "{value}");
        }
    }
}

#[test]
fn the_charts_own_command_is_fine_as_a_base_value() {
    let celery = json!({"concurrency": 2, "args": [], "command": super::CHART_COMMAND});
    is_fine(celery, json!({"concurrency": 4, "extraQueues": ["bulk"]}));
    assert_eq!(
        codes(&of(json!({}), json!({"metrics": false}))),
        [
            "worker/no-database-host",
            "worker/no-redis-host",
            "worker/made-up-secret",
            "worker/made-up-secret"
        ]
    );
}
