//! The dashboard and the alerts speak of metrics that there are.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use serde_json::Value;
use site_cmp_tests::repo;

use super::{read, sidecar, texts};
use crate::cmp;

/// What `cmp serve` shows.
const METRICS: [&str; 18] = [
    "site_cmp_answers_total",
    "site_cmp_build_info",
    "site_cmp_call_seconds",
    "site_cmp_calls_running",
    "site_cmp_calls_total",
    "site_cmp_calls_waiting",
    "site_cmp_connections",
    "site_cmp_connections_waiting",
    "site_cmp_fuel_total",
    "site_cmp_in_flight_bytes",
    "site_cmp_policies_compiled_total",
    "site_cmp_refusals_total",
    "site_cmp_render_workers_ended_total",
    "site_cmp_render_workers_started_total",
    "site_cmp_stage_seconds",
    "site_cmp_tree_bytes",
    "site_cmp_tree_lookups_total",
    "site_cmp_trees",
];

#[test]
fn the_server_shows_these_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = cmp()
        .args(["serve", "--metrics", "127.0.0.1:0", "--log-format", "json", "--socket-dir"])
        .arg(folder.path());
    let mut server = serve.inner().stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let started: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
    let mut page = String::new();
    let mut stream = TcpStream::connect(started["metrics"].as_str().unwrap()).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    stream.read_to_string(&mut page).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    // Those with labels come with their first call.
    let samples = page.lines().filter(|line| line.starts_with("site_cmp_"));
    let shown: BTreeSet<&str> = samples.flat_map(metrics).collect();
    for name in ["site_cmp_build_info", "site_cmp_fuel_total", "site_cmp_trees"] {
        assert!(shown.contains(name), "{page}");
    }
    // `increase()` of an alert would not see the first value of a counter that begins at one.
    for outcome in ["ok", "input", "malformed", "busy", "deadline", "machine", "bug", "cancelled"] {
        for method in ["GenerateManifest", "GetParametersAnnouncement", "MatchRepository", "Probe"]
        {
            let line =
                format!("site_cmp_calls_total{{method=\"{method}\",outcome=\"{outcome}\"}} 0\n");
            assert!(page.contains(&line), "{line}{page}");
        }
    }
}

fn dashboard() -> Value {
    let path = repo().join("argocd/native/monitoring/grafana-dashboard.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Metrics in an expression, each of which there is; a histogram is one whatever its ending.
fn metrics(expression: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = expression.split(|c| !is_name(c)).filter(|word| word.starts_with("site_cmp_"));
    let whole = |word| {
        let endings = ["_bucket", "_sum", "_count"];
        let histogram = endings.into_iter().find_map(|ending| str::strip_suffix(word, ending));
        histogram.unwrap_or(word)
    };
    let names: BTreeSet<&str> = words.map(whole).collect();
    for name in &names {
        assert!(METRICS.contains(name), "there is no metric {name}: {expression}");
    }
    names
}

fn expressions(dashboard: &Value) -> Vec<&str> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    targets.map(|target| target["expr"].as_str().unwrap()).collect()
}

#[test]
fn the_dashboard_shows_every_metric_and_no_other() {
    let dashboard = dashboard();
    let shown: BTreeSet<&str> = expressions(&dashboard).into_iter().flat_map(metrics).collect();
    assert_eq!(shown, METRICS.into());
}

#[test]
fn the_dashboard_can_be_imported_anywhere() {
    let dashboard = dashboard();
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 38, "Grafana 10");
    assert!(dashboard["id"].is_null(), "an id belongs to one Grafana");
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let types: Vec<_> = variables.iter().map(|v| (&v["name"], &v["type"])).collect();
    assert_eq!(types[0], (&"datasource".into(), &"datasource".into()));
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "two panels have one id");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        let title = panel["title"].as_str().unwrap();
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
        }
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{title}");
    }
}

#[test]
fn panels_do_not_lie_over_each_other() {
    let dashboard = dashboard();
    let mut taken = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24, "{}", panel["title"]);
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(taken.insert((x, y)), "{} lies over another", panel["title"]);
            }
        }
    }
}

#[test]
fn alerts_speak_of_metrics_that_there_are() {
    let rules = read("native/monitoring/alerts.yaml");
    let rules = rules["spec"]["groups"][0]["rules"].as_array().unwrap();
    let readme = fs::read_to_string(repo().join("argocd/native/README.md")).unwrap();
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        assert!(!metrics(rule["expr"].as_str().unwrap()).is_empty(), "{name}");
        assert!(
            readme.contains(&format!("`{name}`")),
            "the README does not say what to do: {name}"
        );
    }
    for metric in METRICS {
        assert!(readme.contains(&format!("`{metric}`")), "the README has no {metric}");
    }
}

#[test]
fn the_port_of_metrics_is_one_everywhere() {
    let sidecar = sidecar("native");
    let port = &sidecar["ports"][0];
    let listens = format!("0.0.0.0:{}", port["containerPort"]);
    assert!(texts(&sidecar["args"]).contains(&listens.as_str()));
    let service = read("native/monitoring/service.yaml");
    let served = &service["spec"]["ports"][0];
    assert_eq!(served["port"], port["containerPort"]);
    assert_eq!(served["targetPort"], port["name"]);
    let monitor = read("native/monitoring/service-monitor.yaml");
    assert_eq!(monitor["spec"]["endpoints"][0]["port"], served["name"]);
    let labels = &service["metadata"]["labels"];
    for (label, value) in monitor["spec"]["selector"]["matchLabels"].as_object().unwrap() {
        assert_eq!(labels[label], *value);
    }
    let opened = read("native/monitoring/network-policy-patch.yaml");
    assert_eq!(opened[0]["value"]["ports"][0]["port"], port["containerPort"]);
    let beside_helm = read("native/monitoring/helm-network-policy.yaml");
    let spec = &beside_helm["spec"];
    assert_eq!(spec["ingress"][0]["ports"][0]["port"], port["containerPort"]);
    assert_eq!(spec["podSelector"]["matchLabels"], service["spec"]["selector"]);
}
