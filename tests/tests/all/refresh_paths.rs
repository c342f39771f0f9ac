//! The annotation manifest-generate-paths: each file whose change changes an Application is covered
//! by it, and no file of another site.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};
use site_cmp_tests::{Output, Scratch, parse_yaml, repo};

use crate::{BINARY, cmp};

/// A site whose profile is Jsonnet that imports a library, and which has no file of its own beside.
const SITE: &str = "rax-dev-den1";

/// Returns the annotation of an emitted Application.
pub(crate) fn annotation_of(application: &Value) -> String {
    let annotation =
        &application["metadata"]["annotations"]["argocd.argoproj.io/manifest-generate-paths"];
    annotation.as_str().unwrap_or_else(|| panic!("no annotation: {application}")).to_owned()
}

fn render(fleet: &Scratch, site: &str, target: &str) -> Output {
    fleet.render(BINARY, site, &["--target", target, "-o", "json"])
}

fn application(fleet: &Scratch, site: &str) -> Value {
    serde_json::from_str(&render(fleet, site, "application").success().stdout).unwrap()
}

fn annotation(fleet: &Scratch, site: &str) -> String {
    annotation_of(&application(fleet, site))
}

/// The folder of the source that is a plugin.
const PLUGIN: &str = "sites/rax-dev-den1";
/// That of a chart, and of a repo of values files.
const NO_FOLDER: &str = "";

/// Returns whether Argo CD sees a change of a file for a source with a folder: the path or a folder
/// above it is listed.
fn covers_for(source: &str, annotation: &str, path: &str) -> bool {
    let path = Path::new("/").join(path);
    annotation.split(';').any(|item| path.starts_with(resolved(source, item)))
}

/// Returns the path that an item of the annotation has for a source with a folder.
fn resolved(source: &str, item: &str) -> PathBuf {
    let mut path = PathBuf::from("/");
    for part in Path::new("/").join(source).join(item).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    path
}

/// As [`covers_for`], for any of the sources.
fn covers(annotation: &str, path: &str) -> bool {
    [PLUGIN, NO_FOLDER].iter().any(|source| covers_for(source, annotation, path))
}

/// Returns the paths of all files below a folder.
fn files(root: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap());
    let paths = entries.flat_map(|entry| {
        let slash = if folder.is_empty() { "" } else { "/" };
        let path = format!("{folder}{slash}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() { files(root, &path) } else { vec![path] }
    });
    paths.collect()
}

#[test]
fn every_file_that_matters_is_covered_and_no_file_of_another_site() {
    let fleet = Scratch::new();
    let outputs = |fleet: &Scratch| {
        ["application", "resources"].map(|target| {
            let output = render(fleet, SITE, target);
            (output.stdout, output.stderr)
        })
    };
    let first = outputs(&fleet);
    let annotation = annotation(&fleet, SITE);
    let new = [
        "cluster.yaml",
        "deploy.yaml",
        "profile.yaml",
        "nautobot-worker/values.yaml",
        "resources/new.yaml",
    ]
    .map(|name| format!("sites/{SITE}/{name}"));
    let shared = [
        "environments/dev/environment.jsonnet",
        "environments/dev/resources/new.yaml",
        "environments/new/environment.yaml",
        "lib/new.libsonnet",
        "sites/new/profile.yaml",
    ];
    let mut used = Vec::new();
    let all = files(&fleet.path(), "").into_iter().chain(new);
    for path in all.chain(shared.map(str::to_owned)) {
        let is_others = path.starts_with("sites/") && !path.contains(SITE);
        let file = fleet.path().join(&path);
        let before = fs::read(&file).ok();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "\t[(: no file of any kind").unwrap();
        if outputs(&fleet) != first {
            assert!(covers(&annotation, &path), "{path} is not covered: {annotation}");
            used.push(path.clone());
        }
        assert!(!is_others || !covers(&annotation, &path), "{path}: {annotation}");
        match before {
            Some(bytes) => fs::write(&file, bytes).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
    }
    for path in [
        "policies.lock",
        "policies/nautobot-worker.wasm",
        "lib/rax-dev.libsonnet",
        "environments/dev/environment.yaml",
        "environments/dev/resources/new.yaml",
        "base/understack/components/nautobot-worker/values.yaml",
        "base/understack/components/nautobot/nautobot_config.py",
        "sites/rax-dev-den1/nautobot-worker/values.yaml",
        "sites/rax-dev-den1/cluster.yaml",
        "sites/rax-dev-den1/resources/new.yaml",
    ] {
        assert!(used.iter().any(|one| one == path), "{path} changes nothing: {used:?}");
    }
    // The files of other repos, which Argo CD reads for the chart.
    for path in ["nautobot-worker/values.yaml", "nautobot/nautobot_config.py"] {
        assert!(covers(&annotation, &format!("components/{path}")), "{annotation}");
    }
    assert!(annotation.len() < 600, "{annotation}");
}

/// A change of the profile renders the chart when it changes the Application, and not before.
#[test]
fn the_profile_is_covered_for_the_plugin_alone() {
    let annotation = annotation(&Scratch::new(), SITE);
    let profile = "sites/rax-dev-den1/profile.jsonnet";
    assert!(covers_for(PLUGIN, &annotation, profile), "{annotation}");
    assert!(!covers_for(NO_FOLDER, &annotation, profile), "{annotation}");
    let values = "sites/rax-dev-den1/nautobot-worker/values.yaml";
    assert!(covers_for(NO_FOLDER, &annotation, values), "{annotation}");
}

#[test]
fn a_fleet_in_a_folder_of_its_repo_has_paths_from_the_repos_root() {
    let environment = "environments/dev/environment.yaml";
    let (from, to) = (r#"path: "{{deploy_path}}""#, r#"path: "fleet/{{deploy_path}}""#);
    let fleet = Scratch::new().changed(environment, from, to);
    let annotation = annotation(&fleet, SITE);
    for path in ["policies.lock", "environments/new/x", "lib/rax-dev.libsonnet"] {
        assert!(covers(&annotation, &format!("fleet/{path}")), "{annotation}");
        assert!(!covers(&annotation, path), "{annotation}");
    }
    // The chart's own reference starts at the root of the repo, whatever is in the tree.
    assert!(covers(&annotation, "sites/rax-dev-den1/nautobot-worker/values.yaml"), "{annotation}");
    let plugin = "fleet/sites/rax-dev-den1";
    assert!(covers_for(plugin, &annotation, &format!("{plugin}/x")), "{annotation}");
    assert!(!covers_for(plugin, &annotation, "fleet/sites/rax-dev-iad3/profile.yaml"));
}

#[test]
fn a_link_and_the_file_to_which_it_leads_are_covered() {
    let fleet = Scratch::new().with("common/values.yaml", "nautobot: {replicaCount: 1}\n");
    let folder = fleet.path().join("sites").join(SITE).join("nautobot-worker");
    fs::create_dir(&folder).unwrap();
    symlink("../../../common/values.yaml", folder.join("values.yaml")).unwrap();
    let annotation = annotation(&fleet, SITE);
    assert!(covers(&annotation, "common/values.yaml"), "{annotation}");
    assert!(covers(&annotation, &format!("sites/{SITE}/nautobot-worker/values.yaml")));
}

/// Runs the plugin as for an Application with this annotation. `source` is its path in the repo.
fn generate(fleet: &Scratch, site: &str, source: Option<&str>, annotation: &str) -> Output {
    let parameters = json!([{"name": "manifest-generate-paths", "string": annotation}]);
    let folder = fleet.path().join("sites").join(site);
    let plugin = cmp().arg("generate").dir(folder);
    let plugin = plugin.env("ARGOCD_APP_PARAMETERS", parameters.to_string());
    match source {
        Some(path) => plugin.env("ARGOCD_APP_SOURCE_PATH", path).run(),
        None => plugin.run(),
    }
}

#[test]
fn the_parameter_refuses_a_list_that_misses_a_file() {
    let fleet = Scratch::new();
    let source = format!("fleet/sites/{SITE}");
    let run = |annotation: &str| generate(&fleet, SITE, Some(&source), annotation);
    let refused = run(".;/fleet/environments;/fleet/lib").failure(1);
    let refused = refused.says(&["source/unwatched", "policies.lock", "base/understack/"]);
    let advice = refused.stderr.split("parameter to `").nth(1).unwrap().split('`').next().unwrap();
    let expected = render(&fleet, SITE, "application").success().stdout;
    for annotation in [advice, "../..", "/fleet", "/", "../../../../.."] {
        assert_eq!(run(annotation).success().stdout, expected, "{annotation}");
    }
    // Without the source's path only relative paths are known.
    generate(&fleet, SITE, None, "/").failure(1).says(&["source/unwatched"]);
    assert_eq!(generate(&fleet, SITE, None, "../..").success().stdout, expected);
}

#[test]
fn the_applicationset_watches_what_the_example_fleet_reads() {
    let text = fs::read_to_string(repo().join("argocd/applicationset.yaml")).unwrap();
    let template = parse_yaml("applicationset.yaml", text.as_bytes())["spec"]["template"].take();
    let annotation = annotation_of(&template);
    let parameters = &template["spec"]["source"]["plugin"]["parameters"];
    let own = json!({"name": "manifest-generate-paths", "string": annotation});
    assert!(parameters.as_array().unwrap().contains(&own), "{parameters}");
    let fleet = Scratch::example();
    for site in fs::read_dir(fleet.path().join("sites")).unwrap() {
        let site = site.unwrap().file_name().into_string().unwrap();
        generate(&fleet, &site, Some(&format!("sites/{site}")), &annotation).success();
    }
}
