//! A request to the pipeline, as a front door makes it.

use std::sync::Arc;

pub use crate::charts::Cluster;

use crate::charts::Chart;
use crate::origin::SourceFile;
use crate::setting::Settings;

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

    /// Returns its name as a message shows it.
    pub(crate) fn label(&self) -> String {
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
