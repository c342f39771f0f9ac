//! Policies that return what nobody should accept.

use site_render::policy::{Change, Failure, PolicyError};

use crate::guest::{Edit, Guest};
use crate::host::{broken, evaluate, patient, refused};

fn editing(path: &str, json: &str, reason: &str) -> Vec<u8> {
    let mut guest = Guest::new();
    let plan = guest.plan(&[Edit { path, json: Some(json), reason }]);
    guest.returns(plan).build()
}

#[test]
fn an_edit_arrives_as_it_was_meant() {
    let plan = evaluate(patient(), &editing("/a/b", r#"{"c": 1}"#, "because")).unwrap().plan;
    assert_eq!(plan.edits.len(), 1);
    assert_eq!(plan.edits[0].path, "/a/b");
    assert_eq!(plan.edits[0].reason, "because");
    let Change::Set(value) = &plan.edits[0].change else {
        panic!("not set");
    };
    assert_eq!(site_render::json::to_string(value), r#"{"c":1}"#);
}

#[test]
fn a_value_that_is_not_json_is_named_by_edit_and_path() {
    let error = broken(&editing("/a", "yes", "because"));
    assert_eq!(error.code, "policy/bad-json");
    assert!(error.message.contains("edit 0 of /a"), "{error}");
}

#[test]
fn an_escape_sequence_in_a_reason_is_shown_and_refused() {
    let error = broken(&editing("/a", "1", "\u{1b}[2Jall is well"));
    assert_eq!(error.code, "policy/control-characters");
    assert!(error.message.contains("\\u{1b}[2Jall is well"), "{error}");
    assert!(!error.message.contains('\u{1b}'));
}

#[test]
fn a_line_end_in_a_reason_is_refused() {
    let error = broken(&editing("/a", "1", "one\nerror: two"));
    assert_eq!(error.code, "policy/control-characters");
}

#[test]
fn an_escape_sequence_in_a_path_is_refused() {
    let error = broken(&editing("/a\u{9b}31m", "1", "because"));
    assert_eq!(error.code, "policy/control-characters");
}

#[test]
fn an_escape_sequence_in_a_finding_is_refused() {
    let mut guest = Guest::new();
    let plan = guest.finding("own/code", "\u{7}ding");
    let error = broken(&guest.returns(plan).build());
    assert_eq!(error.code, "policy/control-characters");
}

#[test]
fn an_escape_sequence_in_a_failure_is_refused() {
    let mut guest = Guest::new();
    let plan = guest.failure("\u{1b}[31m");
    let error = broken(&guest.returns(plan).build());
    assert_eq!(error.code, "policy/control-characters");
}

#[test]
fn a_reason_has_to_be_given() {
    assert_eq!(broken(&editing("/a", "1", " ")).code, "policy/no-reason");
}

#[test]
fn a_failure_arrives_in_the_policys_own_words() {
    let mut guest = Guest::new();
    let result = guest.failure("no such queue");
    match evaluate(patient(), &guest.returns(result).build()) {
        Err(PolicyError::Failure(Failure::Internal(text))) => assert_eq!(text, "no such queue"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_million_edits_are_too_large() {
    let mut guest = Guest::new();
    let plan = guest.listing([1 << 20, 1_000_000]);
    let error = broken(&guest.pages(600).returns(plan).build());
    assert_eq!(error.code, "policy/too-large");
    assert!(error.message.contains("bytes in one argument or result"), "{error}");
}

#[test]
fn six_thousand_edits_are_too_many() {
    let mut guest = Guest::new();
    let plan = guest.listing([1 << 20, 6_000]);
    let error = broken(&guest.pages(64).returns(plan).build());
    assert_eq!(error.code, "policy/too-large");
    assert!(error.message.contains("6000 edits"), "{error}");
}

#[test]
fn a_reason_of_ten_megabytes_is_too_large() {
    let mut guest = Guest::new();
    let list = guest.words(&[0, 0, 1, 0, 0, 0, 10_000_000]);
    let plan = guest.listing([list, 1]);
    let error = broken(&guest.pages(200).returns(plan).build());
    assert_eq!(error.code, "policy/too-large");
}

#[test]
fn a_reason_of_a_megabyte_is_too_large_by_name() {
    let mut guest = Guest::new();
    let reason = guest.text(&"x".repeat(100_000));
    let list = guest.words(&[0, 0, 1, 0, 0, reason[0], reason[1]]);
    let plan = guest.listing([list, 1]);
    let error = broken(&guest.returns(plan).build());
    assert_eq!(error.code, "policy/too-large");
    assert!(error.message.contains("the reason of edit 0"), "{error}");
}

#[test]
fn a_text_that_is_not_unicode_breaks_the_border() {
    let mut guest = Guest::new();
    let bytes = guest.words(&[0xffff_ffff]);
    let list = guest.words(&[bytes, 4, 1, 0, 0, 0, 0]);
    let plan = guest.listing([list, 1]);
    let error = broken(&guest.returns(plan).build());
    assert_eq!(error.code, "policy/trap");
}

#[test]
fn a_result_outside_its_memory_breaks_the_border() {
    let error = broken(&Guest::new().returns(0xffff_fff0).build());
    assert_eq!(error.code, "policy/trap");
}

#[test]
fn a_check_that_edits_is_refused() {
    let mut guest = Guest::new().described("hostile", "{}", 1);
    let plan = guest.plan(&[Edit { path: "/a", json: None, reason: "because" }]);
    assert_eq!(broken(&guest.returns(plan).build()).code, "policy/role");
}

#[test]
fn a_settings_schema_that_is_not_json_is_refused_at_load() {
    let error = refused(&Guest::new().described("hostile", "{", 0).build());
    assert_eq!(error.code, "policy/bad-json");
}

#[test]
fn a_name_with_an_escape_sequence_is_refused_at_load() {
    let error = refused(&Guest::new().described("a\u{1b}c", "{}", 0).build());
    assert_eq!(error.code, "policy/control-characters");
}
