//! Golden cases: a folder a case, its name a sentence.
//!
//! `command` holds the program's arguments, run in the repo's folder; `stdout`, `stderr`
//! and `code` what comes of it. `UPDATE_CASES=1 cargo test` writes the last three anew.
//! A case with files of its own (`fleet/`) runs beside a copy of `site-profiles` in which
//! they take the place of the others.

use std::fs;
use std::path::Path;

use site_cmp_tests::{Scratch, repo};

use crate::cmp;

fn check(case: &Path) {
    let command = fs::read_to_string(case.join("command")).unwrap();
    let own = case.join("fleet");
    let scratch = own.exists().then(|| Scratch::new().beside(&own));
    let dir = scratch.as_ref().map_or_else(repo, |scratch| scratch.outside().to_owned());
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
