//! Tests of collections, properties, documents and places.

use super::super::{EventKind, Parser};
use super::{document, events};

#[test]
fn blocks_nest_by_their_columns() {
    for (text, expected) in [
        ("a: 1\nb:\n  c: 2\n", "{ =a =1 =b { =c =2 } }"),
        ("a:\n- 1\n-\n- - 2\nb:", "{ =a [ =1 = [ =2 ] ] =b = }"),
        ("- a: 1\n  b: 2\n-   - 3\n", "[ { =a =1 =b =2 } [ =3 ] ]"),
        ("? a\n: b\n? c\n", "{ =a =b =c = }"),
        ("? - a\n: - b\n", "{ [ =a ] [ =b ] }"),
        ("a:\t1\nb :\t\t2\n", "{ =a =1 =b =2 }"),
        ("'a': 1\n\"b\": 2", "{ 'a =1 \"b =2 }"),
        ("a:\n  # b\n\n c: 1", "{ =a { =c =1 } }"),
    ] {
        assert_eq!(document(text), expected, "{text:?}");
    }
}

#[test]
fn brackets_close_in_any_column() {
    for (text, expected) in [
        ("a: {\n  b: 1,\n}\nc: [\n1,\n]\n", "{ =a { =b =1 } =c [ =1 ] }"),
        ("[a, {b: c}, ]", "[ =a { =b =c } ]"),
        ("[a: b, ? c : d, e]", "[ { =a =b } { =c =d } =e ]"),
        ("{a, b: , c:, \"d\":1, 'e' :2}", "{ =a = =b = =c: = \"d =1 'e =2 }"),
        ("{?a: 1}", "{ =a =1 }"),
        ("[\ta\t,\n\tb # c\n,c]", "[ =a =b =c ]"),
        ("[a\n b, c]", "[ =a b =c ]"),
        ("[]", "[ ]"),
    ] {
        assert_eq!(document(text), expected, "{text:?}");
    }
    // In brackets a `?` ends a word and begins a key.
    assert!(events("{a?b: 1}").is_err());
}

#[test]
fn nodes_have_properties() {
    for (text, expected) in [
        ("&a b", "&a=b"),
        ("!!int &a 1", "&a<tag:yaml.org,2002:int>=1"),
        ("&a !b\nc: 1", "&a<!b>{ =c =1 }"),
        ("! a", "<!>=a"),
        ("!<x:y> a", "<x:y>=a"),
        ("!a%41 b", "<!aA>=b"),
        ("a: &b\nc: *b", "{ =a &b= =c *b }"),
        ("&a b: *a", "{ &a=b *a }"),
        ("&an:c x", "&an=:c x"),
    ] {
        assert_eq!(document(text), expected, "{text:?}");
    }
}

#[test]
fn documents_follow_each_other() {
    for (text, expected) in [
        ("", ""),
        ("# a\n", ""),
        ("---\n", "--- = ..."),
        ("---\n...\n", "--- = ..."),
        ("a\n---\nb\n", "- =a ... --- =b ..."),
        ("a\n...\nb\n", "- =a ... - =b ..."),
        ("a\n...\n...\n---\n", "- =a ... --- = ..."),
        // Helm drops the first line of `---` behind a document, and keeps the second.
        ("a\n---\n---\n...\n", "- =a ... --- = ... --- = ..."),
        // Helm does not split the file behind `\r`.
        ("a\r---\nb", "- =a ... - =b ..."),
    ] {
        assert_eq!(events(text).as_deref(), Ok(expected), "{text:?}");
    }
}

#[test]
fn empty_brackets_are_no_key() {
    // As in go-yaml v2: the list is the value of the document, which ends before the colon.
    assert!(events("[]: a").is_err());
    assert_eq!(document("[a]: b"), "{ [ =a ] =b }");
}

#[test]
fn places_are_those_of_the_content() {
    let text = "é: &x !!str y\nk:\n- a: [1,\n  ü, b]\n";
    let mut parser = Parser::new(text);
    let mut places = Vec::new();
    loop {
        let event = parser.next_event().unwrap();
        match event.kind {
            EventKind::StreamEnd => break,
            EventKind::Scalar { text: value, .. } => {
                assert!(text[event.at.offset..].starts_with(&*value));
                places.push(format!("{value}@{}:{}", event.at.line, event.at.column));
            }
            EventKind::SequenceStart(_) => {
                places.push(format!("[@{}:{}", event.at.line, event.at.column));
            }
            EventKind::MappingStart(_) => {
                places.push(format!("{{@{}:{}", event.at.line, event.at.column));
            }
            _ => {}
        }
    }
    let expected = "{@1:1 é@1:1 y@1:13 k@2:1 [@3:1 {@3:3 a@3:3 [@3:6 1@3:7 ü@4:3 b@4:6";
    assert_eq!(places.join(" "), expected);
}

#[test]
fn a_key_is_found_within_1024_characters() {
    let key = "é".repeat(1023);
    assert!(document(&format!("{key}: 1")).starts_with("{ ="));
    assert!(document(&format!("{key}é: 1")).starts_with("{ ="));
    assert!(events(&format!("a: 1\n{key}éé: 1")).is_err());
}
