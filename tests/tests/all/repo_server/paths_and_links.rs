//! Links in a repo: read through where they stay in the fleet, never followed out of it.

use std::fs;
use std::os::unix::fs::symlink;

use site_cmp_tests::Scratch;

use super::{APP, World};
use crate::argo::STOCK;

const VALUES: &str = "sites/rax-dev-iad3/nautobot-worker/values.yaml";

/// A fleet in which one file was moved away and is linked to.
fn linked(path: &str, moved: &str, target: &str) -> Scratch {
    let fleet = Scratch::new();
    let [path, moved] = [path, moved].map(|name| fleet.path().join(name));
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::rename(&path, moved).unwrap();
    symlink(target, path).unwrap();
    fleet
}

/// Both servers return the same manifests as without the link, whose target is one more file that
/// Argo CD watches, beside the link in place of the file.
fn adds_a_watched_file(fleet: Scratch, link: &str, file: &str) {
    let Some(plain) = World::start() else { return };
    let plain = plain.ask(APP, &[]);
    let expected = plain.texts();
    let Some(world) = World::of(fleet) else { return };
    let _stock = world.argo.stock();
    let answer = world.ask(APP, &[]);
    let linked = answer.texts();
    assert_eq!(world.ask_of(STOCK, APP, &[]).texts(), linked);
    assert_ne!(linked, expected);
    let without = linked.iter().map(|text| {
        let text = text.replace(&format!(";/{file}"), "");
        text.replace(&format!("/{link}\""), &format!("/{VALUES}\""))
    });
    assert_eq!(without.collect::<Vec<_>>(), expected);
}

#[test]
fn a_link_inside_the_fleet_is_read_through() {
    let file = "together/values.yaml";
    adds_a_watched_file(linked(VALUES, file, "../../../together/values.yaml"), VALUES, file);
}

#[test]
fn a_folder_may_be_a_link() {
    let folder = "sites/rax-dev-iad3/nautobot-worker";
    let fleet = linked(folder, "together/worker", "../../together/worker");
    adds_a_watched_file(fleet, folder, "together/worker/values.yaml");
}

#[test]
fn the_applications_own_folder_may_be_a_link() {
    let fleet = Scratch::new();
    fs::create_dir(fleet.path().join("apps")).unwrap();
    symlink("../sites/rax-dev-iad3", fleet.path().join("apps/rax-dev-iad3")).unwrap();
    let Some(world) = World::of(fleet) else { return };
    assert_eq!(world.ask("apps/rax-dev-iad3", &[]).texts(), world.ask(APP, &[]).texts());
}

#[test]
fn repo_server_refuses_a_link_out_of_the_repo_itself() {
    let fleet = Scratch::new();
    symlink("/etc/passwd", fleet.path().join("sites/rax-dev-iad3/out")).unwrap();
    let Some(world) = World::of(fleet) else { return };
    world.ask(APP, &[]).says(&["repository contains out-of-bounds symlinks"]);
    assert!(world.serve.calls("GenerateManifest").is_empty());
}

/// With repo-server's own check off, ours is left.
#[test]
fn a_link_out_of_the_repo_is_never_followed() {
    for target in ["/etc/passwd", "../../../../../../../../etc/passwd"] {
        let fleet = Scratch::new().without(VALUES);
        symlink(target, fleet.path().join(VALUES)).unwrap();
        let Some(world) = World::with(fleet, &["--allow-oob-symlinks"], "", &[]) else { return };
        let answer = world.ask(APP, &[]);
        let said = answer.said();
        assert!(said.starts_with("error["), "{said}");
        assert!(said.contains(VALUES), "{said}");
        assert!(!said.contains("root:"), "{said}");
    }
}

#[test]
fn a_link_out_of_the_repo_that_nobody_reads_harms_nobody() {
    let Some(plain) = World::start() else { return };
    let fleet = Scratch::new();
    symlink("/etc/passwd", fleet.path().join("sites/rax-dev-iad3/out")).unwrap();
    let Some(world) = World::with(fleet, &["--allow-oob-symlinks"], "", &[]) else { return };
    assert_eq!(world.ask(APP, &[]).texts(), plain.ask(APP, &[]).texts());
}

#[test]
fn a_fleet_may_stand_below_the_root_of_its_repo() {
    let Some(plain) = World::start() else { return };
    let expected = plain.ask(APP, &[]);
    // A repo in a repo would be sent without its files.
    fs::remove_dir_all(plain.fleet.path().join(".git")).unwrap();
    crate::argo::commit(plain.fleet.outside());
    let app = format!("fleet/{APP}");
    let answer = plain.repo_server.ask(plain.fleet.outside(), &app, crate::argo::SERVE, &[]);
    assert_eq!(answer.texts(), expected.texts());
}

/// Only a part of an archive is unpacked, as far as the fleet that is asked for; a fleet
/// behind it, and an application whose folder leads there by a link, are found all the same.
#[test]
fn two_fleets_of_one_repo_and_a_link_between_them_are_served() {
    let Some(plain) = World::start() else { return };
    let expected = plain.ask(APP, &[]);
    let repo = plain.fleet.outside();
    fs::remove_dir_all(plain.fleet.path().join(".git")).unwrap();
    site_cmp_tests::copy(&plain.fleet.path(), &repo.join("zones"));
    let profile = repo.join("zones").join(APP).join("profile.yaml");
    let text = fs::read_to_string(&profile).unwrap();
    fs::write(profile, text.replacen("enabled: true", "enabled: false", 1)).unwrap();
    let link = format!("../../zones/{APP}");
    symlink(link, repo.join("fleet/sites/elsewhere")).unwrap();
    crate::argo::commit(repo);
    let ask = |app: &str| plain.repo_server.ask(repo, app, crate::argo::SERVE, &[]);
    let [first, behind, linked] =
        [&format!("fleet/{APP}"), &format!("zones/{APP}"), "fleet/sites/elsewhere"].map(ask);
    assert_eq!(first.texts(), expected.texts());
    assert_eq!(behind.manifest()["data"]["reason"], "site.enabled is false");
    assert_eq!(linked.texts(), behind.texts());
    let from = |call: &serde_json::Value| call["tree_from"].as_str().unwrap().to_owned();
    let calls = plain.serve.calls("GenerateManifest");
    let from: Vec<String> = calls.iter().map(from).collect();
    // The first call of all was for another repo; what is whole serves the third.
    assert_eq!(from[1..], ["new", "new", "known"]);
}
