//! A fleet: a tree of files, and whatever is read from it once for all its sites.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::charts::Chart;
use crate::codes;
use crate::config::{Module, flow};
use crate::environment::{self, Component, Environment, SchemaFiles};
use crate::fields::with_suggestion_or;
use crate::finding::{Fault, Finding, Problems};
use crate::lock::{LOCK_FILE, Lock};
use crate::origin::Place;
use crate::policies::{self, Ready};
use crate::profile;
use crate::request::{Request, Subject, Target};
use crate::schema::{Schema, extension};
use crate::sources::{self, ReadError};
use crate::tree::EntryKind;
use crate::world::World;
use crate::yaml::Parsed;

/// A fleet that can be rendered; shared by threads, and by all renders of one tree.
///
/// What sites have in common is read at its first use and kept: a tree does not change
/// while it is used.
pub struct Fleet {
    pub(crate) world: World,
    pub(crate) lock: Lock,
    environments: Kept<Environment>,
    policies: Kept<Ready>,
    documents: Kept<Parsed>,
    modules: Kept<Module>,
    schemas: Kept<Schema>,
    /// Configs that were followed for what policies require of them.
    pub(crate) flows: flow::Memo,
    /// Memory of all documents that are kept, in bytes.
    bytes: AtomicU64,
}

/// What a parsed value costs in memory with its key and its origin, in bytes; measured, and
/// rounded up.
const NODE_BYTES: u64 = 256;

/// Things by name that are made once; a failure is kept too, so that it costs once, unless
/// it is the machine's: that may be over the next time.
type Kept<T> = Mutex<BTreeMap<String, Result<Arc<T>, Box<Finding>>>>;

impl Fleet {
    /// Opens the fleet of a tree: reads `policies.lock`.
    ///
    /// # Errors
    /// No lock, or one that cannot be read.
    pub fn open(world: World) -> Result<Self, Problems> {
        let bytes = world.tree.read(LOCK_FILE, sources::MAX_TEXT).map_err(|error| {
            ReadError::Tree(error)
                .into_finding(LOCK_FILE, None)
                .hint("a fleet is a folder with a policies.lock; write one with `cmp policy lock`")
        })?;
        let lock = Lock::read(&bytes)?;
        Ok(Self {
            world,
            lock,
            environments: Kept::default(),
            policies: Kept::default(),
            documents: Kept::default(),
            modules: Kept::default(),
            schemas: Kept::default(),
            flows: flow::Memo::default(),
            bytes: AtomicU64::new(0),
        })
    }

    /// The names of its sites, sorted; of one environment, if one is given.
    ///
    /// # Errors
    /// No `sites` folder, an unknown environment. A site whose profile cannot be read is
    /// listed all the same, so that its render says why.
    pub fn sites(&self, environment: Option<&str>) -> Result<Vec<String>, Problems> {
        let mut names = self.folders("sites")?;
        let Some(wanted) = environment else {
            return Ok(names);
        };
        self.environment(wanted, None)?;
        names.retain(|name| match profile::of_site(self, name, None) {
            Ok(profile) => &*profile.environment.name == wanted,
            Err(_) => true,
        });
        Ok(names)
    }

    /// The names of its environments, sorted.
    ///
    /// # Errors
    /// No `environments` folder.
    pub fn environments(&self) -> Result<Vec<String>, Problems> {
        self.folders("environments")
    }

    /// An environment; `place` is where it was named.
    pub(crate) fn environment(
        &self,
        name: &str,
        place: Option<Place>,
    ) -> Result<Arc<Environment>, Problems> {
        let known = self.environments()?;
        if !known.iter().any(|other| other == name) {
            let finding =
                codes::ENVIRONMENT_UNKNOWN.finding(format!("there is no environment `{name}`"));
            let known = || known.iter().map(String::as_str);
            return Err(with_suggestion_or(finding, name, known(), || {
                format!("environments of this fleet: {}", known().collect::<Vec<_>>().join(", "))
            })
            .at(place)
            .into());
        }
        let made = kept(&self.environments, name, || {
            let parsed = environment::document(self, name)?;
            self.count(&parsed);
            Environment::read(name, &parsed)
        });
        Ok(made?)
    }

    /// Requests for all that an environment's global cluster has, one a component.
    ///
    /// # Errors
    /// An unknown environment, or one that cannot be read.
    pub fn global_requests(&self, environment: &str) -> Result<Vec<Request>, Problems> {
        let known = self.environment(environment, None)?;
        let halves = known.components.values().filter(|component| component.global.is_some());
        let request = |component: &Arc<Component>| {
            let subject = Subject::Environment { name: environment.to_owned() };
            Request::new(subject, Target::Global).with_component(&component.name)
        };
        Ok(halves.map(request).collect())
    }

    /// A policy of the lock, loaded.
    pub(crate) fn policy(
        &self,
        name: &str,
        place: Option<Place>,
    ) -> Result<Arc<Ready>, Box<Finding>> {
        kept(&self.policies, name, || policies::load(self, name)).map_err(|mut finding| {
            finding.place = finding.place.or(place);
            finding
        })
    }

    /// A document that several sites share, read once.
    pub(crate) fn shared(
        &self,
        name: &str,
        read: impl FnOnce() -> Result<Parsed, Box<Finding>>,
    ) -> Result<Arc<Parsed>, Box<Finding>> {
        kept(&self.documents, name, || read().inspect(|parsed| self.count(parsed)))
    }

    /// A document of the fleet's own that an environment names, read once.
    pub(crate) fn file(
        &self,
        path: &str,
        place: Option<Place>,
    ) -> Result<Arc<Parsed>, Box<Finding>> {
        self.shared(path, || {
            sources::document(&self.world, &*self.world.tree, path, path)
                .map_err(|error| error.into_finding(path, place))
        })
    }

    /// The documents of a file of the fleet as one list, read once unless one site alone has
    /// the file.
    pub(crate) fn stream(&self, path: &str, own: bool) -> Result<Arc<Parsed>, Box<Finding>> {
        let read = || {
            sources::stream(&*self.world.tree, path).map_err(|error| error.into_finding(path, None))
        };
        if own { read().map(Arc::new) } else { self.shared(&format!("all of {path}"), read) }
    }

    /// The schema of a global cluster's values with what is added to it, compiled once.
    pub(crate) fn extended_schema(&self, files: &SchemaFiles) -> Result<Arc<Schema>, Box<Finding>> {
        let names = files.extensions.iter().map(|(path, _)| path.as_str());
        let key = std::iter::once(files.base.0.as_str()).chain(names).collect::<Vec<_>>();
        kept(&self.schemas, &key.join("\n"), || extension::extended(self, files))
    }

    /// A layer of a configuration that several sites share, parsed once.
    pub(crate) fn module(
        &self,
        name: &str,
        read: impl FnOnce() -> Result<Module, Box<Finding>>,
    ) -> Result<Arc<Module>, Box<Finding>> {
        let count = |module: &Module| {
            self.bytes.fetch_add(module.bytes(), Ordering::Relaxed);
        };
        kept(&self.modules, name, || read().inspect(count))
    }

    /// sha256 of its `policies.lock`, in lower-case hex.
    pub fn lock_digest(&self) -> &str {
        &self.lock.digest
    }

    /// About how many bytes it keeps parsed.
    pub fn kept_bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed) + self.flows.bytes()
    }

    fn count(&self, parsed: &Parsed) {
        let text = parsed.root.origin.place().map_or(0, |place| place.file.text.len() as u64);
        self.bytes.fetch_add(parsed.root.count() * NODE_BYTES + text, Ordering::Relaxed);
    }

    /// The schema of a chart, compiled once.
    pub(crate) fn chart_schema(
        &self,
        chart: &Chart,
        schema: &serde_json::Value,
    ) -> Result<Arc<Schema>, Box<Finding>> {
        kept(&self.schemas, &format!("{} {}", chart.location, chart.version), || {
            Schema::compile(schema).map_err(|error| {
                Box::new(
                    codes::SCHEMA_BROKEN.finding(format!(
                        "chart {} has a schema that is none: {error}",
                        chart.name
                    )),
                )
            })
        })
    }

    /// An error that says there is no such site, with a near name.
    pub(crate) fn unknown_site(&self, name: &str) -> Problems {
        let known = self.folders("sites").unwrap_or_default();
        let finding =
            codes::SITE_UNKNOWN.finding(format!("there is no site `{name}` in this fleet"));
        let known = known.iter().map(String::as_str);
        with_suggestion_or(finding, name, known, || "`cmp check` lists every site".to_owned())
            .into()
    }

    fn folders(&self, folder: &str) -> Result<Vec<String>, Problems> {
        let entries = self.world.tree.list(folder).map_err(|error| {
            codes::FLEET_LAYOUT
                .finding(format!("cannot list `{folder}` of this fleet: {error}"))
                .hint(
                    "a fleet keeps sites in sites/<name>/ and environments in environments/<name>/",
                )
        })?;
        Ok(entries
            .into_iter()
            .filter(|(_, kind)| *kind == EntryKind::Folder)
            .map(|(name, _)| name)
            .collect())
    }
}

/// The thing of that name, made if it is not there yet. The lock is held while it is
/// made: of several threads that want one policy, one compiles it.
fn kept<T>(
    shelf: &Kept<T>,
    name: &str,
    make: impl FnOnce() -> Result<T, Box<Finding>>,
) -> Result<Arc<T>, Box<Finding>> {
    let mut known = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(thing) = known.get(name) {
        return thing.clone();
    }
    let thing = make().map(Arc::new);
    if thing.as_ref().err().is_none_or(|finding| finding.fault != Fault::Environment) {
        known.insert(name.to_owned(), thing.clone());
    }
    thing
}
