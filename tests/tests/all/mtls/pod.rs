//! What a site's pod and its certificate are made of: renders of the fleet alone.

use std::path::Path;

use serde_json::{Value, json};
use site_cmp_tests::{Scratch, fleet};

use crate::cmp;

use super::peers::Peers;
use super::stage::{ENVIRONMENT, global};

/// Renders of a fleet, as objects.
pub(super) fn rendered(fleet: &Path, words: &[&str]) -> Vec<Value> {
    let output = cmp().arg("render").arg(fleet).args(["-o", "json"]).args(words).run().success();
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A pod: whose it is, how the fleet differs for it, and the certificates that it has in turn.
pub(super) struct Pod {
    pub(super) site: String,
    pub(super) fleet: Scratch,
    pub(super) environment: &'static str,
    pub(super) settings: &'static [&'static str],
    /// Its way to the servers: `tls`, `tcp` or `guide`.
    pub(super) gateway: &'static str,
    pub(super) acts: Vec<Value>,
}

/// One time that a pod dials: the certificates of both sides are good, but for what is other.
pub(super) fn act(name: &str, other: Value) -> Value {
    let mut act = json!({
        "name": name, "issuer": "authority", "trusts": "authority", "presents": true,
        "spec": {}, "servers": [], "asks": [],
    });
    let Value::Object(other) = other else { panic!("{name}: not an object") };
    act.as_object_mut().unwrap().extend(other);
    act
}

impl Pod {
    pub(super) fn new(name: &str, site: &str) -> Self {
        let (fleet, acts) = (Scratch::new(), vec![act(name, json!({"asks": ["metrics"]}))]);
        let (site, environment) = (site.to_owned(), ENVIRONMENT);
        Self { site, fleet, environment, settings: &[], gateway: "tls", acts }
    }

    /// What the stage reads of it.
    pub(super) fn input(&self, peers: &Peers) -> Value {
        let settings = self.settings.iter().flat_map(|one| ["--setting", *one]);
        let settings: Vec<&str> = settings.collect();
        let chart = ["--chart", peers.chart.to_str().unwrap()];
        let helm = ["--helm", peers.helm.to_str().unwrap(), "--target", "manifests"];
        let words = [&["--site", &*self.site], &chart, &helm[..], &settings[..]].concat();
        let objects = rendered(&self.fleet.path(), &words);
        let global = global(&self.fleet.path(), self.environment, &[]);
        let own = |one: &&Value| {
            let name = one["metadata"]["name"].as_str().unwrap();
            one["kind"] == "Certificate" && name.ends_with(&self.site)
        };
        let certificate = global.iter().find(own).expect("a site has a Certificate");
        let secret = certificate_volume(&objects);
        json!({
            "objects": objects, "certificate": certificate, "secret": secret,
            "gateway": self.gateway, "acts": self.acts,
        })
    }
}

/// The sites that are open: those that have a Certificate.
pub(super) fn open_sites() -> Vec<String> {
    let objects = global(&fleet(), ENVIRONMENT, &[]);
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
