//! Imports: files of the tree, by paths that stay in it, and nothing else.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

const LIBRARY: &str = "lib/rax-dev.libsonnet";

#[test]
fn what_is_no_file_of_the_tree_is_refused_where_it_is_imported() {
    let fleet = profile("{}").with("lib/folder/x", "");
    std::fs::write(fleet.outside().join("secret.libsonnet"), "{secret: 1}").unwrap();
    symlink("../../secret.libsonnet", fleet.path().join("lib/out")).unwrap();
    symlink("/etc", fleet.path().join("lib/etc")).unwrap();
    let pipe = fleet.path().join("sites/rax-dev-den1/pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (import, why) in [
        ("/etc/passwd", "absolute path"),
        ("../../../secret.libsonnet", "leaves its tree"),
        ("../../../../../../../etc/passwd", "leaves its tree"),
        ("../../lib/out", "leaves the tree"),
        ("../../lib/etc/passwd", "leaves the tree"),
        ("pipe", "not a regular file"),
        ("../../lib/folder", "it is a folder"),
        ("..", "it is a folder"),
        ("none.libsonnet", "the file does not exist"),
        ("file:///etc/passwd", "the file does not exist"),
    ] {
        for word in ["import", "importstr", "importbin"] {
            let text = format!("{{\n  site: {word} '{import}',\n}}\n");
            std::fs::write(fleet.path().join(PROFILE), text).unwrap();
            let column = word.len() + 10;
            let place = format!("profile.jsonnet:2:{column}");
            let output = refused(&fleet, &["error[jsonnet/import]", import, why, &place]);
            assert!(!output.stderr.contains("secret: 1"), "{}", output.stderr);
        }
    }
}

#[test]
fn a_file_that_imports_itself_or_a_circle_ends() {
    let words = ["jsonnet/evaluate", "infinite recursion", "profile.jsonnet:1:"];
    refused(&profile("import 'profile.jsonnet'"), &words);
    let circle = profile("import '../../lib/a.libsonnet'")
        .with("lib/a.libsonnet", "import 'b.libsonnet'")
        .with("lib/b.libsonnet", "import 'a.libsonnet'");
    refused(&circle, &["jsonnet/evaluate", "infinite recursion", "lib/"]);
}

#[test]
fn texts_and_bytes_of_the_tree_are_imported() {
    let text = "(import '../../lib/rax-dev.libsonnet').profile('rax-dev-den1') + {
      site+: {
        enabled: std.length(importstr '../../policies.lock') > 9
          && (importbin '../../policies/nautobot-worker.wasm')[0] == 0,
        nautobot_worker: { enabled: true },
      },
    }";
    assert_eq!(application(&profile(text), SITE)["kind"], "Application");
    let binary = profile("importstr '../../policies/nautobot-worker.wasm'");
    refused(&binary, &["jsonnet/import", "not UTF-8", "nautobot-worker.wasm"]);
}

#[test]
fn a_mistake_in_a_library_is_shown_there_with_the_way_to_it() {
    let replicas =
        |text: &str| Scratch::new().changed(LIBRARY, "std.clamp(std.length(racks), 1, 3)", text);
    let words = ["error[jsonnet/evaluate]", "lib/rax-dev.libsonnet:25:", "the trace: "];
    let output = refused(&replicas("std.clamp(racks, 1, 3)"), &words);
    assert!(output.stderr.contains("replicas: std.clamp(racks"), "{}", output.stderr);
    // Where the evaluator does not say the place, it says the field.
    refused(&replicas("racks.number"), &["jsonnet/evaluate", "the trace: field <replicas>"]);
    let spoilt = Scratch::new().changed(LIBRARY, "worker(racks)::", "worker(racks):::::");
    refused(
        &spoilt,
        &["error[jsonnet/syntax]", "lib/rax-dev.libsonnet:19:", "profile.jsonnet:2:13"],
    );
    let said = Scratch::new().changed(LIBRARY, "'rack-' + rack", "error 'no rack ' + rack");
    refused(&said, &["no rack a1", "lib/rax-dev.libsonnet:26:"]);
}

#[test]
fn a_library_that_changes_changes_what_it_is_imported_for() {
    let fleet = Scratch::new();
    let before = application(&fleet, SITE);
    let fleet = fleet.changed(LIBRARY, "rack-", "hall-");
    assert_ne!(before, application(&fleet, SITE));
}

#[test]
fn what_is_read_is_bounded() {
    let limits = |text: &str| {
        let file = format!("jsonnet: {{{text}}}\n");
        Scratch::new().with("limits.yaml", file)
    };
    let render = |fleet: &Scratch| {
        let file = fleet.path().join("limits.yaml");
        fleet.render(BINARY, SITE, &["--limits", file.to_str().unwrap()])
    };
    render(&limits("imports: 1")).success();
    render(&limits("imports: 0")).failure(1).says(&["jsonnet/limit", "jsonnet.imports"]);
    let few = render(&limits("importBytes: 100")).failure(1);
    few.says(&["jsonnet/limit", "more than 100 bytes", "jsonnet.importBytes"]);
    render(&limits("memory: 1")).failure(3).says(&["operator/limits", "unknown field `memory`"]);
    let no_room = render(&limits("memoryBytes: 1000000")).failure(1);
    no_room.says(&["jsonnet/limit", "1000000 bytes of memory", "jsonnet.memoryBytes"]);
}
