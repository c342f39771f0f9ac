//! All that the example fleet emits, as the API server would take it.
//!
//! `tests/peers/build` makes the peer: the API server's own checks, and the CRDs of others.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use serde_json::{Value, json};
use site_cmp_tests::{Scratch, built, fleet, peer};

use crate::cmp;
use crate::envoy_configs::gateways;
use crate::helm::{chart, everything, helms};

mod broken;

use broken::broken;

/// Where an Application goes: the namespace of the one that makes it.
const ARGOCD: &str = "argocd";
const TLS_ROUTE_V1: &str = "envoy-gateway-routes.tlsRouteVersion=v1";
const TCP: &str = "envoy-gateway-routes.services.database.protocol=TCP";
const TCP_ROUTE_V1: &str = "envoy-gateway-routes.tcpRouteVersion=v1";
const AUTHORITY: &str = "mtls-clients.authority={}";
const SERVERS: &str =
    r#"mtls-clients.servers={"database":{},"redis":{"moreDnsNames":["redis.svc","10.0.0.1"]}}"#;
const PUSH: &str = r#"mtls-clients.push={"store":{"name":"vault"},"remoteKey":"{{environment}}/{{site}}/nautobot-mtls-client"}"#;

/// The folder of the program that checks, of the CRDs and of the one that issues.
pub(crate) fn validator() -> Option<PathBuf> {
    let found = built("peers/crd-validate").and_then(|file| Some(file.parent()?.to_owned()));
    peer("crd-validate", found, "build it with: tests/peers/build")
}

/// What a program of the peer answers to lines of JSON: a line each.
fn asked(process: &mut Process, lines: &[Value]) -> Vec<Value> {
    let mut running = process.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = running.stdin.take().unwrap();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = running.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success(), "{process:?}: {}", output.status);
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), lines.len(), "an answer for each line");
    answers
}

/// What the API server says to each object, with CRDs of a gateway.
fn judged(validator: &Path, gateway: &str, objects: &[Value]) -> Vec<(String, Vec<String>)> {
    judged_with(validator, &[gateway, "others"], objects)
}

/// What the API server says to each object, with sets of CRDs.
fn judged_with(validator: &Path, sets: &[&str], objects: &[Value]) -> Vec<(String, Vec<String>)> {
    let mut process = Process::new(validator.join("crd-validate"));
    let crds = validator.join("crds");
    process.args(["--namespace", ARGOCD]).args(sets.iter().map(|set| crds.join(set)));
    asked(&mut process, objects).into_iter().map(answer).collect()
}

fn answer(mut answer: Value) -> (String, Vec<String>) {
    let refused = serde_json::from_value(answer["refused"].take()).unwrap();
    (answer["object"].as_str().unwrap().to_owned(), refused)
}

/// The objects of a render, each with a namespace but for Applications.
fn rendered(words: &[&str]) -> Vec<Value> {
    rendered_of(&fleet(), words)
}

fn rendered_of(fleet: &Path, words: &[&str]) -> Vec<Value> {
    let source = format!("understack={}", fleet.join("base/understack").display());
    let output = cmp()
        .args(["render", fleet.to_str().unwrap(), "-o", "json", "--source", &source])
        .args(words)
        .run()
        .success();
    let mut objects: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for object in &mut objects {
        let is_marker = object["data"]["reason"].is_string();
        let metadata = &mut object["metadata"];
        if is_marker {
            // Argo CD puts it where its Application deploys to.
            assert!(metadata["namespace"].is_null(), "{metadata}");
            metadata["namespace"] = "argocd".into();
        }
        let placed = metadata["namespace"].is_string();
        assert!(placed || object["kind"] == "Application", "{words:?}: {object} has no namespace");
    }
    assert!(!objects.is_empty(), "{words:?} emits nothing");
    objects
}

/// What all sites get.
fn of_sites() -> Vec<Value> {
    let mut objects = rendered(&["--all", "--target", "application"]);
    objects.extend(rendered(&["--all", "--target", "resources"]));
    objects
}

/// What the global clusters get, with settings.
fn of_environments(settings: &[&str]) -> Vec<Value> {
    let mut objects = Vec::new();
    for entry in fs::read_dir(fleet().join("environments")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(folder.join("environment.yaml")).unwrap();
        // The settings and the gateway are of this policy.
        if !text.contains("\n        envoy-gateway-routes:\n") {
            continue;
        }
        let settings = settings.iter().flat_map(|setting| ["--setting", *setting]);
        let words = ["--environment", name].into_iter().chain(settings);
        let words: Vec<&str> = words.collect();
        objects.extend(rendered(&[&words, &["--target", "global"][..]].concat()));
        let gateway = ["--target", "gateway", "--as", "manifests"];
        objects.extend(rendered(&[&words, &gateway[..]].concat()));
    }
    objects
}

/// Everything must be taken; what was looked at is told by kind.
fn all_taken(validator: &Path, gateway: &str, objects: &[Value]) -> BTreeSet<String> {
    all_taken_with(validator, &[gateway, "others"], objects)
}

fn all_taken_with(validator: &Path, sets: &[&str], objects: &[Value]) -> BTreeSet<String> {
    let answers = judged_with(validator, sets, objects);
    for ((name, refused), object) in answers.iter().zip(objects) {
        assert!(refused.is_empty(), "{name}, CRDs {sets:?}: {refused:#?}\n{object:#}");
    }
    let kind = |object: &Value| object["kind"].as_str().unwrap().to_owned();
    objects.iter().map(kind).collect()
}

#[test]
fn the_api_server_takes_what_sites_get() {
    let Some(validator) = validator() else { return };
    let kinds = all_taken(&validator, "understack", &of_sites());
    assert!(
        kinds.is_superset(&["Application", "ConfigMap"].map(str::to_owned).into()),
        "{kinds:?}"
    );
}

/// Its folder has the Application of the oldest Argo CD that is supported.
#[test]
fn the_oldest_argo_cd_takes_every_application() {
    let Some(validator) = validator() else { return };
    let mut applications = of_sites();
    applications.retain(|object| object["kind"] == "Application");
    assert!(applications.len() > 1);
    all_taken_with(&validator, &["oldest"], &applications);
}

#[test]
fn the_api_server_takes_what_global_clusters_get_of_every_gateway() {
    let Some(validator) = validator() else { return };
    for (gateway, settings) in [
        ("understack", &[][..]),
        ("understack", &[AUTHORITY, SERVERS, PUSH][..]),
        ("experimental", &[AUTHORITY, PUSH][..]),
        ("experimental", &[TLS_ROUTE_V1, AUTHORITY, PUSH][..]),
        ("standard", &[TLS_ROUTE_V1, AUTHORITY, PUSH][..]),
        ("understack", &[TCP][..]),
        ("experimental", &[TCP][..]),
        ("experimental", &[TCP, TCP_ROUTE_V1][..]),
        ("standard", &[TLS_ROUTE_V1, TCP, TCP_ROUTE_V1][..]),
    ] {
        let kinds = all_taken(&validator, gateway, &of_environments(settings));
        let mut wanted = vec!["Gateway", "TLSRoute", "Certificate", "ConfigMap"];
        wanted.extend(["ClientTrafficPolicy", "BackendTrafficPolicy"]);
        if settings.contains(&PUSH) {
            wanted.extend(["Issuer", "PushSecret"]);
        }
        if settings.contains(&TCP) {
            wanted.push("TCPRoute");
        }
        for kind in wanted {
            assert!(kinds.contains(kind), "{gateway}: no {kind} among {kinds:?}");
        }
    }
}

#[test]
fn cert_manager_issues_every_certificate_with_the_key_that_is_asked_for() {
    let Some(validator) = validator() else { return };
    let mut requests = of_environments(&[SERVERS]);
    requests.retain(|object| object["kind"] == "Certificate");
    for (encoding, header) in
        [("PKCS1", "-----BEGIN EC PRIVATE KEY-----"), ("PKCS8", "-----BEGIN PRIVATE KEY-----")]
    {
        let asked_for = |certificate: &Value| {
            let mut certificate = certificate.clone();
            certificate["spec"]["privateKey"]["encoding"] = json!(encoding);
            json!({"certificate": certificate})
        };
        let lines: Vec<Value> = requests.iter().map(asked_for).collect();
        for secret in asked(&mut Process::new(validator.join("cert-issue")), &lines) {
            assert!(secret["tls.key"].as_str().unwrap().starts_with(header), "{encoding}");
        }
    }
}

#[test]
fn the_api_server_takes_the_rendered_chart() {
    let Some(validator) = validator() else { return };
    for (helm, version) in helms().into_iter().zip(["3.1.1", "2.5.9"]) {
        let Some(chart) = chart(version) else { continue };
        let run = |words: &[&str]| {
            let more =
                ["--target", "manifests", "--other-chart", "--chart", chart.to_str().unwrap()];
            let helm = helm.to_str().unwrap();
            rendered(&[words, &more[..], &["--helm", helm][..]].concat())
        };
        let everything = everything(version);
        let mut words: Vec<&str> = everything.iter().map(String::as_str).collect();
        words.extend(["--site", "rax-dev-iad3"]);
        words.extend(["--setting", "nautobot-worker.disruptionBudget=true"]);
        words.extend(["--setting", "nautobot-worker.autoscaling=true"]);
        let mut objects = run(&["--all"]);
        objects.extend(run(&words));
        let kinds = all_taken(&validator, "understack", &objects);
        for kind in [
            "Deployment",
            "Service",
            "ServiceAccount",
            "Secret",
            "ServiceMonitor",
            "PodDisruptionBudget",
        ] {
            assert!(kinds.contains(kind), "chart {version}: no {kind} among {kinds:?}");
        }
    }
}

#[test]
fn a_site_label_may_be_as_long_as_the_api_server_takes_and_no_longer() {
    let Some(validator) = validator() else { return };
    let (Some(helm), Some(chart)) = (helms().into_iter().next(), chart("3.1.1")) else { return };
    for (length, metrics) in [(31, "true"), (47, "false")] {
        let label = "a".repeat(length);
        let fleet = Scratch::new().changed(
            "sites/rax-dev-iad3/profile.yaml",
            "understack.rackspace.com/site: rax-dev-iad3",
            &format!("understack.rackspace.com/site: {label}"),
        );
        let metrics = format!("nautobot-worker.metrics={metrics}");
        let words = ["--site", "rax-dev-iad3", "--target", "manifests", "--setting", &metrics];
        let more = ["--chart", chart.to_str().unwrap(), "--helm", helm.to_str().unwrap()];
        let objects = rendered_of(&fleet.path(), &[&words[..], &more].concat());
        all_taken(&validator, "understack", &objects);
        let longer = |object: &Value| {
            serde_json::from_str(&object.to_string().replace(&label, &format!("{label}a"))).unwrap()
        };
        let longer: Vec<Value> = objects.iter().map(longer).collect();
        let answers = judged(&validator, "understack", &longer);
        assert!(answers.iter().any(|(_, refused)| !refused.is_empty()), "{} is fine", length + 1);
    }
}

#[test]
fn the_api_server_takes_every_gateway_and_drops_the_charts_selector() {
    let Some(validator) = validator() else { return };
    for (case, ours, chart) in gateways() {
        all_taken(&validator, "understack", &ours);
        let answers = judged(&validator, "understack", &chart);
        let refused: Vec<_> = answers.into_iter().flat_map(|(_, refused)| refused).collect();
        let selector = |text: &String| text.contains(".allowedRoutes.namespaces.selector.");
        let has = case == "namespaces-by-label";
        assert_eq!(refused.iter().any(selector), has, "{case}: {refused:#?}");
    }
}

#[test]
fn the_api_server_refuses_what_is_broken() {
    let Some(validator) = validator() else { return };
    let mut whole = of_environments(&[AUTHORITY, PUSH]);
    whole.extend(of_sites());
    for gateway in ["understack", "standard"] {
        let mut cases = broken();
        cases.retain(|case| case.gateway == gateway);
        let objects: Vec<Value> = cases.iter().map(|case| case.of(&whole)).collect();
        for (case, (name, refused)) in cases.iter().zip(judged(&validator, gateway, &objects)) {
            let told = refused.iter().any(|text| text.contains(case.words));
            assert!(told, "{name} with another {}: {refused:#?}", case.place);
        }
    }
}
