//! Policies built here decide as the committed ones do.
//!
//! Needs a WASM toolchain. Another compiler may give other bytes, so it is the documents
//! of every site that are compared.

use std::fs;

use site_cmp::policy_build::{self, BuildError};
use site_cmp_tests::{Command, Scratch, peer, policies, repo};

use crate::BINARY;

/// The fleet with policies that were built a moment ago, or nothing without a toolchain.
fn rebuilt() -> Option<Scratch> {
    let fleet = Scratch::new();
    for name in policies() {
        let out = fleet.path().join(format!("policies/{name}.wasm"));
        let built = policy_build::build(&repo().join("plugin/policies").join(&name), Some(&out));
        if let Err(error @ BuildError::NoToolchain) = &built {
            peer("a WASM toolchain", None, &error.to_string());
            return None;
        }
        built.unwrap();
    }
    Command::new(BINARY).args(["policy", "lock"]).arg(fleet.path()).run().success();
    Some(fleet)
}

#[test]
fn a_rebuilt_policy_decides_as_the_committed_one() {
    let Some(rebuilt) = rebuilt() else { return };
    let committed = Scratch::new();
    for site in fs::read_dir(committed.path().join("sites")).unwrap() {
        let site = site.unwrap().file_name().into_string().unwrap();
        for target in ["application", "resources"] {
            let more = ["--target", target, "-o", "json"];
            let expected = committed.render(BINARY, &site, &more).success().stdout;
            assert_eq!(rebuilt.render(BINARY, &site, &more).success().stdout, expected, "{site}");
        }
    }
    let global = |fleet: &Scratch| {
        let words = ["--environment", "dev", "--target", "global", "-o", "json"];
        Command::new(BINARY).arg("render").arg(fleet.path()).args(words).run().success().stdout
    };
    assert_eq!(global(&rebuilt), global(&committed));
}
