//! A fleet in memory, for unit tests. Its policies are not WASM: they mirror their settings.
//!
//! A policy `p` whose settings are `{a: 1}` sets `p.a` to 1. It returns the items
//! of `objects` as manifests. A policy whose name begins with `check` is a check: it returns a
//! warning for each object that it gets, with the object's name.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::charts::{ChartJob, Charts};
use crate::deploy_rules::DeployRules;
use crate::digest::sha256;
use crate::finding::{Finding, Problems, Severity};
use crate::fleet::Fleet;
use crate::json;
use crate::jsonnet::{self, Imports, Jsonnet};
use crate::known_files::KnownFiles;
use crate::lock::LOCK_FILE;
use crate::origin::{Origin, PolicyOrigin, SourceFile};
use crate::policy::{
    Change, Description, DocumentName, Edit, Evaluation, Manifest, Plan, Policies, Policy,
    PolicyError, PolicyFinding, PolicyRequest, Read, Role, Scope, Usage,
};
use crate::progress::Unwatched;
use crate::request::{Request, Subject, Target};
use crate::setting::{RawValue, Setting, Settings};
use crate::tree::{EntryKind, Tree, TreeError, list_paths};
use crate::value::Node;
use crate::world::World;

/// An environment without its policies.
pub(crate) const ENVIRONMENT: &str = "\
defaults: {cluster_server: \"https://one.example.net\"}
components:
  worker:
    chart: {name: web, repository: https://charts.example.net, version: 1.2.3}
    release: web
    namespace: web
    project: sites
    sources: {deploy: {path: \"{{deploy_path}}/web\"}}
";

/// A profile with an open gate.
pub(crate) const PROFILE: &str = "\
environment: dev
deploy_url: https://git.example.net/fleet.git
deploy_path_prefix: sites
site:
  enabled: true
  worker:
    enabled: true
";

/// Returns a fleet of the environment `dev` and the site `one`, with these policies by schema.
pub(crate) fn fleet(environment: &str, profile: &str, policies: &[(&str, Json)]) -> Fleet {
    let mut files = BTreeMap::from([
        ("environments/dev/environment.yaml".to_owned(), environment.to_owned()),
        ("sites/one/profile.yaml".to_owned(), profile.to_owned()),
    ]);
    let path = |name: &str| format!("policies/{name}.wasm");
    files.extend(policies.iter().map(|(name, _)| (path(name), (*name).to_owned())));
    let pins = policies.iter().map(|(name, _)| {
        format!("  {name}: {{path: {}, sha256: {}}}\n", path(name), sha256(name.as_bytes()))
    });
    let lock = format!("version: 1\npolicies:\n{}", pins.collect::<String>());
    files.insert("policies.lock".to_owned(), lock);
    let schemas = policies.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone()));
    let world = World {
        rules: DeployRules::default(),
        tree: Arc::new(Files(files)),
        sources: BTreeMap::new(),
        policies: Arc::new(Mirrors(schemas.collect())),
        charts: Arc::new(NoCharts),
        jsonnet: Arc::new(Plain),
        progress: Arc::new(Unwatched),
        known: KnownFiles::default(),
    };
    Fleet::open(world).unwrap()
}

/// Returns the same fleet with more files.
pub(crate) fn with_files(fleet: &Fleet, files: &[(&str, &str)]) -> Fleet {
    let mut all = BTreeMap::new();
    for path in ["environments/dev/environment.yaml", "sites/one/profile.yaml", LOCK_FILE] {
        let bytes = fleet.files.world.tree.read(path, u64::MAX).unwrap();
        all.insert(path.to_owned(), String::from_utf8(bytes.to_vec()).unwrap());
    }
    for pin in fleet.policies.lock.policies.values() {
        let bytes = fleet.files.world.tree.read(&pin.path, u64::MAX).unwrap();
        all.insert(pin.path.clone(), String::from_utf8(bytes.to_vec()).unwrap());
    }
    all.extend(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    Fleet::open(World { tree: Arc::new(Files(all)), ..fleet.files.world.clone() }).unwrap()
}

/// Returns a tree of files that have their path as text.
pub(crate) fn tree_of(paths: &[&str]) -> Arc<dyn Tree> {
    Arc::new(Files(paths.iter().map(|path| ((*path).to_owned(), (*path).to_owned())).collect()))
}

/// Returns a request for the site `one`.
pub(crate) fn request(target: Target, settings: Settings) -> Request {
    let subject = Subject::Site { name: "one".to_owned(), environment: None };
    Request { settings, record_reads: true, ..Request::new(subject, target) }
}

/// Returns settings as parameters.
pub(crate) fn named(settings: &[(&str, RawValue)]) -> Settings {
    let named = settings.iter().map(|(name, value)| Setting {
        name: (*name).to_owned(),
        value: value.clone(),
        from: format!("parameter {name}").into(),
    });
    Settings { named: named.collect(), ..Settings::default() }
}

/// Returns a text of a parameter.
pub(crate) fn text(text: &str) -> RawValue {
    RawValue::Text(text.to_owned())
}

struct Files(BTreeMap<String, String>);

impl Tree for Files {
    fn read(&self, path: &str, _: u64) -> Result<Arc<[u8]>, TreeError> {
        self.0.get(path).map(|text| Arc::from(text.as_bytes())).ok_or(TreeError::Missing)
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
struct Plain;

impl Jsonnet for Plain {
    fn evaluate(&self, file: &Arc<SourceFile>, _: &Imports<'_>) -> Result<Node, Box<Finding>> {
        Ok(jsonnet::values(file, &file.text).unwrap())
    }
}

struct Mirrors(BTreeMap<String, Json>);

impl Policies for Mirrors {
    fn load(&self, name: &str, _: &str, _: &[u8]) -> Result<Arc<dyn Policy>, Box<Finding>> {
        Ok(Arc::new(Mirror(Description {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            component: "worker".to_owned(),
            settings_schema: self.0[name].clone(),
            scopes: vec![Scope::Site],
            role: if name.starts_with("check") { Role::Check } else { Role::Transform },
            ..Description::default()
        })))
    }
}

struct Mirror(Description);

impl Policy for Mirror {
    fn description(&self) -> &Description {
        &self.0
    }

    fn evaluate(&self, request: &PolicyRequest) -> Result<Evaluation, PolicyError> {
        if self.0.role == Role::Check {
            return Ok(Evaluation {
                plan: seen(request),
                reads: Vec::new(),
                usage: Usage::default(),
            });
        }
        let settings = request.documents.settings.as_mapping().into_iter().flatten();
        let (edits, reads) = settings
            .filter(|(key, _)| &***key != "objects")
            .map(|(key, node)| {
                let edit = Edit {
                    path: format!("/{}/{key}", self.0.name),
                    change: Change::Set(node.value.clone()),
                    reason: format!("{key} is mirrored"),
                };
                (edit, Read { document: DocumentName::Settings, path: format!("/{key}") })
            })
            .unzip();
        let objects = request.documents.settings.get("objects").and_then(Node::as_sequence);
        let manifests = objects.unwrap_or_default().iter().map(|node| {
            let reason = format!("{} makes it", self.0.name);
            let policy = PolicyOrigin { policy: self.0.name.clone(), reason: reason.clone() };
            let text = json::to_string(&node.value);
            let body = json::parse(&text, &Origin::Policy(Arc::new(policy))).unwrap();
            Manifest { body, reason }
        });
        let plan = Plan { edits, manifests: manifests.collect(), ..Plan::default() };
        Ok(Evaluation { plan, reads, usage: Usage::default() })
    }
}

/// Returns a warning for each object that a check gets.
fn seen(request: &PolicyRequest) -> Plan {
    let objects = request.documents.cluster.get("objects").and_then(Node::as_sequence);
    let findings = objects.unwrap_or_default().iter().map(|object| PolicyFinding {
        severity: Severity::Warning,
        code: "seen".to_owned(),
        message: object.pointer("/metadata/name").and_then(Node::as_text).unwrap().to_owned(),
        path: None,
        hint: None,
    });
    Plan { findings: findings.collect(), ..Plan::default() }
}
