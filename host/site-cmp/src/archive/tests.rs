use site_render::tree::{EntryKind, Tree as _, TreeError};

use super::*;

fn insert(writer: &mut ArchiveWriter, path: &str, text: &str) -> Result<(), PlacementError> {
    let node = writer.add_content(&mut text.as_bytes()).unwrap();
    writer.insert_node(path, node)
}

fn finish(writer: ArchiveWriter) -> Arc<Archive> {
    Arc::new(Archive::open(writer.finish().unwrap()).unwrap())
}

/// An archive with these entries, a link where the content begins with `->`.
fn archive(entries: &[(&str, &str)]) -> Arc<Archive> {
    let mut writer = ArchiveWriter::create().unwrap();
    for (path, content) in entries {
        match content.strip_prefix("->") {
            Some(target) => writer.insert_node(path, Node::Link(target.into())).unwrap(),
            None => insert(&mut writer, path, content).unwrap(),
        }
    }
    finish(writer)
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
    assert_eq!(fleet.link("sites/b").as_deref(), Some("a"));
    assert_eq!((fleet.link("sites/a"), fleet.link("sites/none")), (None, None));
    assert_eq!(read(&fleet, "up"), Err(TreeError::Outside));
    assert_eq!(read(&fleet, "absolute"), Err(TreeError::Outside));
    assert!(matches!(read(&fleet, "round"), Err(TreeError::Unreadable(_))));
    assert_eq!(read(&fleet, "nowhere"), Err(TreeError::Missing));
    assert_eq!(read(&fleet, "through"), Err(TreeError::Missing));
    for dirty in ["../secret", "/secret", "sites/../base/values.yaml", "", "sites//a"] {
        assert_eq!(read(&fleet, dirty), Err(TreeError::Outside), "{dirty}");
    }
    let listed = fleet.list("").unwrap();
    let of_kind = |readable: bool| {
        let has_kind = |kind| (kind != EntryKind::Unreadable) == readable;
        let names = listed.iter().filter(move |(_, kind)| has_kind(*kind));
        names.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of_kind(true), ["base", "policies.lock", "sites"]);
    assert_eq!(of_kind(false), ["absolute", "nowhere", "round", "there", "through", "up"]);
    let sites = fleet.list("sites").unwrap();
    assert_eq!(sites, [("a".into(), EntryKind::Folder), ("b".into(), EntryKind::Folder)]);
    assert_eq!(fleet.list("none"), Err(TreeError::Missing));
    assert_eq!(fleet.read("sites", 10), Err(TreeError::Folder));
    assert_eq!(fleet.read("base/values.yaml", 2), Err(TreeError::TooLarge { size: 3, limit: 2 }));
}

#[test]
fn only_fleets_are_kept_and_links() {
    let mut writer = ArchiveWriter::create().unwrap();
    let long = "long".repeat(1 << 16);
    for (path, text) in [
        ("docs/a.md", long.as_str()),
        ("apps/x/deep/b", &long),
        ("fleet/policies.lock", ""),
        ("fleet/sites/a/profile.yaml", "12345"),
        ("zones", &long),
    ] {
        insert(&mut writer, path, text).unwrap();
    }
    writer.insert_node("apps/link", Node::Link("../fleet".into())).unwrap();
    let file = writer.finish().unwrap();
    assert!(file.allocated_bytes().unwrap() < 20_000, "{file:?}");
    let archive = Arc::new(Archive::open(file).unwrap());
    let folders = ["", "apps", "fleet", "fleet/sites", "fleet/sites/a"].len() as u64;
    let names = "appslink../fleetfleetpolicies.locksitesaprofile.yaml".len() as u64;
    assert_eq!(archive.index_bytes(), folders * FOLDER_BYTES + (folders + 3) * ENTRY_BYTES + names);
    let (fleet, _) = archive.find_fleet("apps/link/sites/a").unwrap();
    assert_eq!(read(&fleet, "sites/a/profile.yaml").unwrap(), "12345");
}

#[test]
fn an_entry_stands_where_its_name_says_or_not_at_all() {
    let mut archive = ArchiveWriter::create().unwrap();
    insert(&mut archive, "a/b", "1").unwrap();
    insert(&mut archive, "/a/b", "2").unwrap();
    archive.insert_node("a", Node::Folder(BTreeMap::new())).unwrap();
    archive.insert_node(".", Node::Folder(BTreeMap::new())).unwrap();
    archive.insert_node("link", Node::Link("a".into())).unwrap();
    insert(&mut archive, "policies.lock", "").unwrap();
    assert_eq!(insert(&mut archive, "../x", ""), Err(PlacementError::Outside));
    assert_eq!(insert(&mut archive, "a/../../x", ""), Err(PlacementError::Outside));
    assert_eq!(insert(&mut archive, &"d/".repeat(LEVELS + 1), ""), Err(PlacementError::Outside));
    assert_eq!(insert(&mut archive, "link/x", ""), Err(PlacementError::Through));
    assert_eq!(insert(&mut archive, "a/b/c", ""), Err(PlacementError::Through));
    let (fleet, _) = finish(archive).find_fleet(".").unwrap();
    assert_eq!(read(&fleet, "a/b").unwrap(), "2");
}

#[test]
fn links_to_one_file_have_few_bytes_together() {
    let detour = "x/../".repeat(LINK_BYTES / 2 / 5);
    let link = |target: &str| format!("->{detour}{target}");
    let archive = archive(&[
        ("policies.lock", ""),
        ("x/file", "1"),
        ("one", &link("x/file")),
        ("two", &link("one")),
        ("three", &link("two")),
    ]);
    let (fleet, _) = archive.find_fleet(".").unwrap();
    assert_eq!(read(&fleet, "one").unwrap(), "1");
    for name in ["two", "three"] {
        let error = read(&fleet, name).unwrap_err();
        assert!(matches!(error, TreeError::Unreadable(why) if why.contains("16384 bytes")));
    }
}

#[test]
fn folders_that_only_a_path_names_are_known_before_they_are_made() {
    let mut writer = ArchiveWriter::create().unwrap();
    for (path, missing) in
        [("x", 0), (".", 0), ("a/./b//x", 2), ("a/b/y", 0), ("a/c/x", 1), ("/a/b/d/e/x", 2)]
    {
        assert_eq!(writer.missing_folders(path), missing, "{path}");
        writer.insert_node(path, Node::Large(1)).unwrap();
    }
    assert_eq!(writer.missing_folders("x/y/z"), 1, "a file is in its place");
    assert!(writer.missing_folders(&"d/".repeat(4000)) <= LEVELS as u64);
}
