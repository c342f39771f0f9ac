//! References of `valueFiles`, read as Argo CD 3.5.7 reads them.

use serde_json::Value;
use site_cmp_tests::Scratch;

use crate::{BINARY, cmp};

const SITE: &str = "rax-dev-iad3";
const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const SHARED: &str = "$understack/components/nautobot-worker/values.yaml";
const OWN: &str = "$deploy/{{deploy_path}}/nautobot-worker/values.yaml";
const FILE: &str = "base/understack/components/nautobot-worker/values.yaml";

/// Returns the example with other references.
fn with_references(references: &[&str]) -> Scratch {
    let item = |reference: &str| format!("      - {reference}\n");
    let old = [SHARED, OWN].map(item).concat();
    let new: String = references.iter().map(|reference| item(reference)).collect();
    Scratch::new().changed(ENVIRONMENT, &old, &new)
}

fn application(fleet: &Scratch) -> Value {
    let output = fleet.render(BINARY, SITE, &["--target", "application", "-o", "json"]).success();
    serde_json::from_str(&output.stdout).unwrap()
}

/// Returns the references in the Application.
fn emitted(application: &Value) -> Vec<&str> {
    let files = application["spec"]["sources"][0]["helm"]["valueFiles"].as_array().unwrap();
    files.iter().map(|file| file.as_str().unwrap()).collect()
}

fn value(fleet: &Scratch, path: &str) -> String {
    let command = cmp().arg("explain").arg(fleet.path()).args([path, "--site", SITE]);
    command.run().success().stdout
}

#[test]
fn a_build_variable_is_what_argo_cd_replaces_it_by() {
    for variable in ["${ARGOCD_APP_NAME}", "$ARGOCD_APP_NAME"] {
        let fleet =
            with_references(&[SHARED, &format!("$understack/components/{variable}/v.yaml")]);
        let file = "base/understack/components/rax-dev-iad3-nautobot-worker/v.yaml";
        let fleet =
            fleet.with(file, "celery: {concurrency: 11}\nworkers: {slow: {enabled: true}}\n");
        let application = application(&fleet);
        let path = "$understack/components/rax-dev-iad3-nautobot-worker/v.yaml";
        assert_eq!(emitted(&application), [SHARED, path]);
        // The policies see its values: another worker is switched off.
        let workers = &application["spec"]["sources"][0]["helm"]["valuesObject"]["workers"];
        assert_eq!(workers["slow"]["enabled"], false, "{workers}");
        assert!(value(&fleet, "celery.concurrency").contains("11"));
    }
    for (variable, hint) in [
        ("${ARGOCD_APP_NAEM}", "did you mean `ARGOCD_APP_NAME`"),
        ("$ARGOCD_APP_REVISION", "ARGOCD_APP_"),
        ("$", "use one of ARGOCD_APP_NAME"),
    ] {
        let fleet = with_references(&[&format!("$understack/{variable}/v.yaml")]);
        let refused = fleet.render(BINARY, SITE, &["--target", "application"]).failure(1);
        refused.says(&["reference/variable", "environment.yaml:35:9", hint]);
    }
}

#[test]
fn a_file_that_is_listed_twice_counts_at_its_first_position() {
    let other = "$understack/components/b.yaml";
    for again in [SHARED, "$understack/components/x/../nautobot-worker/./values.yaml"] {
        let fleet = with_references(&[SHARED, other, again])
            .with("base/understack/components/b.yaml", "celery: {concurrency: 5}\n")
            .changed(FILE, "concurrency: 2", "concurrency: 3");
        let output = fleet.render(BINARY, SITE, &["--target", "application"]).success();
        output.says(&["values/repeated", "environment.yaml:37:9", "a second time"]);
        assert_eq!(emitted(&application(&fleet)), [SHARED, other]);
        let chain = value(&fleet, "celery.concurrency");
        let wins = chain.lines().find(|line| line.starts_with("=>")).unwrap();
        assert!(wins.contains(other), "{chain}");
    }
}

#[test]
fn a_source_that_nothing_reads_is_left_out() {
    let refs = |fleet: &Scratch| -> Vec<String> {
        let application = application(fleet);
        let sources = application["spec"]["sources"].as_array().unwrap().iter();
        sources.filter_map(|source| Some(source["ref"].as_str()?.to_owned())).collect()
    };
    assert_eq!(refs(&Scratch::new()), ["understack", "deploy"]);
    assert_eq!(refs(&with_references(&[SHARED])), ["understack"]);
}

#[test]
fn a_path_may_go_up_and_down_inside_its_repository() {
    let path = "$understack/components/../common/./s.yaml";
    let fleet = with_references(&[SHARED, path])
        .with("base/understack/common/s.yaml", "celery: {concurrency: 7}\n");
    assert!(value(&fleet, "celery.concurrency").contains('7'));
    for path in ["$understack/../x.yaml", "$understack/a/../../x.yaml"] {
        let refused = with_references(&[path]).render(BINARY, SITE, &[]).failure(1);
        refused.says(&["leaves its tree"]);
    }
}

/// Policies switch off all that they know, as for a source that is not here.
#[test]
fn a_pattern_is_reported_as_not_read() {
    let pattern = "$understack/components/*/values.yaml";
    let fleet = with_references(&[pattern]);
    let output = fleet.render(BINARY, SITE, &["--target", "application"]).success();
    output.says(&["values/unreadable", "is a pattern", "list the files one by one"]);
    assert_eq!(emitted(&application(&fleet)), [pattern]);
}
