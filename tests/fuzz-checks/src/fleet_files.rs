//! A fleet in memory with one site, for the targets that render.

use std::collections::BTreeMap;
use std::sync::Arc;

use site_render::charts::{ChartJob, Charts};
use site_render::finding::{Finding, Problems};
use site_render::fleet::Fleet;
use site_render::jsonnet::{self, Imports, Jsonnet};
use site_render::known_files::KnownFiles;
use site_render::origin::SourceFile;
use site_render::policy::{
    Description, Evaluation, Plan, Policies, Policy, PolicyError, PolicyRequest, Scope, Usage,
};
use site_render::rendered::Rendered;
use site_render::request::{Request, Subject, Target};
use site_render::tree::{EntryKind, Tree, TreeError, list_paths};
use site_render::value::Node;
use site_render::world::World;

/// An environment with one component, without its policies and resources.
pub(super) const ENVIRONMENT: &str = "\
defaults: {cluster_server: \"https://one.example.net\"}
components:
  worker:
    chart: {name: web, repository: https://charts.example.net, version: 1.2.3}
    release: web
    namespace: web
    project: sites
    sources: {deploy: {path: \"{{deploy_path}}/web\"}}
";

/// The profile of the site, with an open gate.
pub(super) const PROFILE: &str = "\
environment: dev
deploy_url: https://git.example.net/fleet.git
deploy_path_prefix: sites
site:
  enabled: true
  worker:
    enabled: true
";

/// The files of a fleet by path.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Returns the fleet of an environment and a profile, with a lock of the policy `planned`.
    pub(super) fn of_site(environment: &[u8], profile: &[u8]) -> Self {
        let digest = site_render::sha256(b"planned");
        let lock = format!(
            "version: 1\npolicies:\n  planned: {{path: policies/planned.wasm, sha256: {digest}}}\n"
        );
        Self::default()
            .with("environments/dev/environment.yaml", environment)
            .with("sites/one/profile.yaml", profile)
            .with("policies/planned.wasm", b"planned")
            .with("policies.lock", lock.as_bytes())
    }

    /// Adds a file.
    pub(super) fn with(mut self, path: &str, bytes: &[u8]) -> Self {
        self.0.insert(path.to_owned(), bytes.to_owned());
        self
    }

    /// Opens the fleet; its policy `planned` always returns this plan.
    pub(super) fn open(self, plan: Plan) -> Fleet {
        let world = World {
            rules: site_render::deploy_rules::DeployRules::default(),
            progress: Arc::new(site_render::progress::Unwatched),
            tree: Arc::new(self),
            sources: BTreeMap::new(),
            policies: Arc::new(Planned(plan)),
            charts: Arc::new(NoCharts),
            jsonnet: Arc::new(PlainJson),
            known: KnownFiles::default(),
        };
        Fleet::open(world).expect("the lock is valid")
    }
}

/// Renders the site.
pub(super) fn render_site(fleet: &Fleet, target: Target) -> Result<Rendered, Problems> {
    let subject = Subject::Site { name: "one".to_owned(), environment: None };
    site_render::render(fleet, &Request::new(subject, target))
}

impl Tree for Files {
    fn read(&self, path: &str, _: u64) -> Result<Arc<[u8]>, TreeError> {
        self.0.get(path).map(|bytes| Arc::from(bytes.as_slice())).ok_or(TreeError::Missing)
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        list_paths(self.0.keys().map(String::as_str), folder)
    }
}

struct NoCharts;

impl Charts for NoCharts {
    fn template(&self, _: &ChartJob) -> Result<Vec<Node>, Problems> {
        Ok(Vec::new())
    }
}

/// Evaluates JSON, which is Jsonnet that evaluates to itself.
struct PlainJson;

impl Jsonnet for PlainJson {
    fn evaluate(&self, file: &Arc<SourceFile>, _: &Imports<'_>) -> Result<Node, Box<Finding>> {
        jsonnet::values(file, &file.text)
            .map_err(|why| Box::new(site_render::codes::YAML_SYNTAX.finding(why)))
    }
}

/// A policy that returns one plan.
struct Planned(Plan);

impl Policies for Planned {
    fn load(&self, name: &str, _: &str, _: &[u8]) -> Result<Arc<dyn Policy>, Box<Finding>> {
        let description = Description {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            component: "worker".to_owned(),
            settings_schema: serde_json::json!({}),
            scopes: vec![Scope::Site],
            ..Description::default()
        };
        Ok(Arc::new(PlannedPolicy { description, plan: self.0.clone() }))
    }
}

struct PlannedPolicy {
    description: Description,
    plan: Plan,
}

impl Policy for PlannedPolicy {
    fn description(&self) -> &Description {
        &self.description
    }

    fn evaluate(&self, _: &PolicyRequest) -> Result<Evaluation, PolicyError> {
        Ok(Evaluation { plan: self.plan.clone(), reads: Vec::new(), usage: Usage::default() })
    }
}
