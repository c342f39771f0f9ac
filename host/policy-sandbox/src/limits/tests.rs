use site_render::keys::Fallback;

use super::{KEYS, Limits, NUMBERS, Tier};

fn parse(text: &str) -> Result<Limits, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

#[test]
fn an_empty_file_is_the_lean_tier() {
    assert_eq!(parse("{}").unwrap(), Limits::default());
    assert_eq!(Limits::default(), Limits::of(Tier::Lean));
}

#[test]
fn a_key_that_is_not_given_takes_the_default_of_its_tier() {
    let limits = parse(r#"{"tier": "wide", "fuel": 7}"#).unwrap();
    assert_eq!(limits, Limits { fuel: 7, ..Limits::of(Tier::Wide) });
}

#[test]
fn an_unknown_key_is_an_error() {
    assert!(parse(r#"{"feul": 7}"#).unwrap_err().contains("feul"));
}

#[test]
fn a_project_uses_what_it_is_given_and_nothing_else() {
    let limits = parse(r#"{"projects": {"sites": ["worker"]}}"#).unwrap();
    assert!(limits.permits("sites", "worker", "aa").is_ok());
    for (project, policy) in [("sites", "other"), ("else", "worker")] {
        let refused = limits.permits(project, policy, "aa").unwrap_err();
        assert_eq!(refused.code, "policy/not-allowed");
        assert!(refused.message.contains(project), "{}", refused.message);
    }
}

#[test]
fn without_a_list_of_projects_every_project_may_use_every_policy() {
    assert!(Limits::default().permits("any", "any", "aa").is_ok());
}

#[test]
fn a_digest_that_is_not_listed_is_refused_for_everybody() {
    let limits = parse(r#"{"allowedDigests": ["aa"]}"#).unwrap();
    assert!(limits.permits("sites", "worker", "aa").is_ok());
    let refused = limits.permits("sites", "worker", "bb").unwrap_err();
    assert_eq!(refused.code, "policy/not-allowed");
}

#[test]
fn every_key_of_the_table_is_read() {
    for key in NUMBERS {
        let changed = parse(&format!(r#"{{"{}": 1}}"#, key.name)).unwrap();
        assert_ne!(changed, Limits::default(), "{}", key.name);
        let Fallback::Tiers(lean, wide) = key.default else { panic!("{}", key.name) };
        let written =
            |tier, value| parse(&format!(r#"{{"tier": "{tier}", "{}": {value}}}"#, key.name));
        assert_eq!(written("lean", lean).unwrap(), Limits::of(Tier::Lean), "{}", key.name);
        assert_eq!(written("wide", wide).unwrap(), Limits::of(Tier::Wide), "{}", key.name);
    }
    let others: Vec<&str> = KEYS[0].iter().map(|key| key.name).collect();
    let document = r#"{"tier": "lean", "allowedDigests": [], "projects": {}}"#;
    assert!(others.iter().all(|name| document.contains(name)), "{others:?}");
    parse(document).unwrap();
}
