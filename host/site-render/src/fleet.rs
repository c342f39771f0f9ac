//! A fleet: a tree of files, and whatever can be read from it once for all its sites.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::Problems;
use crate::policy::Policies;
use crate::request::Charts;
use crate::tree::Tree;

/// The outside of a render: files, policies and charts, each behind a trait.
#[derive(Clone)]
pub struct World {
    /// The fleet's own files.
    pub tree: Arc<dyn Tree>,
    /// Other trees by the name of the source they stand for (`--source NAME=DIR`).
    pub sources: BTreeMap<String, Arc<dyn Tree>>,
    /// Who runs policies.
    pub policies: Arc<dyn Policies>,
    /// Who runs charts.
    pub charts: Arc<dyn Charts>,
}

/// A fleet that can be rendered; shared by threads, and by all renders of one tree.
pub struct Fleet {
    _world: World,
}

impl Fleet {
    /// Opens the fleet of a tree: reads `policies.lock`.
    pub fn open(world: World) -> Result<Self, Problems> {
        Ok(Self { _world: world })
    }

    /// The names of its sites, sorted; of one environment, if one is given.
    pub fn sites(&self, _environment: Option<&str>) -> Result<Vec<String>, Problems> {
        unimplemented!()
    }
}
