//! The alerts, as Prometheus' own `promtool` evaluates them over made-up metrics.

use std::fs;

use serde_json::{Value, json};
use site_cmp_tests::{Command, installed};

use super::read;

/// Metrics, each with its value in every minute, in promtool's notation: `0+1x60` grows by one in
/// each of 60 minutes.
type Series = &'static [(&'static str, &'static str)];

/// The labels of a call that ended with an outcome.
macro_rules! calls {
    ($outcome:literal) => {
        concat!(
            "site_cmp_calls_total{pod=\"a\",method=\"GenerateManifest\",outcome=\"",
            $outcome,
            "\"}"
        )
    };
}

/// An alert, the minute in which it is looked at, metrics with which it fires, metrics with which it
/// does not, and its labels beside the severity.
const ALERTS: &[(&str, u32, Series, Series, &[&str])] = &[
    ("SiteCmpAbsent", 15, &[], &[("site_cmp_build_info{pod=\"a\"}", "1x60")], &[]),
    (
        "SiteCmpBug",
        10,
        // The first bug: its counter began at zero.
        &[(calls!("bug"), "0x4 1x60")],
        &[(calls!("bug"), "0x60"), (calls!("ok"), "0+1x60")],
        &["method", "outcome", "pod"],
    ),
    (
        "SiteCmpMachine",
        30,
        &[(calls!("machine"), "0+1x60")],
        &[(calls!("machine"), "0x4 1x60")],
        &["method", "outcome", "pod"],
    ),
    (
        "SiteCmpBusy",
        25,
        &[(calls!("busy"), "0+1x60")],
        &[(calls!("busy"), "0x4 1x60")],
        &["method", "outcome", "pod"],
    ),
    (
        "SiteCmpDeadline",
        45,
        &[(calls!("deadline"), "0+1x60"), (calls!("ok"), "0+10x60")],
        &[(calls!("deadline"), "0+1x60"), (calls!("ok"), "0+100x60")],
        &["pod"],
    ),
    ("SiteCmpSlow", 50, SLOW, QUICK, &["pod"]),
    (
        "SiteCmpTreesForgotten",
        150,
        &[(NEW_TREES, "0+100x200"), (KNOWN_TREES, "0+50x200")],
        &[(NEW_TREES, "0+50x200"), (KNOWN_TREES, "0+100x200")],
        &["pod"],
    ),
];

macro_rules! bucket {
    ($le:literal) => {
        concat!(
            "site_cmp_call_seconds_bucket{pod=\"a\",method=\"GenerateManifest\",le=\"",
            $le,
            "\"}"
        )
    };
}

const SLOW: Series =
    &[(bucket!("10"), "0+1x60"), (bucket!("30"), "0+10x60"), (bucket!("+Inf"), "0+10x60")];
const QUICK: Series =
    &[(bucket!("10"), "0+10x60"), (bucket!("30"), "0+10x60"), (bucket!("+Inf"), "0+10x60")];
const NEW_TREES: &str = "site_cmp_tree_lookups_total{pod=\"a\",result=\"new\"}";
const KNOWN_TREES: &str = "site_cmp_tree_lookups_total{pod=\"a\",result=\"known\"}";

#[test]
fn each_alert_fires_when_it_should_and_not_otherwise() {
    let Some(promtool) = installed("promtool", "install Prometheus, which brings it") else {
        return;
    };
    let rules = read("native/monitoring/alerts.yaml")["spec"].clone();
    let names = rules["groups"][0]["rules"].as_array().unwrap().iter().map(|rule| &rule["alert"]);
    assert!(names.eq(ALERTS.iter().map(|alert| alert.0)), "{rules}");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rules.yaml"), rules.to_string()).unwrap();
    let tests = ALERTS.iter().zip(rules["groups"][0]["rules"].as_array().unwrap()).flat_map(
        |((name, minute, fires, rests, labels), rule)| {
            [
                test(name, *minute, fires, &[firing(rule, labels, fires)]),
                test(name, *minute, rests, &[]),
            ]
        },
    );
    let tests = json!({
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": tests.collect::<Vec<_>>(),
    });
    fs::write(folder.path().join("tests.yaml"), tests.to_string()).unwrap();
    let output =
        Command::new(promtool).args(["test", "rules", "tests.yaml"]).dir(folder.path()).run();
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
}

/// Returns a test of one alert in promtool's form.
fn test(alert: &str, minute: u32, series: Series, expected: &[Value]) -> Value {
    let input: Vec<Value> =
        series.iter().map(|(name, values)| json!({"series": name, "values": values})).collect();
    json!({
        "name": format!("{alert}, {} expected", expected.len()),
        "interval": "1m",
        "input_series": input,
        "alert_rule_test": [
            {"alertname": alert, "eval_time": format!("{minute}m"), "exp_alerts": expected},
        ],
    })
}

/// Returns a firing alert: the rule's labels, those of its metrics, and its texts.
fn firing(rule: &Value, labels: &[&str], series: Series) -> Value {
    let mut all = rule["labels"].clone();
    for label in labels {
        let (_, rest) = series[0].0.split_once(&format!("{label}=\"")).unwrap();
        all[*label] = rest.split('"').next().unwrap().into();
    }
    let texts = rule["annotations"].to_string().replace("{{ $labels.pod }}", "a");
    let texts: Value = serde_json::from_str(&texts).unwrap();
    json!({"exp_labels": all, "exp_annotations": texts})
}
