//! A fleet: a tree of files, with caches of what its sites have in common.

use std::sync::Arc;

use crate::app_config::ModuleStore;
use crate::cluster;
use crate::dependencies::{self, Dependencies, DependencyTree, Recording};
use crate::environments::Environments;
use crate::files::FleetFiles;
use crate::finding::Problems;
use crate::gate::Destination;
use crate::lock::{LOCK_FILE, Lock};
use crate::policy_store::PolicyStore;
use crate::profile;
use crate::request::{Request, Subject, Target};
use crate::schema_store::SchemaStore;
use crate::sources::{self, ReadError};
use crate::world::World;

/// A fleet that can be rendered; shared by threads, and by all renders of one tree.
///
/// Each part reads what it needs at its first use and caches it, because a tree does not
/// change while it is used.
pub struct Fleet {
    pub(crate) files: Arc<FleetFiles>,
    pub(crate) environments: Environments,
    pub(crate) policies: PolicyStore,
    pub(crate) modules: ModuleStore,
    pub(crate) schemas: SchemaStore,
    /// The files that were read to open it.
    opening: Dependencies,
}

impl Fleet {
    /// Opens the fleet of a tree: reads `policies.lock`.
    ///
    /// # Errors
    /// The lock is missing or cannot be read.
    pub fn open(world: World) -> Result<Self, Problems> {
        let tree = Arc::new(DependencyTree::new(world.tree, world.known.clone()));
        let world = World { tree, ..world };
        let read = || world.tree.read(LOCK_FILE, sources::MAX_TEXT);
        let (bytes, opening) = dependencies::recorded(read);
        let bytes = bytes.map_err(|error| {
            ReadError::Tree(error)
                .into_finding(LOCK_FILE, None)
                .hint("a fleet is a folder with a policies.lock; write one with `cmp policy lock`")
        })?;
        let lock = Lock::read(&bytes)?;
        let files = Arc::new(FleetFiles::new(world.clone()));
        Ok(Self {
            environments: Environments::new(files.clone()),
            policies: PolicyStore::new(world, lock),
            modules: ModuleStore::new(files.clone()),
            schemas: SchemaStore::new(files.clone()),
            files,
            opening,
        })
    }

    /// Runs a render of this fleet, and returns the files on which its result depends.
    pub fn recorded<T>(&self, render: impl FnOnce() -> T) -> (T, Dependencies) {
        let recording = self.record();
        let result = render();
        (result, recording.so_far())
    }

    /// Starts to record the files on which a render depends.
    pub(crate) fn record(&self) -> Recording {
        let recording = Recording::start();
        dependencies::add(&self.opening);
        recording
    }

    /// Returns the names of its sites, sorted; of one environment, if one is given.
    ///
    /// # Errors
    /// The fleet has no `sites` folder or no such environment. A site whose profile cannot
    /// be read is listed, so that its render reports why.
    pub fn sites(&self, environment: Option<&str>) -> Result<Vec<String>, Problems> {
        profile::site_names(&self.environments, environment)
    }

    /// Returns the names of its environments, sorted.
    ///
    /// # Errors
    /// The fleet has no `environments` folder.
    pub fn environments(&self) -> Result<Vec<String>, Problems> {
        self.environments.names().map(<[String]>::to_vec)
    }

    /// Returns the requests that render an environment's global cluster: one for each component
    /// with a `global` section.
    ///
    /// # Errors
    /// The environment is unknown or cannot be read.
    pub fn global_requests(&self, environment: &str) -> Result<Vec<Request>, Problems> {
        let environment = self.environments.get(environment, None)?;
        let requests = environment.global_components().map(|component| {
            let subject = Subject::Environment { name: environment.name.to_string() };
            Request::new(subject, Target::Global).with_component(&component.name)
        });
        Ok(requests.collect())
    }

    /// Returns the path of the cluster snapshot of a site or an environment, whether the file
    /// exists or not.
    ///
    /// # Errors
    /// There is no such site or environment.
    pub fn snapshot_path(&self, subject: &Subject) -> Result<String, Problems> {
        cluster::snapshot_path(&self.environments, subject)
    }

    /// Returns the cluster that the profile of a site names.
    pub fn destination(&self, subject: &Subject) -> Option<Destination> {
        cluster::destination(&self.environments, subject)
    }

    /// Returns the sha256 of its `policies.lock`, in lower-case hex.
    pub fn lock_digest(&self) -> &str {
        &self.policies.lock.digest
    }

    /// Returns about how many bytes its caches take, without compiled policies and schemas.
    pub fn cache_bytes(&self) -> u64 {
        self.files.cached_bytes() + self.modules.cached_bytes()
    }
}
