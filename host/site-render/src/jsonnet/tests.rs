use std::sync::Arc;

use super::*;
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
    for import in ["/etc/passwd", "../../../x", "../../..", "..", "../..", ".", "", "lib/"] {
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
