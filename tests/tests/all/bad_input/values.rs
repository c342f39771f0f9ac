//! Values that must not pass.

use site_cmp_tests::Scratch;

use super::{PROFILE, SITE, VALUES, refused};
use crate::BINARY;

const SECRET: &str = "hunter2-is-not-a-reference";

#[test]
fn a_literal_secret_is_refused_and_never_shown() {
    let texts = [
        format!("nautobot:\n  db:\n    password: {SECRET}\n"),
        format!("celery:\n  extraEnvVars:\n    - name: GITHUB_API_TOKEN\n      value: {SECRET}\n"),
        format!(
            "celery:\n  extraEnvVars:\n    - name: BROKER\n      value: redis://:{SECRET}@redis:6379/0\n"
        ),
        format!("extra:\n  file: |\n    -----BEGIN EC PRIVATE KEY-----\n    {SECRET}\n"),
    ];
    for text in texts {
        let output = refused(&Scratch::new().with(VALUES, text), &["secret", "values.yaml:"]);
        assert!(!output.stderr.contains(SECRET), "{}", output.stderr);
    }
}

#[test]
fn a_reference_to_a_secret_is_none() {
    let text = "nautobot:\n  db:\n    existingSecretPasswordKey: password\n  superUser:\n    password: \"\"\ncelery:\n  extraEnvVars:\n    - name: API_TOKEN\n      valueFrom:\n        secretKeyRef: {name: nautobot-custom-env, key: b}\n    - name: OTHER_PASSWORD\n      value: $(API_TOKEN)\n";
    super::accepted(&Scratch::new().with(VALUES, text), &[]);
}

#[test]
fn values_are_a_mapping() {
    refused(
        &Scratch::new().with(VALUES, "- a\n"),
        &["must be a mapping of Helm values, found a list"],
    );
    refused(&Scratch::new().with(VALUES, "a: .inf\n"), &["yaml/number", "values.yaml:1:4"]);
    super::accepted(&Scratch::new().with(VALUES, "# nothing yet\n"), &[]);
}

#[test]
fn settings_are_held_to_their_schema() {
    let with = |text: &str| {
        Scratch::new().changed(
            PROFILE,
            "    enabled: true",
            &format!("    enabled: true\n    policies: {{nautobot-worker: {text}}}"),
        )
    };
    refused(&with("{replicas: many}"), &["settings", "/replicas", "profile.yaml:19"]);
    refused(&with("{replica: 3}"), &["settings", "replica"]);
    refused(&with("{extraQueues: [a, a]}"), &["settings", "/extraQueues"]);
    refused(&with("[]"), &["must be a mapping"]);
    refused(
        &with("{connections: {mtls: {enabled: false, sslNegotiation: direct}}}"),
        &["policy/bad-settings", "sslNegotiation"],
    );
}

#[test]
fn a_chart_of_an_unknown_major_is_refused() {
    let fleet = Scratch::new().changed(
        "environments/dev/environment.yaml",
        "version: 3.1.2",
        "version: 4.0.0",
    );
    refused(&fleet, &["policy/unsupported", "4"]);
}

#[test]
fn more_values_can_be_given_as_to_helm() {
    let fleet = Scratch::new().with("more.yaml", "workers:\n  night:\n    enabled: true\n");
    let path = fleet.path().join("more.yaml");
    let output =
        fleet.render(BINARY, SITE, &["-f", path.to_str().unwrap(), "-o", "json"]).success();
    assert!(output.stdout.contains(r#""night":{"enabled":false}"#), "{}", output.stdout);
}
