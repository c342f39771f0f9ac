use serde_json::{Value, json};

use crate::command::tests::{found, is_fine, script};

#[test]
fn a_shells_script_is_read() {
    for text in [
        "exec nautobot-server celery worker --queues $CELERY_TASK_QUEUES",
        "exec nautobot-server celery worker --queues \"${CELERY_TASK_QUEUES:-x}\" >/dev/null 2>&1",
        "set -e; . /etc/profile && cd /opt/nautobot\nnautobot-server celery worker -Q 'iad3' # -Q x",
        "Q=iad3; export Q\nif true; then celery -A nautobot worker -Q$Q; fi",
        "ulimit -n 4096 && exec env A=b nautobot-server celery worker -Q $(CELERY_TASK_QUEUES)",
        "exec nautobot-server celery worker -Q ${CELERY_TASK_QUEUES:?is not set}",
        "echo starting default | cat; nautobot-server celery worker -Q iad3 \\\n --events",
    ] {
        is_fine(script(text), json!({}));
    }
    for (wrapper, text) in [
        (json!(["tini", "--", "/bin/bash", "-lc"]), "celery worker -Q default"),
        (
            json!(["bash", "-o", "pipefail", "-euc"]),
            "true && celery worker -Q \"$UNSET_OR_NOT,x\" -Q default",
        ),
        (
            json!(["bash", "-c", "--"]),
            "CELERY_TASK_QUEUES=default\ncelery worker -Q $CELERY_TASK_QUEUES",
        ),
        (json!(["env", "X=1", "sh", "-c"]), "sh -c 'celery worker -Q de\"f\"ault'"),
        (json!(["/bin/sh", "-c"]), "celery worker -Q iad3 & celery worker -Q default; wait"),
    ] {
        let mut command = wrapper.as_array().unwrap().clone();
        command.push(json!(text));
        let (code, place, _) = found(json!({"command": command}), json!({}));
        assert_eq!(code, "worker/queue", "{text}");
        assert_eq!(place, format!("/celery/command/{}", command.len() - 1));
    }
}

#[test]
fn arguments_of_a_script_are_its_positional_ones() {
    let with = |script: &str, args: Value| json!({"command": ["sh", "-c", script], "args": args});
    is_fine(
        with("exec nautobot-server celery worker \"$@\"", json!(["sh", "-Q", "iad3"])),
        json!({}),
    );
    is_fine(with("exec nautobot-server celery worker -Q $1", json!(["sh", "iad3"])), json!({}));
    let beaten =
        with("exec nautobot-server celery worker -Q iad3 \"$@\"", json!(["sh", "-Q", "x"]));
    assert_eq!(found(beaten, json!({})).0, "worker/queue");
}
