#![expect(clippy::needless_pass_by_value, reason = "json!({..}) reads best where it is passed")]

use policy_sdk::{Document, DocumentName, Failure};
use serde_json::{Value, json};

use super::SiteLabel;
use crate::tests::{SITE, one};

fn read(label: Value, metrics: bool) -> Result<String, String> {
    let profile = json!({"appLabels": {"understack.rackspace.com/site": label}});
    let document = Document::new(DocumentName::Profile, profile);
    match SiteLabel::read(&document, metrics) {
        Ok(label) => Ok(label.as_str().to_owned()),
        Err(Failure::BadProfile(bad)) => {
            assert_eq!(bad[0].path, SITE);
            Err(bad[0].message.clone())
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn labels_that_kubernetes_accepts_are_kept() {
    for label in ["iad3", "a", "9", "rax-dev-iad3", "3-x--y"] {
        assert_eq!(read(json!(label), true), Ok(label.to_owned()));
    }
}

#[test]
fn labels_that_kubernetes_would_refuse_are_errors() {
    for label in ["", "-a", "a-", "iad3.dev", "RAX_DEV", "a b", "é", "a/b"] {
        let message = read(json!(label), true).unwrap_err();
        assert!(message.contains("lower case"), "{label}: {message}");
    }
}

#[test]
fn the_chart_keeps_two_names() {
    for label in ["default", "beat"] {
        assert!(read(json!(label), true).unwrap_err().contains("the chart keeps"));
    }
}

#[test]
fn the_longest_label_depends_on_metrics() {
    let of = |length: usize| json!("a".repeat(length));
    assert!(read(of(31), true).is_ok());
    assert!(read(of(47), false).is_ok());
    assert!(
        read(of(32), true)
            .unwrap_err()
            .ends_with("with metrics on the chart's names leave room for 31")
    );
    assert!(read(of(48), false).unwrap_err().starts_with("has 48 characters"));
}

#[test]
fn a_label_that_yaml_reads_as_something_else_is_an_error() {
    assert!(read(json!(true), true).unwrap_err().contains("boolean"));
    assert!(read(json!(3), true).unwrap_err().contains("a number"));
    assert!(read(json!(["a"]), true).unwrap_err().contains("a list"));
}

#[test]
fn a_missing_label_is_an_error_that_says_what_would_happen() {
    for label in [json!(null), json!({})] {
        let message = read(label.clone(), true).unwrap_err();
        let expected = if label.is_null() { "global default queue" } else { "a map" };
        assert!(message.contains(expected), "{message}");
    }
    let document = Document::new(DocumentName::Profile, json!({}));
    assert_eq!(
        SiteLabel::read(&document, true).unwrap_err(),
        Failure::BadProfile(one(
            SITE,
            "is missing: without a site label the workers would listen on the global default queue"
        ))
    );
}
