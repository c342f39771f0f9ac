//! What a front door asks of the pipeline, and what it gets.

use std::sync::Arc;

pub use crate::cluster::Cluster;

use crate::emit;
use crate::finding::{Finding, Problems};
use crate::gate::Closed;
use crate::origin::SourceFile;
use crate::policy::{Documents, Plan, Read, Usage};
use crate::setting::Settings;
use crate::value::Node;

/// One site or environment, one component, one target.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whose documents.
    pub subject: Subject,
    /// The component; where the environment has but one, it need not be named.
    pub component: Option<String>,
    /// What to emit.
    pub target: Target,
    /// With [`Target::Values`]: the final values instead of the overlay.
    pub merged: bool,
    /// More base values files, merged after the environment's, in order.
    pub values: Vec<Arc<SourceFile>>,
    /// The chart, where it is at hand: its defaults and schema count then.
    pub chart: Option<Arc<Chart>>,
    /// Versions of the cluster that the caller insists on.
    pub cluster: Cluster,
    /// Versions that Argo CD says the destination has: they count where nobody else says any.
    pub reported: Cluster,
    /// What a closed gate emits.
    pub closed_gate: ClosedGate,
    /// Settings of policies from beside the fleet, over those of the profile.
    pub settings: Settings,
    /// What the caller takes for the digest of `policies.lock`.
    pub policies_lock: Option<String>,
    /// Whether to keep what policies read, for `explain`.
    pub record_reads: bool,
}

impl Request {
    /// A request that says no more than that.
    pub fn new(subject: Subject, target: Target) -> Self {
        Self {
            subject,
            component: None,
            target,
            merged: false,
            values: Vec::new(),
            chart: None,
            cluster: Cluster::default(),
            reported: Cluster::default(),
            closed_gate: ClosedGate::default(),
            settings: Settings::default(),
            policies_lock: None,
            record_reads: false,
        }
    }
}

/// Whose documents are rendered.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A site of the fleet, by the name of its folder.
    Site {
        /// The site's name.
        name: String,
        /// The environment, for a profile that does not say which.
        environment: Option<String>,
    },
    /// A profile that need not be in the fleet.
    Profile {
        /// The file.
        file: Arc<SourceFile>,
        /// The site's name.
        site: String,
        /// The environment.
        environment: String,
    },
    /// The global cluster of an environment, with all its open sites.
    Environment {
        /// The environment's name.
        name: String,
    },
}

impl Subject {
    /// The site's name; empty for an environment.
    pub fn site(&self) -> &str {
        match self {
            Self::Site { name: site, .. } | Self::Profile { site, .. } => site,
            Self::Environment { .. } => "",
        }
    }

    /// The environment that the caller named.
    pub fn environment(&self) -> Option<&str> {
        match self {
            Self::Site { environment, .. } => environment.as_deref(),
            Self::Profile { environment, .. } => Some(environment),
            Self::Environment { name } => Some(name),
        }
    }

    /// What a message calls it.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Site { name: site, .. } | Self::Profile { site, .. } => format!("site `{site}`"),
            Self::Environment { name } => format!("environment `{name}`"),
        }
    }
}

/// What is emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The overlay as a Helm values document, or the final values.
    Values,
    /// An Argo CD `Application`.
    Application,
    /// The objects that the chart does not make.
    Resources,
    /// The rendered chart and the objects beside it.
    Manifests,
    /// What the global cluster of an environment needs for its open sites.
    Global,
    /// Of that, what leads sites to the global cluster's services.
    Gateway(Form),
}

/// What a gateway is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Values of the chart that makes its objects.
    Values,
    /// The objects themselves.
    Manifests,
}

impl Target {
    /// Its name, as a user says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Application => "application",
            Self::Resources => "resources",
            Self::Manifests => "manifests",
            Self::Global => "global",
            Self::Gateway(_) => "gateway",
        }
    }

    /// Whether it is of an environment, and not of a site.
    pub fn is_global(self) -> bool {
        matches!(self, Self::Global | Self::Gateway(_))
    }

    /// Whether it is a values document.
    pub fn is_values(self) -> bool {
        matches!(self, Self::Values | Self::Gateway(Form::Values))
    }
}

/// What a closed gate emits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClosedGate {
    /// One small ConfigMap that says why.
    #[default]
    Marker,
    /// Nothing.
    Empty,
}

/// A Helm chart that is at hand.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its name, from `Chart.yaml`.
    pub name: String,
    /// Its version, from `Chart.yaml`.
    pub version: String,
    /// Its `values.yaml`.
    pub values: Node,
    /// Its `values.schema.json`, if it has one.
    pub schema: Option<serde_json::Value>,
    /// Where it is, as `helm` would be told.
    pub location: String,
}

/// A chart to run with the final values.
#[derive(Clone, Debug)]
pub struct ChartJob {
    /// The chart's name.
    pub name: String,
    /// The Helm repository it comes from.
    pub repository: String,
    /// Its version.
    pub version: String,
    /// A local folder or archive that stands for all three.
    pub location: Option<String>,
    /// The release's name.
    pub release: String,
    /// The namespace.
    pub namespace: String,
    /// Values over the chart's own defaults; nulls in it are meant.
    pub values: Node,
    /// Versions of the cluster.
    pub cluster: Cluster,
}

/// Whoever can run a chart.
pub trait Charts: Send + Sync {
    /// The objects the chart renders, in its order.
    fn template(&self, job: &ChartJob) -> Result<Vec<Node>, Problems>;
}

/// What came out.
#[derive(Debug)]
pub struct Rendered {
    /// The site; empty for an environment.
    pub site: Arc<str>,
    /// Its environment.
    pub environment: Arc<str>,
    /// The component.
    pub component: Arc<str>,
    /// The documents, in a stable order.
    pub documents: Vec<Node>,
    /// Warnings and notes; never an error.
    pub findings: Vec<Finding>,
    /// How it came about.
    pub outcome: Outcome,
}

impl Rendered {
    /// The name of what was rendered: the site's, else the environment's.
    pub fn name(&self) -> &str {
        if self.site.is_empty() { &self.environment } else { &self.site }
    }

    /// What a closed gate gives: a marker, and why.
    pub(crate) fn closed(closed: Closed, findings: Vec<Finding>, request: &Request) -> Self {
        Self {
            documents: emit::closed(&closed, request),
            site: closed.site.clone(),
            environment: closed.environment.clone(),
            component: closed.component.name.clone(),
            findings,
            outcome: Outcome::Closed(closed),
        }
    }
}

/// How the documents came about.
#[derive(Debug)]
pub enum Outcome {
    /// The gate is closed; of an environment that of every site.
    Closed(Closed),
    /// The gate is open.
    Open(Box<Trace>),
}

/// What the stages of an open site decided; the stuff of `explain`.
#[derive(Debug)]
pub struct Trace {
    /// The layers of base values, weakest first.
    pub layers: Vec<Layer>,
    /// What each policy answered, in their order.
    pub answers: Vec<Answer>,
    /// All edits as one values document.
    pub overlay: Node,
    /// Base values with the overlay on top; nulls kept.
    pub merged: Node,
}

/// One layer of base values.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What a user calls it: a file, a reference, `chart web 1.2.3`.
    pub name: String,
    /// Its values.
    pub values: Node,
}

/// What one policy answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The policy's name.
    pub policy: String,
    /// Its version.
    pub version: String,
    /// Its plan.
    pub plan: Plan,
    /// What it read, if that was asked for.
    pub reads: Vec<Read>,
    /// What it cost.
    pub usage: Usage,
    /// The documents it could read.
    pub documents: Documents,
}
