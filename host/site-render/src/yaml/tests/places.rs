//! Tests of the places of errors, warnings and values.

use super::{error, read, warnings};
use crate::origin::Origin;
use crate::origin::Position;

fn positions(text: &str, path: &str) -> [(u32, u32); 2] {
    let root = read(text).unwrap().root;
    match &root.pointer(path).unwrap().origin {
        Origin::File { at, key, .. } => [at, key].map(|p: &Position| (p.line, p.column)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_node_knows_its_value_and_its_key() {
    let text = "é: x\nb:\n  c: [1, {d: 2}]\n  e:\n  - f: &g 3\nh: *g\n";
    let expected = [
        ("", [(1, 1), (0, 0)]),
        ("/é", [(1, 4), (1, 1)]),
        ("/b", [(3, 3), (2, 1)]),
        ("/b/c", [(3, 6), (3, 3)]),
        ("/b/c/0", [(3, 7), (0, 0)]),
        ("/b/c/1", [(3, 10), (0, 0)]),
        ("/b/c/1/d", [(3, 14), (3, 11)]),
        ("/b/e", [(5, 3), (4, 3)]),
        ("/b/e/0", [(5, 5), (0, 0)]),
        ("/h", [(5, 11), (6, 1)]),
    ];
    for (path, places) in expected {
        assert_eq!(positions(text, path), places, "{path}");
    }
}

#[test]
fn a_value_that_is_not_there_stands_at_its_key() {
    assert_eq!(positions("a:\n\n\nb: 1\n", "/a"), [(1, 1), (1, 1)]);
}

#[test]
fn errors_have_a_place() {
    for (text, expected) in [
        ("a: 1\nb: [x\n", "site.yaml:3:1 yaml/syntax"),
        ("a: 1\n~: x\n", "site.yaml:2:1 yaml/null-key"),
        ("a: 1\nb: .inf\n", "site.yaml:2:4 yaml/number"),
        ("a:\n\tb: 1\n", "site.yaml:2:1 yaml/tabs"),
        ("a: *x\n", "site.yaml:1:4 yaml/aliases"),
        ("a: &x [*x]\n", "site.yaml:1:8 yaml/aliases"),
        ("a: 1\n[b]: x\n", "site.yaml:2:1 yaml/key"),
        ("x:\n  <<: 1\n", "site.yaml:2:3 yaml/merge-key"),
        ("%YAML 1.2\n---\na: 1\n", "site.yaml:1:1 yaml/directive"),
        ("a: !!int x\n", "site.yaml:1:10 yaml/tag"),
    ] {
        let found = error(text);
        assert!(found.ends_with(expected), "{text:?}: {found}");
    }
    let tabs = read("a:\n\tb: 1\n").unwrap_err();
    assert_eq!(tabs.hint.as_deref(), Some("indent with spaces"));
}

#[test]
fn a_duplicate_key_is_a_warning_with_both_lines() {
    assert_eq!(
        warnings("a: 1\nb: 2\na: 3\n"),
        [
            "site.yaml:3:1: sources: the key `a` is also on line 1; this one wins [yaml/duplicate-key]"
        ],
    );
    assert_eq!(warnings("x: &x {a: 1}\ny:\n  <<: *x\n  a: 2\n"), [""; 0]);
}

#[test]
fn a_late_merge_is_a_warning() {
    assert_eq!(
        warnings("x: &x {a: 1}\ny:\n  a: 2\n  <<: *x\n"),
        ["site.yaml:4:3: sources: `<<` replaces the key `a` of line 3 above it [yaml/merge-order]"],
    );
}

#[test]
fn what_helm_ignores_is_a_warning() {
    assert_eq!(warnings("a: 1\n...\nb: 2\n").len(), 1);
    assert_eq!(warnings("a: 1\n...\n---\nb: 2\n").len(), 0);
}
