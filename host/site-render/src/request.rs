//! A request to the pipeline, as a front door makes it.

mod choice;
mod parameters;

use std::sync::Arc;

pub use crate::charts::Cluster;
pub use choice::Choice;
pub use parameters::{PLUGIN_PARAMETERS, PluginParameter};

use crate::charts::Chart;
use crate::origin::SourceFile;
use crate::setting::Settings;

/// One site or environment, one component, one target.
///
/// It is built by [`Request::new`] and its methods alone, so that a new field has a default
/// for every front door.
#[derive(Clone, Debug)]
#[non_exhaustive]
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
    /// Returns a request with a default for all but these two.
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

    /// Returns the same request for a site of the fleet.
    #[must_use]
    pub fn for_site(&self, name: &str, environment: Option<&str>) -> Self {
        let environment = environment.map(str::to_owned);
        Self { subject: Subject::Site { name: name.to_owned(), environment }, ..self.clone() }
    }

    /// Returns the same request with another target, and without merged values.
    #[must_use]
    pub(crate) fn with_target(&self, target: Target) -> Self {
        Self { target, merged: false, ..self.clone() }
    }

    /// Returns the request with a component.
    #[must_use]
    pub(crate) fn with_component(mut self, component: &str) -> Self {
        self.component = Some(component.to_owned());
        self
    }

    /// Returns the request with a chart, if there is one.
    #[must_use]
    pub(crate) fn with_chart(mut self, chart: Option<&Arc<Chart>>) -> Self {
        self.chart = chart.cloned();
        self
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
    /// The objects that are not in the chart.
    Resources,
    /// The rendered chart and the objects beside it.
    Manifests,
    /// What the global cluster of an environment needs for its open sites.
    Global,
    /// Only the gateway routes that sites use to reach the global cluster.
    Gateway(Form),
}

/// The form in which gateway routes are emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Helm values for the chart that creates the routes.
    Values,
    /// The route objects themselves.
    Manifests,
}

impl Target {
    /// Returns true for a target of an environment, and false for one of a site.
    pub fn is_global(self) -> bool {
        matches!(self, Self::Global | Self::Gateway(_))
    }

    /// Returns true for a Helm values document.
    pub fn is_values(self) -> bool {
        matches!(self, Self::Values | Self::Gateway(Form::Values))
    }
}

/// The output for a site whose gate is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClosedGate {
    /// A ConfigMap that says why.
    #[default]
    Marker,
    /// Nothing.
    Empty,
}
