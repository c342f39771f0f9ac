//! Whose versions count: a flag before the snapshot, the snapshot before what Argo CD says.

use serde_json::{Value, json};
use site_cmp_tests::{Output, Scratch};

use super::{SITE, SMALL, SNAPSHOT};
use crate::{BINARY, cmp};

/// What `cmp generate` gives a site where Argo CD says this of its destination.
fn generate(fleet: &Scratch, target: &str, version: &str, apis: &str) -> Output {
    cmp()
        .arg("generate")
        .dir(fleet.path().join("sites").join(SITE))
        .env("ARGOCD_APP_PARAMETERS", format!(r#"[{{"name":"target","string":"{target}"}}]"#))
        .env("KUBE_VERSION", version)
        .env("KUBE_API_VERSIONS", apis)
        .run()
        .success()
}

fn kept() -> Scratch {
    Scratch::new().with(SNAPSHOT, SMALL)
}

/// What the Application tells Argo CD's own helm.
fn helm(output: &Output) -> Value {
    let application: Value = serde_json::from_str(&output.stdout).unwrap();
    application["spec"]["sources"][0]["helm"].clone()
}

#[test]
fn an_application_carries_the_snapshot_whatever_argo_cd_says() {
    let fleet = kept();
    let rendered = fleet.render(BINARY, SITE, &["--target", "application", "-o", "json"]).success();
    let helm = helm(&rendered);
    assert_eq!(helm["kubeVersion"], "1.33.4");
    let apis =
        ["v1", "v1/Pod", "monitoring.coreos.com/v1", "monitoring.coreos.com/v1/ServiceMonitor"];
    assert_eq!(helm["apiVersions"], json!(apis));
    let generated = generate(&fleet, "application", "1.20.0", "v1,old.example.com/v1");
    assert_eq!(generated.stdout, rendered.stdout);
    // The Application is applied somewhere else than what it describes.
    assert!(!generated.stderr.contains("cluster/stale"), "{}", generated.stderr);
}

#[test]
fn without_a_snapshot_an_application_carries_no_versions() {
    let fleet = Scratch::new();
    let generated = generate(&fleet, "application", "1.20.0", "v1");
    let rendered = fleet.render(BINARY, SITE, &["--target", "application", "-o", "json"]).success();
    assert_eq!(generated.stdout, rendered.stdout);
    let helm = helm(&generated);
    assert!(helm.get("kubeVersion").is_none() && helm.get("apiVersions").is_none(), "{helm}");
}

#[test]
fn a_flag_wins_over_the_snapshot_in_what_it_says() {
    let words = ["--target", "application", "-o", "json", "--kube-version", "v1.30.2"];
    let output = kept().render(BINARY, SITE, &words).success();
    assert_eq!(helm(&output)["kubeVersion"], "1.30.2");
    assert_eq!(helm(&output)["apiVersions"][0], "v1");
    let words =
        [&words[..], &["--api-versions", "a.example.com/v1,b.example.com/v2/Thing"]].concat();
    let output = kept().render(BINARY, SITE, &words).success();
    assert_eq!(helm(&output)["apiVersions"], json!(["a.example.com/v1", "b.example.com/v2/Thing"]));
    kept().render(BINARY, SITE, &["--kube-version", "newest"]).failure(2).says(&["such as 1.33.4"]);
    kept().render(BINARY, SITE, &["--api-versions", "a b"]).failure(2).says(&["GROUP/VERSION"]);
}

#[test]
fn where_argo_cd_knows_the_cluster_otherwise_both_are_named() {
    let fleet = kept();
    let told = generate(
        &fleet,
        "resources",
        "1.34.1",
        "v1,v1/Pod,new.example.com/v1,other.example.com/v1",
    );
    told.says(&[
        "warning[cluster/stale]",
        "the snapshot of site `rax-dev-iad3` is out of date",
        "it has Kubernetes 1.33.4, and Argo CD reports 1.34.1",
        "it lacks new.example.com/v1 and 1 more",
        "sites/rax-dev-iad3/cluster.yaml:3:14",
        "cmp cluster snapshot --site rax-dev-iad3",
    ]);
    // Argo CD names only what can be listed, and may leave out the patch.
    for version in ["1.33.4", "1.33", ""] {
        let told = generate(&fleet, "resources", version, "v1,v1/Pod");
        assert!(!told.stderr.contains("cluster/stale"), "{version}: {}", told.stderr);
    }
}

#[test]
fn a_global_cluster_has_a_snapshot_of_its_own() {
    let fleet = Scratch::new().with("environments/dev/cluster.yaml", SMALL);
    let generated = cmp()
        .arg("generate")
        .dir(fleet.path().join("environments/dev"))
        .env("ARGOCD_APP_PARAMETERS", r#"[{"name":"target","string":"global"}]"#)
        .env("KUBE_VERSION", "1.34.1")
        .run()
        .success();
    let hint = "cmp cluster snapshot --environment dev";
    let rendered =
        cmp().args(["render", "--environment", "dev", "--target", "global", "-o", "json"]);
    let rendered = rendered.dir(fleet.path()).run().success();
    assert_eq!(generated.stdout, rendered.stdout);
    generated.says(&["cluster/stale", "environments/dev/cluster.yaml:3:14", hint]);
    // It is the global cluster's and no site's.
    let site = fleet.render(BINARY, SITE, &["--target", "application", "-o", "json"]).success();
    assert!(helm(&site).get("kubeVersion").is_none());
}

#[test]
fn every_snapshot_of_the_example_fleet_reaches_its_application() {
    let fleet = Scratch::new();
    for (site, version) in [("rax-dev-hkg1", "1.33.4"), ("rax-prod-dfw1", "1.32.9")] {
        let output =
            fleet.render(BINARY, site, &["--target", "application", "-o", "json"]).success();
        let helm = helm(&output);
        assert_eq!(helm["kubeVersion"], version);
        let apis = helm["apiVersions"].as_array().unwrap();
        assert!(apis.contains(&json!("monitoring.coreos.com/v1/ServiceMonitor")), "{site}");
    }
}
