//! An authority is replaced by another, as the guide has it.

use std::fs;

use serde_json::Value;

use super::certificates::{refused, refused_by_redis};
use super::connected;
use super::stage::{ENVIRONMENT, found};
use crate::cmp;

/// The guide's steps, and whether the client's pair is of the new authority.
const STEPS: [(&str, bool); 8] = [
    ("before", false),
    ("servers trust both", false),
    ("the pod trusts both", false),
    ("the pod's pair is new", true),
    ("all pairs are new", true),
    ("a pod is late", false),
    ("servers trust the new one alone", true),
    ("after", true),
];

#[test]
fn a_pod_connects_at_each_step_of_replacing_the_authority() {
    let Some(found) = found() else { return };
    let site = found["rollover"]["site"].as_str().unwrap();
    let first = &found["rollover: before"]["serial"];
    for (step, new) in STEPS {
        let name = format!("rollover: {step}");
        connected(found, &name, site);
        assert_eq!(found[&name]["serial"] != *first, new, "{step}");
    }
}

#[test]
fn the_old_authority_opens_nothing_at_the_end() {
    let Some(found) = found() else { return };
    let name = "rollover: a certificate of the old authority";
    refused(found, name, "certificate verify failed");
    refused_by_redis(found, name, "certificate verify failed");
}

/// Before the old authority is taken out, `cmp certs` names the sites that still need it.
#[test]
fn the_certificates_of_the_old_authority_are_named() {
    let Some(found) = found() else { return };
    let line = &found["rollover"];
    let site = line["site"].as_str().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for (pair, state) in [("old", "does not match"), ("new", "ok")] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.crt"), text(&line["authority"])).unwrap();
        let own = folder.path().join(format!("nautobot-mtls-client-{site}.crt"));
        fs::write(own, text(&line["certificates"][pair])).unwrap();
        let from = ["--from", folder.path().to_str().unwrap(), "-o", "json"];
        let words = ["--environment", ENVIRONMENT];
        let output = cmp().arg("certs").arg(site_cmp_tests::fleet()).args(words).args(from).run();
        let lines: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
        let own = lines.iter().find(|line| line["site"] == site).unwrap();
        assert_eq!(own["state"], state, "{own:#}");
    }
}
