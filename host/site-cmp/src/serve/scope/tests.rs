use super::*;

#[test]
fn a_fleet_holds_its_folders_and_no_namesakes() {
    assert!(
        contains_path("fleet", "fleet")
            && contains_path("fleet", "fleet/sites/a")
            && contains_path("", "x")
    );
    assert!(
        !contains_path("fleet", "fleets/a")
            && !contains_path("fleet/a", "fleet")
            && !contains_path("fleet", "")
    );
    assert_eq!(normalize_path("./fleet//sites/a/"), "fleet/sites/a");
    assert_eq!(normalize_path("/fleet"), "fleet");
    assert_eq!(
        (normalize_path("."), normalize_path("fleet/../other")),
        (String::new(), String::new())
    );
    assert_eq!(common_folder("fleet/sites/a", "fleet/sites/ab"), "fleet/sites");
    assert_eq!(common_folder("fleet", "fleet/sites"), "fleet");
    assert_eq!(common_folder("fleet", "fleets"), "");
}

#[test]
fn unpacking_ends_behind_all_that_is_wanted_and_not_before() {
    let scope = Scope::default();
    assert!(!scope.may_stop_after("b"), "nothing is requested");
    assert!(scope.add_folder("b/sites/a") && scope.add_folder("c/sites/a"));
    assert!(!scope.may_stop_after("b"));
    let scope = Scope::default();
    assert!(scope.add_folder("b/sites/a"));
    assert!(!scope.may_stop_after("a") && !scope.may_stop_after("b/sites/b"));
    assert!(scope.may_stop_after("b"));
    assert!(scope.add_folder("b/sites/b"));
    assert!(!scope.add_folder("c/sites/a") && !scope.add_folder(""));
    assert!(scope.end().covers_folder("b/sites/c") && !scope.end().covers_folder("c"));
}

#[test]
fn a_folder_behind_a_link_may_lie_anywhere() {
    let scope = Scope::default();
    assert!(scope.add_folder("b/sites/a/deep"));
    scope.note_link("b/sites/a");
    assert!(!scope.may_stop_after("b"));
    let scope = Scope::default();
    scope.note_link("b/sites/a");
    assert!(scope.add_folder("b/sites/a/deep"));
    assert!(!scope.may_stop_after("b"));
    let scope = Scope::default();
    assert!(scope.add_folder("b/sites/a"));
    scope.note_link("b/sites/b");
    assert!(scope.may_stop_after("b"));
    assert!(!scope.add_folder("b/sites/b") && !scope.end().covers_folder("b/sites/b/deep"));
}

#[test]
fn of_an_archive_that_is_whole_no_links_are_kept() {
    let scope = Scope::default();
    assert!(scope.add_folder("b"));
    scope.note_link("b/x");
    let end = scope.end();
    assert!(end.covers_folder("b/x") && end.covers_folder("c"));
    assert_eq!(end.bytes(), 0);
    assert!(scope.add_folder("anything"), "it is there");
}

#[test]
fn more_folders_than_are_recorded_need_all() {
    let scope = Scope::default();
    for at in 0..=WAYS {
        assert!(scope.add_folder(&format!("b/{at}")));
    }
    assert!(!scope.may_stop_after("b"));
    assert_eq!(scope.lock_requested().ways.len(), 0);
}

#[test]
fn links_folders_and_fleets_do_not_multiply() {
    let scope = Scope::default();
    (0..200).for_each(|at| assert!(scope.add_folder(&format!("a/c{at}"))));
    assert!(scope.add_folder("a/b"));
    (0..33_000).for_each(|at| scope.note_link(&format!("l{at}")));
    // Each of them for each of the others would take minutes.
    (0..33_000).for_each(|_| assert!(!scope.may_stop_after("z")));
}
