//! The annotation manifest-generate-paths: with repo-server's flag it sends less, and as
//! long as the fleet is whole the manifests stay the same.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;
use site_cmp_tests::Scratch;

use super::{APP, World, parameter};
use crate::refresh_paths::annotation_of;

const FLAG: &str = "--plugin-use-manifest-generate-paths";

/// With the flag, or without it.
fn start(fleet: Scratch, flag: bool) -> Option<World> {
    let flags = if flag { &[FLAG][..] } else { &[] };
    World::with(fleet, flags, "", &[])
}

#[test]
fn what_holds_the_whole_fleet_changes_no_manifest() {
    let Some(world) = start(Scratch::new(), true) else { return };
    let expected = world.ask(APP, &[]);
    for paths in ["../..", "/", ".;/policies.lock", ".;/environments;/policies", "../../../../.."] {
        let answer = world.ask(APP, &["--annotation", paths]);
        assert_eq!(answer.texts(), expected.texts(), "{paths}");
    }
}

/// The Application and the objects beside its chart, as Argo CD asks for both.
#[test]
fn the_annotation_of_an_emitted_application_changes_no_manifest() {
    let Some(world) = start(Scratch::new(), true) else { return };
    let application: Value = serde_json::from_str(world.ask(APP, &[]).texts()[0]).unwrap();
    let annotation = annotation_of(&application);
    for target in ["application", "resources"] {
        let more = parameter("target", target);
        let expected = world.ask(APP, &["--param", &more]);
        let answer = world.ask(APP, &["--param", &more, "--annotation", &annotation]);
        assert_eq!(answer.texts(), expected.texts(), "{target}");
        assert!(!answer.texts().is_empty());
    }
}

#[test]
fn without_the_flag_the_whole_repo_is_sent_whatever_the_annotation_says() {
    let Some(world) = start(Scratch::new(), false) else { return };
    let expected = world.ask(APP, &[]);
    for paths in [".", "../..", "/nowhere"] {
        let answer = world.ask(APP, &["--annotation", paths]);
        assert_eq!(answer.texts(), expected.texts(), "{paths}");
    }
}

#[test]
fn a_part_of_the_fleet_is_an_error_that_names_the_annotation() {
    let Some(world) = start(Scratch::new(), true) else { return };
    for paths in [".", "/sites/rax-dev-iad3", "/sites"] {
        let answer = world.ask(APP, &["--annotation", paths]);
        answer.says(&["error[sources/no-fleet]", "manifest-generate-paths", "policies.lock"]);
        world.argo.is_not_named_in(answer.said());
    }
}

/// A fleet in a folder of its repo, one of whose files is a link to beside it.
#[test]
fn a_link_above_what_was_sent_is_named_with_what_it_may_do() {
    let outer = tempfile::tempdir().unwrap();
    let fleet = Scratch::new();
    let inside = outer.path().join("fleet");
    fs::rename(fleet.path(), &inside).unwrap();
    let values = inside.join(APP).join("nautobot-worker/values.yaml");
    fs::create_dir(outer.path().join("together")).unwrap();
    fs::rename(&values, outer.path().join("together/values.yaml")).unwrap();
    symlink("../../../../together/values.yaml", &values).unwrap();
    crate::argo::commit(outer.path());
    let Some(world) = start(Scratch::new(), true) else { return };
    let app = format!("fleet/{APP}");
    let more = ["--annotation", "/fleet"];
    let answer = world.repo_server.ask(outer.path(), &app, crate::argo::SERVE, &more);
    answer.says(&["error[file/outside]", "nautobot-worker/values.yaml", "a link must stay"]);
    world.argo.is_not_named_in(answer.said());
}
