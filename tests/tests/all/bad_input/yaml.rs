//! Files that are no YAML, or YAML made to hurt.

use site_cmp_tests::Scratch;

use super::{PROFILE, SITE, accepted, refused};
use crate::BINARY;

fn profile(text: impl AsRef<[u8]>) -> Scratch {
    Scratch::new().with(PROFILE, text)
}

fn original() -> String {
    std::fs::read_to_string(Scratch::new().path().join(PROFILE)).unwrap()
}

#[test]
fn tabs_are_shown() {
    let fleet = Scratch::new().changed(PROFILE, "site:\n  enabled", "site:\n\tenabled");
    refused(&fleet, &["profile.yaml:16:1", "spaces"]);
}

#[test]
fn duplicate_keys_are_a_warning_at_both_lines() {
    let fleet = Scratch::new().changed(PROFILE, "site:\n", "deploy_path_prefix: sites\nsite:\n");
    accepted(&fleet, &["warning", "yaml/duplicate-key", "profile.yaml:15", "line 9"]);
}

#[test]
fn an_alias_bomb_is_defused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let row = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{row}]\n");
    }
    refused(&profile(bomb + &original()), &["yaml/aliases"]);
}

#[test]
fn nesting_has_an_end() {
    refused(&profile(format!("{}x\n", "- ".repeat(10_000))), &["yaml/depth"]);
    refused(&profile(format!("{}{}\n", "[".repeat(10_000), "]".repeat(10_000))), &["yaml/depth"]);
    refused(&profile("{a: ".repeat(10_000)), &["yaml/depth"]);
}

#[test]
fn a_file_has_a_size() {
    let huge = format!("a: {}\n{}", "x".repeat(100 << 20), original());
    refused(&profile(huge), &["file/too-large", "profile.yaml"]);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    refused(&profile(b"a: \0b\n"), &["yaml/control-character", "profile.yaml:1:4"]);
    refused(&profile(b"a: b\nc: \xff\xfe\n"), &["yaml/not-utf8", "profile.yaml"]);
    refused(&profile(b"a: \x1b[31mred\n"), &["yaml/control-character"]);
}

#[test]
fn a_byte_order_mark_and_crlf_are_accepted() {
    let plain = accepted(&Scratch::new(), &[]).stdout;
    let marked = profile(format!("\u{feff}{}", original()));
    assert_eq!(accepted(&marked, &[]).stdout, plain);
    let carriage = profile(original().replace('\n', "\r\n"));
    assert_eq!(accepted(&carriage, &[]).stdout, plain);
}

#[test]
fn an_unclosed_bracket_is_shown() {
    refused(&profile("site: {enabled: true\n"), &["yaml/syntax", "profile.yaml:"]);
}

#[test]
fn escapes_of_a_terminal_never_reach_it() {
    let fleet =
        Scratch::new().changed(PROFILE, "environment: dev", "environment: \"\\e[31mred\\u202e\"");
    let output = fleet.render(BINARY, SITE, &[]).failure(1);
    assert!(!output.stderr.contains('\u{1b}'), "{:?}", output.stderr);
    assert!(!output.stderr.contains('\u{202e}'), "{:?}", output.stderr);
}
