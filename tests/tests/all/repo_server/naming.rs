//! Who is asked: the plugin that a source names, and nobody else.

use site_cmp_tests::Scratch;

use super::{APP, SITE, World};
use crate::BINARY;
use crate::argo::SERVE;
use crate::cmp;

/// Where repo-server finds something wrong before it asks a plugin.
fn never_reached(world: &World, args: &[&str], words: &[&str]) {
    let mut all = vec!["--plugin", SERVE];
    all.extend(args);
    world.repo_server.manifests(&world.fleet.path(), &all).says(words);
    assert!(world.serve.calls("GenerateManifest").is_empty(), "{}", world.serve.server.log());
}

#[test]
fn a_source_that_names_the_plugin_gets_what_render_writes() {
    let Some(world) = World::start() else { return };
    let rendered =
        world.fleet.render(BINARY, SITE, &["--target", "application", "-o", "json"]).success();
    let answer = world.ask(APP, &[]);
    assert_eq!(answer.get("sourceType"), "Plugin");
    let mut application = answer.manifest();
    // repo-server marks each object as this Application's own, and writes keys in order.
    let annotations = application["metadata"]["annotations"].as_object_mut().unwrap();
    let mark = annotations.remove("argocd.argoproj.io/tracking-id").unwrap();
    assert!(mark.as_str().unwrap().starts_with("demo:argoproj.io/Application:"), "{mark}");
    if annotations.is_empty() {
        application["metadata"].as_object_mut().unwrap().remove("annotations");
    }
    let rendered: serde_json::Value = serde_json::from_str(&rendered.stdout).unwrap();
    assert_eq!(application, rendered);
}

#[test]
fn a_name_without_a_socket_fails_closed() {
    let Some(mut world) = World::start() else { return };
    let words =
        ["could not find cmp-server plugin with name \"nope\"", "no such file or directory"];
    world.ask_of("nope", APP, &[]).says(&words);
    // As after the kernel's own kill: the file is there, and nobody behind it.
    world.serve.kill();
    assert!(world.serve.server.socket().exists());
    world.ask(APP, &[]).says(&["could not find cmp-server plugin", "connection refused"]);
}

#[test]
fn a_name_that_leaves_the_folder_of_plugins_is_refused() {
    let Some(world) = World::start() else { return };
    let words = ["invalid socket file path", "is outside plugin socket dir"];
    world.ask_of("../plugins-of-others", APP, &[]).says(&words);
}

#[test]
fn a_source_that_leaves_the_choice_open_finds_no_plugin() {
    let Some(world) = World::start() else { return };
    world.ask_of("", APP, &[]).says(&["could not find plugin supporting the given repository"]);
    let configuration = world.serve.check().get("configuration").clone();
    assert_eq!(configuration["isDiscoveryConfigured"], false);
    assert_eq!(configuration["provideGitCreds"], false);
}

#[test]
fn without_a_plugin_section_the_folder_is_plain_yaml_and_nobody_is_asked() {
    let Some(world) = World::start() else { return };
    let answer = world.repo_server.manifests(&world.fleet.path(), &["--path", APP]);
    assert_eq!(answer.get("sourceType"), "Directory");
    assert!(answer.texts().iter().all(|text| !text.contains("argoproj.io/v1alpha1")));
    assert!(world.serve.calls("GenerateManifest").is_empty());
    // That the log would have shown it.
    world.ask(APP, &[]).texts();
    assert_eq!(world.serve.calls("GenerateManifest").len(), 1);
}

#[test]
fn a_path_that_is_no_folder_of_the_repo_never_reaches_the_plugin() {
    let Some(world) = World::of(Scratch::new().with("a-file", "text")) else { return };
    never_reached(&world, &["--path", "../.."], &["app path outside root"]);
    never_reached(&world, &["--path", "/etc"], &["app path is absolute"]);
    never_reached(&world, &["--path", "sites/none"], &["app path does not exist"]);
    never_reached(&world, &["--path", "a-file"], &["app path is not a directory"]);
}

#[test]
fn a_revision_or_version_that_is_wrong_never_reaches_the_plugin() {
    let Some(world) = World::start() else { return };
    let path = ["--path", APP];
    let revision = [&path[..], &["--revision", "nope"]].concat();
    never_reached(&world, &revision, &["unable to resolve 'nope' to a commit SHA"]);
    let version = [&path[..], &["--kube-version", "x"]].concat();
    never_reached(&world, &version, &["could not parse kubernetes version x"]);
}

#[test]
fn a_name_that_repo_server_could_not_call_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let started = cmp().args(["serve", "--name", "site-cmp-v1", "--socket-dir"]).arg(folder.path());
    started.run().failure(3).says(&["site-cmp-v1@"]);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}
