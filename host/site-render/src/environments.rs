//! The environments of a fleet, each read once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::codes;
use crate::dependencies::{self, Dependencies};
use crate::environment::{self, Environment};
use crate::fields::with_suggestion_or;
use crate::files::FleetFiles;
use crate::finding::Problems;
use crate::memo::Memo;
use crate::origin::Location;

/// The environments of a fleet, with a cache of those that were read.
pub(crate) struct Environments {
    pub(crate) files: Arc<FleetFiles>,
    cache: Memo<Environment>,
    names: OnceLock<(Result<Vec<String>, Problems>, Dependencies)>,
    partitions: Mutex<Partitions>,
}

/// The environments that were read so far, in the order of their names.
#[derive(Default)]
struct Partitions {
    /// The first environment of each partition, by its number.
    numbers: BTreeMap<String, usize>,
    /// The files of these environments up to each of them.
    files: Vec<Dependencies>,
}

impl Environments {
    /// Returns the environments in these files.
    pub(crate) fn new(files: Arc<FleetFiles>) -> Self {
        Self { files, cache: Memo::default(), names: OnceLock::new(), partitions: Mutex::default() }
    }

    /// Returns the names of all environments, sorted.
    pub(crate) fn names(&self) -> Result<&[String], Problems> {
        let list = || dependencies::recorded(|| self.files.list_folders("environments"));
        let (names, listing) = self.names.get_or_init(list);
        dependencies::add(listing);
        names.as_deref().map_err(Clone::clone)
    }

    /// Returns an environment; `place` is the line that names it.
    pub(crate) fn get(
        &self,
        name: &str,
        place: Option<Location>,
    ) -> Result<Arc<Environment>, Problems> {
        let known = self.names()?;
        if known.binary_search_by(|other| other.as_str().cmp(name)).is_err() {
            let finding =
                codes::ENVIRONMENT_UNKNOWN.finding(format!("environment `{name}` not found"));
            let known = || known.iter().map(String::as_str);
            return Err(with_suggestion_or(finding, name, known(), || {
                format!("environments of this fleet: {}", known().collect::<Vec<_>>().join(", "))
            })
            .at(place)
            .into());
        }
        let load = || {
            let parsed = environment::document(&self.files.world, name)?;
            Environment::read(name, &parsed)
        };
        let has_room = |environment: &Environment| self.files.has_room_for(environment.memory);
        Ok(self.cache.get_or_load_if(name, load, has_room)?)
    }

    /// Returns the first environment with a partition, by name. Reads environments up to that one.
    pub(crate) fn of_partition(
        &self,
        partition: &str,
    ) -> Result<Option<Arc<Environment>>, Problems> {
        let names = self.names()?;
        let mut known = self.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        while !known.numbers.contains_key(partition) {
            let number = known.files.len();
            let Some(name) = names.get(number) else {
                dependencies::add(known.files.last().unwrap_or(&Dependencies::default()));
                return Ok(None);
            };
            let (environment, files) = dependencies::recorded(|| self.get(name, None));
            let environment = environment?;
            let before = known.files.last().cloned().unwrap_or_default();
            known.files.push(before.and(files));
            if let Some(own) = &environment.partition {
                known.numbers.entry(own.clone()).or_insert(number);
            }
        }
        // Not those that another site needed: a result does not depend on the state of a cache.
        let number = known.numbers[partition];
        dependencies::add(&known.files[number]);
        self.get(&names[number], None).map(Some)
    }
}
