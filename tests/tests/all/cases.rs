//! Golden cases: a folder a case, its name a sentence.
//!
//! `command` holds the program's arguments, run beside the frozen fleet of the tests, whose
//! folder is named `site-profiles` there; `stdout`, `stderr` and `code` hold the results.
//! `UPDATE_CASES=1 cargo test` writes the last three anew. The files of a case's own `fleet/`
//! replace those of the frozen fleet.

use std::fs;
use std::path::Path;

use site_cmp_tests::{Scratch, fleet, repo};

use crate::cmp;

fn check(case: &Path) {
    let command = fs::read_to_string(case.join("command")).unwrap();
    let own = case.join("fleet");
    let scratch = own.exists().then(|| Scratch::new().beside(&own));
    let fleet = scratch.as_ref().map_or_else(fleet, Scratch::path);
    let dir = fleet.parent().unwrap();
    let output = cmp().args(command.split_whitespace()).dir(dir).run();
    let code = output.code.unwrap().to_string() + "\n";
    for (name, now) in [("stdout", &output.stdout), ("stderr", &output.stderr), ("code", &code)] {
        let path = case.join(name);
        if std::env::var_os("UPDATE_CASES").is_some() {
            fs::write(&path, now).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(*now, expected, "{}: `cmp {}`", path.display(), command.trim());
    }
}

#[test]
fn every_case_gives_what_its_folder_says() {
    let mut cases: Vec<_> = fs::read_dir(repo().join("tests/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("command").exists())
        .collect();
    cases.sort();
    assert!(cases.len() >= 10, "only {} cases", cases.len());
    for case in cases {
        check(&case);
    }
}
