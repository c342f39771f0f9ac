//! The values of go-jsonnet's own tests, evaluated by us.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonnet_worker::{Evaluator, Limits};
use serde_json::Value;
use site_cmp_tests::tell;
use site_render::json;
use site_render::jsonnet::{Imports, Jsonnet};
use site_render::origin::SourceFile;
use site_render::tree::{EntryKind, Tree, TreeError};

use crate::BINARY;

/// Why a test of go-jsonnet has another outcome here, by a part of its text or its name.
const INTENDED: &[(&str, &str)] = &[
    ("std.native", "there are no native functions"),
    ("std.extVar", "there are no external variables"),
    ("std.thisFile", "the path of a file is that in the fleet"),
    ("std.mantissa", "the last digits of std.mantissa and std.pow differ"),
    ("pow6", "the last digits of std.mantissa and std.pow differ"),
    ("builtin_manifestTomlEx", FRACTIONS),
    ("builtin_manifestYamlDoc", FRACTIONS),
    ("builtin_escapeStringJson", FRACTIONS),
    ("tailstrict", "calls nest at most 500 deep, and arguments without a use are not evaluated"),
    ("builtinBase64_string_high_codepoint", REFUSED),
    ("builtinSplitLimitR6", REFUSED),
    ("number_times_string", REFUSED),
    ("string_times_number", REFUSED),
    ("object_comp_bad_field", REFUSED),
    ("makeArray_recursive_evalutation", REFUSED),
    ("function_no_params", "a file that is a function is not called"),
];
const FRACTIONS: &str =
    "a fraction in a text has its shortest digits (1.42, not 1.4199999999999999)";
const REFUSED: &str = "go-jsonnet refuses it";

/// The folder of the tests.
struct TestFolder(PathBuf);

impl Tree for TestFolder {
    fn read(&self, path: &str, _: u64) -> Result<Arc<[u8]>, TreeError> {
        fs::read(self.0.join(path)).map(Arc::from).map_err(|_| TreeError::Missing)
    }

    fn list(&self, _: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        Err(TreeError::Missing)
    }
}

/// Returns the JSON that a test expects; nothing for an error.
fn expected(golden: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(golden).ok()?).ok()
}

/// Returns a value with each number as the double that it is in Jsonnet.
fn with_doubles(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(items) => items.iter().map(with_doubles).collect(),
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| (key.clone(), with_doubles(value))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn the_tests_of_go_jsonnet_have_their_values() {
    let variable = "GO_JSONNET_TESTS";
    let Some(folder) = std::env::var_os(variable).map(PathBuf::from) else {
        tell(&format!(
            "skipped: the folder of {variable} not found; docs/differences.md says how to get it"
        ));
        return;
    };
    let evaluator = Evaluator::new(BINARY.into(), vec!["__jsonnet".into()], Limits::default());
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.ends_with(".jsonnet"))
        .collect();
    names.sort();
    let tree = TestFolder(folder.clone());
    let (mut values, mut errors, mut differences) = (0, 0, Vec::new());
    let mut intended: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        let golden = folder.join(Path::new(&name).with_extension("golden"));
        let Ok(text) = fs::read_to_string(folder.join(&name)) else { continue };
        if !golden.is_file() {
            continue;
        }
        let file = Arc::new(SourceFile::new(&name, text.as_str()));
        let ours = evaluator.evaluate(&file, &Imports::of(&tree, ""));
        let ours = ours.map(|node| with_doubles(&json::to_serde(&node)));
        match (&ours, expected(&golden).as_ref().map(with_doubles)) {
            (Ok(ours), Some(theirs)) if *ours == theirs => values += 1,
            (Err(_), None) => errors += 1,
            (_, theirs) => {
                match INTENDED.iter().find(|(part, _)| text.contains(part) || name.contains(part)) {
                    Some((_, why)) => *intended.entry(why).or_default() += 1,
                    None => differences.push(format!("{name}\n  {ours:?}\n  {theirs:?}")),
                }
            }
        }
    }
    tell(&format!(
        "{values} values and {errors} errors as go-jsonnet; intended differences: {intended:?}"
    ));
    let shown: Vec<String> =
        differences.iter().map(|one| one.chars().take(600).collect()).collect();
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), shown.join("\n"));
}
