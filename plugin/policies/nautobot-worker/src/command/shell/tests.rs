use policy_sdk::harness::findings;
use serde_json::{Value, json};

use crate::command::tests::{found, is_fine, script};
use crate::tests::plan;

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

#[test]
fn variables_before_a_program_are_its_own() {
    let nested = "exec nautobot-server celery worker -Q $CELERY_TASK_QUEUES";
    for command in [
        json!(["env", "CELERY_TASK_QUEUES=default", "bash", "-c", nested]),
        json!(["env", "-u", "CELERY_TASK_QUEUES", "bash", "-c", nested]),
        json!(["env", "--unset=CELERY_TASK_QUEUES", "bash", "-c", nested]),
        json!(["env", "-i", "bash", "-c", nested]),
        json!(["sh", "-c", format!("CELERY_TASK_QUEUES=default exec sh -c '{nested}'")]),
        json!(["sh", "-c", format!("CELERY_TASK_QUEUES=default; sh -c '{nested}'")]),
        json!(["sh", "-c", "export Q=default; sh -c 'celery worker -Q $Q'"]),
        json!(["sh", "-c", format!("unset CELERY_TASK_QUEUES; {nested}")]),
        json!(["sh", "-c", format!("unset CELERY_TASK_QUEUES\n{nested} --events")]),
        json!(["sh", "-c", "Q=iad3; Q+=,default; celery worker -Q $Q"]),
        json!(["sh", "-c", "unset Q; celery worker -Q ${Q:-default}"]),
        json!(["sh", "-c", "Q=default; celery worker -Q ${Q:-$CELERY_TASK_QUEUES}"]),
    ] {
        let (code, _, message) = found(json!({"command": command}), json!({}));
        assert_eq!(code, "worker/queue", "{command}: {message}");
    }
}

#[test]
fn a_script_that_serves_the_sites_queues_is_fine() {
    let nested = "exec nautobot-server celery worker -Q $CELERY_TASK_QUEUES";
    for command in [
        // The shell expands the words of a command before it applies what is in front of them.
        json!(["sh", "-c", format!("CELERY_TASK_QUEUES=default {nested}")]),
        json!(["env", "A=b", "bash", "-c", nested]),
        json!(["env", "-i", "CELERY_TASK_QUEUES=iad3", "bash", "-c", nested]),
        json!(["env", "Q=iad3", "sh", "-c", "celery worker -Q $Q"]),
        json!(["sh", "-c", "unset Q; celery worker -Q ${Q:-$CELERY_TASK_QUEUES}"]),
        json!(["sh", "-c", "unset Q; celery worker -Q \"${Q:-iad3}\""]),
        json!(["sh", "-c", "set -- --queues \"$CELERY_TASK_QUEUES\"; exec celery worker \"$@\""]),
        json!([
            "sh",
            "-c",
            "set -e; set -o pipefail; shift 2; exec celery worker -Q $1",
            "sh",
            "a",
            "b",
            "iad3"
        ]),
        json!(["sh", "-c", "cd /x && export Q=$CELERY_TASK_QUEUES && exec celery worker -Q $Q"]),
        json!(["sh", "-c", "cd /x &&\n Q=iad3 &&\n exec celery worker -Q $Q"]),
        json!(["sh", "-c", "if true; then Q=$CELERY_TASK_QUEUES; celery worker -Q $Q; fi"]),
        json!(["sh", "-c", "Q=iad3; if [ -z \"$Q\" ]; then Q=iad3; fi; celery worker -Q $Q"]),
        json!(["sh", "-c", "Q=iad3; (Q=default; echo $Q); celery worker -Q $Q"]),
        json!([
            "sh",
            "-c",
            "cat > /tmp/x <<EOF\ncelery worker -Q default\nEOF\ncelery worker -Q iad3"
        ]),
        json!([
            "sh",
            "-c",
            "if ! nautobot-server check; then exit 1; fi; exec celery worker -Q \"$CELERY_TASK_QUEUES\" || exit 1"
        ]),
        json!([
            "sh",
            "-c",
            "until nc -z db 5432; do sleep 1; done # it's up\nexec celery worker -Q $CELERY_TASK_QUEUES --hostname=$(hostname)"
        ]),
        json!([
            "sh",
            "-c",
            "N=$((2 * (1 + 1))); ready() { echo \"${1:-it's}\"; }; ready; celery worker -Q iad3 --concurrency $N"
        ]),
        json!(["su", "-s", "/bin/sh", "-c", "celery worker -Q iad3", "nautobot"]),
        json!(["sh", "-c", "case $A in a) exec celery worker -Q iad3;; *) exit 1;; esac"]),
    ] {
        is_fine(json!({"command": command}), json!({}));
    }
}

#[test]
fn what_only_a_run_can_tell_is_a_warning_and_no_error() {
    let worker = "exec nautobot-server celery worker";
    for (text, shown) in [
        (
            format!("args=(--queues \"$CELERY_TASK_QUEUES\"); {worker} \"${{args[@]}}\""),
            "${args[@]}",
        ),
        (format!("run() {{ {worker} -Q \"$1\"; }}; run \"$CELERY_TASK_QUEUES\""), "$1"),
        (format!("function run {{ {worker} -Q \"$1\"; }}; run \"$CELERY_TASK_QUEUES\""), "$1"),
        (format!("run ()\n{{\n{worker} \"$@\"\n}}\nrun -Q \"$CELERY_TASK_QUEUES\""), "$@"),
        (
            format!("echo $CELERY_TASK_QUEUES | xargs {} -Q", worker.trim_start_matches("exec ")),
            "xargs",
        ),
        (
            format!("Q=$CELERY_TASK_QUEUES; if [ -z \"$Q\" ]; then Q=default; fi; {worker} -Q $Q"),
            "$Q",
        ),
        (
            format!("Q=$CELERY_TASK_QUEUES\nif [ -z \"$Q\" ]\nthen\nQ=default\nfi\n{worker} -Q $Q"),
            "$Q",
        ),
        (format!("Q=iad3; [ -n \"$Q\" ] || Q=default; {worker} -Q \"$Q\""), "$Q"),
        (format!("Q=iad3; [ $A ] || Q=default && {worker} -Q \"$Q\""), "$Q"),
        (format!("Q=iad3; [ -z \"$Q\" ] && Q=default; {worker} -Q \"$Q\""), "$Q"),
        (format!("Q=iad3; test $A || {{ Q=default; }}; {worker} -Q \"$Q\""), "$Q"),
        (format!("Q=iad3; case $A in a) Q=b;; *) Q=c;; esac; {worker} -Q \"$Q\""), "$Q"),
        (format!("Q=iad3; while test $A; do Q=b; done; {worker} -Q \"$Q\""), "$Q"),
        (format!("Q=iad3; for Q in a b; do {worker} -Q \"$Q\"; done"), "$Q"),
        (format!("echo x | read Q; {worker} -Q \"$Q\""), "$Q"),
        (format!("[ $A ] && set -- -Q x; {worker} \"$@\""), "$@"),
        (
            format!("{worker} -Q \"${{QUEUES:-$CELERY_TASK_QUEUES}}\""),
            "${QUEUES:-$CELERY_TASK_QUEUES}",
        ),
        (format!("{worker} -Q \"$QUEUES\""), "$QUEUES"),
        (format!("{worker} -Q\"$QUEUES\""), "$QUEUES"),
        (format!("{worker} --queues=$QUEUES"), "$QUEUES"),
        (format!("{worker} -Q ${{CELERY_TASK_QUEUES%%,*}}"), "${CELERY_TASK_QUEUES%%,*}"),
        (format!("{worker} -Q $(cat '/etc/q)')"), "$(cat '/etc/q)')"),
        (format!("{worker} -Q `hostname`"), "`hostname`"),
        (format!("{worker} $ARGS"), "$ARGS"),
        (format!("{worker} -Q default $ARGS"), "$ARGS"),
        (format!("eval \"{worker} -Q default\""), "eval"),
        ("bash <<EOF\ncelery worker -Q default\nEOF".to_owned(), "script"),
    ] {
        let celery = json!({"command": ["bash", "-c", text]});
        let (code, place, message) = found(celery, json!({}));
        assert_eq!(code, "worker/command-unread", "{text}: {message}");
        assert_eq!(place, "/celery/command/2");
        assert!(message.contains(shown) && !message.ends_with(' '), "{text}: {message}");
    }
}

#[test]
fn scripts_that_double_their_variables_end() {
    let doubles = "A=$A$A;".repeat(1 << 14);
    for text in [
        format!("A=iad3;{doubles}celery worker -Q $A"),
        format!("set -- iad3;{}celery worker -Q $1", "set -- \"$@\" \"$@\";".repeat(1 << 12)),
        format!("{}celery worker -Q iad3", "if a; then b=c; ".repeat(1 << 12)),
        format!("{}celery worker -Q iad3", "a=1;sh -c 'b';".repeat(1 << 12)),
        format!("celery worker -Q {}", "$(".repeat(1 << 14)),
        format!("a {}; celery worker -Q iad3", "$1 ".repeat(1 << 14)),
    ] {
        let plan = plan(
            "3.1.1",
            json!({"celery": {"command": ["sh", "-c", text]}}),
            json!({"metrics": false}),
        );
        assert!(findings(&plan, "worker/queue").len() <= 1);
    }
}
