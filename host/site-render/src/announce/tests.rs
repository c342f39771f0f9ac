use serde_json::{Value as Json, json};

use super::{Announcement, announce};
use crate::request::Target;
use crate::setting::Settings;
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, named, request, text};

fn schema() -> Json {
    json!({
        "type": "object",
        "required": ["replicas"],
        "properties": {
            "replicas": {
                "type": "integer", "title": "Replicas", "description": "How many.",
                "minimum": 0, "maximum": 9,
            },
            "mode": {"enum": ["slow", "fast"], "default": "slow"},
            "queues": {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]},
            "rules": {"type": "array", "items": {"type": "object"}},
            "labels": {"type": "object", "additionalProperties": {"type": "boolean"}},
            "password": {
                "type": "string", "minimum": 918_273, "const": "hunter2", "description": "It is hunter2.",
            },
            "link": {
                "type": "object",
                "required": ["host"],
                "properties": {"host": {"$ref": "#/$defs/host", "title": "Host"}},
            },
        },
        "$defs": {"host": {"type": "string", "title": "A name"}},
    })
}

fn announced(profile: &str, settings: Settings) -> Vec<Announcement> {
    let environment = format!("{ENVIRONMENT}    policies: {{run: {{replicas: 1}}}}\n");
    let fleet = fleet(&environment, profile, &[("run", schema())]);
    announce(&fleet, &request(Target::Application, settings)).unwrap()
}

fn named_so<'a>(all: &'a [Announcement], name: &str) -> &'a Announcement {
    all.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("no {name} in {all:#?}"))
}

#[test]
fn all_that_can_be_set_is_announced_in_order() {
    let all = announced(PROFILE, Settings::default());
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "site",
            "environment",
            "component",
            "target",
            "closed-gate",
            "run.replicas",
            "run.mode",
            "run.queues",
            "run.rules",
            "run.labels",
            "run.password",
            "run.link.host",
            "chart",
            "overlay",
        ]
    );
    let values = |name: &str| named_so(&all, name).string.clone();
    assert_eq!(values("site"), "one");
    assert_eq!(values("environment"), "dev");
    assert_eq!(values("component"), "worker");
    assert_eq!(values("target"), "application");
    assert_eq!(values("closed-gate"), "marker");
    assert_eq!(named_so(&all, "chart").map["version"], "1.2.3");
    assert_eq!(all, announced(PROFILE, Settings::default()));
}

#[test]
fn a_setting_has_its_type_its_value_and_where_that_comes_from() {
    let all = announced(PROFILE, named(&[("run.labels", text(r#"{"x": true}"#))]));
    let replicas = named_so(&all, "run.replicas");
    assert_eq!((replicas.item_type, replicas.collection_type), ("number", "string"));
    assert_eq!(replicas.string, "1");
    assert!(replicas.required);
    assert_eq!(replicas.title, "run: Replicas");
    assert_eq!(
        replicas.tooltip,
        "How many. From 0 to 9. Set by environments/dev/environment.yaml:9:32."
    );
    let mode = named_so(&all, "run.mode");
    assert_eq!(mode.string, "slow");
    assert_eq!(mode.tooltip, "One of slow, fast. The policy's default.");
    let queues = named_so(&all, "run.queues");
    assert_eq!((queues.item_type, queues.collection_type), ("string", "array"));
    assert_eq!(queues.array, ["a", "b"]);
    let rules = named_so(&all, "run.rules");
    assert_eq!(rules.collection_type, "string");
    assert_eq!(rules.tooltip, "Written as JSON. Not set.");
    let labels = named_so(&all, "run.labels");
    assert_eq!(labels.collection_type, "map");
    assert_eq!(labels.map["x"], "true");
    assert_eq!(labels.tooltip, "Set by parameter run.labels.");
    let host = named_so(&all, "run.link.host");
    assert_eq!(host.title, "run: link / Host");
    assert!(!host.required, "what holds it is not there");
    let all = announced(PROFILE, named(&[("run.link.host", text("h"))]));
    assert!(named_so(&all, "run.link.host").required);
}

#[test]
fn a_value_under_the_name_of_a_secret_is_not_announced() {
    let all = announced(PROFILE, named(&[("run.password", text("hunter2"))]));
    let password = format!("{:?}", named_so(&all, "run.password"));
    assert!(!password.contains("hunter2") && !password.contains("918"), "{password}");
    // The render rejects the value, and does not print it either.
    assert!(!format!("{all:?}").contains("hunter2"), "{all:#?}");
}

#[test]
fn a_value_that_repeats_a_secret_is_not_announced() {
    let settings = [("run.password", text("hunter2")), ("run.queues", text(r#"["hunter2", "b"]"#))];
    let all = announced(PROFILE, named(&settings));
    assert_eq!(named_so(&all, "run.queues").array, ["***", "b"]);
}

#[test]
fn the_overlay_is_shown_with_its_reasons() {
    let all = announced(PROFILE, named(&[("run.mode", text("fast"))]));
    let overlay = named_so(&all, "overlay");
    assert_eq!(overlay.map["run.replicas"], "1");
    assert_eq!(overlay.map["run.mode"], "\"fast\"");
    assert!(overlay.tooltip.contains("\nrun.mode: mode is mirrored (run)"), "{}", overlay.tooltip);
}

#[test]
fn a_large_overlay_is_cut_and_says_so() {
    let entries: Vec<String> = (0..3000).map(|n| format!(r#""label-{n}": true"#)).collect();
    let all =
        announced(PROFILE, named(&[("run.labels", text(&format!("{{{}}}", entries.join(","))))]));
    let overlay = named_so(&all, "overlay");
    let bytes: usize = overlay.map.iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(bytes < 17 << 10 && overlay.tooltip.len() < 5 << 10);
    assert!(overlay.map["…"].ends_with("more values, not shown"));
    assert!(overlay.tooltip.ends_with("more reasons, not shown"), "{}", overlay.tooltip);
}

#[test]
fn a_closed_gate_and_an_error_announce_all_but_the_overlay() {
    let closed = announced(&PROFILE.replacen("true", "false", 1), Settings::default());
    let overlay = named_so(&closed, "overlay");
    assert!(overlay.map.is_empty());
    assert_eq!(
        overlay.tooltip,
        "No overlay, because the gate is closed: site.enabled is false (sites/one/profile.yaml:5:12)."
    );
    assert_eq!(named_so(&closed, "run.replicas").string, "1");

    let failed = announced(PROFILE, named(&[("run.replicas", text("many"))]));
    let told = &named_so(&failed, "overlay").tooltip;
    assert!(told.starts_with("No overlay, because the render fails: "), "{told}");
    assert!(told.contains("parameter run.replicas"), "{told}");
    assert_eq!(named_so(&failed, "run.replicas").string, "1");

    let unreadable = announced("site: [", Settings::default());
    let names: Vec<&str> = unreadable.iter().map(|one| one.name.as_str()).collect();
    let fixed = ["site", "environment", "component", "target", "closed-gate", "overlay"];
    assert_eq!(names, fixed);
}
