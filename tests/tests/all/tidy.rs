//! The rules of ARCHITECTURE.md that a machine can hold.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) mod codes;
mod cuts;
mod imports;
pub(crate) mod lexer;
mod stages;
mod words;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Files below a folder with one of these endings, by path relative to the repo.
pub(crate) fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((shown, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no file below {folder}");
    found
}

/// Rust sources of the product, without tests.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = files(folder, &[".rs"]);
    found.retain(|(path, _)| {
        path.contains("/src/") && !path.ends_with("tests.rs") && !path.contains("/tests/")
    });
    found
}

fn manifest(path: &str) -> String {
    fs::read_to_string(root().join(path).join("Cargo.toml")).unwrap()
}

#[test]
fn nothing_under_host_names_what_a_component_is() {
    for (path, text) in sources("host") {
        let lower = text.to_lowercase();
        for word in ["nautobot", "postgres", "redis", "celery"] {
            for (at, _) in lower.match_indices(word) {
                // "redistribute" is a word of its own.
                let alone = !lower[at + word.len()..].starts_with("tribut");
                assert!(!alone, "{path} names {word}: that belongs to an environment or a policy");
            }
        }
    }
}

#[test]
fn the_pipeline_is_pure() {
    for (path, text) in sources("host/site-render") {
        for word in [
            "std::env",
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "std::io",
            "Instant::now",
            "SystemTime",
            "println!",
            "HashMap",
        ] {
            assert!(
                !text.contains(word),
                "{path} names {word}: a render is a function of its inputs"
            );
        }
    }
    let manifest = manifest("host/site-render");
    for dependency in
        ["wasmtime", "tokio", "tonic", "clap", "anyhow", "policy-sandbox", "jsonnet-worker"]
    {
        assert!(!manifest.contains(dependency), "site-render depends on {dependency}");
    }
}

#[test]
fn one_crate_for_each_outside_world() {
    for (world, owner) in [
        ("wasmtime", "host/policy-sandbox"),
        ("jrsonnet-evaluator", "host/jsonnet-worker"),
        ("jrsonnet-stdlib", "host/jsonnet-worker"),
        ("jrsonnet-gcmodule", "host/jsonnet-worker"),
        ("jrsonnet-ir", "host/jsonnet-worker"),
        ("clap", "host/site-cmp"),
        ("anstream", "host/site-cmp"),
        ("cap-std", "host/site-cmp"),
        ("tonic", "host/site-cmp"),
        ("tokio", "host/site-cmp"),
    ] {
        for member in [
            "host/policy-sandbox",
            "host/jsonnet-worker",
            "host/site-cmp",
            "host/site-render",
            "plugin/policy-sdk",
            "tests",
        ] {
            let names = manifest(member).lines().any(|line| {
                line.starts_with(&format!("{world}.")) || line.starts_with(&format!("{world} "))
            });
            // The attacks of the tests call the socket as Argo CD does.
            let calls = member == "tests" && matches!(world, "tonic" | "tokio");
            let allowed = member == owner || calls;
            assert!(!names || allowed, "{member} depends on {world}, which is {owner}'s");
        }
    }
}

/// A test waits for an event (`site_cmp_tests::wait_for`), or makes the slow side as slow as
/// it needs: what takes a second here takes a minute on a machine that is busy.
#[test]
fn no_test_depends_on_time() {
    let tests = ["host", "plugin", "tests/tests"].iter().flat_map(|folder| files(folder, &[".rs"]));
    // A paused clock advances when nothing is left to do, however long that takes.
    let is_paused = |text: &str| text.contains("#[tokio::test(start_paused = true)]");
    for (path, text) in tests.filter(|(path, text)| {
        path.contains("tests") && !path.ends_with(file!()) && !is_paused(text)
    }) {
        for word in ["sleep(", ".elapsed()", "Instant::now", "recv_timeout", "time::timeout("] {
            assert!(!text.contains(word), "{path} uses {word}");
        }
    }
}

#[test]
fn nothing_after_the_gate_takes_a_profile() {
    for stage in ["inputs", "policies", "overlay", "validate", "emit"] {
        for (path, text) in sources("host/site-render") {
            if path.contains(&format!("src/{stage}")) {
                assert!(
                    !text.contains("profile::Profile") && !text.contains("&Profile"),
                    "{path} takes a profile that the gate has not seen"
                );
            }
        }
    }
}

#[test]
fn nothing_is_emitted_unproven() {
    for (path, text) in
        sources("host/site-render").into_iter().filter(|(path, _)| path.contains("src/emit"))
    {
        assert!(!text.contains("Merged"), "{path} takes values that validate has not seen");
    }
}

#[test]
fn unsafe_code_stands_in_three_files() {
    let allowed = [
        "host/policy-sandbox/src/",
        "plugin/policy-sdk/src/allocator.rs",
        "plugin/policy-sdk/src/bindings.rs",
    ];
    for folder in ["host", "plugin"] {
        for (path, text) in sources(folder) {
            let has = text.lines().any(|line| {
                let code = line.split("//").next().unwrap_or_default();
                code.contains("unsafe {")
                    || code.contains("unsafe fn")
                    || code.contains("unsafe impl")
                    || code.contains("unsafe extern")
            });
            assert!(
                !has || allowed.iter().any(|place| path.starts_with(place)),
                "{path} has unsafe code"
            );
        }
    }
    let sandbox: usize = sources("host/policy-sandbox")
        .iter()
        .map(|(_, text)| text.matches("unsafe {").count())
        .sum();
    assert_eq!(sandbox, 1, "policy-sandbox has one unsafe block: loading compiled code");
}

#[test]
fn files_are_small_and_say_what_they_are_for() {
    for folder in ["host", "plugin", "tests"] {
        for (path, text) in files(folder, &[".rs"]) {
            let test = path.contains("/tests/") || path.ends_with("tests.rs");
            assert!(test || text.starts_with("//!"), "{path} does not begin with what it is for");
            let lines = text.lines().count();
            assert!(test || lines <= 320, "{path} has {lines} lines");
            let name = path.rsplit('/').next().unwrap_or_default();
            for word in ["mod.rs", "util", "common", "helper", "misc", "manager"] {
                assert!(!name.contains(word), "{path}: `{word}` says nothing");
            }
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    for folder in ["host", "plugin", "tests"] {
        for (path, text) in files(folder, &[".rs"]) {
            if path.ends_with("all/tidy.rs") {
                continue;
            }
            for word in ["todo!(", "unimplemented!(", "#[ignore", "FIXME", "TODO"] {
                assert!(!text.contains(word), "{path} has {word}");
            }
        }
    }
}

#[test]
fn dependencies_are_declared_once_and_each_has_its_reason() {
    let workspace = manifest(".");
    let (_, rest) = workspace.split_once("[workspace.dependencies]").unwrap();
    let declared: Vec<&str> = rest
        .lines()
        .take_while(|line| !line.starts_with("[workspace.lints"))
        .filter_map(|line| line.split_once(" = ").map(|(name, _)| name))
        .collect();
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for name in &declared {
        let ours = root().join("host").join(name).exists()
            || root().join("plugin").join(name).exists()
            || root().join("plugin/policies").join(name).exists()
            || root().join("tests").join(name).exists();
        assert!(
            ours || architecture.contains(&format!("| `{name}` |")),
            "ARCHITECTURE.md gives no reason for {name}"
        );
    }
    for (path, text) in files(".", &["Cargo.toml"])
        .into_iter()
        .filter(|(path, _)| path != "Cargo.toml" && !path.starts_with("target"))
        // Built with flags and a compiler that nothing else needs.
        .filter(|(path, _)| !path.starts_with("tests/fuzz/"))
    {
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line;
            } else if section.contains("dependencies")
                && line.contains('=')
                && !line.starts_with('#')
            {
                assert!(
                    line.contains("workspace = true"),
                    "{path}: `{line}` is not the workspace's"
                );
            }
        }
    }
}

#[test]
fn released_contracts_are_frozen() {
    let text = fs::read_to_string(root().join("plugin/wit/frozen")).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (digest, path) = line.split_once("  ").unwrap();
        let now = site_render::sha256(&fs::read(root().join("plugin/wit").join(path)).unwrap());
        assert_eq!(now, digest, "plugin/wit/{path} was edited; a change needs a new folder");
    }
}

#[test]
fn generated_code_stands_in_one_file_a_side() {
    for (folder, word) in [("host", "bindgen!("), ("plugin", "wit_bindgen::generate!(")] {
        let found: Vec<String> = sources(folder)
            .into_iter()
            .filter(|(_, text)| text.contains(word))
            .map(|(path, _)| path)
            .collect();
        assert_eq!(found.len(), 1, "{word} in {found:?}");
        assert!(found[0].ends_with("bindings.rs"));
    }
}

#[test]
fn the_repo_names_no_machine() {
    let endings = [".rs", ".toml", ".md", ".yaml", ".sh", ".go", "Dockerfile", "justfile"];
    for (path, text) in
        files(".", &endings).into_iter().filter(|(path, _)| !path.starts_with("target"))
    {
        for word in [concat!("/wo", "rk/"), concat!("../sha", "red"), concat!("/ro", "ot/")] {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}

/// Front doors that opened fleets by themselves could render the same options differently.
#[test]
fn one_module_opens_fleets_and_builds_requests() {
    for (path, text) in sources("host/site-cmp") {
        for word in ["World {", "Fleet::open(", " Request::new("] {
            let owner = path.ends_with("src/request_builder.rs");
            assert!(owner || !text.contains(word), "{path} has `{word}`: use RequestBuilder");
        }
    }
}
