use serde_json::{Value as Json, json};

use super::{is_secret_at, known_secrets, may_be_secret_at};
use crate::disclosure::repeated_by::RepeatedBy;
use crate::json::from_serde;
use crate::origin::Origin;
use crate::value::Node;

/// Documents, and the pointer of a secret in each.
fn secrets() -> [(Json, &'static str); 14] {
    [
        (json!({"a": {"name": "DB_TOKEN", "value": "HIDE"}}), "/a/value"),
        (json!({"env": [{"Name": "DB_PASSWORD", "Value": "HIDE"}]}), "/env/0/Value"),
        (json!([{"key": "DB_PASSWORD", "value": "HIDE"}]), "/0/value"),
        (json!({"VAR": "API_KEY", "DEFAULT": "HIDE"}), "/DEFAULT"),
        (json!({"header": "Authorization", "text": "HIDE"}), "/text"),
        (json!({"name": "DB_PASSWORD", "value": {"of": ["HIDE"]}}), "/value/of/0"),
        (json!({"x": {"kind": "Secret", "data": {"foo": "HIDE"}}}), "/x/data/foo"),
        (json!({"Kind": "secret", "StringData": {"foo": "HIDE"}}), "/StringData/foo"),
        (json!({"credentials": {"a": {"b": "HIDE"}}}), "/credentials/a/b"),
        (json!({"a/b": {"pass~word": {"password": "HIDE"}}}), "/a~1b/pass~0word/password"),
        (json!({"name": "secret", "value": "HIDE"}), "/value"),
        (json!({"secret": ["HIDE"]}), "/secret/0"),
        (json!({"args": ["-v", "--password", "HIDE"]}), "/args/2"),
        (json!({"args": [["-token", "HIDE"]]}), "/args/0/1"),
    ]
}

#[test]
fn a_secret_is_found_by_all_keys_above_and_beside_it() {
    for (document, path) in secrets() {
        assert!(is_secret_at(&document, path), "{document}");
        let origin = Origin::Built("a test");
        let node = Node { value: from_serde(&document, &origin), origin };
        assert!(is_secret_at(&node, path), "{document}");
        let text = "is `HIDE`";
        let secrets = known_secrets([&node], &RepeatedBy::texts([text]));
        assert_eq!(secrets.hide(text), "is `***`", "{document}");
    }
}

/// Returns what is shown of a text beside a document.
fn shown(document: &Json, text: &str) -> String {
    let origin = Origin::Built("a test");
    let node = Node { value: from_serde(document, &origin), origin };
    known_secrets([&node], &RepeatedBy::texts([text])).hide(text).into_owned()
}

#[test]
fn a_secret_is_hidden_in_each_form_that_a_text_gives_it() {
    for (secret, text) in [
        ("hu\"HIDE", r#"got "hu\"HIDE" here"#),
        ("hu'HIDE", r"got 'hu\'HIDE' here"),
        ("hu\\HIDE", r#"got "hu\\HIDE" here"#),
        ("a\tHIDE\n", r#"got "a\tHIDE\n" here"#),
        ("a\"HIDE\nb", r#"{\"got\":\"a\\\"HIDE\\nb\"}"#),
        ("aéHIDE", r#"got "a\u00e9HIDE""#),
        ("HIDE\n", "got HIDE here"),
        ("first line\n  HIDE-2\nx", "got HIDE-2 here"),
        ("a/b HIDE", "got a%2Fb%20HIDE here"),
    ] {
        let text = shown(&json!({"password": secret}), text);
        assert!(text.contains("***") && !text.contains("HIDE"), "{secret:?}: {text}");
    }
}

#[test]
fn a_secret_within_another_value_is_hidden_too() {
    let token = format!("ghp_HIDE{}", "a1B2".repeat(8));
    for (document, text) in [
        (json!({"url": "redis://u:HIDEpw@h"}), "got HIDEpw"),
        (json!({"url": "redis://u:HIDE%40pw@h"}), "got HIDE@pw"),
        (json!({"dsn": "redis://u:HIDEpw@h"}), "got HIDEpw"),
        (json!({"url": "jdbc:oracle:thin:scott/HIDEpw@h:1521/x"}), "got HIDEpw"),
        (json!({"x": format!("a {token} b")}), &*format!("got {}", &token)),
        (json!({"x": "host=h password=HIDEpw user=u"}), "got HIDEpw"),
        (json!({"x": "run --password HIDEpw"}), "got HIDEpw"),
        (json!({"x": "user: u\npassword: HIDEpw\n"}), "got HIDEpw"),
        (json!({"tokens": {"HIDE12": 1}}), "got HIDE12"),
        (json!({"tokens": {"HIDE12": "alice"}}), "got HIDE12"),
        (json!({"tokens": {"HIDEab": 1}}), "got HIDEab"),
    ] {
        let text = shown(&document, text);
        assert!(text.contains("***") && !text.contains("HIDE"), "{document}: {text}");
    }
    for document in [json!({"url": "redis://h:6379/0"}), json!({"credentials": {"username": "x"}})]
    {
        let text = "username and 6379/0 of redis";
        assert_eq!(shown(&document, text), text);
    }
}

#[test]
fn a_name_beside_a_reference_makes_no_secret() {
    for (document, path) in [
        (json!({"name": "USER", "value": "x"}), "/value"),
        (
            json!({"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"key": "x"}}}),
            "/valueFrom/secretKeyRef/key",
        ),
        (json!({"name": "web-password", "key": "password", "optional": true}), "/key"),
        (json!({"kind": "ConfigMap", "data": {"a": "x"}}), "/data/a"),
        (json!({"secret": {"secretName": "x", "items": ["y"]}}), "/secret/items/0"),
        // Of an ExternalSecret.
        (json!({"secretKey": "config", "remoteRef": {"key": "x"}}), "/secretKey"),
    ] {
        assert!(!is_secret_at(&document, path), "{document}");
    }
    assert!(may_be_secret_at("/env/a/value") && may_be_secret_at("/x/data/foo"));
    assert!(!may_be_secret_at("/worker/replicas"));
}

#[test]
fn a_name_is_found_in_a_large_mapping() {
    let mut document = json!({});
    for at in 0..500 {
        document[format!("a{at}")] = json!(at);
    }
    document["value"] = json!("HIDE");
    document["Name"] = json!("DB_PASSWORD");
    assert!(is_secret_at(&document, "/value"));
}
