//! Applications as Argo CD reports them.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde_json::Value;

use super::clusters::Cluster;

const PATH: &str = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";

/// One Application.
#[derive(Clone)]
pub(crate) struct Application(pub(crate) Value);

impl Application {
    /// Returns every Application by its name.
    pub(crate) fn all(global: &Cluster) -> BTreeMap<String, Self> {
        let list = global.get(PATH);
        let items = list["items"].as_array().cloned().unwrap_or_default();
        let named = |item: Value| {
            (item["metadata"]["name"].as_str().unwrap_or_default().to_owned(), Self(item))
        };
        items.into_iter().map(named).collect()
    }

    /// Returns one Application.
    pub(crate) fn named(global: &Cluster, name: &str) -> Option<Self> {
        let found = global.get(&format!("{PATH}/{name}"));
        found.is_object().then_some(Self(found))
    }

    /// Returns whether its objects are as they should be, and no sync is under way.
    pub(crate) fn is_synced(&self) -> bool {
        let status = &self.0["status"];
        status["sync"]["status"] == "Synced" && status["operationState"]["phase"] != "Running"
    }

    /// Returns whether it is synced, healthy and without a condition.
    pub(crate) fn is_well(&self) -> bool {
        let healthy = self.0["status"]["health"]["status"] == "Healthy";
        self.is_synced() && healthy && self.conditions().is_empty()
    }

    /// Returns whether one of the revisions that it was compared with is this one.
    pub(crate) fn is_at(&self, revision: &str) -> bool {
        self.revisions().any(|at| at == revision)
    }

    fn revisions(&self) -> impl Iterator<Item = &str> {
        let sync = &self.0["status"]["sync"];
        let several = sync["revisions"].as_array().into_iter().flatten();
        several.chain([&sync["revision"]]).filter_map(Value::as_str)
    }

    /// Returns the messages of its conditions.
    pub(crate) fn conditions(&self) -> Vec<&str> {
        let conditions = self.0["status"]["conditions"].as_array().into_iter().flatten();
        conditions.filter_map(|condition| condition["message"].as_str()).collect()
    }

    /// Returns the time at which its last sync ended.
    pub(crate) fn last_sync(&self) -> Option<&str> {
        self.0["status"]["operationState"]["finishedAt"].as_str()
    }

    /// Returns the message of its last sync.
    pub(crate) fn last_message(&self) -> Option<&str> {
        self.0["status"]["operationState"]["message"].as_str()
    }

    /// Returns its objects that are not as they should be.
    pub(crate) fn out_of_sync(&self) -> Vec<String> {
        let resources = self.0["status"]["resources"].as_array().into_iter().flatten();
        let different = resources.filter(|resource| {
            resource["status"].as_str().is_some_and(|status| status != "Synced")
        });
        different.map(|resource| format!("{} {}", resource["kind"], resource["name"])).collect()
    }
}

impl Display for Application {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let status = &self.0["status"];
        write!(
            f,
            "{} {} {}",
            status["sync"]["status"], status["health"]["status"], status["operationState"]["phase"]
        )?;
        for revision in self.revisions() {
            write!(f, " {revision:.8}")?;
        }
        for object in self.out_of_sync() {
            write!(f, "\n    differs: {object}")?;
        }
        for condition in self.conditions() {
            write!(f, "\n    {condition:.600}")?;
        }
        if status["operationState"]["phase"] != "Succeeded" {
            write!(f, "\n    {:.400}", self.last_message().unwrap_or_default())?;
        }
        Ok(())
    }
}
