use site_render::tree::{EntryKind, Tree as _, TreeError};

use super::*;

fn file(text: &str) -> Node {
    Node::File(text.into())
}

/// An archive with these entries, a link where the content begins with `->`.
fn archive(entries: &[(&str, &str)]) -> Arc<Archive> {
    let mut archive = Archive::default();
    for (path, content) in entries {
        let node = match content.strip_prefix("->") {
            Some(target) => Node::Link(target.into()),
            None => file(content),
        };
        archive.insert_node(path, node).unwrap();
    }
    Arc::new(archive)
}

fn read(fleet: &FleetTree, path: &str) -> Result<String, TreeError> {
    fleet.read(path, 100).map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn the_nearest_lock_upwards_is_the_fleet() {
    let archive = archive(&[
        ("policies.lock", "outer"),
        ("fleet/policies.lock", "inner"),
        ("fleet/sites/a/profile.yaml", "a"),
        ("other/b", "b"),
    ]);
    let (fleet, below) = archive.find_fleet("fleet/sites/a").unwrap();
    assert_eq!((fleet.root(), below.as_str()), ("fleet", "sites/a"));
    assert_eq!(read(&fleet, "policies.lock").unwrap(), "inner");
    let (fleet, below) = archive.find_fleet("other").unwrap();
    assert_eq!((fleet.root(), below.as_str()), ("", "other"));
    for own in ["fleet", "./fleet/", "/fleet", "other/../fleet"] {
        let (fleet, below) = archive.find_fleet(own).unwrap();
        assert_eq!((fleet.root(), below.as_str()), ("fleet", ""), "{own}");
    }
    for missing in ["fleet/sites/none", "..", "fleet/../.."] {
        assert!(archive.find_fleet(missing).is_none(), "{missing}");
    }
}

#[test]
fn an_applications_folder_may_be_a_link() {
    let archive = archive(&[
        ("apps/ok", "->../fleet/sites/a"),
        ("apps/out", "->../../etc"),
        ("fleet/policies.lock", ""),
        ("fleet/sites/a/profile.yaml", "a"),
    ]);
    let (fleet, below) = archive.find_fleet("apps/ok").unwrap();
    assert_eq!((fleet.root(), below.as_str()), ("fleet", "sites/a"));
    assert!(archive.find_fleet("apps/out").is_none());
}

#[test]
fn links_are_followed_inside_the_fleet_and_nowhere_else() {
    let archive = archive(&[
        ("secret", "no"),
        ("fleet/policies.lock", ""),
        ("fleet/base/values.yaml", "yes"),
        ("fleet/sites/a/values.yaml", "->../../base/values.yaml"),
        ("fleet/sites/b", "->a"),
        ("fleet/up", "->../secret"),
        ("fleet/absolute", "->/secret"),
        ("fleet/round", "->there"),
        ("fleet/there", "->round"),
        ("fleet/nowhere", "->none"),
        ("fleet/through", "->base/values.yaml/x"),
    ]);
    let (fleet, _) = archive.find_fleet("fleet").unwrap();
    assert_eq!(read(&fleet, "sites/a/values.yaml").unwrap(), "yes");
    assert_eq!(read(&fleet, "sites/b/values.yaml").unwrap(), "yes");
    assert_eq!(read(&fleet, "up"), Err(TreeError::Outside));
    assert_eq!(read(&fleet, "absolute"), Err(TreeError::Outside));
    assert!(matches!(read(&fleet, "round"), Err(TreeError::Unreadable(_))));
    assert_eq!(read(&fleet, "nowhere"), Err(TreeError::Missing));
    assert_eq!(read(&fleet, "through"), Err(TreeError::Missing));
    for dirty in ["../secret", "/secret", "sites/../base/values.yaml", "", "sites//a"] {
        assert_eq!(read(&fleet, dirty), Err(TreeError::Outside), "{dirty}");
    }
    let names: Vec<String> = fleet.list("").unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["base", "policies.lock", "sites"]);
    let sites = fleet.list("sites").unwrap();
    assert_eq!(sites, [("a".into(), EntryKind::Folder), ("b".into(), EntryKind::Folder)]);
    assert_eq!(fleet.list("none"), Err(TreeError::Missing));
    assert_eq!(fleet.read("sites", 10), Err(TreeError::Folder));
    assert_eq!(fleet.read("base/values.yaml", 2), Err(TreeError::TooLarge { size: 3, limit: 2 }));
}

#[test]
fn only_fleets_are_kept_and_links() {
    let mut archive = Archive::default();
    for (path, node) in [
        ("docs/a.md", file("long")),
        ("apps/x/deep/b", file("long")),
        ("apps/link", Node::Link("../fleet".into())),
        ("fleet/policies.lock", file("")),
        ("fleet/sites/a/profile.yaml", file("12345")),
    ] {
        archive.insert_node(path, node).unwrap();
    }
    assert_eq!(archive.total_size().1, 4 + 4 + 8 + 5);
    archive.keep_fleets();
    assert_eq!(archive.total_size().1, 8 + 5);
    let archive = Arc::new(archive);
    let (fleet, _) = archive.find_fleet("apps/link/sites/a").unwrap();
    assert_eq!(read(&fleet, "sites/a/profile.yaml").unwrap(), "12345");
}

#[test]
fn an_entry_stands_where_its_name_says_or_not_at_all() {
    let mut archive = Archive::default();
    archive.insert_node("a/b", file("1")).unwrap();
    archive.insert_node("/a/b", file("2")).unwrap();
    archive.insert_node("a", Node::Folder(BTreeMap::new())).unwrap();
    archive.insert_node(".", Node::Folder(BTreeMap::new())).unwrap();
    archive.insert_node("link", Node::Link("a".into())).unwrap();
    archive.insert_node("policies.lock", file("")).unwrap();
    assert_eq!(archive.insert_node("../x", file("")), Err(PlacementError::Outside));
    assert_eq!(archive.insert_node("a/../../x", file("")), Err(PlacementError::Outside));
    assert_eq!(
        archive.insert_node(&"d/".repeat(LEVELS + 1), file("")),
        Err(PlacementError::Outside)
    );
    assert_eq!(archive.insert_node("link/x", file("")), Err(PlacementError::Through));
    assert_eq!(archive.insert_node("a/b/c", file("")), Err(PlacementError::Through));
    let (fleet, _) = Arc::new(archive).find_fleet(".").unwrap();
    assert_eq!(read(&fleet, "a/b").unwrap(), "2");
}
