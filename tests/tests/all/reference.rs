//! `docs/reference.md` and the schemas of the example fleet are generated, and every file of
//! the examples and of the tests is valid by its schema.
//!
//! `UPDATE_DOCS=1 cargo test -q -p site-cmp-tests --test all reference` writes them.

mod markdown;
mod validation;

use std::fs;

use site_cmp_tests::repo;

use crate::cmp;

const UPDATE: &str = "UPDATE_DOCS=1 cargo test -q -p site-cmp-tests --test all reference";

/// Compares a generated file with the one in the repo, or writes it.
fn check_generated(path: &str, text: &str) {
    let file = repo().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let current = fs::read_to_string(&file).unwrap_or_default();
    assert!(current == text, "{path} is out of date; run `{UPDATE}`");
}

/// Returns a schema as `cmp schema` prints it for the example fleet.
fn printed_schema(kind: &str) -> String {
    let fleet = repo().join("site-profiles");
    cmp().args(["schema", kind]).arg(fleet).run().success().stdout
}

#[test]
fn the_reference_lists_every_key() {
    check_generated("docs/reference.md", &markdown::reference());
}

#[test]
fn the_schemas_of_the_example_fleet_are_up_to_date() {
    for kind in ["environment", "profile"] {
        let path = format!("site-profiles/schemas/{kind}.schema.json");
        check_generated(&path, &printed_schema(kind));
    }
}
