//! Workers only, as the real helm renders the real charts.
//!
//! Base values switch on all that a chart can make; what is left must be exactly the
//! worker. helm is taken from `HELM4` and `HELM3`, else from what `tests/peers/build` leaves,
//! else from `PATH`; charts from `NAUTOBOT_CHARTS`, else from the user's cache.

mod confined;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command as Process;

use serde_json::Value;
pub(crate) use site_cmp_tests::chart;
use site_cmp_tests::{Scratch, built, fleet, peer, repo};

use crate::cmp;

const SITE: &str = "rax-dev-iad3";

/// The helms at hand: what a message calls them, and their paths.
pub(crate) fn helms() -> Vec<PathBuf> {
    let how = "build it with: tests/peers/build, or name one in HELM4 (or HELM3)";
    let mut found = Vec::new();
    for (major, variable) in [("4", "HELM4"), ("3", "HELM3")] {
        let named = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.exists());
        let ours = || built(&format!("peers/helm{major}"));
        let helm = named.or_else(ours).or_else(|| on_path(major));
        found.extend(peer(&format!("helm {major}"), helm, how));
    }
    found
}

/// `helm` on `PATH`, if its major is the wanted one.
fn on_path(major: &str) -> Option<PathBuf> {
    let output =
        Process::new("helm").args(["version", "--template", "{{.Version}}"]).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version.starts_with(&format!("v{major}.")).then(|| PathBuf::from("helm"))
}

/// Values for which everything is switched on. A ConfigMap of theirs is made by nobody here.
pub(crate) fn everything(version: &str) -> Vec<String> {
    let fixtures = repo().join("tests/fixtures/nautobot");
    let files = ["everything.yaml".to_owned(), format!("everything-{}.yaml", &version[..1])];
    let files =
        files.iter().flat_map(|file| ["-f".into(), fixtures.join(file).display().to_string()]);
    let setting = ["--setting", r#"secret-references.elsewhere=["kept-config"]"#];
    files.chain(setting.map(str::to_owned)).collect()
}

/// Renders the example site with everything switched on below it.
fn manifests(helm: &PathBuf, version: &str, more: &[&str]) -> Option<Vec<Value>> {
    let chart = chart(version)?;
    let output = cmp()
        .args(["render", fleet().to_str().unwrap(), "--site", SITE])
        .args([
            "--target",
            "manifests",
            "-o",
            "json",
            "--other-chart",
            "--chart",
            chart.to_str().unwrap(),
        ])
        .args(everything(version))
        .args(more)
        .env("SITE_CMP_HELM", helm)
        .run()
        .success();
    Some(output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn names(objects: &[Value]) -> BTreeSet<String> {
    let name = |object: &Value| {
        format!(
            "{} {}",
            object["kind"].as_str().unwrap(),
            object["metadata"]["name"].as_str().unwrap()
        )
    };
    let names: BTreeSet<String> = objects.iter().map(name).collect();
    assert_eq!(names.len(), objects.len(), "an object stands twice");
    names
}

fn worker(objects: &[Value]) -> &Value {
    objects.iter().find(|object| object["kind"] == "Deployment").unwrap()
}

#[test]
fn exactly_the_worker_is_left_of_everything() {
    for helm in helms() {
        for version in ["3.1.1", "2.5.9"] {
            let Some(objects) = manifests(&helm, version, &[]) else { continue };
            let expected = [
                "ConfigMap cluster-data",
                "ConfigMap nautobot-worker-config",
                "ConfigMap nautobot-worker-env",
                "Deployment nautobot-worker-celery-rax-dev-iad3",
                "ExternalSecret dockerconfigjson-github-com",
                "ExternalSecret nautobot-custom-env",
                "ExternalSecret nautobot-db",
                "ExternalSecret nautobot-django",
                "ExternalSecret nautobot-mtls-client",
                "ExternalSecret nautobot-worker-redis",
                "Secret nautobot-worker-env",
                "Service nautobot-worker-celery-rax-dev-iad3-headless",
                "ServiceAccount nautobot-worker",
                "ServiceMonitor nautobot-worker-celery-rax-dev-iad3",
            ];
            assert_eq!(names(&objects), expected.map(str::to_owned).into(), "chart {version}");
        }
    }
}

/// The value of an environment variable of the worker, which may stand only once.
fn env(container: &Value, name: &str) -> Option<String> {
    let mut found = container["env"].as_array().unwrap().iter().filter(|env| env["name"] == name);
    let value = found.next().map(|env| env["value"].as_str().unwrap().to_owned());
    assert!(found.next().is_none(), "{name} stands twice");
    value
}

fn check_variables(container: &Value) {
    for (name, value) in [
        ("CELERY_TASK_QUEUES", SITE),
        // The base values' own, which wins over the policy's default.
        ("NAUTOBOT_DB_SSLMODE", "verify-full"),
        ("NAUTOBOT_CONFIG", "/opt/nautobot/nautobot_config.py"),
        ("NAUTOBOT_REDIS_SSL_CA_CERTS", "/etc/nautobot/mtls/ca.crt"),
        ("KEPT", "yes"),
    ] {
        assert_eq!(env(container, name).as_deref(), Some(value), "{name}");
    }
    assert!(
        env(container, "prometheus_multiproc_dir").is_some(),
        "metrics are served from a folder"
    );
}

fn check_certificate(pod: &Value, container: &Value) {
    let mounts = container["volumeMounts"].as_array().unwrap();
    let certificate =
        mounts.iter().find(|mount| mount["mountPath"] == "/etc/nautobot/mtls").unwrap();
    assert_eq!(certificate["readOnly"], true);
    assert!(mounts.iter().any(|mount| mount["mountPath"] == "/kept"), "base mounts stay");
    let volumes = pod["volumes"].as_array().unwrap();
    let secret = volumes.iter().find(|volume| volume["name"] == certificate["name"]).unwrap();
    assert_eq!(secret["secret"]["secretName"], "nautobot-mtls-client");
    assert_eq!(secret["secret"]["defaultMode"], 256);
}

fn check_config_maps(objects: &[Value]) {
    let named = |name: &str| {
        let mut maps = objects.iter().filter(|object| object["kind"] == "ConfigMap");
        maps.find(|object| object["metadata"]["name"] == name).unwrap()
    };
    let env = &named("nautobot-worker-env")["data"];
    assert_eq!(env["NAUTOBOT_DB_HOST"], "nautobot-db.dev.example.net");
    assert_eq!(env["NAUTOBOT_REDIS_HOST"], "nautobot-redis.dev.example.net");
    assert_eq!(env["NAUTOBOT_REDIS_SSL"].as_str().unwrap().to_lowercase(), "true");
    let config = &named("nautobot-worker-config")["data"]["nautobot_config.py"];
    assert!(config.as_str().unwrap().contains("NAUTOBOT_DB_SSLMODE"));
    assert_eq!(named("cluster-data")["data"]["UNDERSTACK_SITE"], SITE);
}

#[test]
fn the_worker_listens_on_its_queue_and_dials_the_gateway_with_a_certificate() {
    for helm in helms() {
        for version in ["3.1.1", "2.5.9"] {
            let Some(objects) = manifests(&helm, version, &[]) else { continue };
            let pod = &worker(&objects)["spec"]["template"]["spec"];
            let container = &pod["containers"][0];
            check_variables(container);
            check_certificate(pod, container);
            check_config_maps(&objects);
        }
    }
}

#[test]
fn what_was_switched_off_by_other_names_is_told() {
    for helm in helms() {
        let Some(chart) = chart("3.1.1") else { continue };
        let output = cmp()
            .args(["render", fleet().to_str().unwrap(), "--site", SITE])
            .args(["--target", "manifests", "-o", "json", "--chart", chart.to_str().unwrap()])
            .args(everything("3.1.1"))
            .env("SITE_CMP_HELM", helm)
            .run()
            .success();
        output.says(&["bulk", "api", "static", "extraObjects"]);
    }
}

#[test]
fn the_final_values_satisfy_the_charts_own_schema() {
    for version in ["3.1.1", "2.5.9"] {
        let Some(chart) = chart(version) else { continue };
        let output = cmp()
            .args(["render", fleet().to_str().unwrap(), "--site", SITE])
            .args(["--merged", "--other-chart", "--chart", chart.to_str().unwrap(), "-o", "json"])
            .run()
            .success();
        let values: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(values["workers"][SITE]["enabled"], true);
        output.says(&["warning[schema/remote]", "skipSchemaValidation"]);
    }
}

#[test]
fn a_missing_helm_is_the_machines_fault() {
    let fleet = Scratch::new();
    let Some(chart) = chart("3.1.1") else { return };
    cmp()
        .args(["render", fleet.path().to_str().unwrap(), "--site", SITE, "--target", "manifests"])
        .args(["--chart", chart.to_str().unwrap()])
        .env("SITE_CMP_HELM", "no-such-helm")
        .run()
        .failure(3)
        .says(&["helm"]);
}
