use std::sync::Arc;

use super::super::FlowMemo;
use super::{Module, SHAPED, STAR};

fn module(name: &str, text: &str) -> Module {
    Module::read(name, text.as_bytes()).unwrap()
}

#[test]
fn the_same_layers_are_followed_once_for_the_same_requirements() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let (mode, databases) = (names(&["MODE"]), names(&["DATABASES"]));
    let base = module("base.py", &format!("{STAR}{SHAPED}"));
    let (own, same) = (module("a.py", "DATABASES = {}\n"), module("b.py", "DATABASES = {}\n"));
    let other = module("c.py", "X = 1\n");
    let memo = FlowMemo::default();
    let first = memo.follow(&[&base, &own], &mode, &databases);
    let bytes = memo.bytes();
    assert_eq!(first.losses.len(), 1);
    // Another site's file of the same text.
    assert!(Arc::ptr_eq(&first, &memo.follow(&[&base, &same], &mode, &databases)));
    assert_eq!(memo.bytes(), bytes);
    for changed in [
        memo.follow(&[&base, &other], &mode, &databases),
        memo.follow(&[&own, &base], &mode, &databases),
        memo.follow(&[&base, &own], &names(&["CA"]), &databases),
        memo.follow(&[&base, &own], &mode, &names(&["BROKER"])),
        memo.follow(&[&base, &own], &databases, &mode),
    ] {
        assert!(!Arc::ptr_eq(&first, &changed));
    }
    assert!(memo.bytes() > bytes);
}

#[test]
fn a_config_that_could_not_be_followed_is_kept_too() {
    let text = format!(
        "import os\nfrom web import *\n{}",
        "X = [X, X, X]\nfor Y in X: X.append(Y)\n".repeat(600)
    );
    let module = module("long.py", &text);
    let (memo, names) = (FlowMemo::default(), ["X".to_owned()]);
    let first = memo.follow(&[&module], &names, &names);
    assert!(!first.whole);
    assert!(Arc::ptr_eq(&first, &memo.follow(&[&module], &names, &names)));
}
