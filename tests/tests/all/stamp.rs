//! `cmp policy lock --stamp`: the lock's digest in Applications that are kept in Git.

use std::fs;
use std::path::PathBuf;

use site_cmp_tests::{Output, Scratch, repo};

use crate::cmp;

struct Apps {
    fleet: Scratch,
    folder: PathBuf,
}

/// A fleet, and beside it a copy of the ApplicationSet of `argocd/`.
fn apps() -> Apps {
    let fleet = Scratch::new();
    let folder = fleet.outside().join("apps");
    fs::create_dir(&folder).unwrap();
    let set = fs::read_to_string(repo().join("argocd/applicationset.yaml")).unwrap();
    // Whatever it names today: the test adds and changes the digest itself.
    fs::write(folder.join("sites.yaml"), without_digest(&set)).unwrap();
    Apps { fleet, folder }
}

/// The text without a parameter of two lines.
fn without_digest(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    if let Some(at) = lines.iter().position(|line| line.ends_with("- name: policies-lock")) {
        lines.drain(at..at + 2);
    }
    lines.join("\n") + "\n"
}

impl Apps {
    fn lock(&self, more: &[&str]) -> Output {
        let lock = cmp().args(["policy", "lock"]).arg(self.fleet.path());
        lock.arg("--stamp").arg(&self.folder).args(more).run()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.folder.join("sites.yaml")).unwrap()
    }

    fn digest(&self) -> String {
        site_render::sha256(&fs::read(self.fleet.path().join("policies.lock")).unwrap())
    }
}

#[test]
fn an_applicationset_gets_the_digest_and_keeps_all_else() {
    let apps = apps();
    let before = apps.text();
    apps.lock(&["--check"]).failure(1).says(&["stamp/outdated", "sites.yaml:"]);
    assert_eq!(apps.text(), before, "--check changes nothing");
    let said = apps.lock(&[]).success().stdout;
    assert!(said.contains("policies.lock is up to date\nstamped "), "{said}");
    let after = apps.text();
    let item =
        format!("            - name: policies-lock\n              string: \"{}\"\n", apps.digest());
    assert_eq!(after.replacen(&item, "", 1), before);
    assert_ne!(after, before);
    apps.lock(&["--check"]).success();
    assert_eq!(apps.lock(&[]).success().stdout, "policies.lock is up to date\n");
    assert_eq!(apps.text(), after);
}

#[test]
fn a_new_lock_is_stamped_in_the_same_run() {
    let apps = apps();
    apps.lock(&[]).success();
    let old = apps.digest();
    fs::remove_file(apps.fleet.path().join("policies/worker-placement.wasm")).unwrap();
    // Both are told: the lock, and what names it.
    apps.lock(&["--check"]).failure(1).says(&["lock/outdated", "stamp/outdated", "sites.yaml:"]);
    apps.lock(&[]).success();
    assert_ne!(apps.digest(), old);
    assert!(apps.text().contains(&apps.digest()) && !apps.text().contains(&old));
    apps.lock(&["--check"]).success();
}

#[test]
fn only_the_plugins_that_are_named_are_stamped() {
    let apps = apps();
    let before = apps.text();
    apps.lock(&["--plugin", "another"]).success();
    assert_eq!(apps.text(), before);
    cmp().args(["policy", "lock", "--plugin", "another"]).run().failure(2);
}

#[test]
fn one_file_that_cannot_be_stamped_leaves_all_as_they_are() {
    let apps = apps();
    let before = apps.text();
    let bad = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    plugin: {name: site-cmp@v1, parameters: x}\n";
    fs::write(apps.folder.join("z.yaml"), bad).unwrap();
    apps.lock(&[]).failure(1).says(&["stamp/layout", "z.yaml:5"]);
    fs::write(apps.folder.join("z.yaml"), format!("{{{{- if .Values.x }}}}\n{bad}")).unwrap();
    apps.lock(&[]).failure(1).says(&[
        "yaml/key",
        "z.yaml:1",
        "stamp rendered files, not templates",
    ]);
    assert_eq!(apps.text(), before);
}

/// It is a template of YAML, which a program cannot edit safely.
#[test]
fn a_template_patch_that_names_the_plugin_is_reported() {
    let apps = apps();
    let set = |patch: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: s}}\nspec:\n  templatePatch: |\n    spec:\n      source:\n        plugin:\n          name: site-cmp@v1\n{patch}"
        );
        fs::write(apps.folder.join("set.yaml"), text).unwrap();
    };
    set("");
    apps.lock(&[]).failure(1).says(&["stamp/layout", "set.yaml:5:", "templatePatch"]);
    set(&format!("          parameters: [{{name: policies-lock, string: {}}}]\n", apps.digest()));
    apps.lock(&[]).success();
}
