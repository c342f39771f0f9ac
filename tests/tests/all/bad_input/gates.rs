//! Sites, environments, switches and labels that are not what they have to be.

use site_cmp_tests::Scratch;

use super::{PROFILE, SITE, accepted, refused};
use crate::{BINARY, cmp};

/// The profile with its component's switch written like this.
fn switch(text: &str) -> Scratch {
    Scratch::new().changed(
        PROFILE,
        "  nautobot_worker:\n    enabled: true",
        &format!("  nautobot_worker:\n    enabled: {text}"),
    )
}

fn site_label(text: &str) -> Scratch {
    Scratch::new().changed(PROFILE, "/site: rax-dev-iad3", &format!("/site: {text}"))
}

#[test]
fn an_unknown_site_gets_near_names() {
    let fleet = Scratch::new();
    fleet
        .render(BINARY, "rax-dev-iad33", &[])
        .failure(1)
        .says(&["rax-dev-iad33", "did you mean `rax-dev-iad3`"]);
    for name in ["..", "../sites/rax-dev-iad3", "/etc", "", "a/b"] {
        fleet.render(BINARY, name, &[]).failure(1).says(&["site/unknown"]);
    }
}

#[test]
fn an_unknown_environment_gets_near_names() {
    let fleet = Scratch::new().changed(PROFILE, "environment: dev", "environment: dve");
    refused(&fleet, &["environment/unknown", "profile.yaml:5:14", "dev"]);
    cmp()
        .arg("render")
        .arg(fleet.path())
        .args(["--environment", "prd"])
        .run()
        .failure(1)
        .says(&["environment/unknown", "prod"]);
}

#[test]
fn a_switch_is_a_boolean() {
    for (text, found) in [
        ("\"true\"", "the string \"true\""),
        ("\"false\"", "the string \"false\""),
        ("1", "the number 1"),
        ("[true]", "a list"),
        ("{}", "a mapping"),
    ] {
        refused(
            &switch(text),
            &["gate/not-boolean", "site.nautobot_worker.enabled", found, "profile.yaml:18:14"],
        );
    }
    let fleet =
        Scratch::new().changed(PROFILE, "site:\n  enabled: true", "site:\n  enabled: \"true\"");
    refused(&fleet, &["gate/not-boolean", "`site.enabled`", "profile.yaml:16:12"]);
    let fleet = Scratch::new().changed(
        PROFILE,
        "  nautobot_worker:\n    enabled: true",
        "  nautobot_worker: true",
    );
    refused(&fleet, &["site.nautobot_worker", "must be a mapping"]);
}

#[test]
fn words_of_yaml_1_1_are_booleans() {
    for text in ["yes", "on", "y", "TRUE"] {
        let output =
            switch(text).render(BINARY, SITE, &["--target", "application", "-o", "json"]).success();
        assert!(output.stdout.contains("\"kind\":\"Application\""), "{text}");
    }
    for text in ["no", "off", "n", "~", ""] {
        let output =
            switch(text).render(BINARY, SITE, &["--target", "application", "-o", "json"]).success();
        assert!(output.stdout.contains("\"kind\":\"ConfigMap\""), "{text}");
    }
}

/// It would close the gate, and Argo CD would prune the worker.
#[test]
fn a_misspelt_switch_is_no_decision() {
    for word in ["enable", "Enabled", "ENABLED", "enabeld"] {
        let fleet = Scratch::new().changed(
            PROFILE,
            "  nautobot_worker:\n    enabled: true",
            &format!("  nautobot_worker:\n    {word}: true"),
        );
        refused(&fleet, &["gate/misspelt", "profile.yaml:18:5", "did you mean `enabled`"]);
    }
    let fleet = Scratch::new().changed(PROFILE, "site:\n  enabled", "site:\n  Enabled");
    refused(&fleet, &["gate/misspelt", "profile.yaml:16:3", "did you mean `enabled`"]);
}

#[test]
fn a_key_of_a_closed_component_is_known() {
    let fleet = switch("false\n    nautobot_confg: x.py\n    active: true");
    accepted(&fleet, &["key/unknown", "nautobot_confg", "active", "profile.yaml:19:5"]);
}

#[test]
fn an_empty_name_is_refused() {
    let label = Scratch::new().changed(PROFILE, "appLabels:\n", "appLabels:\n  \"\": x\n");
    refused(&label, &["key/empty", "profile.yaml:12:3"]);
    for (table, line) in
        [("components:\n", "  \"\": {}\n"), ("    policies:\n", "      \"\": {}\n")]
    {
        let environment = "environments/dev/environment.yaml";
        let fleet = Scratch::new().changed(environment, table, &format!("{table}{line}"));
        refused(&fleet, &["key/empty", "environment.yaml:"]);
    }
}

#[test]
fn names_have_no_control_characters() {
    for (key, words) in [
        ("deploy_path_prefix: \"a\\e[31m\"", ["key/control-character", "U+001B"]),
        ("deploy_path_prefix: \"a\\nb\"", ["key/control-character", "U+000A"]),
        ("deploy_path_prefix: \"a\\u202eb\"", ["key/control-character", "U+202E"]),
        (
            "deploy_path_prefix: sites\ndeploy_ref: --upload-pack=x",
            ["source/revision", "profile.yaml:"],
        ),
    ] {
        let fleet = Scratch::new().changed(PROFILE, "deploy_path_prefix: sites", key);
        refused(&fleet, &words);
    }
}

#[test]
fn a_label_has_a_key_that_kubernetes_accepts() {
    let long = "x".repeat(64);
    for key in ["a b", "a/b/c", "-a", "/a", "a/", "A.example/x", &*long] {
        let labels = format!("appLabels:\n  {key:?}: x\n");
        let fleet = Scratch::new().changed(PROFILE, "appLabels:\n", &labels);
        refused(&fleet, &["label/key", "profile.yaml:12:3"]);
    }
}

#[test]
fn a_misspelt_component_is_no_decision() {
    let fleet = Scratch::new().changed(PROFILE, "  nautobot_worker:", "  nautobot_wroker:");
    refused(&fleet, &["gate/misspelt", "did you mean `nautobot_worker`"]);
}

#[test]
fn an_unknown_key_is_a_warning_with_a_suggestion() {
    let fleet = Scratch::new().changed(
        PROFILE,
        "deploy_path_prefix:",
        "deploy_path_prefx: x\ndeploy_path_prefix:",
    );
    accepted(&fleet, &["warning", "deploy_path_prefx", "did you mean `deploy_path_prefix`"]);
    let fleet = Scratch::new().changed(
        PROFILE,
        "  nautobot_worker:\n",
        "  nautobot_worker:\n    nautobot_confg: x\n",
    );
    accepted(
        &fleet,
        &["warning", "site.nautobot_worker.nautobot_confg", "did you mean `nautobot_config`"],
    );
}

#[test]
fn a_site_label_names_a_worker() {
    let missing =
        Scratch::new().changed(PROFILE, "  understack.rackspace.com/site: rax-dev-iad3\n", "");
    refused(&missing, &["policy/bad-profile", "default queue"]);
    for text in ["rax.dev", "RAX-dev", "a-label-of-more-than-31-characters", "default", "beat"] {
        refused(&site_label(text), &["policy/bad-profile", "profile.yaml:13"]);
    }
    refused(&site_label("-rax"), &["label/value", "profile.yaml:13", "first and last"]);
    refused(&site_label(&"a".repeat(64)), &["label", "profile.yaml:13", "63"]);
    refused(&site_label("on"), &["must be a string, found the boolean true", "quotes"]);
    refused(&site_label("12"), &["must be a string, found the number 12"]);
}

#[test]
fn a_site_has_one_name() {
    let fleet = Scratch::new().changed(PROFILE, "  name: rax-dev-iad3", "  name: rax-dev-ord1");
    refused(&fleet, &["key/name", "metadata.name", "rax-dev-ord1", "profile.yaml:4:9"]);
    let fleet = Scratch::new().with("sites/rax-dev-iad3/deploy.yaml", "site:\n  enabled: true\n");
    refused(&fleet, &["profile/twice"]);
    let fleet = Scratch::new().changed(
        "sites/rax-dev-syd2/profile.yaml",
        "/site: rax-dev-syd2",
        "/site: rax-dev-iad3",
    );
    cmp().arg("check").arg(fleet.path()).run().success().says(&[]);
    let checked = cmp().arg("check").arg(fleet.path()).run();
    assert!((checked.stdout + &checked.stderr).contains("site/label-shared"));
}

#[test]
fn a_profile_without_an_environment_says_how_to_choose_one() {
    let fleet = Scratch::new().changed(
        "sites/uc-syd2-prod/deploy.yaml",
        "partition: prod",
        "partition: lab",
    );
    let output = fleet.render(BINARY, "uc-syd2-prod", &[]).failure(1);
    output.says(&["profile/environment", "--environment"]);
}

#[test]
fn what_has_to_be_there_is_asked_for() {
    let fleet = Scratch::new().changed(PROFILE, "deploy_url:", "# deploy_url:");
    refused(&fleet, &["`deploy_url` is required"]);
    refused(&Scratch::new().with(PROFILE, ""), &["profile/empty"]);
    refused(
        &Scratch::new().with(PROFILE, "- a\n"),
        &["a profile", "must be a mapping, found a list", "profile.yaml:1:1"],
    );
    refused(&Scratch::new().without(PROFILE), &["profile/missing"]);
}
