//! The real helm, and a chart that makes what the cluster can take: what every front door
//! makes of it is the same.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use site_cmp_tests::{Output, Scratch, copy, repo};

use super::http::serve;
use super::{SITE, SMALL, SNAPSHOT};
use crate::argo::{Argo, commit};
use crate::helm::helms;
use crate::{BINARY, cmp};

const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const REPOSITORY: &str = "https://nautobot.github.io/helm-charts/";

fn chart() -> PathBuf {
    repo().join("tests/fixtures/asking-chart")
}

/// A Helm repository with the chart in it.
fn repository() -> String {
    let index = "apiVersion: v1\nentries:\n  nautobot:\n  - {apiVersion: v2, name: nautobot, version: 3.1.2, urls: [chart.tgz]}\n";
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    archive.append_dir_all("nautobot", chart()).unwrap();
    let archive = archive.into_inner().unwrap().finish().unwrap();
    serve(move |path| match path {
        "/index.yaml" => Some(index.as_bytes().to_vec()),
        "/chart.tgz" => Some(archive.clone()),
        _ => None,
    })
}

/// The example fleet, whose chart comes from there.
fn fleet() -> Scratch {
    Scratch::new().changed(ENVIRONMENT, REPOSITORY, &format!("{}/", repository()))
}

fn rendered(fleet: &Scratch, helm: &Path, more: &[&str]) -> Output {
    let home = fleet.outside().join("home");
    let words = ["--site", SITE, "--target", "manifests", "-o", "json"];
    let command = cmp().arg("render").arg(fleet.path()).args(words).args(more);
    command.env("SITE_CMP_HELM", helm).env("HOME", home).run().success()
}

fn generated(fleet: &Scratch, helm: &Path, version: &str, apis: &str) -> Output {
    let environment = site_cmp_tests::read_yaml(&fleet.path().join(ENVIRONMENT));
    let repository = &environment["components"]["nautobot_worker"]["chart"]["repository"];
    let limits = fleet.outside().join("limits.yaml");
    fs::write(&limits, format!("helm: {{enabled: true, repositories: [{repository}]}}\n")).unwrap();
    let command = cmp().arg("generate").dir(fleet.path().join("sites").join(SITE));
    command
        .env("ARGOCD_APP_PARAMETERS", r#"[{"name":"target","string":"manifests"}]"#)
        .env("KUBE_VERSION", version)
        .env("KUBE_API_VERSIONS", apis)
        .env("SITE_CMP_HELM", helm)
        .env("SITE_CMP_LIMITS", limits)
        .run()
        .success()
}

/// The version that the chart was told, and whether it made the ServiceMonitor.
fn seen(output: &Output) -> (String, bool) {
    let objects: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = objects.iter().find(|object| object["metadata"]["name"] == "told").unwrap();
    let made = objects.iter().any(|object| object["kind"] == "ServiceMonitor");
    (told["data"]["kubeVersion"].as_str().unwrap().to_owned(), made)
}

#[test]
fn a_chart_makes_what_the_snapshot_has_at_every_front_door() {
    for helm in helms() {
        let fleet = fleet();
        let without = rendered(&fleet, &helm, &[]);
        assert!(!seen(&without).1, "without a snapshot nobody knows of monitoring");
        let fleet = fleet.with(SNAPSHOT, SMALL);
        let with = rendered(&fleet, &helm, &[]);
        assert_eq!(seen(&with), ("v1.33.4".to_owned(), true));
        let called = generated(&fleet, &helm, "1.20.0", "v1");
        assert_eq!(called.stdout, with.stdout);
        called.says(&["cluster/stale", "1.20.0"]);
    }
}

#[test]
fn without_a_snapshot_argo_cd_is_believed_and_a_flag_always() {
    for helm in helms() {
        let fleet = fleet();
        let monitoring = "monitoring.coreos.com/v1/ServiceMonitor";
        let called = generated(&fleet, &helm, "1.31.7", &format!("v1,{monitoring}"));
        assert_eq!(seen(&called), ("v1.31.7".to_owned(), true));
        let fleet = fleet.with(SNAPSHOT, SMALL);
        let flags = ["--kube-version", "1.30.1", "--api-versions", "v1"];
        assert_eq!(seen(&rendered(&fleet, &helm, &flags)), ("v1.30.1".to_owned(), false));
    }
}

#[test]
fn the_snapshot_of_a_large_cluster_fits_on_helms_command_line() {
    let Some(helm) = helms().pop() else { return };
    let group = "g".repeat(100);
    let apis: String =
        (0..5000).map(|api| format!("- {group}.example.com/v1/{group}{api}\n")).collect();
    let text = format!("kubeVersion: 1.33.4\napiVersions:\n{apis}");
    assert!(text.len() > 1_000_000, "as large as a snapshot can be");
    let fleet = Scratch::new().with(SNAPSHOT, text);
    let chart = chart();
    let words = ["--other-chart", "--chart", chart.to_str().unwrap()];
    assert_eq!(seen(&rendered(&fleet, &helm, &words)), ("v1.33.4".to_owned(), false));
}

/// The helm section of the Application that the fleet gives its site, without the files of
/// sources that are not in this chart's repo.
fn helm_section(fleet: &Scratch) -> Value {
    let words = ["--target", "application", "-o", "json"];
    let output = fleet.render(BINARY, SITE, &words).success();
    let application: Value = serde_json::from_str(&output.stdout).unwrap();
    let mut section = application["spec"]["sources"][0]["helm"].clone();
    for files in ["valueFiles", "fileParameters"] {
        section.as_object_mut().unwrap().remove(files);
    }
    section
}

#[test]
fn argo_cds_own_helm_goes_by_the_versions_in_the_application() {
    let Some(argo) = Argo::new() else { return };
    let Some(helm) = helms().pop() else { return };
    symlink(helm, argo.at("bin/helm")).unwrap();
    let Some(repo_server) = argo.repo_server(&[]) else { return };
    let repo = argo.at("charts");
    copy(&chart(), &repo);
    commit(&repo);
    let made = |fleet: &Scratch| {
        let section = helm_section(fleet).to_string();
        // What Argo CD itself knows of the destination.
        let words = ["--path", ".", "--helm", &section, "--kube-version", "1.20.0"];
        let answer = repo_server.manifests(&repo, &words);
        assert!(answer.texts().iter().any(|object| object.contains("ConfigMap")), "{answer:?}");
        answer.texts().concat()
    };
    let without = made(&Scratch::new());
    assert!(without.contains("v1.20.0") && !without.contains("ServiceMonitor"), "{without}");
    let with = made(&Scratch::new().with(SNAPSHOT, SMALL));
    assert!(with.contains("v1.33.4") && with.contains("ServiceMonitor"), "{with}");
}
