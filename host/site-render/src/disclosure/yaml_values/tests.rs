use crate::disclosure::shown_text::replace_ranges;
use crate::disclosure::source_text::{Language, hidden_ranges_of};

/// Asserts that a file with HIDE in places does not show them, and shows KEEP.
fn check(text: &str) {
    let shown = replace_ranges(text, hidden_ranges_of(text, Language::Yaml));
    assert!(!shown.contains("HIDE"), "{text}\nis shown as\n{shown}");
    assert_eq!(shown.matches("KEEP").count(), text.matches("KEEP").count(), "{text}\n{shown}");
}

#[test]
fn a_key_is_known_in_every_spelling() {
    for text in [
        "? password # c\n: !!int HIDE\n",
        "?\n  password\n: HIDE\nuser: KEEP\n",
        "? |-\n  password\n: HIDE\nuser: KEEP\n",
        "\"pass\\x77ord\": HIDE\nuser: KEEP\n",
        "\"pass\\u0077ord\": HIDE\n",
        "\"pass\\\n  word\": HIDE\n",
        "k: &k password\n*k : HIDE\nuser: KEEP\n",
        "{\"password\"\n: HIDE}\n",
        "{? \"password\"\n : HIDE}\n",
        "{\"pass\\x77ord\": HIDE, replicas: KEEP}\n",
        "password: # c\n# c2\n- HIDE\n",
        "passwords:\n- a\n# c\n- HIDE\nuser: KEEP\n",
        "credentials:\n  a:\n    b:\n      c: HIDE\nuser: KEEP\n",
        "x: &p HIDE\npassword: *p\nuser: KEEP\n",
        "é: [é, {\"pass\\x77ord\": \"HIDE\", é: KEEP}]\n",
        "x: &x {a: HIDE}\ncredentials: {all: *x}\n",
        "\"tok\\x65n\": HIDE\n\"tok\\x65n\": HIDE\n",
        "!!str password: HIDE\n",
        "{x: KEEP, !!binary cGFzc3dvcmQ=: HIDE}\n",
        "'password': !!str\n  HIDE\nuser: KEEP\n",
    ] {
        check(text);
    }
}

#[test]
fn a_name_beside_a_value_is_known_in_every_spelling() {
    for text in [
        "kind: Secret # x\ndata:\n  a: HIDE\n",
        "{kind: Secret, data: {a: HIDE}, user: KEEP}\n",
        "kind: !!str Secret\ndata: {a: HIDE}\n",
        "[{kind: Secret, data: {a: HIDE}}, {kind: x, data: {a: KEEP}}]\n",
        "- name: >-\n    DB_PASSWORD\n  value: HIDE\n",
        "- name:\n    DB_PASSWORD\n  value: HIDE\n- name: A\n  value: KEEP\n",
        "- name: DB_PASSWORD\n  x:\n  - 1\n  value: HIDE\n",
        "- Name: DB_PASSWORD\n  Value: HIDE\n",
        "k: &k Secret\nx: {kind: *k, stringData: {a: HIDE}}\n",
        "x: &x {name: DB_PASSWORD}\ny: {<<: *x, value: HIDE}\n",
        "x: &x {value: HIDE}\ny: {<<: [*x], name: DB_PASSWORD}\n",
        "x: &x {name: DB_PASSWORD}\ny: &y {<<: *x}\nz: {<<: *y, value: HIDE}\n",
        "{name: !!binary REJfUEFTU1dPUkQ=, value: HIDE, user: KEEP}\n",
        "{DB_PASSWORD: null, HIDE: null}\n",
        "[[password, HIDE12], [user, KEEP], [password, KEEP], [DB_PASSWORD, DB_USER_KEEP]]\n",
        "- - password\n  - HIDE 12\n- - user\n  - KEEP\n",
        "k: &k DB_PASSWORD\nx: [*k, 918HIDE]\ny: [a, KEEP]\n",
        "{DB_PASSWORD, HIDE}\n",
        "x: {? DB_PASSWORD, ? HIDE }\n",
        "{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\",\"data\":{\"a\":\"HIDE\"}}]}",
    ] {
        check(text);
    }
}

#[test]
fn a_broken_file_hides_what_is_in_doubt() {
    for text in [
        "user: KEEP\n\"pass\\x77ord\": \"HIDE\" HIDE\n",
        "{password\n:\nHIDE, user: x}\n",
        "user: KEEP\na: {kind: Secret, data: {b: [HIDE, ]c: HIDE}\n",
        "a:\n  - name: DB_PASSWORD\n    value: 'HIDE' HIDE\nuser: x\n",
        "user: KEEP\na: {user: x, ? \"password\" : [HIDE }\n",
        "data:\n  a: HIDE x: y\nkind: Secret\n---\ndata: {a: KEEP}\n",
        "data:\n  a: HIDE x: y\nkind:\n  Secret\n",
        "data:\n  a: HIDE x: y\n\nkind: !!str Secret\n",
        "data:\n  a: HIDE x: y\nkind: &k Secret\n",
        "kind: \"Secre\\x74\"\ndata:\n  a: HIDE x: y\n",
        "{\"data\": {\n\"a\": \"HIDE\" x},\n \"x\": 1, \"kind\": \"Secret\", \"y\": 2}\n",
        "items:\n- {data: {a: HIDE x: y}, kind: Secret}\n",
        "[{\"value\":\n\"HIDE\" x,\n \"name\":\n \"DB_PASSWORD\"}]\n",
        "env:\n- value: HIDE\n  name: \"DB_PASS\\x57ORD\"\n  z: [\nuser: x\n",
        "user: KEEP\nargs: [--password, # c\n  HIDE x: y: z]\n",
        "args:\n- &a --password\n- HIDE x: y: z\n",
        "args:\n- --password\n-\n  HIDE x: y: z\n",
        "x: &p HIDE\nuser: KEEP\ny: [\nb:\n  password: *p\n",
        "x: &p\n  a: HIDE\ny: {\nb: {password: *p}\n",
        "user: KEEP\n&a token: HIDE x: y\n",
        "user: KEEP\n!!str token: HIDE x: y\n",
        "user: KEEP\n? |\n  token\n: HIDE x: y: z\n",
        "a: KEEP\n---\n# c\ntoken:\n  - HIDE x: y: z\n",
        "{x: ], api  key: HIDE}\n",
        "x: @ {private\tkey: HIDE}\n",
        "x: @\r\"to\\\rken\": HIDE\n",
        "x: @\r?\tapi\rkey\r: HIDE\r",
        "user: KEEP: KEEP\npassword: x\n",
        "user: [KEEP\nusers: KEEP\n",
    ] {
        check(text);
    }
}

#[test]
fn references_are_shown() {
    for text in [
        "{existingSecret: KEEP, passwordKey: KEEP, password: $(KEEP)}\n",
        "secret: {secretName: KEEP, items: [KEEP]}\n",
        "- name: DB_PASSWORD\n  valueFrom: {secretKeyRef: {name: KEEP, key: KEEP}}\n",
        "kind: ConfigMap\ndata: {a: KEEP}\n",
    ] {
        check(text);
    }
}

#[test]
fn reading_is_linear_and_never_fails() {
    let merges = "- {<<: *x, b: 1}\n".repeat(2_000);
    let large = format!("- &x {{{}}}\n{merges}", "a: 1, ".repeat(2_000));
    let deep = "[".repeat(100_000);
    let aliases = format!("- &p x\n{}", "- password: *p\n".repeat(5_000));
    let keys = "é: {token: \"a\"}\n".repeat(5_000);
    let anchors = format!("{}y: [\nz: *a\n", "x: &a b\n".repeat(5_000));
    let broken = ["- - ".repeat(50_000), "&a ".repeat(50_000), "\n---\n".repeat(9_000), anchors];
    for text in [large, deep, aliases, keys].into_iter().chain(broken) {
        for ranges in [Language::Unknown, Language::Yaml].map(|of| hidden_ranges_of(&text, of)) {
            for range in ranges {
                assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
            }
        }
    }
}
