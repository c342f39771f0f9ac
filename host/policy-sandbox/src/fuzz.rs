//! The entry point of a fuzzer for what a policy returns. Any plan is decoded or refused, and a
//! decoded plan has the texts and values that were given.

use serde_json::Value as Json;
use site_render::json;
use site_render::policy::{Change, Plan};

use crate::bindings::types as wit;
use crate::decode::Decoder;
use crate::limits::Limits;
use crate::text::first_hidden_char;

/// Decodes a plan, and the same texts as a failure. The plan is given as JSON: mappings with the
/// fields of the contract, where an edit without `set` removes its key.
///
/// # Panics
/// If it has found a bug.
pub fn plan(bytes: &[u8]) {
    let Ok(given) = serde_json::from_slice::<Json>(bytes) else { return };
    let limits = Limits { json_bytes: 400, text_bytes: 60, edits: 6, ..Limits::default() };
    let decoder = Decoder { policy: "fuzz", limits: &limits };
    let _decoded = decoder.decode_failure(read_failure(&given));
    let Ok(plan) = decoder.decode_plan(read_plan(&given)) else { return };
    check_edits(&plan, &items(&given, "edits"), &limits);
    let manifests = plan.manifests.iter().zip(items(&given, "manifests"));
    for (manifest, given) in manifests {
        assert_eq!(as_json(&manifest.body), parse(&text_of(given, "body")));
    }
    let messages = plan.findings.iter().map(|finding| &finding.message);
    let reasons = plan.edits.iter().map(|edit| &edit.reason);
    for text in messages.chain(reasons).chain(plan.manifests.iter().map(|one| &one.reason)) {
        assert!(!text.trim().is_empty() && first_hidden_char(text).is_none(), "{text:?} is shown");
    }
}

/// Checks that the edits are those that were given, within the limits.
fn check_edits(plan: &Plan, given: &[&Json], limits: &Limits) {
    assert!(plan.edits.len() == given.len() && given.len() <= limits.edits);
    for (edit, given) in plan.edits.iter().zip(given) {
        assert!(edit.path == text_of(given, "path") && edit.path.len() <= limits.text_bytes);
        match (&edit.change, given["set"].as_str()) {
            (Change::Set(value), Some(text)) => assert_eq!(as_json(value), parse(text)),
            (change, text) => assert!(matches!(change, Change::Remove) && text.is_none()),
        }
    }
}

fn as_json(value: &site_render::value::Value) -> Json {
    parse(&json::to_string(value))
}

fn parse(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text:?}"))
}

fn read_plan(given: &Json) -> wit::Plan {
    let of = |key: &str| items(given, key).into_iter();
    wit::Plan {
        edits: of("edits").map(read_edit).collect(),
        manifests: of("manifests")
            .map(|one| wit::Manifest { body: text_of(one, "body"), reason: text_of(one, "reason") })
            .collect(),
        config: given["config"].is_object().then(|| read_config(&given["config"])),
        findings: of("findings").map(read_finding).collect(),
    }
}

fn read_edit(edit: &Json) -> wit::Edit {
    let set = edit["set"].as_str().map(|text| wit::Change::Set(text.to_owned()));
    wit::Edit {
        path: text_of(edit, "path"),
        change: set.unwrap_or(wit::Change::Remove),
        reason: text_of(edit, "reason"),
    }
}

fn read_config(config: &Json) -> wit::Config {
    let texts = |key: &str| {
        items(config, key).into_iter().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    wit::Config {
        layers: texts("layers"),
        must_read: texts("mustRead"),
        settings: texts("settings"),
        reason: text_of(config, "reason"),
    }
}

fn read_finding(finding: &Json) -> wit::Finding {
    let optional = |key: &str| finding[key].as_str().map(str::to_owned);
    wit::Finding {
        severity: match finding["severity"].as_str() {
            Some("error") => wit::Severity::Error,
            Some("warning") => wit::Severity::Warning,
            _ => wit::Severity::Note,
        },
        code: text_of(finding, "code"),
        message: text_of(finding, "message"),
        path: optional("path"),
        hint: optional("hint"),
    }
}

/// Returns the failure whose bad values have the paths and reasons of the edits.
fn read_failure(given: &Json) -> wit::Failure {
    let values = items(given, "edits").into_iter().map(|edit| wit::BadValue {
        path: text_of(edit, "path"),
        message: text_of(edit, "reason"),
    });
    wit::Failure::BadSettings(values.collect())
}

fn items<'j>(value: &'j Json, key: &str) -> Vec<&'j Json> {
    value[key].as_array().into_iter().flatten().collect()
}

fn text_of(value: &Json, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/corpus/plan");

    #[test]
    fn each_plan_of_the_corpus_is_decoded_or_refused() {
        let mut inputs = fs::read_dir(CORPUS).unwrap().peekable();
        assert!(inputs.peek().is_some(), "the corpus is empty");
        for input in inputs {
            super::plan(&fs::read(input.unwrap().path()).unwrap());
        }
    }
}
