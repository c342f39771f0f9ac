//! What the first component promises to its users, and the tests that hold it to each.
//!
//! The tables stand in `promises/`, a page a subject. A row whose test is gone, or that has
//! none, fails here. A test is named by its function, a golden case by its folder.

mod cluster;
mod config;
mod gateway;
mod worker;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use site_cmp_tests::repo;

/// One promise, and the tests that hold us to it.
type Promise = (&'static str, &'static [&'static str]);

fn promises() -> impl Iterator<Item = &'static Promise> {
    [worker::PROMISES, config::PROMISES, gateway::PROMISES, cluster::PROMISES].into_iter().flatten()
}

/// The functions below a folder that are tests.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let after = text.split("#[test]\n").skip(1);
            let names = after.filter_map(|text| text.split_once("fn ")?.1.split_once('('));
            found.extend(names.map(|(name, _)| name.to_owned()));
        }
    }
}

/// All tests there are, by the names that a row may give.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["host", "plugin", "tests/tests"] {
        tests_below(&repo().join(folder), &mut found);
    }
    for folder in ["tests/cases", "tests/cases/understack", "tests/cases/envoy-configs"] {
        for entry in fs::read_dir(repo().join(folder)).unwrap() {
            found.insert(entry.unwrap().file_name().into_string().unwrap());
        }
    }
    found
}

#[test]
fn every_promise_has_a_test_that_is_there() {
    let tests = tests();
    let missing: Vec<_> = promises()
        .flat_map(|(promise, named)| named.iter().map(move |name| (promise, name)))
        .filter(|(_, name)| !tests.contains(**name))
        .collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
    let bare: Vec<_> = promises().filter(|(_, named)| named.is_empty()).collect();
    assert!(bare.is_empty(), "no test at all: {bare:#?}");
}

#[test]
fn each_promise_is_said_once() {
    let said: BTreeSet<_> = promises().map(|(promise, _)| promise).collect();
    assert_eq!(said.len(), promises().count());
    assert!(said.len() > 50, "only {} promises", said.len());
}
