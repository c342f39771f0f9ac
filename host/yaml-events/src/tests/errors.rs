//! Tests of errors. go-yaml v2 refuses the same texts.

use super::super::ErrorKind;
use super::{error, events};

#[test]
fn errors_have_a_place_and_a_message() {
    for (text, expected) in [
        (
            "a: b: c",
            "1:5 a `:` with a blank behind it is not allowed here; put the text into quotes",
        ),
        ("a: 1\nb\n", "2:1 a `:` is missing behind this key"),
        (
            "a: 1\n b: 2",
            "2:3 a `:` with a blank behind it is not allowed here; put the text into quotes",
        ),
        ("a: - b", "1:4 an item of a list is not allowed here"),
        ("- a\nb: 1", "2:1 a list has only items (`- `) in this column"),
        ("a: 1\n- b", "2:1 a mapping has only keys (`key: `) in this column"),
        ("a: ? b", "1:4 a key (`?`) is not allowed here"),
        ("[a b: c\n", "2:1 a `,` or the closing `]` is missing before this"),
        ("{a: b", "1:6 a `,` or the closing `}` is missing before this"),
        ("[,]", "1:2 a value is missing here"),
        ("a: @b", "1:4 no text without quotes begins with this character"),
        ("a: `b", "1:4 no text without quotes begins with this character"),
        ("a: 'b", "1:4 the closing quote is missing"),
        ("a: 'b\n---\n", "1:4 a line of `---` or `...` is inside these quotes"),
        ("a: \"\\/\"", "1:4 Helm does not know the escape `\\/`; write `/`"),
        ("a: \"\\q\"", "1:4 YAML has no such escape in double quotes"),
        ("a: \"\\x4\"", "1:4 `\\x`, `\\u` and `\\U` need 2, 4 and 8 hexadecimal digits"),
        ("a: \"\\ud800\"", "1:4 an escape has the number of no character"),
        ("a: |0\n b", "1:4 the indentation of a block is 1 to 9, not 0"),
        ("a: | b\n", "1:4 only a comment may follow on the line that begins a block"),
        ("*a.b", "1:1 the name of an anchor or an alias has only letters, digits, `-` and `_`"),
        ("!e!a b", "1:1 the handle of this tag is not defined"),
        ("!<a b", "1:1 the `>` of this tag is missing"),
        ("!! b", "1:1 this tag has no name"),
        ("!a%4 b", "1:1 a `%` of this tag does not begin a character"),
        ("!a{ b", "1:1 a blank must follow a tag"),
        ("[a] b", "1:5 the value of the document ends before this text"),
        ("a\n---\n...\n", "3:1 a line of `...` is not allowed before the value of a document"),
        (
            "a\n---\n---\n---\n...\n",
            "5:1 a line of `...` is not allowed before the value of a document",
        ),
        ("...\n", "1:1 a value is missing here"),
        ("a\0b", "1:2 YAML allows no NUL character"),
        ("{x: :x}", "1:5 a value is missing here"),
    ] {
        assert_eq!(error(text), expected, "{text:?}");
    }
}

#[test]
fn tabs_and_directives_are_kinds_of_their_own() {
    for text in ["a:\n\tb: 1", "-\ta: 1", "a: 1\n\t\nb: 2", "a: |\n\tb", "a:\n  b\n\tc", "\ta"] {
        assert_eq!(events(text).unwrap_err().kind, ErrorKind::Tab, "{text:?}");
    }
    for text in ["%YAML 1.1\n---\na", "a: 1\n%b", "[a,\n%b]", "%\n"] {
        let kind = events(text).unwrap_err().kind;
        assert_eq!(kind, ErrorKind::Directive, "{text:?}");
    }
}
