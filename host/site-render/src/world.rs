//! The outside of a render, with each part behind a trait.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::charts::Charts;
use crate::deploy_rules::DeployRules;
use crate::jsonnet::Jsonnet;
use crate::known_files::KnownFiles;
use crate::policy::Policies;
use crate::progress::Progress;
use crate::tree::Tree;

/// The outside of a render: files, policies, charts and Jsonnet, each behind a trait.
#[derive(Clone)]
pub struct World {
    /// The fleet's own files.
    pub tree: Arc<dyn Tree>,
    /// Other trees by the name of their source (`--source NAME=DIR`).
    pub sources: BTreeMap<String, Arc<dyn Tree>>,
    /// The sandbox that runs policies.
    pub policies: Arc<dyn Policies>,
    /// The program that renders charts.
    pub charts: Arc<dyn Charts>,
    /// The evaluator of Jsonnet.
    pub jsonnet: Arc<dyn Jsonnet>,
    /// Files of earlier trees.
    pub known: KnownFiles,
    /// The operator's rules on the things that the fleet may deploy.
    pub rules: DeployRules,
    /// The watcher of the stages of renders.
    pub progress: Arc<dyn Progress>,
}
