use serde_json::json;

use super::Document;
use crate::{BadRead, DocumentName, Failure, Kind, Source};

fn settings(value: serde_json::Value) -> Document {
    Document::new(DocumentName::Settings, value)
}

#[test]
fn typed_reads_give_values_or_defaults() {
    let document = settings(json!({
        "text": "a", "yes": true, "seven": 7, "list": ["a", "b"], "null": null
    }));
    assert_eq!(document.text("/text").unwrap(), "a");
    assert_eq!(document.text_or("/null", "b").unwrap(), "b");
    assert!(document.bool_or("/yes", false).unwrap());
    assert!(document.bool_or("/no", true).unwrap());
    assert_eq!(document.u64_or("/seven", 1).unwrap(), 7);
    assert_eq!(document.u64_or("/eight", 8).unwrap(), 8);
    assert_eq!(document.texts("/list").unwrap(), ["a", "b"]);
    assert!(document.texts("/none").unwrap().is_empty());
    assert_eq!(document.kind("/null"), Kind::Null);
}

#[test]
fn the_string_true_is_not_true() {
    let document = settings(json!({"text": "true", "real": true}));
    assert!(!document.is_true("/text"));
    assert!(document.is_true("/real"));
    assert!(document.bool_or("/text", false).is_err());
}

#[test]
fn a_bad_read_names_the_path_and_what_stands_there() {
    let document = settings(json!({"list": ["a", 3], "size": 1.5, "on": true}));
    let message = |bad: BadRead| bad.to_string();
    assert_eq!(
        document.texts("/list").map_err(message),
        Err("settings /list/1: is a number, must be a string".to_owned())
    );
    assert_eq!(
        document.optional_u64("/size").map_err(message),
        Err("settings /size: is 1.5, must be a whole number".to_owned())
    );
    assert_eq!(
        document.text("/none").map_err(message),
        Err("settings /none: is missing".to_owned())
    );
    assert!(document.text("/on").unwrap_err().message.contains("yes, no, on"));
    assert!(document.texts("/on").unwrap_err().message.contains("must be a list"));
}

#[test]
fn a_bad_read_becomes_a_failure_of_its_document() {
    let of = |name| Failure::from(Document::new(name, json!({})).text("/a").unwrap_err());
    assert!(matches!(of(DocumentName::Settings), Failure::BadSettings(_)));
    assert!(matches!(of(DocumentName::Profile), Failure::BadProfile(_)));
    assert!(matches!(of(DocumentName::Values), Failure::BadValues(_)));
    assert_eq!(
        of(DocumentName::Cluster),
        Failure::Unsupported("cluster /a: is missing".to_owned())
    );
}

#[test]
fn a_foreign_document_type_can_be_shared() {
    struct Constant;
    impl Source for Constant {
        fn get(&self, _: &str) -> Option<String> {
            Some("\"x\"".to_owned())
        }
        fn text(&self, _: &str) -> Option<String> {
            Some("x".to_owned())
        }
        fn keys(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
        fn size(&self, _: &str) -> u32 {
            0
        }
        fn kind(&self, _: &str) -> Kind {
            Kind::Text
        }
    }
    let document = Document::new(DocumentName::Values, std::sync::Arc::new(Constant));
    assert_eq!(document.text("/any").unwrap(), "x");
}
