#![expect(clippy::needless_pass_by_value, reason = "json!({..}) reads best where it is passed")]

use policy_sdk::{Document, DocumentName, Failure};
use serde_json::{Value, json};

use super::SiteLabel;
use crate::tests::{SITE, one};

fn read(label: Value) -> Result<String, String> {
    let profile = json!({"appLabels": {"understack.rackspace.com/site": label}});
    let document = Document::new(DocumentName::Profile, profile);
    match SiteLabel::read(&document) {
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
        assert_eq!(read(json!(label)), Ok(label.to_owned()));
    }
}

#[test]
fn labels_that_kubernetes_would_refuse_are_errors() {
    for label in ["", "-a", "a-", "iad3.dev", "RAX_DEV", "a b", "é", "a/b"] {
        let message = read(json!(label)).unwrap_err();
        assert!(message.contains("lowercase"), "{label}: {message}");
    }
}

#[test]
fn the_chart_keeps_two_names() {
    for label in ["default", "beat"] {
        assert!(read(json!(label)).unwrap_err().contains("the chart reserves"));
    }
}

#[test]
fn a_label_that_yaml_reads_as_something_else_is_an_error() {
    assert!(read(json!(true)).unwrap_err().contains("boolean"));
    assert!(read(json!(3)).unwrap_err().contains("a number"));
    assert!(read(json!(["a"])).unwrap_err().contains("a list"));
}

#[test]
fn a_missing_label_is_an_error_that_says_what_would_happen() {
    for label in [json!(null), json!({})] {
        let message = read(label.clone()).unwrap_err();
        let expected = if label.is_null() { "global default queue" } else { "a map" };
        assert!(message.contains(expected), "{message}");
    }
    let document = Document::new(DocumentName::Profile, json!({}));
    assert_eq!(
        SiteLabel::read(&document).unwrap_err(),
        Failure::BadProfile(one(
            SITE,
            "is missing: without a site label the workers would listen on the global default queue"
        ))
    );
}
