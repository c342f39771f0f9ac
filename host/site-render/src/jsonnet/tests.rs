use std::sync::Arc;

use super::*;
use crate::origin::is_jsonnet;
use crate::tree::EntryKind;

struct One;

impl Tree for One {
    fn read(&self, path: &str, _: u64) -> Result<Arc<[u8]>, TreeError> {
        if path == "lib/a.libsonnet" { Ok(Arc::from(&b"{}"[..])) } else { Err(TreeError::Missing) }
    }

    fn list(&self, _: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        Ok(Vec::new())
    }
}

#[test]
fn an_import_starts_from_the_folder_of_its_file() {
    let imports = Imports::of(&One, "");
    let from = "sites/one/profile.jsonnet";
    for (import, name) in [
        ("a.libsonnet", "sites/one/a.libsonnet"),
        ("./a.libsonnet", "sites/one/a.libsonnet"),
        ("../../lib/a.libsonnet", "lib/a.libsonnet"),
        ("x/../..//../lib/./a.libsonnet", "lib/a.libsonnet"),
        ("profile.jsonnet", from),
    ] {
        assert_eq!(imports.resolve(from, import).as_deref(), Ok(name), "{import}");
    }
    assert!(imports.read("lib/a.libsonnet", 10).is_ok());
}

#[test]
fn no_import_leads_out_of_its_tree() {
    let imports = Imports::of(&One, "$deploy/");
    let from = "$deploy/sites/one/profile.jsonnet";
    for import in ["/etc/passwd", "../../../x", "../../..", "../..", "lib/", "../../../../../etc/x"]
    {
        assert!(imports.resolve(from, import).is_err(), "{import}");
    }
    assert_eq!(imports.resolve(from, "../../x").as_deref(), Ok("$deploy/x"));
    assert!(imports.read("$deploy/lib/a.libsonnet", 10).is_ok());
    for name in ["$deploy/../lib/a.libsonnet", "lib/a.libsonnet", "$deploy//lib/a.libsonnet"] {
        assert_eq!(imports.read(name, 10), Err(TreeError::Outside), "{name}");
    }
}

#[test]
fn a_file_in_no_tree_imports_nothing() {
    assert!(Imports::none().resolve("profile.jsonnet", "a.libsonnet").is_err());
    assert_eq!(Imports::none().read("a.libsonnet", 10), Err(TreeError::Outside));
}

#[test]
fn two_endings_are_jsonnet() {
    assert!(is_jsonnet("a/profile.jsonnet") && is_jsonnet("lib.libsonnet"));
    assert!(!is_jsonnet("profile.yaml") && !is_jsonnet("jsonnet") && !is_jsonnet("a.jsonnet.yaml"));
}

#[test]
fn values_are_of_their_file_and_numbers_those_of_yaml() {
    let file = yaml::decode("a.jsonnet", b"{}").unwrap();
    let json = r#"{"a":[1000000000000000000000,0.1,-0,12345678901234568],"b":0.0000001}"#;
    let node = values(&file, json).unwrap();
    let of_yaml = yaml::decode("a.yaml", b"{a: [1e21, 0.1, -0.0, 12345678901234568], b: 1e-7}");
    let of_yaml = yaml::read(&of_yaml.unwrap()).unwrap().root;
    assert_eq!(json::to_string(&node.value), json::to_string(&of_yaml.value));
    let place = |node: &Node| node.origin.place().unwrap().to_string();
    assert_eq!(place(node.pointer("/a/1").unwrap()), "a.jsonnet:1:1");
    assert!(values(&file, &("[".repeat(130) + &"]".repeat(130))).is_err());
    assert!(values(&file, "").is_err());
}

#[test]
fn a_result_with_very_many_values_is_an_error() {
    let text = format!("[{}0]", "{},".repeat(250_000));
    let file = Arc::new(SourceFile::new("a.jsonnet", ""));
    assert!(values(&file, &text).unwrap_err().contains("keys and values"));
}
