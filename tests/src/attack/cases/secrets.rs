//! Mistakes beside a secret: the error may say where, and never what the secret is.

use serde_json::json;

use super::super::fleet::{HostileFleet, PROFILE};
use super::super::guests;
use super::{Case, Owed, on_each_core, site_call};

/// The secret of all these repos.
const SECRET: &str = "hunter2-c0ffee-do-not-show";
const HIDDEN: Owed = Owed::Without(SECRET);

pub(super) const CASES: &[Case] = &[
    Case::new(
        19,
        "a-password-in-a-list-that-a-schema-refuses",
        |seed| {
            let schema = json!({"properties": {"list": {"items": {"type": "string"}}}});
            on_each_core(settings(seed, schema, json!({"list": [{"password": SECRET}]})))
        },
        HIDDEN,
    ),
    Case::new(
        19,
        "a-password-in-a-line-with-a-syntax-error",
        |seed| on_each_core(profile(seed, &format!("password: {SECRET}: ]\n"))),
        HIDDEN,
    ),
    Case::new(
        19,
        "a-password-beside-a-wrong-value",
        |seed| {
            on_each_core(profile(
                seed,
                &format!("site: {{enabled: perhaps, password: {SECRET}}}\n"),
            ))
        },
        HIDDEN,
    ),
    Case::new(
        19,
        "a-password-that-is-tagged-as-a-number",
        |seed| on_each_core(profile(seed, &format!("password: !!int {SECRET}\n"))),
        HIDDEN,
    ),
    Case::new(
        19,
        "a-url-with-a-password",
        |seed| {
            let schema = json!({"properties": {"url": {"type": "integer"}}});
            let url = format!("https://user:{SECRET}@git.example.net/fleet.git");
            on_each_core(settings(seed, schema, json!({"url": url})))
        },
        HIDDEN,
    ),
    Case::new(
        20,
        "a-formatted-password-in-a-config",
        |seed| on_each_core(config(seed, &format!("PASSWORD = f\"{SECRET}\"\n"))),
        HIDDEN,
    ),
    Case::new(
        20,
        "a-joined-password-in-a-config",
        |seed| on_each_core(config(seed, &format!("PASSWORD = \"\".join([\"{SECRET}\"])\n"))),
        HIDDEN,
    ),
    Case::new(
        20,
        "an-added-password-in-a-config",
        |seed| on_each_core(config(seed, &format!("PASSWORD = \"a\" + \"{SECRET}\"\n"))),
        HIDDEN,
    ),
    Case::new(
        21,
        "a-setting-named-token",
        |seed| {
            let schema = json!({"properties": {"token": {"type": "integer"}}});
            let call = settings(seed, schema, json!({}));
            on_each_core(call.with_parameter("hostile.token", SECRET))
        },
        HIDDEN,
    ),
    Case::new(
        21,
        "a-setting-below-a-key-named-password",
        |seed| {
            let schema =
                json!({"properties": {"conn": {"properties": {"password": {"enum": ["a"]}}}}});
            on_each_core(settings(seed, schema, json!({"conn": {"password": SECRET}})))
        },
        HIDDEN,
    ),
];

/// Returns the call of a repo whose policy gets these settings.
fn settings(seed: u64, mut schema: serde_json::Value, settings: serde_json::Value) -> super::Call {
    schema["title"] = json!(seed.to_string());
    let policy = guests::idle("hostile", &schema);
    site_call(&HostileFleet::new().policy("hostile", policy, settings), seed)
}

/// Returns the call of a repo whose profile has these lines.
fn profile(seed: u64, lines: &str) -> super::Call {
    let profile = format!(
        "apiVersion: site-cmp/v1\nkind: SiteProfile\nmetadata: {{name: edge}}\nenvironment: dev\n{lines}"
    );
    site_call(&HostileFleet::new().file(PROFILE, profile), seed)
}

/// Returns the call of a repo whose component has this configuration in Python.
fn config(seed: u64, text: &str) -> super::Call {
    let slot = json!({"parameter": "web.config", "key": "config", "default": "config.py"});
    let fleet = HostileFleet::new().component("config", slot).file("config.py", text.to_owned());
    site_call(&fleet, seed)
}
