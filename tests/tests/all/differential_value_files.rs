//! The values files that Argo CD reads for random lists of references, beside those of our
//! Applications.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use fuzz_checks::{ValueFilesOracle, random_value_files};
use serde_json::Value;
use site_cmp_tests::tell;
use tempfile::TempDir;

use crate::cmp;
use crate::differential::{number, programs};

/// The number of lists without `LISTS`.
const LISTS: u32 = 60;

/// The sources, of which two are one repository.
const SOURCES: [(&str, &str, &str); 3] = [
    ("a", "https://git.example.net/one.git", "one"),
    ("b", "https://GIT.example.net/One", "one"),
    ("c", "git@git.example.net:two.git", "two"),
];

const FILES: [&str; 16] = [
    "x.yaml",
    "y.yaml",
    ".h.yaml",
    "one-worker.yaml",
    "web.yaml",
    "d/x.yaml",
    "d/y.yaml",
    "d/e/x.yaml",
    "d/e/z.yaml",
    "d/e/f/y.yaml",
    "d-e/x.yaml",
    "d-e/é.yaml",
    "f/x.yaml",
    "f/[1].yaml",
    "one/x.yaml",
    "f/web/y.yaml",
];
const LINKS: [(&str, &str); 5] = [
    ("link.yaml", "d/x.yaml"),
    ("d/link.yaml", "../link.yaml"),
    ("ld", "d/e"),
    ("f/out.yaml", "../../two/x.yaml"),
    ("d/broken.yaml", "none"),
];

#[test]
fn random_lists_are_resolved_as_argo_cd_does() {
    let Some(programs) = programs() else { return };
    let folder = TempDir::new().unwrap();
    write_fleet(folder.path());
    let mut argo_cd = ValueFilesOracle::start(&programs, folder.path());
    for (name, url, checkout) in SOURCES {
        argo_cd.refs.insert(name.to_owned(), url.to_owned());
        argo_cd.repos.insert(url.to_owned(), checkout.to_owned());
    }
    argo_cd.env = BTreeMap::from([
        ("ARGOCD_APP_NAME".to_owned(), "one-worker".to_owned()),
        ("ARGOCD_APP_NAMESPACE".to_owned(), "web".to_owned()),
    ]);
    let names = SOURCES.map(|(name, ..)| name);
    let (first, lists) = (number("SEED", 0), number("LISTS", LISTS));
    let (mut read, mut refused, mut stricter, mut differences) = (0, 0, 0, Vec::new());
    for seed in first..first + lists {
        let references = random_value_files(seed, &names);
        let ours = resolve(folder.path(), &references);
        let filled: Vec<_> = references.iter().map(|one| one.replace("{{site}}", "one")).collect();
        let theirs = argo_cd.resolve(&filled).and_then(helm_reads);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) if ours == theirs => read += 1,
            (Err(_), Err(_)) => refused += 1,
            // Names that are patterns themselves.
            (Err(why), Ok(_)) if why.contains("values/pattern") => stricter += 1,
            (ours, theirs) => {
                differences.push(format!("seed {seed}, {references:?}\n  {ours:?}\n  {theirs:?}"));
            }
        }
    }
    tell(&format!(
        "{lists} lists of values files: {read} read, {refused} refused by both, {stricter} refused here"
    ));
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
    assert!(read * 3 > lists, "{read} are read");
}

fn write_fleet(folder: &Path) {
    for checkout in ["one", "two"] {
        for file in FILES {
            let path = folder.join(checkout).join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "a: 1\n").unwrap();
        }
    }
    for (link, target) in LINKS {
        symlink(target, folder.join("one").join(link)).unwrap();
    }
    for path in ["environments/dev", "sites/one"] {
        fs::create_dir_all(folder.join(path)).unwrap();
    }
    let policies = site_cmp_tests::repo().join("site-profiles");
    site_cmp_tests::copy(&policies.join("policies"), &folder.join("policies"));
    fs::copy(policies.join("policies.lock"), folder.join("policies.lock")).unwrap();
    let urls = SOURCES.map(|(name, url, _)| format!("{name}_url: {url}\n")).concat();
    let profile = format!(
        "environment: dev\nappLabels: {{understack.rackspace.com/site: one}}\ncluster_server: https://one.example.net\n{urls}site:\n  enabled: true\n  nautobot_worker: {{enabled: true}}\n"
    );
    fs::write(folder.join("sites/one/profile.yaml"), profile).unwrap();
}

/// Returns the files that the Application names and that exist.
fn resolve(folder: &Path, references: &[String]) -> Result<Vec<PathBuf>, String> {
    let copies =
        SOURCES.map(|(name, url, path)| format!("  {name}: {{url: \"{url}\", path: {path}}}\n"));
    let sources = SOURCES.map(|(name, ..)| format!("{name}: {{}}")).join(", ");
    let listed = serde_json::to_string(references).unwrap();
    let environment = format!(
        "sources:\n{}components:\n  nautobot_worker:\n    suffix: worker\n    chart: {{name: nautobot, repository: \"https://charts.example.net\", version: 3.1.1}}\n    release: web\n    namespace: web\n    project: sites\n    sources: {{{sources}}}\n    valueFiles: {listed}\n    policies: {{nautobot-worker: {{}}}}\n",
        copies.concat()
    );
    fs::write(folder.join("environments/dev/environment.yaml"), environment).unwrap();
    let output = cmp()
        .arg("render")
        .arg(folder)
        .args(["--site", "one", "--target", "application", "-o", "json"])
        .run();
    if output.code != Some(0) {
        return Err(output.stderr.lines().next().unwrap_or_default().to_owned());
    }
    let application: Value = serde_json::from_str(&output.stdout).unwrap();
    let files = application["spec"]["sources"][0]["helm"]["valueFiles"].as_array().unwrap();
    let paths = files.iter().filter_map(|file| {
        let (source, path) =
            file.as_str().unwrap().strip_prefix('$').unwrap().split_once('/').unwrap();
        let (_, _, checkout) = SOURCES.iter().find(|(name, ..)| *name == source).unwrap();
        fs::canonicalize(folder.join(checkout).join(clean(path))).ok()
    });
    Ok(paths.collect())
}

/// Returns a path without `..` and empty names, as Argo CD cleans it before it follows links.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Returns the files as helm reads them, or why it refuses one.
fn helm_reads(files: Vec<PathBuf>) -> Result<Vec<PathBuf>, String> {
    files
        .into_iter()
        .map(|file| match fs::canonicalize(&file) {
            Ok(path) if path.is_file() => Ok(path),
            _ => Err(format!("helm cannot read {}", file.display())),
        })
        .collect()
}
