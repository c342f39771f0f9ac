//! Runs a policy natively, so that its tests and the host's benches need no WASM.
//!
//! It panics on a plan that the host refuses, such as an edit without a reason or text that is
//! not JSON, and so fails the test. It does not exist on WASM.

use serde_json::{Map, Value, json};

use crate::{
    Change, Document, DocumentName, Failure, Finding, Kind, Plan, Policy, Request, Scope, Source,
};

/// Evaluates a policy for a request written as JSON.
///
/// Its keys are `scope` (`"site"` or `"global"`), `site`, `environment`, `profile`, `values`,
/// `settings`, `fleet` and `cluster`; each is optional. In scope site a `cluster` without
/// `release` gets the release `a-release` in `a-namespace`.
///
/// # Panics
/// Panics if the host would refuse the plan, or if the request has an unknown key.
pub fn evaluate<P: Policy>(request: Value) -> Result<Plan, Failure> {
    let plan = P::evaluate(&self::request(request))?;
    assert_acceptable(&plan);
    Ok(plan)
}

/// Builds a request from JSON; see [`evaluate`].
///
/// # Panics
/// Panics if it is not a map or has an unknown key: a test with a typo would test nothing.
pub fn request(value: Value) -> Request {
    let Value::Object(mut parts) = value else {
        panic!("a request is a map");
    };
    let scope = match parts.remove("scope").as_ref().and_then(Value::as_str) {
        None | Some("site") => Scope::Site,
        Some("global") => Scope::Global,
        Some(other) => panic!("unknown scope {other}"),
    };
    if scope == Scope::Site {
        add_release(&mut parts);
    }
    let request = Request {
        scope,
        site: take_text(&mut parts, "site", "a-site"),
        environment: take_text(&mut parts, "environment", "an-environment"),
        profile: take_document(&mut parts, "profile", DocumentName::Profile),
        values: take_document(&mut parts, "values", DocumentName::Values),
        settings: take_document(&mut parts, "settings", DocumentName::Settings),
        fleet: take_document(&mut parts, "fleet", DocumentName::Fleet),
        cluster: take_document(&mut parts, "cluster", DocumentName::Cluster),
    };
    assert!(parts.is_empty(), "unknown parts of a request: {parts:?}");
    request
}

/// Returns the plan's edits as one Helm values document.
///
/// # Panics
/// Panics if a value is not JSON.
pub fn overlay(plan: &Plan) -> Value {
    let mut overlay = Value::Object(Map::new());
    for edit in &plan.edits {
        let value = match &edit.change {
            Change::Set(json) => parse_json(json),
            Change::Remove => Value::Null,
        };
        *slot_at(&mut overlay, &edit.path) = value;
    }
    overlay
}

/// Returns the value that the plan sets at exactly this pointer.
///
/// # Panics
/// Panics if the value is not JSON.
pub fn edited(plan: &Plan, path: &str) -> Option<Value> {
    plan.edits.iter().rev().find(|edit| edit.path == path).map(|edit| match &edit.change {
        Change::Set(json) => parse_json(json),
        Change::Remove => Value::Null,
    })
}

/// Returns the findings with this code.
pub fn findings<'a>(plan: &'a Plan, code: &str) -> Vec<&'a Finding> {
    plan.findings.iter().filter(|finding| finding.code == code).collect()
}

/// Asserts what the host validates in every plan.
fn assert_acceptable(plan: &Plan) {
    for (index, edit) in plan.edits.iter().enumerate() {
        assert!(edit.path.starts_with('/'), "not a key: {:?}", edit.path);
        assert!(!edit.reason.trim().is_empty(), "no reason: {}", edit.path);
        let twice = plan.edits[..index].iter().any(|e| e.path == edit.path);
        assert!(!twice, "edited twice: {}", edit.path);
        if let Change::Set(json) = &edit.change {
            parse_json(json);
        }
    }
    for manifest in &plan.manifests {
        assert!(!manifest.reason.trim().is_empty(), "no reason: {manifest:?}");
        assert!(parse_json(&manifest.body).is_object(), "not an object: {manifest:?}");
    }
}

/// Adds the release that the host names in every request for a site.
fn add_release(parts: &mut Map<String, Value>) {
    let cluster = parts.entry("cluster").or_insert_with(|| Map::new().into());
    if let Value::Object(cluster) = cluster {
        let release = json!({"name": "a-release", "namespace": "a-namespace"});
        cluster.entry("release").or_insert(release);
    }
}

fn take_document(parts: &mut Map<String, Value>, key: &str, name: DocumentName) -> Document {
    Document::new(name, parts.remove(key).unwrap_or_else(|| Map::new().into()))
}

fn take_text(parts: &mut Map<String, Value>, key: &str, default: &str) -> String {
    parts
        .remove(key)
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_else(|| default.to_owned())
}

fn parse_json(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("not JSON ({error}): {json}"))
}

fn slot_at<'a>(root: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('/').skip(1).fold(root, |parent, token| {
        if !parent.is_object() {
            *parent = Value::Object(Map::new());
        }
        &mut parent[token.replace("~1", "/").replace("~0", "~")]
    })
}

impl Source for Value {
    fn get(&self, path: &str) -> Option<String> {
        self.pointer(path).map(ToString::to_string)
    }

    fn text(&self, path: &str) -> Option<String> {
        match self.pointer(path)? {
            Value::String(text) => Some(text.clone()),
            scalar @ (Value::Bool(_) | Value::Number(_)) => Some(scalar.to_string()),
            _ => None,
        }
    }

    fn keys(&self, path: &str) -> Vec<String> {
        self.pointer(path)
            .and_then(Value::as_object)
            .map(|map| map.keys().cloned().collect())
            .unwrap_or_default()
    }

    fn size(&self, path: &str) -> u32 {
        let length = match self.pointer(path) {
            Some(Value::Array(items)) => items.len(),
            Some(Value::Object(map)) => map.len(),
            _ => 0,
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    fn kind(&self, path: &str) -> Kind {
        match self.pointer(path) {
            None => Kind::Missing,
            Some(Value::Null) => Kind::Null,
            Some(Value::Bool(_)) => Kind::Boolean,
            Some(Value::Number(_)) => Kind::Number,
            Some(Value::String(_)) => Kind::Text,
            Some(Value::Array(_)) => Kind::Sequence,
            Some(Value::Object(_)) => Kind::Mapping,
        }
    }
}

#[cfg(test)]
mod tests;
