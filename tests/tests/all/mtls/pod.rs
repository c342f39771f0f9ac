//! What a site's pod and its certificate are made of: renders of the fleet alone.

use std::path::Path;

use serde_json::{Value, json};
use site_cmp_tests::{Scratch, repo};

use crate::cmp;

use super::stage::{ENVIRONMENT, Peers};

/// Renders of a fleet, as objects.
pub(super) fn rendered(fleet: &Path, words: &[&str]) -> Vec<Value> {
    let output = cmp().arg("render").arg(fleet).args(["-o", "json"]).args(words).run().success();
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A pod: whose it is, how the fleet differs for it, and what is other about its certificate.
pub(super) struct Pod {
    pub(super) name: String,
    pub(super) site: String,
    pub(super) fleet: Scratch,
    pub(super) settings: &'static [&'static str],
    pub(super) other: Value,
}

impl Pod {
    pub(super) fn new(name: &str, site: &str) -> Self {
        let fleet = Scratch::new();
        let [name, site] = [name, site].map(str::to_owned);
        Self { name, site, fleet, settings: &[], other: json!({}) }
    }

    /// What the stage is told of it.
    pub(super) fn told(&self, peers: &Peers) -> Value {
        let settings = self.settings.iter().flat_map(|one| ["--setting", *one]);
        let settings: Vec<&str> = settings.collect();
        let chart = ["--chart", peers.chart.to_str().unwrap()];
        let helm = ["--helm", peers.helm.to_str().unwrap(), "--target", "manifests"];
        let words = [&["--site", &*self.site], &chart, &helm[..], &settings[..]].concat();
        let objects = rendered(&self.fleet.path(), &words);
        let words = ["--environment", ENVIRONMENT, "--target", "global"];
        let global = rendered(&self.fleet.path(), &words);
        let own = |one: &&Value| {
            let name = one["metadata"]["name"].as_str().unwrap();
            one["kind"] == "Certificate" && name.ends_with(&self.site)
        };
        let certificate = global.iter().find(own).expect("a site has a Certificate");
        let secret = certificate_volume(&objects);
        let mut told = json!({
            "name": self.name, "objects": objects, "certificate": certificate, "secret": secret,
            "issuer": "authority", "trusts": "authority", "presents": true, "spec": {},
        });
        for (key, value) in self.other.as_object().unwrap() {
            told[key] = value.clone();
        }
        told
    }
}

/// The sites that are open: those that have a Certificate.
pub(super) fn open_sites() -> Vec<String> {
    let words = ["--environment", ENVIRONMENT, "--target", "global"];
    let objects = rendered(&repo().join("site-profiles"), &words);
    let name = |one: &Value| {
        let site = one["metadata"]["name"].as_str()?.strip_prefix("nautobot-mtls-client-");
        site.filter(|_| one["kind"] == "Certificate").map(str::to_owned)
    };
    objects.iter().filter_map(name).collect()
}

/// The Secret that the worker mounts where the config looks for a certificate.
fn certificate_volume(objects: &[Value]) -> Value {
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let spec = &deployment["spec"]["template"]["spec"];
    let mounts = spec["containers"][0]["volumeMounts"].as_array().unwrap();
    let mount = mounts.iter().find(|mount| mount["mountPath"] == "/etc/nautobot/mtls").unwrap();
    let volumes = spec["volumes"].as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]).unwrap();
    volume["secret"]["secretName"].clone()
}
