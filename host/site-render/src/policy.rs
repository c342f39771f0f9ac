//! Policies as the pipeline sees them: the contract's data, and the traits that a sandbox
//! implements. Nothing here depends on a policy being WASM.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::finding::{Finding, Severity, clip_text};
use crate::schema::Schema;
use crate::value::{Node, Value};

/// The scope that a policy is evaluated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One site.
    Site,
    /// The global cluster of an environment.
    Global,
}

/// The role of a policy, which decides when it is evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Before the merge; returns a plan.
    #[default]
    Transform,
    /// After the merge; returns findings only.
    Check,
}

/// The description that a policy returns of itself.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The component it serves.
    pub component: String,
    /// JSON Schema of its settings.
    pub settings_schema: serde_json::Value,
    /// The scopes it supports.
    pub scopes: Vec<Scope>,
    /// Transform or check.
    pub role: Role,
    /// The compiled schema, shared by all fleets that use the policy.
    pub settings: SettingsSchema,
}

/// A compiled schema; empty until it is first needed.
#[derive(Clone, Default)]
pub struct SettingsSchema(Arc<OnceLock<Result<Arc<Schema>, String>>>);

impl fmt::Debug for SettingsSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SettingsSchema").field(&self.0.get().is_some()).finish()
    }
}

impl Description {
    /// Returns the compiled schema of its settings.
    pub(crate) fn compiled_schema(&self) -> Result<Arc<Schema>, String> {
        let compile = || {
            let schema = Schema::compile(&self.settings_schema)?;
            // Nothing is fetched, so such a part would accept everything.
            match schema.remote.first() {
                Some(url) => Err(format!("it refers to another schema, {}", clip_text(url, 200))),
                None => Ok(schema),
            }
        };
        self.settings.0.get_or_init(compile).clone()
    }
}

/// The request of one policy call; cheap to clone.
#[derive(Clone, Debug)]
pub struct PolicyRequest {
    /// The scope of the call.
    pub scope: Scope,
    /// The site's name; empty in scope global.
    pub site: Arc<str>,
    /// The environment's name.
    pub environment: Arc<str>,
    /// The documents it may read.
    pub documents: Documents,
    /// Whether to record what the policy reads, for `explain`.
    pub record_reads: bool,
}

/// The documents a policy may read.
#[derive(Clone, Debug)]
pub struct Documents {
    /// The site's profile.
    pub profile: Node,
    /// Base values; for a check the final ones.
    pub values: Node,
    /// The policy's settings.
    pub settings: Node,
    /// Profiles of all open sites of the environment, by site name; empty in scope site.
    pub fleet: Node,
    /// Versions of the cluster and the chart.
    pub cluster: Node,
}

/// One of the documents of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentName {
    /// The site's profile.
    Profile,
    /// Base or final values.
    Values,
    /// The policy's settings.
    Settings,
    /// Profiles of all open sites of the environment.
    Fleet,
    /// Versions.
    Cluster,
}

impl Documents {
    /// Returns the document of that name.
    pub fn named(&self, name: DocumentName) -> &Node {
        match name {
            DocumentName::Profile => &self.profile,
            DocumentName::Values => &self.values,
            DocumentName::Settings => &self.settings,
            DocumentName::Fleet => &self.fleet,
            DocumentName::Cluster => &self.cluster,
        }
    }
}

/// The change at a pointer.
#[derive(Clone, Debug)]
pub enum Change {
    /// Sets the value. The origin of each node inside is the policy that returned the edit.
    Set(Value),
    /// The key is removed.
    Remove,
}

/// One change of the values.
#[derive(Clone, Debug)]
pub struct Edit {
    /// JSON Pointer.
    pub path: String,
    /// The change.
    pub change: Change,
    /// The reason, for a person.
    pub reason: String,
}

/// One Kubernetes object beside the chart.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The object; origins inside are the policy's.
    pub body: Value,
    /// The reason, for a person.
    pub reason: String,
}

/// A policy's requirements on the component's configuration file.
#[derive(Clone, Debug)]
pub struct ConfigChoice {
    /// References to the layers, in order; empty for the environment's choice.
    pub layers: Vec<String>,
    /// Environment variables that the config has to read.
    pub must_read: Vec<String>,
    /// Python names of the config whose final values must depend on those variables.
    pub settings: Vec<String>,
    /// The reason, for a person.
    pub reason: String,
}

/// A finding that a policy returns; the stage converts it to a [`Finding`].
#[derive(Clone, Debug)]
pub struct PolicyFinding {
    /// How severe it is.
    pub severity: Severity,
    /// Its code.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// JSON Pointer into the values, the profile, the fleet or the settings.
    pub path: Option<String>,
    /// How to fix it.
    pub hint: Option<String>,
}

/// The plan of a policy: everything that it can change.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Changes of the values.
    pub edits: Vec<Edit>,
    /// Objects beside the chart.
    pub manifests: Vec<Manifest>,
    /// Config layers.
    pub config: Option<ConfigChoice>,
    /// Findings for a person.
    pub findings: Vec<PolicyFinding>,
}

/// One read of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// Which document.
    pub document: DocumentName,
    /// JSON Pointer; `""` is all of it.
    pub path: String,
}

/// The resources that a call used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Fuel: the same for the same policy and input on every computer.
    pub fuel: u64,
    /// Peak linear memory in bytes.
    pub memory: u64,
    /// Wall-clock time; not deterministic.
    pub time: Duration,
}

/// A plan, with what the policy read and used.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The plan.
    pub plan: Plan,
    /// The reads, in order, if the request records them.
    pub reads: Vec<Read>,
    /// The resources that the call used.
    pub usage: Usage,
}

/// One value that is not valid.
#[derive(Clone, Debug)]
pub struct BadValue {
    /// JSON Pointer into the document that the failure names.
    pub path: String,
    /// The reason.
    pub message: String,
}

/// A policy's typed reason for returning no plan.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Settings that satisfy the schema and still cannot be used.
    BadSettings(Vec<BadValue>),
    /// The profile cannot be used.
    BadProfile(Vec<BadValue>),
    /// The base values cannot be used.
    BadValues(Vec<BadValue>),
    /// The policy does not support this chart, scope or cluster.
    Unsupported(String),
    /// A bug of the policy.
    Internal(String),
}

/// The reason why a call returned no plan.
#[derive(Clone, Debug)]
pub enum PolicyError {
    /// The policy refused, by its own typed failure.
    Failure(Failure),
    /// The policy broke a rule of the sandbox, or the sandbox failed.
    Broken(Box<Finding>),
}

/// A policy that is ready to call.
pub trait Policy: Send + Sync {
    /// Returns its description.
    fn description(&self) -> &Description;
    /// Evaluates one request; the same request always returns the same plan. A policy of role check
    /// returns findings only: an implementation rejects anything else, and callers rely on that.
    fn evaluate(&self, request: &PolicyRequest) -> Result<Evaluation, PolicyError>;
}

/// A sandbox that loads policies.
pub trait Policies: Send + Sync {
    /// Loads the policy in `artifact`, whose digest the caller has compared with the lock.
    fn load(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>>;
}

impl<P: Policies + ?Sized> Policies for Arc<P> {
    fn load(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>> {
        (**self).load(name, sha256, artifact)
    }
}

/// The plan of one policy, with its context.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The policy's name.
    pub policy: String,
    /// Its version.
    pub version: String,
    /// Its plan.
    pub plan: Plan,
    /// The reads, if the request records them.
    pub reads: Vec<Read>,
    /// The resources that the call used.
    pub usage: Usage,
    /// The documents it could read.
    pub documents: Documents,
}
