//! A request to the pipeline, built by a front door.

mod choice;
mod parameters;

use std::sync::Arc;

pub use crate::charts::Cluster;
pub use choice::Choice;
pub use parameters::{PLUGIN_PARAMETERS, PluginParameter};

use crate::charts::Chart;
use crate::dependencies::Dependencies;
use crate::finding::Finding;
use crate::origin::SourceFile;
use crate::refresh_paths::WatchedPaths;
use crate::setting::Settings;

/// One site or environment, one component, one target.
///
/// It is built by [`Request::new`] and its methods alone, so that a new field has a default
/// for every front door.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The site or environment whose documents are rendered.
    pub subject: Subject,
    /// The component; optional if the environment has only one.
    pub component: Option<String>,
    /// The documents to emit.
    pub target: Target,
    /// Whether [`Target::Values`] emits the final values instead of the overlay.
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
    /// The files whose change Argo CD sees, if the caller knows them: others must not be read.
    pub watched: Option<WatchedPaths>,
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
            watched: None,
        }
    }

    /// Returns an error if the render depends on a file whose change Argo CD would not see.
    pub(crate) fn check_watched(&self, read: &Dependencies) -> Result<(), Box<Finding>> {
        self.watched.as_ref().map_or(Ok(()), |watched| watched.check(read, self.subject.site()))
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The overlay as a Helm values document, or the final values.
    Values,
    /// An Argo CD `Application`.
    Application,
    /// The objects that are not in the chart.
    Resources,
    /// The rendered chart and the objects beside it.
    Manifests,
    /// The objects on the global cluster of an environment for its open sites.
    Global,
    /// Only the gateway routes that sites use to reach the global cluster.
    Gateway(Form),
}

/// The form in which gateway routes are emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClosedGate {
    /// A ConfigMap that says why.
    #[default]
    Marker,
    /// Nothing.
    Empty,
}
