//! A worker's kept answers: a commit to one site renders that site only.

use std::fs;

use site_cmp_tests::Scratch;

use super::World;
use crate::argo::commit;

const SITES: [&str; 2] = ["sites/gen-0", "sites/gen-1"];

/// Adds a line to a file of the fleet and commits it.
fn append(world: &World, path: &str, line: &str) {
    let path = world.fleet.path().join(path);
    let text = fs::read_to_string(&path).unwrap_or_default();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("{text}{line}\n")).unwrap();
    commit(&world.fleet.path());
}

/// Asks for both sites, and returns their manifests and where the answers are from.
fn ask(world: &World) -> ([Vec<String>; 2], [String; 2]) {
    let before = world.serve.calls("GenerateManifest").len();
    let texts =
        SITES.map(|site| world.ask(site, &[]).texts().into_iter().map(str::to_owned).collect());
    let calls = world.serve.calls("GenerateManifest").split_off(before);
    let from = [0, 1].map(|at: usize| calls[at]["answer_from"].as_str().unwrap().to_owned());
    (texts, from)
}

#[test]
fn a_commit_renders_only_the_sites_whose_files_it_changes() {
    let fleet = Scratch::new().with_sites(2);
    let Some(world) = World::with(fleet, &[], "server: {renders: 1}", &[]) else { return };
    let (first, from) = ask(&world);
    assert_eq!(from, ["rendered", "rendered"]);
    let (again, from) = ask(&world);
    assert_eq!(from, ["known", "known"]);
    assert_eq!(again, first);
    append(&world, "sites/gen-0/profile.yaml", "# a comment");
    let (same, from) = ask(&world);
    assert_eq!(from, ["rendered", "known"]);
    assert_eq!(same, first);
    append(&world, "README.md", "no render reads it");
    assert_eq!(ask(&world).1, ["known", "known"]);
    append(&world, "environments/dev/environment.yaml", "# both sites");
    let (same, from) = ask(&world);
    assert_eq!(from, ["rendered", "rendered"]);
    assert_eq!(same, first);
    // A file that a render looked for and did not find appears.
    let values = "sites/gen-0/nautobot-worker/values.yaml";
    append(&world, values, "nautobot: {replicaCount: 7}");
    let (changed, from) = ask(&world);
    assert_eq!(from, ["rendered", "known"]);
    assert_eq!(changed[1], first[1]);
}
