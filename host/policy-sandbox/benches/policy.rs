//! A real policy on a real chart's values: what a call costs, and what the limits add.
//!
//! `sandboxed` is the product; `bare` is the same component on the same engine with
//! nothing switched on that limits it: no fuel, no clock, no canonical NaN, no limiter,
//! no look at what comes back. Values are those of the chart in `NAUTOBOT_CHARTS` (or the
//! user's cache), else of this repo's fixture.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use divan::Bencher;
use policy_sandbox::{Compiler, Limits, Sandbox};
use site_render::policy::{Documents, Policies, Policy, PolicyRequest, Scope};
use site_render::value::Node;
use site_render::{sha256, yaml};

use crate::bare::Bare;

#[path = "policy/bare.rs"]
mod bare;

fn main() {
    divan::main();
}

fn repo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn artifact() -> Vec<u8> {
    fs::read(repo().join("site-profiles/policies/nautobot-worker.wasm")).expect("a built policy")
}

/// The chart's own values, out of its archive.
fn of_the_chart() -> Option<Vec<u8>> {
    let folder = std::env::var_os("NAUTOBOT_CHARTS").map(PathBuf::from).or_else(|| {
        Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/site-cmp/charts"))
    })?;
    let archive = folder.join("nautobot-3.1.1.tgz");
    let output =
        Command::new("tar").arg("-xzOf").arg(archive).arg("nautobot/values.yaml").output().ok()?;
    output.status.success().then_some(output.stdout)
}

fn document(text: &[u8]) -> Node {
    let file = yaml::decode("bench.yaml", text).expect("text");
    yaml::read(&file).expect("YAML").root
}

fn request() -> PolicyRequest {
    let values = of_the_chart().unwrap_or_else(|| {
        fs::read(repo().join("tests/fixtures/nautobot/everything.yaml")).expect("the fixture")
    });
    let label = "understack.rackspace.com";
    let profile = format!("appLabels: {{{label}/site: iad3, {label}/partition: dev}}");
    let settings = "connections: {database: {host: db.example.net}, redis: {host: r.example.net}}";
    PolicyRequest {
        scope: Scope::Site,
        site: "iad3".into(),
        environment: "dev".into(),
        documents: Documents {
            profile: document(profile.as_bytes()),
            values: document(&values),
            settings: document(settings.as_bytes()),
            fleet: document(b"{}"),
            cluster: document(b"chart: {name: nautobot, version: 3.1.1}"),
        },
        record_reads: false,
    }
}

fn policy() -> Arc<dyn Policy> {
    let artifact = artifact();
    let sandbox = Sandbox::new(Limits::default(), None, Compiler::InProcess).expect("a sandbox");
    sandbox.load("nautobot-worker", &sha256(&artifact), &artifact).expect("a policy")
}

#[divan::bench(sample_count = 1000, sample_size = 4)]
fn sandboxed(bencher: Bencher) {
    let (policy, request) = (policy(), request());
    bencher.bench_local(|| policy.evaluate(&request).expect("a plan"));
}

#[divan::bench(sample_count = 1000, sample_size = 4)]
fn bare(bencher: Bencher) {
    let (bare, request) = (Bare::new(&artifact()), request());
    bencher.bench_local(|| bare.evaluate(&request));
}
