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
