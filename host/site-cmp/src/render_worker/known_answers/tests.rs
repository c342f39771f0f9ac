use std::collections::BTreeMap;

use site_render::dependencies::{DependencyTree, recorded};
use site_render::lock::LOCK_FILE;

use super::*;
use crate::archive::{Archive, ArchiveWriter, FleetTree};
use crate::parameters::read_parameters;
use crate::render_worker::protocol::Facts;

/// Returns the fleet of these files in an archive.
fn tree(files: &[(&str, &str)]) -> FleetTree {
    let mut writer = ArchiveWriter::create().unwrap();
    for (path, text) in files.iter().chain(&[(LOCK_FILE, "")]) {
        let node = writer.add_content(&mut text.as_bytes()).unwrap();
        writer.insert_node(path, node).unwrap();
    }
    Arc::new(Archive::open(writer.finish().unwrap()).unwrap()).find_fleet("").unwrap().0
}

/// Returns the key of a call with one variable.
fn key(name: &str, value: &str) -> AnswerKey {
    let variables = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let parameters = read_parameters(variables).unwrap();
    let (root, below) = (String::new(), "sites/one".to_owned());
    AnswerKey { root, below, parameters }
}

fn manifests(text: &str) -> Answer {
    let facts = Facts { fuel: 7, lock: "a lock".to_owned(), ..Facts::default() };
    Answer { facts, outcome: Outcome::Manifests(vec![text.to_owned()]) }
}

/// Returns what a render depends on that reads two files, of which one is missing.
fn files_of(tree: &FleetTree) -> Dependencies {
    let tree = DependencyTree::new(Arc::new(tree.clone()), KnownFiles::default());
    recorded(|| (tree.read("a", 99).is_ok(), tree.read("b", 99).is_ok())).1
}

#[test]
fn an_answer_is_found_in_each_tree_with_the_same_files() {
    let (answers, known) = (KnownAnswers::default(), KnownFiles::default());
    let first = tree(&[("a", "one")]);
    let one = key("ARGOCD_ENV_X", "1");
    answers.keep(one.clone(), 10, ([1; 32], 1), &manifests("first"), &files_of(&first));
    let find =
        |key: &AnswerKey, id: u8, tree: &FleetTree| answers.find(key, ([id; 32], 1), tree, &known);
    let again = find(&one, 1, &first).unwrap();
    assert!(matches!(&again.outcome, Outcome::Manifests(all) if all == &["first"]));
    assert!(again.facts.known && again.facts.fuel == 0 && again.facts.lock == "a lock");
    assert!(find(&one, 2, &tree(&[("a", "one"), ("c", "other")])).is_some());
    for changed in [&[("a", "two")][..], &[], &[("a", "one"), ("b", "")]] {
        assert!(find(&one, 3, &tree(changed)).is_none(), "{changed:?}");
    }
    for other in [key("ARGOCD_ENV_X", "2"), key("ARGOCD_APP_PROJECT_NAME", "other")] {
        assert!(find(&other, 1, &first).is_none(), "{other:?}");
    }
    // The revision and the name of an Application are in no answer.
    let named = AnswerKey { parameters: key("ARGOCD_APP_NAME", "x").parameters, ..one.clone() };
    assert_eq!(named, key("ARGOCD_APP_REVISION", "y"));
}

#[test]
fn only_manifests_without_helm_are_kept() {
    let (answers, known) = (KnownAnswers::default(), KnownFiles::default());
    let (tree, id) = (tree(&[]), ([1; 32], 1));
    let helm = key("ARGOCD_ENV_TARGET", "manifests");
    answers.keep(helm.clone(), 1, id, &manifests(""), &files_of(&tree));
    assert!(answers.find(&helm, id, &tree, &known).is_none());
    let one = key("ARGOCD_ENV_X", "1");
    for outcome in [Outcome::Pending, Outcome::Parameters(Vec::new())] {
        let answer = Answer { outcome, ..manifests("") };
        answers.keep(one.clone(), 1, id, &answer, &files_of(&tree));
        assert!(answers.find(&one, id, &tree, &known).is_none());
    }
}

#[test]
fn answers_have_limited_room() {
    let (answers, known) = (KnownAnswers::default(), KnownFiles::default());
    let (tree, id) = (tree(&[]), ([1; 32], 1));
    let text = "x".repeat(100 << 10);
    let keys: Vec<AnswerKey> = (0..100).map(|at| key("ARGOCD_ENV_X", &at.to_string())).collect();
    for key in &keys {
        answers.keep(key.clone(), 10, id, &manifests(&text), &files_of(&tree));
    }
    let kept = keys.iter().filter(|key| answers.find(key, id, &tree, &known).is_some()).count();
    assert!((1..=40).contains(&kept), "{kept}");
    let large = key("ARGOCD_ENV_X", "large");
    answers.keep(large.clone(), 8 << 20, id, &manifests(""), &files_of(&tree));
    assert!(answers.find(&large, id, &tree, &known).is_none());
}
