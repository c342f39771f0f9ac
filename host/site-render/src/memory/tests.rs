use std::fmt::Write as _;

use super::{VALUE_BYTES, of_value};
use crate::finding::{Finding, Problems, Severity};
use crate::fleet::Fleet;
use crate::render;
use crate::request::Target;
use crate::setting::Settings;
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, request, with_files};
use crate::yaml;

/// Returns a document whose aliases take this many MiB.
fn aliases(mebibytes: usize) -> String {
    let text = "x".repeat(1 << 20);
    let items = "*a, ".repeat(mebibytes - 1);
    format!("a: &a {text}\nb: [{items}]\n")
}

fn problems(fleet: &Fleet) -> Vec<Finding> {
    match render(fleet, &request(Target::Values, Settings::default())) {
        Ok(_) => panic!("it is rendered"),
        Err(Problems(findings)) => findings,
    }
}

fn first_error(fleet: &Fleet) -> String {
    let findings = problems(fleet);
    findings.iter().find(|finding| finding.is_error()).unwrap().to_string()
}

/// Returns a fleet whose component reads these values files.
fn with_values(files: &[&str], policies: &str) -> Fleet {
    let mut names = String::new();
    for index in 0..files.len() {
        let _ = write!(names, "$deploy/v{index}.yaml, ");
    }
    let environment = format!(
        "{ENVIRONMENT}    valueFiles: [{names}]\n    policies: {{{policies}}}\nsources: {{deploy: {{path: copy}}}}\n"
    );
    let any = serde_json::json!({});
    let known = ["one", "two", "three"].map(|name| (name, any.clone()));
    let base = fleet(&environment, PROFILE, &known);
    let paths: Vec<String> = (0..files.len()).map(|index| format!("copy/v{index}.yaml")).collect();
    let files: Vec<_> = paths.iter().map(String::as_str).zip(files.iter().copied()).collect();
    with_files(&base, &files)
}

#[test]
fn a_value_counts_as_often_as_it_occurs() {
    let read = |text: &str| {
        let file = yaml::decode("a.yaml", text.as_bytes()).unwrap();
        yaml::read(&file).unwrap()
    };
    let written = read("a: [xx, xx]\nb: {key: 1}\n");
    let aliased = read("a: [&x xx, *x]\nb: {key: 1}\n");
    let bytes = 9 * VALUE_BYTES + 1 + 2 + 2 + 1 + 3 + 1;
    assert_eq!(of_value(&written.root.value), bytes);
    assert_eq!(of_value(&aliased.root.value), bytes);
    assert_eq!(written.memory, bytes);
    // The alias itself is a node of the file as well.
    assert_eq!(aliased.memory, bytes + VALUE_BYTES);
}

#[test]
fn a_long_text_behind_many_aliases_is_refused() {
    let refused = |text: &str| {
        let file = yaml::decode("a.yaml", text.as_bytes()).unwrap();
        yaml::read(&file).err().map(|finding| finding.code.into_owned())
    };
    assert_eq!(refused(&aliases(30)), None);
    assert_eq!(refused(&aliases(100)).as_deref(), Some("yaml/aliases"));
    let keys: String = (0..100).map(|index| format!("k{index}: {{*a : 1}}\n")).collect();
    let text = format!("a: &a {}\n{keys}", "x".repeat(1 << 20));
    assert_eq!(refused(&text).as_deref(), Some("yaml/aliases"));
    let merged: String = (0..100).map(|index| format!("k{index}: {{<<: *m}}\n")).collect();
    let text = format!("m: &m {{a: {}}}\n{merged}", "x".repeat(1 << 20));
    assert_eq!(refused(&text).as_deref(), Some("yaml/aliases"));
}

#[test]
fn the_documents_of_a_render_have_a_budget_together() {
    let half = aliases(30);
    assert!(
        render(
            &with_values(&[&half, &half], "one: {on: true}"),
            &request(Target::Values, Settings::default())
        )
        .is_ok()
    );
    let error = first_error(&with_values(&[&half, &half, &half], ""));
    assert_eq!(
        error,
        "inputs: $deploy/v2.yaml exceeds the memory for the documents of a render, which is 64 MiB [inputs/memory]"
    );
}

#[test]
fn the_plans_of_all_policies_count_in_the_same_budget() {
    let half = aliases(20);
    let text = "x".repeat(1 << 20);
    let list = "*a, ".repeat(8);
    let policies =
        format!("one: {{a: [&a {text}, {list}]}}, two: {{a: [{list}]}}, three: {{a: [{list}]}}");
    let error = first_error(&with_values(&[&half], &policies));
    assert!(error.contains("the plan of policy `three` exceeds the memory"), "{error}");
    assert!(error.ends_with("[inputs/memory]"), "{error}");
}

#[test]
fn findings_over_the_limit_are_counted() {
    let secrets: String = (0..5_000).map(|index| format!("k{index}: {{password: x}}\n")).collect();
    let findings = problems(&with_values(&[&secrets], ""));
    assert_eq!(findings.len(), 1_001);
    let last = findings.last().unwrap();
    assert_eq!(last.to_string(), "render: 4000 more errors like these, not listed [findings/more]");
    assert_eq!(last.severity, Severity::Error);
}

#[test]
fn a_schema_that_multiplies_itself_is_an_error() {
    let twice = serde_json::json!([{"$ref": "#/properties/a"}, {"$ref": "#/properties/a"}]);
    let schema = serde_json::json!({"properties": {"a": {"properties": {"a": {"allOf": twice}}}}});
    let deep = format!("{}1{}", "{a: ".repeat(60), "}".repeat(60));
    let environment = format!("{ENVIRONMENT}    policies: {{one: {deep}}}\n");
    let error = first_error(&fleet(&environment, PROFILE, &[("one", schema)]));
    assert_eq!(
        error,
        "environments/dev/environment.yaml:9:16: policies: settings of policy `one`: their schema takes too many steps on them [schema/cost]"
    );
}

#[test]
fn names_of_very_many_objects_are_not_compared() {
    let object = |index| format!("---\napiVersion: v1\nkind: A\nmetadata: {{name: n{index}}}\n");
    let file: String = (0..1_200).map(object).collect();
    let environment = format!("{ENVIRONMENT}    resources: [more]\n");
    let base = fleet(&environment, PROFILE, &[]);
    let fleet = with_files(&base, &[("more/a.yaml", &file)]);
    let rendered = render(&fleet, &request(Target::Resources, Settings::default())).unwrap();
    let codes: Vec<&str> = rendered.findings.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "resources/many").count(), 1);
    assert!(codes.contains(&"resources/near-name"));
}
