use worker_process::MemoryFile;

use super::super::budget::Budget;
use super::super::caller_key::key_of;
use super::*;

const PAGE: u64 = 4096;

/// A tree of that many pages, which a key has unpacked.
fn tree(budget: &Arc<Budget>, key: &str, pages: u64) -> Arc<CachedTree> {
    let file = MemoryFile::create("test").unwrap();
    file.write_at(&vec![1; usize::try_from(pages * PAGE).unwrap()], 0).unwrap();
    let mut account = budget.open_account(&key_of(key));
    account.reserve_bytes(pages * PAGE + 100).unwrap();
    Arc::new(CachedTree::new(file, Arc::default(), account).unwrap())
}

fn store(pages: u64) -> TreeStore {
    TreeStore { least: 1, ..TreeStore::new(pages * PAGE) }
}

fn has(store: &TreeStore, names: &[u8]) -> Vec<bool> {
    names.iter().map(|name| store.trees.contains_key(&[*name; 32])).collect()
}

#[test]
fn the_tree_that_was_not_used_for_longest_goes_first() {
    let (budget, mut store) = (Budget::new(100 * PAGE, 0), store(3));
    for name in 1..=3 {
        store.insert(&[name; 32], tree(&budget, "a", 1));
    }
    assert!(store.get(&[1; 32], &key_of("a")).is_some());
    store.insert(&[4; 32], tree(&budget, "a", 1));
    assert_eq!(has(&store, &[1, 2, 3, 4]), [true, false, true, true]);
    assert_eq!((store.size(), budget.held_bytes()), ((3, 3 * PAGE), 0));
    store.insert(&[5; 32], tree(&budget, "a", 4));
    assert_eq!(store.size().0, 3, "nothing makes room for what never fits");
}

#[test]
fn a_caller_with_many_trees_evicts_its_own() {
    let (budget, mut store) = (Budget::new(100 * PAGE, 0), store(10));
    store.insert(&[100; 32], tree(&budget, "few", 3));
    for name in 0..50 {
        store.insert(&[name; 32], tree(&budget, "many", 2));
    }
    assert!(store.get(&[100; 32], &key_of("few")).is_some());
    assert_eq!(store.size(), (4, 9 * PAGE));
}

#[test]
fn every_tree_is_counted_as_long_as_it_is_used() {
    let (budget, mut store) = (Budget::new(5 * PAGE, 0), store(4));
    let used: Vec<_> =
        (0..2).map(|name| store.insert(&[name; 32], tree(&budget, "a", 2))).collect();
    assert_eq!((store.size().1, budget.held_bytes()), (4 * PAGE, 0));
    // It is evicted and its bytes are counted again; the new one takes its room.
    let third = store.insert(&[2; 32], tree(&budget, "b", 2));
    assert_eq!((store.size().1, budget.held_bytes()), (4 * PAGE, 2 * PAGE));
    // There is no room for a second one: the new one is not cached.
    let fourth = store.insert(&[3; 32], tree(&budget, "b", 2));
    assert_eq!(has(&store, &[0, 1, 2, 3]), [false, true, true, false]);
    assert_eq!((store.size().1, budget.held_bytes()), (4 * PAGE, 4 * PAGE));
    drop((used, third, fourth));
    assert_eq!((store.size().1, budget.held_bytes()), (4 * PAGE, 0));
}

#[test]
fn an_evicted_tree_is_counted_for_the_caller_that_used_it_last() {
    let (budget, mut store) = (Budget::new(5 * PAGE, 0), store(2));
    let tree_of_a = store.insert(&[1; 32], tree(&budget, "a", 2));
    let used_by_b = store.get(&[1; 32], &key_of("b")).unwrap();
    drop(tree_of_a);
    store.insert(&[2; 32], tree(&budget, "c", 2));
    assert_eq!(has(&store, &[1, 2]), [false, true]);
    assert_eq!((used_by_b.key(), budget.held_bytes()), (key_of("b"), 2 * PAGE));
}

#[test]
fn of_one_digest_there_is_one_tree() {
    let (budget, mut store) = (Budget::new(5 * PAGE, 0), store(4));
    let first = store.insert(&[1; 32], tree(&budget, "a", 2));
    let second = store.insert(&[1; 32], tree(&budget, "b", 2));
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!((store.size(), budget.held_bytes()), ((1, 2 * PAGE), 0));
}
