//! A request to the pipeline, built by a front door.

use std::sync::Arc;

pub use crate::charts::Cluster;

use crate::charts::Chart;
use crate::origin::SourceFile;
use crate::setting::Settings;

/// One site or environment, one component, one target.
#[derive(Clone, Debug)]
pub struct Request {
    /// The site or environment whose documents are rendered.
    pub subject: Subject,
    /// The component; optional if the environment has only one.
    pub component: Option<String>,
    /// The documents to emit.
    pub target: Target,
    /// With [`Target::Values`]: the final values instead of the overlay.
    pub merged: bool,
    /// More base values files, merged after the environment's, in order.
    pub values: Vec<Arc<SourceFile>>,
    /// A local chart: its default values are merged in and its schema is enforced.
    pub chart: Option<Arc<Chart>>,
    /// Versions of the cluster that the caller sets.
    pub cluster: Cluster,
    /// Versions of the destination that Argo CD reports, used if no other versions are known.
    pub reported: Cluster,
    /// The documents that a closed gate emits.
    pub closed_gate: ClosedGate,
    /// Settings of policies from outside the fleet, over those of the profile.
    pub settings: Settings,
    /// The digest of `policies.lock` that the caller expects.
    pub policies_lock: Option<String>,
    /// Whether to record what policies read, for `explain`.
    pub record_reads: bool,
}

impl Request {
    /// Returns a request with defaults for everything else.
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

/// The site or environment whose documents are rendered.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A site of the fleet, by the name of its folder.
    Site {
        /// The site's name.
        name: String,
        /// The environment, for a profile that has no `environment`.
        environment: Option<String>,
    },
    /// A profile that may be outside the fleet.
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
    /// Returns the site's name; empty for an environment.
    pub fn site(&self) -> &str {
        match self {
            Self::Site { name: site, .. } | Self::Profile { site, .. } => site,
            Self::Environment { .. } => "",
        }
    }

    /// Returns the environment that the caller named.
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

/// The documents that are emitted.
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
    /// The objects on the global cluster of an environment for its open sites.
    Global,
    /// Only the gateway routes that sites use to reach the global cluster.
    Gateway(Form),
}

/// The form of gateway routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Values of the chart that makes its objects.
    Values,
    /// The objects themselves.
    Manifests,
}

impl Target {
    /// Returns its name as a user writes it.
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

    /// Returns whether it belongs to an environment and not to a site.
    pub fn is_global(self) -> bool {
        matches!(self, Self::Global | Self::Gateway(_))
    }

    /// Returns whether it is a values document.
    pub fn is_values(self) -> bool {
        matches!(self, Self::Values | Self::Gateway(Form::Values))
    }
}

/// The documents that a closed gate emits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClosedGate {
    /// One small ConfigMap with the reason.
    #[default]
    Marker,
    /// Nothing.
    Empty,
}
