//! The merge of values, beside Helm's own: of files over files, and of files over a chart's
//! defaults.

use std::collections::BTreeMap;

use serde_json::Value;
use site_render::helm_merge::{ChartDefaults, HelmVersion, coalesce_chart, merge_files};
use site_render::json;
use site_render::origin::Origin;
use site_render::value::Node;

use super::change_json::{Vocabulary, change_json};
use super::oracle::Oracle;

const START: &str = r#"[{"a": {"b": 1, "c": null}, "d": [1]}, {"a": {"b": null, "c": 2}}]"#;

const VOCABULARY: Vocabulary = Vocabulary {
    keys: &["a", "b", "c", "d", "global", "enabled", "", "a.b"],
    values: &[
        "null",
        "{}",
        "[]",
        "1",
        "true",
        "\"x\"",
        "\"\"",
        "{\"a\":null}",
        "{\"b\":1}",
        "{\"a\":{\"b\":null}}",
        "{\"c\":{\"d\":{\"a\":null}}}",
        "[null]",
        "[{\"a\":null}]",
    ],
};

/// Returns a changed pair of values.
pub(super) fn change(pair: &str, seed: u32) -> String {
    change_json(pair, seed, START, VOCABULARY)
}

/// Merges a pair of values, given as a JSON list of two mappings.
pub(super) fn check(pair: &[u8], helm: &mut Oracle) {
    let Ok([below @ Value::Object(_), above @ Value::Object(_)]) =
        serde_json::from_slice::<[Value; 2]>(pair)
    else {
        return;
    };
    let node = |value: &Value| Node::built(json::from_serde(value, &Origin::Built("fuzz")), "fuzz");
    let (lower, upper) = (node(&below), node(&above));
    let chart = ChartDefaults::of_values(lower.clone());
    let coalesced = coalesce_chart(&chart, &upper, HelmVersion::Four).expect("it has no subcharts");
    let merged = BTreeMap::from([
        ("files", json::to_serde(&merge_files(&lower, &upper))),
        ("coalesced", json::to_serde(&coalesced)),
    ]);
    let question = serde_json::to_vec(&[&below, &above]).expect("a value is JSON");
    let theirs = helm.ask(&question).unwrap_or_else(|why| panic!("Helm refuses it: {why}"));
    for (kind, ours) in merged {
        assert!(
            ours == theirs[kind],
            "Helm merges otherwise ({kind})\n  below  {below}\n  above  {above}\n  ours   {ours}\n  theirs {}",
            theirs[kind]
        );
    }
}
