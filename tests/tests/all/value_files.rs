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

/// Policies see the values, and every version of Argo CD reads the same files.
#[test]
fn a_pattern_becomes_the_files_that_match_it() {
    let others = "base/understack/components/others";
    let fleet = with_references(&[
        "$understack/components/**/*.yaml",
        "$understack/components/others/a.yaml",
    ])
    .with(&format!("{others}/a.yaml"), "celery: {concurrency: 7}\n")
    .with(&format!("{others}/b.yaml"), "celery: {concurrency: 8}\n");
    let found = application(&fleet);
    let found = emitted(&found);
    let components = "$understack/components";
    let of_others = ["b.yaml", "a.yaml"].map(|name| format!("{components}/others/{name}"));
    assert!(found.contains(&SHARED), "{found:?}");
    // What is listed by its name has its place there.
    assert_eq!(found[found.len() - 2..], of_others, "{found:?}");
    assert!(value(&fleet, "celery.concurrency").contains('7'));
}

#[test]
fn a_pattern_without_a_file_is_reported() {
    for (pattern, code) in [
        ("$understack/components/*/none.yaml", "values/absent"),
        ("$understack/components/[/a.yaml", "values/pattern"),
    ] {
        let fleet = with_references(&[SHARED, pattern]);
        let output = fleet.render(BINARY, SITE, &["--target", "application"]);
        let output = output.says(&[code, "environment.yaml:36:9"]);
        if code == "values/absent" {
            output.success();
            assert_eq!(emitted(&application(&fleet)), [SHARED]);
        } else {
            output.failure(1);
        }
    }
    let fleet = with_references(&["$understack/components/x/*.yaml"])
        .with("base/understack/components/x/a[1].yaml", "a: 1\n");
    fleet.render(BINARY, SITE, &[]).failure(1).says(&["values/pattern", "a[1].yaml"]);
}

/// Policies switch off all that they know, as for any file of a source that is not here.
#[test]
fn a_pattern_of_a_source_that_is_not_here_stays() {
    let pattern = "$understack/components/*/values.yaml";
    let fleet = with_references(&[pattern]).changed(
        ENVIRONMENT,
        "sources:\n  understack:",
        "sources:\n  other:",
    );
    let output = fleet.render(BINARY, SITE, &["--target", "application"]).success();
    output.says(&["values/unreadable", "is a pattern", "list the files one by one"]);
    assert_eq!(emitted(&application(&fleet)), [pattern]);
}

#[test]
fn a_link_and_its_target_are_one_file() {
    let fleet = with_references(&[SHARED, "$understack/components/link.yaml"]);
    let link = fleet.path().join("base/understack/components/link.yaml");
    std::os::unix::fs::symlink("nautobot-worker/values.yaml", link).unwrap();
    let output = fleet.render(BINARY, SITE, &["--target", "application"]).success();
    output.says(&["values/repeated", "link.yaml"]);
    assert_eq!(emitted(&application(&fleet)), [SHARED]);
}

#[test]
fn a_placeholder_that_nothing_replaces_is_refused() {
    for (template, hint) in [
        ("$deploy/{{sites}}/values.yaml", "did you mean `site`"),
        ("$deploy/{{ site }}/values.yaml", "did you mean `site`"),
        (
            "$deploy/{{cluster}}/values.yaml",
            "use one of {{site}}, {{environment}}, {{deploy_path}}",
        ),
    ] {
        let refused = with_references(&[SHARED, template]).render(BINARY, SITE, &[]).failure(1);
        refused.says(&["reference/placeholder", "environment.yaml:36:9", hint]);
    }
}

/// However the URL is spelt.
#[test]
fn one_repository_at_two_revisions_is_refused() {
    let profile = format!("sites/{SITE}/profile.yaml");
    for (other, refused) in [
        ("https://GitHub.com/rackerlabs/understack", true),
        ("https://github.com/rackerlabs/other.git", false),
    ] {
        let fleet = Scratch::new();
        let text = std::fs::read_to_string(fleet.path().join(&profile)).unwrap();
        let deploy = text.lines().find(|line| line.starts_with("deploy_url:")).unwrap().to_owned();
        let fleet = fleet.changed(&profile, &deploy, &format!("deploy_url: {other}"));
        let output = fleet.render(BINARY, SITE, &["--target", "application"]);
        if refused {
            output.failure(1).says(&["reference/revisions", "`understack` and `deploy`"]);
        } else {
            output.success();
        }
    }
}

#[test]
fn check_says_which_values_files_were_seen() {
    let template = "$deploy/{{deploy_path}}/nautobot-wroker/values.yaml";
    let fleet = with_references(&[SHARED, template]);
    let output = cmp().arg("check").arg(fleet.path()).run().failure(1);
    output.says(&["values/no-site", "environment.yaml:36:9", "nautobot-wroker"]);
    let table = cmp().arg("check").arg(Scratch::new().path()).arg("--value-files").run().success();
    table.says(&["SITE", "rax-dev-iad3", "read", SHARED]);
    let json = cmp().arg("check").arg(fleet.path()).args(["--value-files", "-o", "json"]).run();
    assert_eq!(json.code, Some(1), "{}", json.stderr);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let files = json["valueFiles"].as_array().unwrap();
    let state = |reference: &str| {
        files.iter().find(|file| file["reference"] == reference).unwrap()["state"].clone()
    };
    assert_eq!(state(SHARED), "read");
    assert!(files.iter().any(|file| file["state"] == "missing"), "{files:?}");
    assert!(json["findings"].is_array());
}
