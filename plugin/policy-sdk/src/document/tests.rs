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

#[test]
fn a_part_is_asked_from_where_it_begins_and_complains_from_the_whole() {
    let document = settings(json!({"a": {"b": {"c": "d", "off": false}, "list": [{"x": 1}, 2]}}));
    let part = document.at("/a").at("/b");
    assert_eq!(part.text("/c").unwrap(), "d");
    assert_eq!((part.path(""), part.path("/c")), ("/a/b".to_owned(), "/a/b/c".to_owned()));
    assert!(part.is_false("/off") && !part.is_true("/off") && !part.is_false("/c"));
    assert_eq!(part.u64("/c").unwrap_err().path, "/a/b/c");
    assert_eq!(part.keys(""), ["c", "off"]);
    assert_eq!(document.at("/z").text_or("/c", "e").unwrap(), "e");
    let items = document.items("/a/list");
    assert_eq!((items.len(), items[0].u64("/x").unwrap()), (2, 1));
    assert!(document.items("/a").is_empty());
}

#[test]
fn a_section_is_read_only_where_there_is_a_map() {
    let document = settings(json!({"map": {"a": "b"}, "text": "c", "null": null}));
    let read = |part: &Document| part.text("/a");
    assert_eq!(document.section("/map", read).unwrap().unwrap(), "b");
    for path in ["/text", "/null", "/none"] {
        assert!(document.section(path, read).unwrap().is_none());
    }
    assert_eq!(document.texts_or("/none", &["x"]).unwrap(), ["x"]);
    assert!(document.texts_or("/text", &["x"]).is_err());
}
