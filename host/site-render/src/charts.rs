//! Local charts, and the program that renders one.

use crate::chart_version::ChartVersion;
use crate::codes;
use crate::finding::{Finding, Problems, Severity};
use crate::helm_merge::ChartDefaults;
use crate::value::Node;

/// Versions of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cluster {
    /// The version of Kubernetes without a `v`, such as `1.33.0`.
    pub kube_version: Option<String>,
    /// The APIs, such as `monitoring.coreos.com/v1/ServiceMonitor`.
    pub api_versions: Vec<String>,
}

impl Cluster {
    /// Returns the same, with missing versions from another.
    #[must_use]
    pub(crate) fn or(self, weaker: &Self) -> Self {
        let apis = self.api_versions;
        Self {
            kube_version: self.kube_version.or_else(|| weaker.kube_version.clone()),
            api_versions: if apis.is_empty() { weaker.api_versions.clone() } else { apis },
        }
    }
}

/// A local Helm chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its name, version and default values, and those of its subcharts.
    pub defaults: ChartDefaults,
    /// Its `values.schema.json`, if it has one.
    pub schema: Option<serde_json::Value>,
    /// Its path, as an argument of `helm`.
    pub location: String,
    /// Whether the caller says that it need not be the chart that the environment names.
    pub may_differ: bool,
}

impl Chart {
    /// Compares the chart with the one that an environment names, in which Argo CD will merge the
    /// values. Another patch version is only a warning.
    pub(crate) fn compare(&self, name: &str, version: &str) -> Option<Finding> {
        // Argo CD finds the version of a range.
        let ChartDefaults { name: own_name, version: own, .. } = &self.defaults;
        let fits = || ChartVersion::read(version).is_ok_and(|range| range.matches(own));
        if self.may_differ || own_name == name && fits() {
            return None;
        }
        let numbers = |version: &str| -> Vec<String> {
            let version = version.strip_prefix('v').unwrap_or(version);
            version.split('.').take(2).map(str::to_owned).collect()
        };
        let is_near = own_name == name && numbers(own) == numbers(version);
        let severity = if is_near { Severity::Warning } else { Severity::Error };
        let message = format!(
            "{} is chart {own_name} {own}, but the environment names chart {name} {version}",
            self.location
        );
        let hint = "use the chart that the environment names, or --other-chart if the difference is \
                    intended";
        Some(codes::CHART_OTHER.finding(message).severity(severity).hint(hint))
    }
}

/// A chart to render with the final values.
#[derive(Clone, Debug)]
pub struct ChartJob {
    /// The chart's name.
    pub name: String,
    /// The Helm repository it comes from.
    pub repository: String,
    /// Its version.
    pub version: String,
    /// A local folder or archive, used instead of these three.
    pub location: Option<String>,
    /// The release's name.
    pub release: String,
    /// The namespace.
    pub namespace: String,
    /// Values over the chart's own defaults; nulls in them are intended.
    pub values: Node,
    /// Versions of the cluster.
    pub cluster: Cluster,
}

/// A program that renders charts.
pub trait Charts: Send + Sync {
    /// Returns the objects that the chart renders, in its order.
    fn template(&self, job: &ChartJob) -> Result<Vec<Node>, Problems>;
}
