//! Tests of scalars. go-yaml v2 gives the same texts.

use super::document;

#[test]
fn plain_texts_fold() {
    for (text, expected) in [
        ("a b  c # d", "=a b  c"),
        ("a#b", "=a#b"),
        ("a:b", "=a:b"),
        ("-a", "=-a"),
        ("?a", "=?a"),
        (":a", "=:a"),
        ("a\nb\n\n\nc", "=a b\\n\\nc"),
        ("a \t\n  b", "=a b"),
        ("a\r\nb\rc", "=a b c"),
        ("a\r\r\nb", "=a b"),
        ("a\n# b", "=a"),
        ("a\n...", "=a"),
        ("é\u{a0} ü", "=é\u{a0} ü"),
    ] {
        assert_eq!(document(text).replace("\\u{a0}", "\u{a0}"), expected, "{text:?}");
    }
}

#[test]
fn quoted_texts_fold_and_have_escapes() {
    for (text, expected) in [
        ("'a''b'", "'a\\'b"),
        ("''", "'"),
        ("'a\\b'", "'a\\\\b"),
        ("'a\n\n  b'", "'a\\nb"),
        ("'a \n\t b '", "'a b "),
        ("\"a\\tb\\x41\\u00e9\\U0001F600\"", "\"a\\tbAé😀"),
        ("\"a\\\n  b\"", "\"ab"),
        ("\"a \\\n\n  b\"", "\"a \\nb"),
        ("\"a\\\tb\\ c\\'\"", "\"a\\tb c\\'"),
        ("\"\\N\\_\\L\\P\\0\\a\"", "\"\\u{85}\\u{a0}\\u{2028}\\u{2029}\\0\\u{7}"),
    ] {
        assert_eq!(document(text), expected, "{text:?}");
    }
}

#[test]
fn quoted_texts_go_on_in_any_column() {
    assert_eq!(document("a:\n  b: 'x\n  y\n z\n\nw'\n"), "{ =a { =b 'x y z\\nw } }");
    assert_eq!(document("a: \"x\ny\"\nb: 1"), "{ =a \"x y =b =1 }");
}

#[test]
fn blocks_keep_or_fold_their_lines() {
    for (text, expected) in [
        ("|\n a\n  b\n\n", "|a\\n b\\n"),
        ("|-\n a\n\n", "|a"),
        ("|+\n a\n\n", "|a\\n\\n"),
        (">\n a\n b\n\n c\n", ">a b\\nc\\n"),
        (">\n a\n  b\n c\n", ">a\\n b\\nc\\n"),
        ("|1-\n  a", "| a"),
        ("|-1\n  a", "| a"),
        ("| # b\n a", "|a"),
        ("|#b\n a", "|a"),
        ("|\n\n  \n  a\n", "|\\n\\na\\n"),
        ("|\n", "|"),
        ("|+\n\n\n", "|\\n\\n"),
        ("|\n a\n \tb\n", "|a\\n\\tb\\n"),
        ("|\n a\r\n b\r\n", "|a\\nb\\n"),
    ] {
        assert_eq!(document(text), expected, "{text:?}");
    }
    // The column counts from that of the key.
    assert_eq!(document("a:\n b: |2\n    x\n c: 1"), "{ =a { =b | x\\n =c =1 } }");
    assert_eq!(document("- |\n x\n-"), "[ |x\\n = ]");
    // A longer empty line sets the column, and the text ends there.
    assert_eq!(document("a: |+\n   \n  \nb: 1"), "{ =a |\\n\\n =b =1 }");
}
