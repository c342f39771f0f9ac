#![expect(clippy::needless_pass_by_value, reason = "json!({..}) reads best where it is passed")]

use policy_sdk::{Document, DocumentName, Failure};
use serde_json::{Value, json};

use super::Chart;

fn of(chart: Value) -> Result<Chart, Failure> {
    Chart::from_cluster(&Document::new(DocumentName::Cluster, json!({"chart": chart})))
}

#[test]
fn majors_two_and_three_are_known_however_written() {
    for (version, chart) in [
        ("2.5.6", Chart::Two),
        ("2.5.9", Chart::Two),
        ("3.1.1", Chart::Three),
        ("v3.1.2-rc.1", Chart::Three),
        ("3", Chart::Three),
    ] {
        assert_eq!(of(json!({"name": "nautobot", "version": version})), Ok(chart));
    }
}

#[test]
fn an_unknown_major_is_refused_by_name() {
    for version in ["1.9.0", "4.0.0", "31.0.0", "latest", ""] {
        let failure = of(json!({"version": version})).unwrap_err();
        assert!(
            matches!(&failure, Failure::Unsupported(text) if text.ends_with(&format!("not {version}"))),
            "{failure:?}"
        );
    }
}

#[test]
fn a_missing_version_or_another_chart_is_refused() {
    assert_eq!(
        of(json!({})).unwrap_err(),
        Failure::unsupported("cluster /chart/version: is missing")
    );
    let failure = of(json!({"name": "netbox", "version": "3.0.0"})).unwrap_err();
    assert!(matches!(failure, Failure::Unsupported(text) if text.contains("netbox")));
}
