//! All that the example fleet emits, as the API server would take it.
//!
//! `tests/crds/build` makes the peer: the API server's own checks, and the CRDs of others.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use serde_json::{Value, json};
use site_cmp_tests::{built, peer, repo};

use crate::cmp;
use crate::envoy_configs::gateways;
use crate::helm::{chart, helms};

/// Where an Application goes: the namespace of the one that makes it.
const ARGOCD: &str = "argocd";
const TLS_ROUTE_V1: &str = "envoy-gateway-routes.tlsRouteVersion=v1";
const AUTHORITY: &str = "mtls-clients.authority={}";
const PUSH: &str =
    r#"mtls-clients.push={"store":{"name":"vault"},"remoteKey":"{{environment}}/{{site}}/mtls"}"#;

fn validator() -> Option<PathBuf> {
    peer("crd-validator", built("crd-validator"), "build it with: tests/crds/build")
}

/// What the API server says to each object, with CRDs of a gateway.
fn judged(validator: &Path, gateway: &str, objects: &[Value]) -> Vec<(String, Vec<String>)> {
    let mut process = Process::new(validator.join("validate"))
        .args(["--namespace", ARGOCD])
        .args([validator.join(gateway), validator.join("others")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let text: String = objects.iter().map(|object| format!("{object}\n")).collect();
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = process.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success(), "{process:?}", process = output.status);
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = answers.lines().map(answer).collect();
    assert_eq!(answers.len(), objects.len(), "an answer for each object");
    answers
}

fn answer(line: &str) -> (String, Vec<String>) {
    let mut answer: Value = serde_json::from_str(line).unwrap();
    let refused = serde_json::from_value(answer["refused"].take()).unwrap();
    (answer["object"].as_str().unwrap().to_owned(), refused)
}

/// The objects of a render, each with a namespace but for Applications.
fn rendered(words: &[&str]) -> Vec<Value> {
    let fleet = repo().join("site-profiles");
    let source = format!("understack={}", fleet.join("base/understack").display());
    let output = cmp()
        .args(["render", fleet.to_str().unwrap(), "-o", "json", "--source", &source])
        .args(words)
        .run()
        .success();
    let objects: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for object in &objects {
        let placed = object["metadata"]["namespace"].is_string();
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
    for entry in fs::read_dir(repo().join("site-profiles/environments")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(folder.join("environment.yaml")).unwrap();
        if !text.contains("\n    global:\n") {
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
    let answers = judged(validator, gateway, objects);
    for ((name, refused), object) in answers.iter().zip(objects) {
        assert!(refused.is_empty(), "{name}, CRDs {gateway}: {refused:#?}\n{object:#}");
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

#[test]
fn the_api_server_takes_what_global_clusters_get_of_every_gateway() {
    let Some(validator) = validator() else { return };
    for (gateway, settings) in [
        ("understack", &[][..]),
        ("understack", &[AUTHORITY, PUSH][..]),
        ("experimental", &[AUTHORITY, PUSH][..]),
        ("experimental", &[TLS_ROUTE_V1, AUTHORITY, PUSH][..]),
        ("standard", &[TLS_ROUTE_V1, AUTHORITY, PUSH][..]),
    ] {
        let kinds = all_taken(&validator, gateway, &of_environments(settings));
        let mut wanted = vec!["Gateway", "TLSRoute", "ClientTrafficPolicy", "Certificate"];
        if settings.contains(&PUSH) {
            wanted.extend(["Issuer", "PushSecret"]);
        }
        for kind in wanted {
            assert!(kinds.contains(kind), "{gateway}: no {kind} among {kinds:?}");
        }
    }
}

#[test]
fn the_api_server_takes_the_rendered_chart() {
    let Some(validator) = validator() else { return };
    let fixtures = repo().join("tests/fixtures/nautobot");
    for (helm, version) in helms().into_iter().zip(["3.1.1", "2.5.9"]) {
        let Some(chart) = chart(version) else { continue };
        let run = |words: &[&str]| {
            let more = ["--target", "manifests", "--chart", chart.to_str().unwrap()];
            let helm = helm.to_str().unwrap();
            rendered(&[words, &more[..], &["--helm", helm][..]].concat())
        };
        let own = fixtures.join(format!("everything-{}.yaml", &version[..1]));
        let [everything, own] = [fixtures.join("everything.yaml"), own];
        let mut objects = run(&["--all"]);
        objects.extend(run(&[
            "--site",
            "rax-dev-iad3",
            "-f",
            everything.to_str().unwrap(),
            "-f",
            own.to_str().unwrap(),
            "--setting",
            "nautobot-worker.disruptionBudget=true",
            "--setting",
            "nautobot-worker.autoscaling=true",
        ]));
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

/// An object that is changed at a place, and what the API server says to it.
struct Broken {
    gateway: &'static str,
    kind: &'static str,
    place: &'static str,
    value: Value,
    words: &'static str,
}

impl Broken {
    /// The first object of the kind, changed.
    fn of(&self, whole: &[Value]) -> Value {
        let mut object = whole.iter().find(|object| object["kind"] == self.kind).unwrap().clone();
        *place(&mut object, self.place) = self.value.clone();
        object
    }
}

fn broken() -> Vec<Broken> {
    let listener = |name: &str, port: u64| json!({"name": name, "port": port, "protocol": "TLS", "hostname": "nautobot-db.dev.example.net", "tls": {"mode": "Passthrough"}});
    let at =
        |kind, place, value, words| Broken { gateway: "understack", kind, place, value, words };
    vec![
        at(
            "Gateway",
            "/spec/listeners/1",
            listener("nautobot-db", 1),
            "Listener name must be unique",
        ),
        at(
            "Gateway",
            "/spec/listeners/1",
            listener("other", 5432),
            "Combination of port, protocol and hostname must be unique",
        ),
        at(
            "Gateway",
            "/spec/listeners/0/port",
            json!(65536),
            "should be less than or equal to 65535",
        ),
        at("Gateway", "/spec/listeners/0/tls/mode", json!("Through"), "Unsupported value"),
        at("Gateway", "/spec/listeners/0/gatewayPort", json!(5432), "unknown field"),
        at(
            "Gateway",
            "/spec/listeners/0/allowedRoutes/namespaces/selector",
            json!({"team": "a"}),
            "unknown field",
        ),
        at("Gateway", "/spec/listeners/0/hostname", json!("Db.example.net"), "should match"),
        at("TLSRoute", "/spec/parentRefs/0/sectionName", json!("A_b"), "should match"),
        at(
            "TLSRoute",
            "/spec/parentRefs/1",
            json!({"name": "external-gateway", "namespace": "envoy-gateway"}),
            "sectionName or port must be specified",
        ),
        Broken {
            gateway: "standard",
            ..at("TLSRoute", "/spec/hostnames/0", json!("a.example.net"), "no matches for kind")
        },
        at(
            "ClientTrafficPolicy",
            "/spec/targetRefs/0/kind",
            json!("Service"),
            "can only have a targetRefs[*].kind of Gateway",
        ),
        at("ClientTrafficPolicy", "/spec/tcpKeepalive/idleTime", json!("soon"), "should match"),
        at("Certificate", "/spec/usages", json!(["client"]), "Unsupported value"),
        at("Certificate", "/spec/privateKey/encoding", json!("PKCS12"), "Unsupported value"),
        at(
            "Certificate",
            "/spec/issuerRef",
            json!({"kind": "Issuer"}),
            "spec.issuerRef.name: Required value",
        ),
        at("Certificate", "/metadata/name", json!("Upper"), "RFC 1123"),
        at("Certificate", "/metadata/labels", json!({"a": "b c"}), "a valid label must"),
        at("PushSecret", "/spec/data/0/match/remoteRef", json!({}), "remoteKey: Required value"),
        at("Application", "/spec/sources/0/helm/valueObject", json!({}), "unknown field"),
        at("Application", "/spec/destination", json!("here"), "must be of type object"),
        at("ConfigMap", "/data/UNDERSTACK_SITE", json!(1), "cannot unmarshal number"),
        at("ConfigMap", "/datas", json!({}), "unknown field"),
    ]
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

/// A place in an object, made where it is not there.
fn place<'a>(object: &'a mut Value, pointer: &str) -> &'a mut Value {
    pointer.split('/').skip(1).fold(object, |value, word| match value {
        Value::Array(items) => {
            let index: usize = word.parse().unwrap();
            items.resize(items.len().max(index + 1), Value::Null);
            &mut items[index]
        }
        _ => &mut value[word],
    })
}
