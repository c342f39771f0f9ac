//! The environments of a fleet, each read once.

use std::sync::Arc;

use crate::codes;
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
}

impl Environments {
    /// Returns the environments in these files.
    pub(crate) fn new(files: Arc<FleetFiles>) -> Self {
        Self { files, cache: Memo::default() }
    }

    /// Returns the names of all environments, sorted.
    pub(crate) fn names(&self) -> Result<Vec<String>, Problems> {
        self.files.list_folders("environments")
    }

    /// Returns an environment; `place` is the line that names it.
    pub(crate) fn get(
        &self,
        name: &str,
        place: Option<Location>,
    ) -> Result<Arc<Environment>, Problems> {
        let known = self.names()?;
        if !known.iter().any(|other| other == name) {
            let finding =
                codes::ENVIRONMENT_UNKNOWN.finding(format!("environment `{name}` not found"));
            let known = || known.iter().map(String::as_str);
            return Err(with_suggestion_or(finding, name, known(), || {
                format!("environments of this fleet: {}", known().collect::<Vec<_>>().join(", "))
            })
            .at(place)
            .into());
        }
        let environment = self.cache.get_or_load(name, || {
            let parsed = environment::document(&self.files.world, name)?;
            self.files.add_memory(&parsed);
            Environment::read(name, &parsed)
        });
        Ok(environment?)
    }
}
