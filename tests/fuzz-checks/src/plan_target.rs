//! A policy's plan in a render: its edits reach the values, and its manifests are emitted. The
//! decoder of plans is checked with the same inputs, in `policy_sandbox::fuzz`.

use serde_json::Value;
use site_render::finding::Severity;
use site_render::json;
use site_render::origin::Origin;
use site_render::policy::{Change, ConfigChoice, Edit, Manifest, Plan, PolicyFinding};
use site_render::rendered::Rendered;
use site_render::request::Target;
use site_render::yaml;

use super::change_json::{Vocabulary, change_json};
use super::fleet_files::{ENVIRONMENT, Files, PROFILE, render_site};
use super::oracle::Oracle;
use super::yaml_target::check_written;

const START: &str = r#"{"edits": [{"path": "/a/b", "set": "1", "reason": "r"}, {"path": "/c", "reason": "r"}],
"manifests": [{"body": "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}", "reason": "r"}],
"findings": [{"severity": "note", "code": "a/b", "message": "m", "path": "/a", "hint": "h"}]}"#;

const VOCABULARY: Vocabulary = Vocabulary {
    keys: &[
        "edits",
        "manifests",
        "findings",
        "config",
        "path",
        "set",
        "reason",
        "body",
        "severity",
        "code",
        "message",
        "hint",
        "layers",
        "mustRead",
        "settings",
    ],
    values: &[
        "null",
        "{}",
        "[]",
        "\"\"",
        "\"/a\"",
        "\"/a/b\"",
        "\"/a/b/c\"",
        "\"/a~1b/~0\"",
        "\"/\"",
        "\"/a/0\"",
        "\"a\"",
        "\"r\"",
        "\"\\u0007\"",
        "\"\\u202e\"",
        "\"note\"",
        "\"error\"",
        "\"1\"",
        "\"null\"",
        "\"\\\"x\\\"\"",
        "\"[1,{\\\"a\\\":null}]\"",
        "\"{\\\"b\\\":{\\\"c\\\":1}}\"",
        "\"1e400\"",
        "\"{\"",
        "{\"path\":\"/a\",\"set\":\"{}\",\"reason\":\"r\"}",
        "{\"path\":\"/a/b\",\"reason\":\"r\"}",
        "{\"layers\":[\"files/config.py\"],\"reason\":\"r\"}",
        "{\"body\":\"{\\\"apiVersion\\\":\\\"v1\\\",\\\"kind\\\":\\\"Service\\\",\\\"metadata\\\":{\\\"name\\\":\\\"b\\\"},\\\"spec\\\":{\\\"ports\\\":[{\\\"port\\\":80}]}}\",\"reason\":\"r\"}",
        "{\"severity\":\"warning\",\"code\":\"a/c\",\"message\":\"m\"}",
    ],
};

/// Returns a changed plan.
pub(super) fn change(plan: &str, seed: u32) -> String {
    change_json(plan, seed, START, VOCABULARY)
}

/// Renders a site with a plan, given as JSON.
pub(super) fn check(plan: &[u8], go: &mut Oracle) {
    let Ok(written) = serde_json::from_slice::<Value>(plan) else { return };
    let Some(plan) = read_plan(&written) else { return };
    let environment = format!("{ENVIRONMENT}    policies: {{planned: {{}}}}\n");
    let files = || Files::of_site(environment.as_bytes(), PROFILE.as_bytes());
    for target in [Target::Values, Target::Resources, Target::Application] {
        let fleet = files().with("files/config.py", b"A = 1\n").open(plan.clone());
        let Ok(rendered) = render_site(&fleet, target) else { continue };
        if target == Target::Values {
            check_edits(&plan, &rendered);
        }
        for document in &rendered.documents {
            let text = yaml::write(document, &|_| None);
            check_written(&text, &json::to_serde(document), go);
        }
    }
}

/// Checks that the values have each edit that no other edit touches.
fn check_edits(plan: &Plan, rendered: &Rendered) {
    let within = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}/"));
    for (index, edit) in plan.edits.iter().enumerate() {
        let touched = plan.edits.iter().enumerate().any(|(at, other)| {
            at != index && (within(&edit.path, &other.path) || within(&other.path, &edit.path))
        });
        let Change::Set(value) = &edit.change else { continue };
        if touched {
            continue;
        }
        let found = rendered.documents[0].pointer(&edit.path);
        assert_eq!(
            found.map(|node| json::to_string(&node.value)),
            Some(json::to_string(value)),
            "the edit of {} is not in the values",
            edit.path
        );
    }
}

/// Returns the plan that a JSON text describes, if all its values are JSON texts.
fn read_plan(written: &Value) -> Option<Plan> {
    let items = |key: &str| written[key].as_array().map_or(&[][..], Vec::as_slice);
    Some(Plan {
        edits: items("edits").iter().map(read_edit).collect::<Option<_>>()?,
        manifests: items("manifests").iter().map(read_manifest).collect::<Option<_>>()?,
        config: written["config"].is_object().then(|| read_config(&written["config"])),
        findings: items("findings").iter().map(read_finding).collect(),
    })
}

fn read_edit(edit: &Value) -> Option<Edit> {
    let change = match &edit["set"] {
        Value::String(text) => Change::Set(parse_value(text)?),
        _ => Change::Remove,
    };
    Some(Edit { path: text_of(edit, "path"), change, reason: text_of(edit, "reason") })
}

fn read_manifest(manifest: &Value) -> Option<Manifest> {
    let body = parse_value(&text_of(manifest, "body"))?;
    Some(Manifest { body, reason: text_of(manifest, "reason") })
}

fn read_config(config: &Value) -> ConfigChoice {
    ConfigChoice {
        layers: texts_of(config, "layers"),
        must_read: texts_of(config, "mustRead"),
        settings: texts_of(config, "settings"),
        reason: text_of(config, "reason"),
    }
}

fn read_finding(finding: &Value) -> PolicyFinding {
    let optional = |key: &str| finding[key].as_str().map(str::to_owned);
    PolicyFinding {
        severity: match finding["severity"].as_str() {
            Some("error") => Severity::Error,
            Some("warning") => Severity::Warning,
            _ => Severity::Note,
        },
        code: text_of(finding, "code"),
        message: text_of(finding, "message"),
        path: optional("path"),
        hint: optional("hint"),
    }
}

fn parse_value(text: &str) -> Option<site_render::value::Value> {
    json::parse(text, &Origin::Built("fuzz")).ok()
}

fn text_of(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn texts_of(value: &Value, key: &str) -> Vec<String> {
    let items = value[key].as_array().map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
