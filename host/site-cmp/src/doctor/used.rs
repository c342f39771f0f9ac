//! What a render reads of a fleet: it is made, and its tree remembers.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use site_render::fleet::Fleet;
use site_render::request::{Subject, Target};
use site_render::tree::{EntryKind, Tree, TreeError};
use site_render::world::World;

use crate::ask::{self, Inputs, Wanted};
use crate::exit::Stop;
use crate::helm::Helm;
use crate::operator::Operator;

/// Files by their path in the fleet, with their bytes.
pub(super) type Files = BTreeMap<String, u64>;

/// A folder that remembers what was read.
struct Remembering {
    folder: Arc<dyn Tree>,
    read: Arc<Mutex<Files>>,
}

impl Tree for Remembering {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        let bytes = self.folder.read(path, limit)?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(path.to_owned(), bytes.len() as u64);
        Ok(bytes)
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.folder.list(folder)
    }
}

/// Renders a site as Argo CD would ask for it; what was read is known even if it fails.
pub(super) fn by_site(root: &Path, site: &str, operator: &Operator) -> (Files, Result<(), Stop>) {
    let read = Arc::new(Mutex::new(Files::new()));
    let outcome = render(root, site, operator, read.clone());
    let files = std::mem::take(&mut *read.lock().unwrap_or_else(PoisonError::into_inner));
    (files, outcome)
}

fn render(
    root: &Path,
    site: &str,
    operator: &Operator,
    read: Arc<Mutex<Files>>,
) -> Result<(), Stop> {
    let folder = ask::folder(root)?;
    let fleet = Fleet::open(World {
        tree: Arc::new(Remembering { folder, read }),
        sources: BTreeMap::new(),
        policies: operator.policies(None)?,
        charts: Arc::new(Helm::new(None)),
        jsonnet: operator.jsonnet()?,
    })?;
    let subject = Subject::Site { name: site.to_owned(), environment: None };
    let wanted = Wanted { target: Target::Application, merged: false, record_reads: false };
    site_render::render(&fleet, &ask::request(subject, wanted, &Inputs::default())?)?;
    Ok(())
}
