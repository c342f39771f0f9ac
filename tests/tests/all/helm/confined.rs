//! helm where a hostile repository chooses the chart: off, or confined with limits.
//!
//! A script plays helm where the test is about what helm is given; the real one plays itself
//! where it is about what helm does.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use serde_json::Value;
use site_cmp_tests::{Command, Output, Scratch, copy, repo, wait_for, write_program};

use super::helms;
use crate::argo::Argo;
use crate::cmp;

const SITE: &str = "bare";
const REPOSITORY: &str = "https://charts.example.net/web/";
const MANIFESTS: &str = r#"[{"name":"target","string":"manifests"}]"#;
const ALLOWED: &str = "helm: {enabled: true, repositories: [https://charts.example.net/web]}\n";
/// What a script answers in place of a rendered chart.
const ANSWER: &str =
    "cat >/dev/null; echo '{kind: ConfigMap, apiVersion: v1, metadata: {name: x}}'";

/// A fleet with one site and one policy.
fn bare(chart: &str, repository: &str) -> Scratch {
    let environment = format!(
        "apiVersion: site-cmp/v1\nkind: Environment\nmetadata: {{name: bare}}\ncomponents:\n  nautobot_worker:\n    \
         chart: {{name: '{chart}', repository: '{repository}', version: 1.0.0}}\n    \
         release: web\n    namespace: web\n    project: web\n    \
         policies: {{worker-placement: {{nodeSelector: {{example.net/hall: b}}}}}}\n"
    );
    let profile = "apiVersion: site-cmp/v1\nkind: SiteProfile\nmetadata: {name: bare}\n\
         environment: bare\ncluster_server: https://bare.example.net\n\
         appLabels: {understack.rackspace.com/site: bare}\n\
         site: {enabled: true, nautobot_worker: {enabled: true}}\n";
    Scratch::new()
        .with("environments/bare/environment.yaml", environment)
        .with("sites/bare/profile.yaml", profile)
}

/// A script that is started as helm.
fn script(fleet: &Scratch, lines: &str) -> PathBuf {
    let program = fleet.outside().join("helm-script");
    write_program(&program, format!("#!/bin/sh\n{lines}\n"));
    program
}

/// `cmp generate` for the target manifests, with a limits file.
fn generate(fleet: &Scratch, helm: &Path, limits: &str) -> Command {
    let file = fleet.outside().join("limits.yaml");
    fs::write(&file, limits).unwrap();
    cmp()
        .arg("generate")
        .dir(fleet.path().join("sites").join(SITE))
        .env("ARGOCD_APP_PARAMETERS", MANIFESTS)
        .env("SITE_CMP_HELM", helm)
        .env("SITE_CMP_LIMITS", file)
        .env("KUBECONFIG", "/of/the/server")
        .env("HTTPS_PROXY", "http://proxy.example:3128")
        .env("SECRET", "of-the-server")
}

/// `cmp render` for the target manifests, as a person calls it.
fn render(fleet: &Scratch, helm: &Path, more: &[&str]) -> Output {
    cmp()
        .arg("render")
        .arg(fleet.path())
        .args(["--site", SITE, "--target", "manifests", "-o", "json"])
        .args(more)
        .env("SITE_CMP_HELM", helm)
        .env("HOME", fleet.outside().join("home"))
        .run()
}

/// A repository that accepts a connection and never answers.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok(connection) = listener.accept() {
            open.push(connection);
        }
    });
    address
}

/// The processes with a word on their command line.
fn processes(word: &str) -> Vec<PathBuf> {
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    all.filter(|path| fs::read_to_string(path.join("cmdline")).is_ok_and(|c| c.contains(word)))
        .collect()
}

#[test]
fn a_plugin_runs_no_helm_unless_the_operator_allows_it() {
    let fleet = bare("web", REPOSITORY);
    let marker = fleet.outside().join("started");
    let helm = script(&fleet, &format!("touch {}; {ANSWER}", marker.display()));
    for limits in ["", "helm: {milliseconds: 1000}\n", "helm: {enabled: false}\n"] {
        let output = generate(&fleet, &helm, limits).run().failure(1);
        output.says(&["emit/helm-off", "helm.enabled", "helm.repositories"]);
    }
    fs::write(fleet.outside().join("off.yaml"), "helm: {enabled: false}\n").unwrap();
    let off = fleet.outside().join("off.yaml");
    render(&fleet, &helm, &["--limits", off.to_str().unwrap()]).failure(1).says(&["emit/helm-off"]);
    assert!(!marker.exists());
    render(&fleet, &helm, &[]).success();
    assert!(marker.exists(), "a person's own helm runs");
}

#[test]
fn the_server_runs_no_helm_either() {
    let Some(argo) = Argo::new() else { return };
    let plugin = argo.serve(&[], &[]);
    let target = r#"{"name": "target", "string": "manifests"}"#;
    let more = ["--param".to_owned(), target.to_owned()];
    let fleet = bare("web", REPOSITORY);
    let output = plugin.generate(&fleet.path(), &format!("sites/{SITE}"), &more);
    assert!(output.stderr.contains("emit/helm-off"), "{}", output.stderr);
}

#[test]
fn a_confined_helm_has_a_clean_environment_and_a_home_of_its_own() {
    let fleet = bare("web", REPOSITORY);
    let helm = script(
        &fleet,
        r#"cat >/dev/null
for name in HOME TMPDIR HELM_CACHE_HOME HELM_CONFIG_HOME HELM_DATA_HOME PWD; do
  eval "value=\$$name"; mkdir -p "$value"; touch "$value/left"
done
echo '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "told"}, "data": {'
env | sed 's/\(.*\)=\(.*\)/"\1": "\2",/'
echo '"files": "'$(ls -A . | tr '\n' ' ')'"}}'"#,
    );
    let limits = ALLOWED.replace('}', ", environment: [HTTPS_PROXY]}");
    let output = generate(&fleet, &helm, &limits).run().success();
    let told = output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = told.into_iter().find(|object| object["metadata"]["name"] == "told").unwrap();
    let data = told["data"].as_object().unwrap();
    for name in ["KUBECONFIG", "SECRET", "ARGOCD_APP_PARAMETERS", "SITE_CMP_LIMITS"] {
        assert!(!data.contains_key(name), "{name} is visible: {data:?}");
    }
    assert_eq!(data["HTTPS_PROXY"], "http://proxy.example:3128");
    let home = data["HOME"].as_str().unwrap();
    assert!(home.contains("site-cmp-helm-"), "{home}");
    for name in ["PWD", "TMPDIR", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        assert!(data[name].as_str().unwrap().starts_with(home), "{name}: {data:?}");
    }
    assert_eq!(data["files"], "left ", "its working folder was empty");
    assert!(!Path::new(home).exists(), "its home goes with it");
}

#[test]
fn a_charts_name_is_never_a_file() {
    let fleet = bare("web", REPOSITORY);
    let other = fleet.outside().join("other/chart");
    copy(&repo().join("tests/fixtures/asking-chart"), &other);
    let marker = fleet.outside().join("started");
    let helm = script(&fleet, &format!("touch {}; {ANSWER}", marker.display()));
    for name in [other.to_str().unwrap(), "../chart", "./chart", "repo/chart", "--debug"] {
        let fleet = bare(name, REPOSITORY);
        render(&fleet, &helm, &[]).failure(1).says(&["emit/chart-address", "chart.name"]);
        generate(&fleet, &helm, ALLOWED).run().failure(1).says(&["emit/chart-address"]);
    }
    for repository in ["https://user:hunter2@charts.example.org", "@own"] {
        let fleet = bare("web", repository);
        let output = render(&fleet, &helm, &[]).failure(1);
        assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
        output.says(&["emit/chart-address", "chart.repository"]);
    }
    let fleet = bare("web", "file:///tmp/charts");
    render(&fleet, &helm, &[]).failure(1).says(&["error[source/url]", "chart.repository"]);
    assert!(!marker.exists());
}

#[test]
fn only_listed_repositories_are_asked() {
    let fleet = bare("web", REPOSITORY);
    let helm = script(&fleet, ANSWER);
    generate(&fleet, &helm, ALLOWED).run().success();
    for repository in [
        "https://evil.example",
        "https://nautobot.github.io",
        "oci://nautobot.github.io/helm-charts",
    ] {
        let fleet = bare("web", repository);
        let output = generate(&fleet, &helm, ALLOWED).run().failure(1);
        output.says(&["emit/helm-repository", "helm.repositories"]);
    }
    let none = generate(&fleet, &helm, "helm: {enabled: true}\n").run().failure(1);
    none.says(&["emit/helm-repository"]);
    let wrong = "helm: {repositories: ['file:///tmp']}\n";
    generate(&fleet, &helm, wrong).run().failure(3).says(&["operator/limits", "file:///tmp"]);
}

#[test]
fn a_helm_that_does_not_end_is_killed_with_all_that_it_started() {
    let fleet = bare("web", REPOSITORY);
    let pid = fleet.outside().join("pid");
    let helm = script(&fleet, &format!("sleep 987654 & echo $! > {}; wait", pid.display()));
    let limits = ALLOWED.replace('}', ", milliseconds: 700}");
    let output = generate(&fleet, &helm, &limits).run().failure(1);
    output.says(&["emit/helm-limit", "700 ms", "helm.milliseconds"]);
    let sleeper = fs::read_to_string(&pid).unwrap();
    wait_for("the end of what helm started", || {
        let state = fs::read_to_string(format!("/proc/{}/stat", sleeper.trim()));
        state.map_or(true, |state| state.contains(") Z ")).then_some(())
    });
}

#[test]
fn helms_output_is_limited() {
    let fleet = bare("web", REPOSITORY);
    let helm = script(&fleet, "cat >/dev/null; exec yes 'a: b'");
    let limits = ALLOWED.replace('}', ", outputBytes: 10000}");
    let output = generate(&fleet, &helm, &limits).run().failure(1);
    output.says(&["emit/helm-limit", "10000 bytes", "helm.outputBytes"]);
}

#[test]
fn a_repository_that_never_answers_holds_a_call_for_its_time_alone() {
    for helm in helms() {
        let address = silent();
        let fleet = bare("web", &address);
        let limits =
            format!("helm: {{enabled: true, repositories: ['{address}'], milliseconds: 2000}}\n");
        let output = generate(&fleet, &helm, &limits).run().failure(1);
        output.says(&["emit/helm-limit", "2000 ms"]);
        wait_for("the end of helm", || processes(&address).is_empty().then_some(()));
    }
}

#[test]
fn helm_ends_when_its_parent_is_killed() {
    for helm in helms() {
        let address = silent();
        let fleet = bare("web", &address);
        let limits = format!("helm: {{enabled: true, repositories: ['{address}']}}\n");
        let mut command = generate(&fleet, &helm, &limits);
        let streams = command.inner().stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = streams.spawn().unwrap();
        wait_for("a running helm", || (!processes(&address).is_empty()).then_some(()));
        child.kill().unwrap();
        child.wait().unwrap();
        wait_for("the end of helm", || processes(&address).is_empty().then_some(()));
    }
}

#[test]
fn helms_memory_is_limited() {
    for helm in helms() {
        let fleet = bare("web", REPOSITORY);
        let limits = ALLOWED.replace('}', ", memoryBytes: 67108864}");
        let output = generate(&fleet, &helm, &limits).run().failure(1);
        output.says(&["emit/helm-limit", "67108864 bytes of memory", "helm.memoryBytes"]);
    }
}

#[test]
fn a_folder_of_the_working_folder_is_no_chart() {
    for helm in helms() {
        // Nothing listens there any more.
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let fleet = bare("asking", &format!("http://{closed}"));
        let folder = fleet.path().join("sites").join(SITE);
        copy(&repo().join("tests/fixtures/asking-chart"), &folder.join("asking"));
        let limits = format!("helm: {{enabled: true, repositories: ['http://{closed}']}}\n");
        generate(&fleet, &helm, &limits).run().failure(1).says(&["emit/helm]"]);
        let own = cmp()
            .arg("render")
            .arg(fleet.path())
            .args(["--site", SITE, "--target", "manifests"])
            .dir(&folder)
            .env("SITE_CMP_HELM", &helm)
            .env("HOME", fleet.outside().join("home"))
            .run();
        own.failure(1).says(&["emit/helm]"]);
    }
}
