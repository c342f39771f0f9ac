use serde_json::json;

use super::{assert_acceptable, edited, evaluate, findings, overlay, request};
use crate::{
    Code, Description, Failure, Json, Plan, Policy, Request, Role, Scope, Severity, pointer,
};

static DONE: Code = Code {
    name: "small/done",
    severity: Severity::Warning,
    cause: "The policy is done.",
    fix: "Do nothing.",
};

struct Small;

impl Policy for Small {
    fn describe() -> Description {
        Description::check("small", "1", "c").scopes(&[Scope::Global])
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let mut plan = Plan::new();
        let key = request.profile.text("/key")?;
        plan.set(pointer(["a", &key]), vec!["x"], "because");
        plan.remove("/b", "because");
        plan.manifest(&Json::map([("kind", "ConfigMap".into())]), "because");
        plan.report(DONE.finding("done").severity(Severity::Note).at("/a").hint("rest"));
        plan.config_must_read(&["NAME"], &["SETTING"], "because");
        Ok(plan)
    }
}

#[test]
fn a_plan_becomes_an_overlay_with_keys_unescaped() {
    let plan = evaluate::<Small>(json!({"profile": {"key": "k/~v"}})).unwrap();
    assert_eq!(overlay(&plan), json!({"a": {"k/~v": ["x"]}, "b": null}));
    assert_eq!(edited(&plan, "/a/k~1~0v"), Some(json!(["x"])));
    assert_eq!(findings(&plan, "small/done")[0].severity, Severity::Note);
    let config = plan.config.unwrap();
    assert_eq!(
        (config.must_read, config.settings),
        (vec!["NAME".to_owned()], vec!["SETTING".to_owned()])
    );
}

#[test]
fn a_failure_names_the_document_and_the_path() {
    let failure = evaluate::<Small>(json!({})).unwrap_err();
    assert_eq!(failure, Failure::bad_profile("/key", "is missing"));
}

#[test]
fn a_description_is_built_from_its_parts() {
    let description = crate::contract::describe::<Small>();
    assert_eq!(description.role, Role::Check);
    assert_eq!(description.scopes, [Scope::Global]);
    assert!(description.settings_schema.contains("additionalProperties"));
}

#[test]
#[should_panic(expected = "edited twice: /a")]
fn a_path_edited_twice_fails_the_test() {
    let mut plan = Plan::new();
    plan.set("/a", true, "one");
    plan.set("/a", false, "two");
    assert_acceptable(&plan);
}

#[test]
#[should_panic(expected = "not JSON")]
fn raw_text_that_is_not_json_fails_the_test() {
    let mut plan = Plan::new();
    plan.set("/a", Json::Raw("{".to_owned()), "one");
    assert_acceptable(&plan);
}

#[test]
#[should_panic(expected = "unknown parts")]
fn a_typo_in_a_request_fails_the_test() {
    let _ = evaluate::<Small>(json!({"setings": {}}));
}

#[test]
fn a_site_has_a_release_and_an_environment_has_none() {
    let name = |value| request(value).cluster.scalar("/release/name");
    assert_eq!(name(json!({})).as_deref(), Some("a-release"));
    let own = json!({"cluster": {"release": {"name": "own", "namespace": "n"}}});
    assert_eq!(name(own).as_deref(), Some("own"));
    assert_eq!(name(json!({"scope": "global"})), None);
}
