//! Base values that make the site's worker run something else than the render promises.

use site_cmp_tests::Scratch;

use super::{PROFILE, SITE, accepted, refused};
use crate::BINARY;

const BASE: &str = "base/understack/components/nautobot-worker/values.yaml";
const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const CELERY: &str = "celery:\n  enabled: true\n";
const CONFIG: &str = "    config:\n      parameter: nautobot.config\n      key: nautobot_config\n      default: $understack/components/nautobot/nautobot_config.py\n";

/// The example fleet whose workers have these values too.
fn celery(more: &str) -> Scratch {
    Scratch::new().changed(BASE, CELERY, &format!("{CELERY}{more}"))
}

#[test]
fn a_command_for_another_queue_is_refused_at_its_line() {
    let command = "  command:\n    - nautobot-server\n    - celery\n    - worker\n    - --queues\n    - default\n";
    let words = ["worker/queue", "\"default\"", "\"rax-dev-iad3\"", "values.yaml:26"];
    refused(&celery(command), &words);
    let script = "  command: [sh, -c, \"exec nautobot-server celery worker -Qdefault\"]\n";
    refused(&celery(script), &["worker/queue", "\"default\"", "values.yaml:21"]);
    refused(&celery("  args: [-X, rax-dev-iad3]\n"), &["worker/queue", "values.yaml:21"]);
    let none = "  command: [celery, -A, nautobot.core.celery, worker]\n";
    refused(&celery(none), &["worker/queue", "global default queue"]);
    refused(&celery("  command: [sleep, infinity]\n"), &["worker/command", "starts sleep"]);
    accepted(&celery("  command: [/opt/worker.sh]\n"), &["warning[worker/command-unread]"]);
    accepted(&celery("  args: [-Q, $(CELERY_TASK_QUEUES)]\n"), &[]);
}

#[test]
fn an_argument_that_beats_a_setting_is_reported_with_both() {
    let fleet = celery("  args: [--concurrency, \"2\"]\n");
    let setting = ["--target", "application", "--setting", "nautobot-worker.concurrency=8"];
    let words = ["warning[worker/concurrency]", "--concurrency 2", "(8)", "values.yaml:21"];
    fleet.render(BINARY, SITE, &setting).success().says(&words);
    refused(&celery("  args: [--concurrency, 2]\n"), &["worker/command", "not a string"]);
}

#[test]
fn a_default_never_beats_a_base_value() {
    let variable = |value: &str| {
        celery(&format!("  extraEnvVars:\n    - name: NAUTOBOT_DB_SSLMODE\n      value: {value}\n"))
    };
    let output = accepted(&variable("verify-full"), &[]);
    assert!(output.stdout.contains("verify-full"), "{}", output.stdout);
    assert!(!output.stdout.contains("verify-ca"), "{}", output.stdout);
    let setting = "nautobot-worker.connections.mtls.sslMode=verify-ca";
    let setting = ["--target", "application", "-o", "json", "--setting", setting];
    let output = variable("verify-full").render(BINARY, SITE, &setting).success();
    let output = output.says(&["note[worker/replaced]", "verify-ca", "verify-full"]);
    assert!(!output.stdout.contains("verify-full"), "{}", output.stdout);
    refused(&variable("prefer"), &["worker/ssl-mode", "\"prefer\"", "values.yaml:22"]);
}

#[test]
fn a_variable_that_beats_a_setting_or_is_there_twice_is_refused() {
    let variables = |text: &str| celery(&format!("  extraEnvVars:\n{text}"));
    let host = "    - {name: NAUTOBOT_DB_HOST, value: elsewhere}\n";
    refused(&variables(host), &["worker/variable", "elsewhere", "values.yaml:22"]);
    let twice = "    - {name: A, value: \"1\"}\n    - {name: A, value: \"2\"}\n";
    refused(&variables(twice), &["worker/duplicate-variable", "A twice", "values.yaml:23"]);
    let charts = "    - {name: NAUTOBOT_K8S_COMPONENT, value: x}\n";
    refused(&variables(charts), &["worker/duplicate-variable", "NAUTOBOT_K8S_COMPONENT"]);
    let queues = "    - {name: CELERY_TASK_QUEUES, value: default}\n";
    refused(&variables(queues), &["worker/queue", "\"default\"", "\"rax-dev-iad3\""]);
    let chart = Scratch::new().changed(
        BASE,
        "nautobot:\n",
        "nautobot:\n  extraVars:\n    - {name: NAUTOBOT_REDIS_HOST, value: elsewhere}\n",
    );
    refused(&chart, &["worker/variable", "NAUTOBOT_REDIS_HOST", "values.yaml:5"]);
}

#[test]
fn a_config_that_nobody_can_check_is_refused_with_mutual_tls() {
    let shared = || Scratch::new().changed(BASE, "nautobot:\n", "nautobot:\n  configCM: shared\n");
    let without = shared().changed(ENVIRONMENT, CONFIG, "");
    refused(&without, &["worker/config-map", "shared", "values.yaml:4"]);
    accepted(&shared(), &["warning[worker/config-map]", "ignores"]);
}

#[test]
fn a_config_map_that_nobody_makes_is_refused_at_its_line() {
    let listed = "  extraEnvVarsCM:\n    - cluster-data\n";
    let fleet = || Scratch::new().changed(BASE, listed, &format!("{listed}    - nautobot-sso\n"));
    refused(&fleet(), &["config-map/not-made", "nautobot-sso", "values.yaml:25"]);
    let elsewhere = "      secret-references:\n        elsewhere: [nautobot-sso]\n";
    accepted(&fleet().changed(ENVIRONMENT, "      secret-references: {}\n", elsewhere), &[]);
}

#[test]
fn a_key_that_the_worker_cannot_read_is_reported() {
    let off = "  podSecurityContext: {enabled: false}\n";
    accepted(&celery(off), &["warning[worker/key-unreadable]", "values.yaml:21"]);
    let root = format!("{off}  containerSecurityContext: {{runAsUser: 0}}\n");
    let output = accepted(&celery(&root), &[]);
    assert!(!output.stderr.contains("worker/key-unreadable"), "{}", output.stderr);
}

#[test]
fn names_follow_from_the_release_and_what_overrides_it() {
    let label = "understack.rackspace.com/site: ";
    let labelled = Scratch::new().changed(
        PROFILE,
        &format!("{label}rax-dev-iad3"),
        &format!("{label}rax-dev-iad3-building-b-hall-1"),
    );
    accepted(&labelled, &[]);
    let long = labelled.changed(
        ENVIRONMENT,
        "release: nautobot-worker",
        "release: nautobot-celery-workers-production",
    );
    let service =
        "nautobot-celery-workers-production-celery-rax-dev-iad3-building-b-hall-1-headless";
    refused(&long, &["policy/bad-profile", service, "81 characters", "profile.yaml:13"]);
    let short = long.changed(BASE, "nautobot:\n", "fullnameOverride: nautobot\nnautobot:\n");
    accepted(&short, &[]);
    let wrong =
        Scratch::new().changed(BASE, "nautobot:\n", "fullnameOverride: My_App\nnautobot:\n");
    refused(&wrong, &["worker/object-name", "My_App", "values.yaml:3"]);
}
