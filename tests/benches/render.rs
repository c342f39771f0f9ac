//! A warm render of one site: everything but reading files.
//!
//! `sandboxed` runs the pinned policy; `native_policy` the same policy compiled natively in
//! the same pipeline. The base values are those of the chart in `NAUTOBOT_CHARTS` (or the user's
//! cache), given as a values file and shared by all renders, as in a fleet.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use divan::Bencher;
use policy_sandbox::{Compiler, Limits, Sandbox};
use site_cmp::folder::Folder;
use site_cmp_tests::fleet as fleet_of_tests;
use site_cmp_tests::native::Native;
use site_render::charts::{ChartJob, Charts};
use site_render::finding::{Finding, Problems};
use site_render::fleet::Fleet;
use site_render::jsonnet::{Imports, Jsonnet};
use site_render::origin::SourceFile;
use site_render::policy::{Policies, Policy};
use site_render::request::{Request, Subject, Target};
use site_render::value::Node;
use site_render::world::World;
use site_render::{emit, render, yaml};

fn main() {
    divan::main();
}

struct NoCharts;

impl Charts for NoCharts {
    fn template(&self, _: &ChartJob) -> Result<Vec<Node>, Problems> {
        Ok(Vec::new())
    }
}

struct NoJsonnet;

impl Jsonnet for NoJsonnet {
    fn evaluate(&self, file: &Arc<SourceFile>, _: &Imports<'_>) -> Result<Node, Box<Finding>> {
        panic!("{} is not rendered here", file.name)
    }
}

/// A fleet whose policies run like this; its shared values file is the whole chart's.
fn fleet(policies: Arc<dyn Policies>) -> Fleet {
    let scratch = site_cmp_tests::Scratch::new();
    // The chart's own values make the files as large as those of a real fleet.
    let shared = "      - $understack/components/nautobot-worker/values.yaml\n";
    let with_chart = format!("      - $understack/chart.yaml\n{shared}");
    let scratch = match chart_values() {
        Some(text) => scratch.with("base/understack/chart.yaml", text).changed(
            "environments/dev/environment.yaml",
            shared,
            &with_chart,
        ),
        None => scratch,
    };
    let tree = Arc::new(Folder::open(&scratch.path()).expect("the fleet"));
    // The folder is kept open by its handle; the files are needed for as long.
    std::mem::forget(scratch);
    let world = World {
        rules: site_render::deploy_rules::DeployRules::default(),
        progress: Arc::new(site_render::progress::Unwatched),
        tree,
        sources: std::collections::BTreeMap::new(),
        policies,
        charts: Arc::new(NoCharts),
        jsonnet: Arc::new(NoJsonnet),
        known: site_render::known_files::KnownFiles::default(),
    };
    Fleet::open(world).expect("a fleet")
}

fn chart_values() -> Option<Vec<u8>> {
    let folder = std::env::var_os("NAUTOBOT_CHARTS").map(PathBuf::from).or_else(|| {
        Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/site-cmp/charts"))
    })?;
    let output = Command::new("tar")
        .arg("-xzOf")
        .arg(folder.join("nautobot-3.1.1.tgz"))
        .arg("nautobot/values.yaml")
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

fn sandbox() -> Arc<dyn Policies> {
    Arc::new(Sandbox::new(Limits::default(), None, Compiler::InProcess).expect("a sandbox"))
}

fn native() -> Arc<dyn Policies> {
    Arc::new(NativeWorker { native: Native::default(), others: sandbox() })
}

/// The worker's policy as native code, and the others in the sandbox.
struct NativeWorker {
    native: Native<nautobot_worker::NautobotWorker>,
    others: Arc<dyn Policies>,
}

impl Policies for NativeWorker {
    fn load(
        &self,
        name: &str,
        digest: &str,
        bytes: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>> {
        match name {
            "nautobot-worker" => self.native.load(name, digest, bytes),
            _ => self.others.load(name, digest, bytes),
        }
    }
}

/// Renders from a profile in memory to text in memory.
fn run(bencher: Bencher, policies: Arc<dyn Policies>, target: Target) {
    let fleet = fleet(policies);
    let profile = fleet_of_tests().join("sites/rax-dev-dfw3/profile.yaml");
    let text = std::fs::read_to_string(profile).expect("a profile");
    let text =
        text.replace("    enabled: false", "    enabled: true").replace("rax-dev-dfw3", "bench");
    let subject = Subject::Profile {
        file: yaml::decode("profile.yaml", text.as_bytes()).expect("text"),
        site: "bench".to_owned(),
        environment: "dev".to_owned(),
    };
    let request = Request::new(subject, target);
    bencher.bench_local(|| {
        let rendered = render(&fleet, &request).expect("a render");
        emit::write(&rendered, emit::Format::Json)
    });
}

#[divan::bench(sample_count = 1000, sample_size = 2)]
fn sandboxed(bencher: Bencher) {
    run(bencher, sandbox(), Target::Application);
}

#[divan::bench(sample_count = 1000, sample_size = 2)]
fn native_policy(bencher: Bencher) {
    run(bencher, native(), Target::Application);
}

/// Reads the chart's values.
#[divan::bench(sample_count = 200)]
fn reading(bencher: Bencher) {
    let text = chart_values().unwrap_or_else(|| b"a: {b: [c]}\n".to_vec());
    bencher.bench_local(|| {
        let file = yaml::decode("values.yaml", &text).expect("text");
        yaml::read(&file).expect("values")
    });
}
