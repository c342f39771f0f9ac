//! A fleet that would do harm is refused before it is committed.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;
use site_cmp_tests::{Output, Scratch};

use crate::{BINARY, cmp};

const SITE: &str = "rax-dev-iad3";
const PROFILE: &str = "sites/rax-dev-iad3/profile.yaml";
const OTHER: &str = "sites/rax-dev-syd2/profile.yaml";
const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const SERVER: &str = "cluster_server: https://rax-dev-iad3.example.net:6443";
const OTHER_SERVER: &str = "cluster_server: https://rax-dev-syd2.example.net:6443";
/// The environment has a default server.
const NAMED: &str = "cluster_server: null\ncluster_name: iad3";
const POLICY_SETTINGS: &str = "    policies:\n      nautobot-worker:\n        connections:\n          \
                               database:\n            host: nautobot-db.dev.example.net\n";

fn check(fleet: &Scratch, more: &[&str]) -> Output {
    cmp().arg("check").arg(fleet.path()).args(more).run()
}

/// The site's Application, or its error.
fn render(fleet: &Scratch) -> Output {
    fleet.render(BINARY, SITE, &["--target", "application", "-o", "json"])
}

/// A fleet in which a text of the environment is another one.
fn environment(from: &str, to: &str) -> Scratch {
    Scratch::new().changed(ENVIRONMENT, from, to)
}

#[test]
fn two_open_sites_on_one_destination_are_an_error() {
    for same in [
        SERVER.to_owned(),
        format!("{SERVER}/"),
        SERVER.to_uppercase().replace("CLUSTER_SERVER", "cluster_server").replace("HTTPS", "https"),
    ] {
        let fleet = Scratch::new().changed(OTHER, OTHER_SERVER, &same);
        check(&fleet, &[]).failure(1).says(&[
            "error[site/shared-destination]",
            "sites `rax-dev-iad3` and `rax-dev-syd2` both deploy to namespace `nautobot`",
            "sites/rax-dev-syd2/profile.yaml:6:17",
        ]);
        // A site that is closed deploys nothing.
        let closed = fleet.changed(OTHER, "  enabled: true", "  enabled: false");
        check(&closed, &[]).success();
    }
    let names = Scratch::new()
        .changed(PROFILE, SERVER, &NAMED.replace("iad3", "in-cluster"))
        .changed(OTHER, OTHER_SERVER, "cluster_server: https://kubernetes.default.svc");
    check(&names, &[]).failure(1).says(&["error[site/shared-destination]"]);
}

#[test]
fn a_destination_may_be_a_name_and_is_never_assumed() {
    let named = Scratch::new().changed(PROFILE, SERVER, NAMED);
    let output = render(&named).success();
    assert!(output.stdout.contains(r#""destination":{"namespace":"nautobot","name":"iad3"}"#));
    let refused = |server: &str, words: &[&str]| {
        render(&Scratch::new().changed(PROFILE, SERVER, server)).failure(1).says(words);
    };
    let code = "error[site/destination]";
    refused("cluster_server: null", &[code, "`cluster_server` is required", "argocd cluster list"]);
    refused("cluster_server: fra1.corp", &[code, "must be a URL, found `fra1.corp`", ":6:17"]);
    refused("cluster_server: https://", &[code]);
    refused(&format!("{SERVER}\ncluster_name: iad3"), &[code, "are both set"]);
}

#[test]
fn an_application_has_a_name_of_its_own() {
    let fleet = Scratch::new();
    let profile = fs::read_to_string(fleet.path().join(PROFILE)).unwrap();
    let twin = "rax-dev-iad3-nautobot-worker";
    let profile = profile.replace("rax-dev-iad3", twin).replace("enabled: true", "enabled: false");
    let fleet = fleet.with(&format!("sites/{twin}/profile.yaml"), profile);
    check(&fleet, &[]).failure(1).says(&["error[site/shared-application]", twin]);
}

#[test]
fn a_component_without_policies_installs_nothing() {
    let fleet = Scratch::new();
    let text = fs::read_to_string(fleet.path().join(ENVIRONMENT)).unwrap();
    let start = text.find("    policies:\n      nautobot-worker:").unwrap();
    let end =
        text.find("    # Objects on dev's global").or_else(|| text.find("    global:")).unwrap();
    for policies in ["", "    policies: {}\n", "    policies: {site-invariants: {}}\n"] {
        let text = format!("{}{policies}{}", &text[..start], &text[end..]);
        let fleet = Scratch::new().with(ENVIRONMENT, text);
        for output in [render(&fleet), check(&fleet, &[])] {
            output.failure(1).says(&["error[overlay/empty]", "would install chart nautobot"]);
        }
    }
}

#[test]
fn the_partition_is_that_of_the_environment() {
    let label = "understack.rackspace.com/partition: ";
    let fleet = Scratch::new().changed(PROFILE, &format!("{label}dev"), &format!("{label}live"));
    render(&fleet).failure(1).says(&["error[profile/partition]", "`live`", ":12:39"]);
}

#[test]
fn a_url_that_nothing_fetches_is_refused() {
    let repository = "repository: https://nautobot.github.io/helm-charts/";
    let typo = environment(repository, "repository: htps://typo");
    render(&typo).failure(1).says(&["error[source/url]", "did you mean `https://`?"]);
    let git = "deploy_url: https://git.example.net/site-profiles.git";
    let bare =
        Scratch::new().changed(PROFILE, git, "deploy_url: git.example.net/site-profiles.git");
    render(&bare).failure(1).says(&["error[source/url]", "`deploy_url` has no scheme"]);
}

#[test]
fn the_plugin_has_a_name_that_argo_cd_can_find() {
    for (name, why) in [("site-cmp", "version"), ("site-cmp@", "version"), ("site cmp", "letters")]
    {
        let fleet = environment("name: site-cmp@v1", &format!("name: {name}"));
        render(&fleet).failure(1).says(&["error[environment/plugin]", why, "site-cmp-v1"]);
    }
    render(&environment("name: site-cmp@v1", "name: site-cmp-v1")).success();
}

#[test]
fn a_misspelt_setting_is_reported_where_it_is_written() {
    let own = "        connection: {}\n";
    let fleet = Scratch::new();
    let profile = fs::read_to_string(fleet.path().join(PROFILE)).unwrap();
    let profile = format!("{profile}    policies:\n      nautobot-worker:\n{own}");
    let fleet = fleet.with(PROFILE, &profile);
    let line = profile.lines().count();
    render(&fleet).failure(1).says(&[
        "error[policy/settings]",
        "`connection` is not a setting",
        &format!("({PROFILE}:{line}:9)"),
        "did you mean `connections`?",
    ]);
    let shared = POLICY_SETTINGS.replace("host:", "hots:");
    let fleet = environment(POLICY_SETTINGS, &shared);
    render(&fleet).failure(1).says(&[
        "/connections/database: `hots` is not a setting",
        "did you mean `host`?",
        &format!("({ENVIRONMENT}:"),
    ]);
}

#[test]
fn another_chart_than_the_pinned_one_is_said() {
    let fleet = Scratch::new();
    let chart = fleet.outside().join("chart");
    fs::create_dir(&chart).unwrap();
    fs::write(chart.join("values.yaml"), "{}\n").unwrap();
    let checked = |about: &str, more: &[&str]| {
        fs::write(chart.join("Chart.yaml"), format!("apiVersion: v2\n{about}\n")).unwrap();
        check(&fleet, &[&["--chart", chart.to_str().unwrap()], more].concat())
    };
    let old = "name: nautobot\nversion: 2.5.6";
    let words = ["error[chart/other]", "nautobot 2.5.6", "nautobot 3.1.2", "--other-chart"];
    checked(old, &[]).failure(1).says(&words);
    checked(old, &["--other-chart"]).success();
    checked("name: other\nversion: 3.1.2", &[]).failure(1).says(&["error[chart/other]"]);
    checked("name: nautobot\nversion: 3.1.1", &[]).success().says(&["warning[chart/other]"]);
    let output = checked("name: nautobot\nversion: 3.1.2", &[]).success();
    assert!(!output.stderr.contains("chart/other"), "{}", output.stderr);
}

#[test]
fn objects_of_argo_cd_and_other_namespaces_are_the_operators_to_allow() {
    let limits = |text: &str| {
        let fleet = Scratch::new();
        let path = fleet.outside().join("limits.yaml");
        fs::write(&path, text).unwrap();
        (fleet, path)
    };
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x, namespace: argocd}\nspec: {project: default}\n";
    let cluster = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n  labels: {argocd.argoproj.io/secret-type: cluster}\n";
    let monitor = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: monitoring}\n";
    let hidden =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm, namespace: argocd}\n";
    for (object, allowed, code) in [
        (application, "deploy: {argoCdObjects: true, namespaces: [argocd]}", "deploy/argo-cd"),
        (cluster, "deploy: {argoCdObjects: true}", "deploy/argo-cd"),
        (hidden, "deploy: {argoCdObjects: true, namespaces: [argocd]}", "deploy/argo-cd"),
        (monitor, "deploy: {namespaces: [monitoring]}", "deploy/namespace"),
    ] {
        let (fleet, path) = limits(allowed);
        let fleet = fleet.with("environments/dev/resources/more.yaml", object);
        let render = || {
            let more = ["--site", SITE, "--target", "resources"];
            cmp().arg("render").arg(fleet.path()).args(more)
        };
        let output = render().run().failure(1).says(&[&format!("error[{code}]")]);
        output.says(&["environments/dev/resources/more.yaml:"]);
        render().arg("--limits").arg(&path).run().success();
    }
}

#[test]
fn a_project_without_limits_is_the_operators_to_allow() {
    let fleet = environment("project: understack", "project: default");
    render(&fleet).failure(1).says(&["error[deploy/project]", "`default`", ENVIRONMENT]);
    let path = fleet.outside().join("limits.yaml");
    let render = |fleet: &Scratch, limits: &str| {
        fs::write(&path, limits).unwrap();
        let more = ["--target", "application", "--limits", path.to_str().unwrap()];
        fleet.render(BINARY, SITE, &more)
    };
    render(&fleet, "deploy: {projects: [default]}").success();
    let listed = "the operator allows: sites";
    render(&Scratch::new(), "deploy: {projects: [sites]}").failure(1).says(&[listed]);
    let argocd = environment("namespace: nautobot\n    project", "namespace: argocd\n    project");
    render(&argocd, "").failure(1).says(&["error[deploy/argo-cd]", "namespace `argocd`"]);
}

#[test]
fn a_chart_with_a_remote_schema_is_rendered_without_it() {
    let fleet = Scratch::new();
    let chart = fleet.outside().join("chart");
    fs::create_dir(&chart).unwrap();
    let schema = r#"{"properties": {"a": {"$ref": "https://schemas.example.net/a.json"}}}"#;
    for (name, text) in [
        ("Chart.yaml", "apiVersion: v2\nname: nautobot\nversion: 3.1.2\n"),
        ("values.yaml", "{}\n"),
        ("values.schema.json", schema),
    ] {
        fs::write(chart.join(name), text).unwrap();
    }
    let render = |fleet: &Scratch| {
        let more = ["--target", "application", "-o", "json", "--chart", chart.to_str().unwrap()];
        fleet.render(BINARY, SITE, &more).success()
    };
    let output = render(&fleet).says(&["warning[schema/remote]", "skipSchemaValidation to true"]);
    assert!(!output.stdout.contains("skipSchemaValidation"), "{}", output.stdout);
    let skipped = environment("version: 3.1.2", "version: 3.1.2\n      skipSchemaValidation: true");
    let output = render(&skipped).says(&["note[schema/remote]"]);
    assert!(output.stdout.contains(r#""skipSchemaValidation":true"#), "{}", output.stdout);
    let wrong =
        environment("version: 3.1.2", "version: 3.1.2\n      skipSchemaValidation: yes please");
    let more = ["--target", "application"];
    wrong.render(BINARY, SITE, &more).failure(1).says(&["must be true or false"]);
}

#[test]
fn a_copy_that_was_changed_is_an_error() {
    let file = "base/understack/components/nautobot-worker/values.yaml";
    let sources = |fleet: &Scratch| {
        let output = cmp().arg("sources").arg(fleet.path()).args(["-o", "json"]).run().success();
        let lines: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines[0].clone()
    };
    let fleet = Scratch::new();
    check(&fleet, &[]).success().says(&["note[source/not-recorded]", "add `sha256: "]);
    let before = sources(&fleet);
    assert_eq!(before["state"], "not recorded");
    let digest = before["sha256"].as_str().unwrap();
    let path = "    path: base/understack\n";
    let fleet = fleet.changed(ENVIRONMENT, path, &format!("{path}    sha256: {digest}\n"));
    assert_eq!(sources(&fleet)["state"], "recorded");
    let output = check(&fleet, &[]).success();
    assert!(!output.stderr.contains("source/"), "{}", output.stderr);
    let changed = fleet.changed(file, "celery:", "# mine\ncelery:");
    check(&changed, &[]).failure(1).says(&["error[source/changed]", digest, ENVIRONMENT]);
    assert_eq!(sources(&changed)["state"], "changed");
    let more = Scratch::new().changed(ENVIRONMENT, path, &format!("{path}    sha256: {digest}\n"));
    let more = more.with("base/understack/more.yaml", "a: 1\n");
    check(&more, &[]).failure(1).says(&["error[source/changed]"]);
    let wrong = environment(path, &format!("{path}    sha256: 12ab\n"));
    check(&wrong, &[]).failure(1).says(&["error[key/wrong-value]", "cmp sources"]);
    let folder = fleet_with_a_dead_link();
    check(&folder, &[]).failure(1).says(&["error[source/unreadable]"]);
}

/// A fleet whose copy has a link to nothing.
fn fleet_with_a_dead_link() -> Scratch {
    let fleet = Scratch::new();
    symlink("nowhere", fleet.path().join("base/understack/link")).unwrap();
    fleet
}
