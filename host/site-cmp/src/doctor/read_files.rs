//! The files that a render reads, found by rendering with a tree that records them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use site_render::request::{Subject, Target};
use site_render::tree::{EntryKind, Tree, TreeError};

use crate::exit::CommandError;
use crate::named_files::open_folder;
use crate::operator::Operator;
use crate::request_builder::RequestBuilder;

/// Sizes of files by their path in the fleet.
pub(super) type Files = BTreeMap<String, u64>;

/// A folder that records the files read from it.
struct RecordingTree {
    folder: Arc<dyn Tree>,
    read: Arc<Mutex<Files>>,
}

impl Tree for RecordingTree {
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

/// Renders a site as Argo CD requests it. Returns the files that were read even if the render
/// fails.
pub(super) fn read_by_site(
    root: &Path,
    site: &str,
    operator: &Operator,
) -> (Files, Result<(), CommandError>) {
    let read = Arc::new(Mutex::new(Files::new()));
    let outcome = render_site(root, site, operator, read.clone());
    let files = std::mem::take(&mut *read.lock().unwrap_or_else(PoisonError::into_inner));
    (files, outcome)
}

/// Renders the Application of a site and records the files in `read`.
fn render_site(
    root: &Path,
    site: &str,
    operator: &Operator,
    read: Arc<Mutex<Files>>,
) -> Result<(), CommandError> {
    let tree = Arc::new(RecordingTree { folder: open_folder(root)?, read });
    let builder = RequestBuilder::new(Target::Application);
    let charts = operator.charts(None, builder.chosen_by)?;
    let fleet = builder.open_tree(
        tree,
        operator.policies(None)?,
        operator.jsonnet()?,
        charts,
        &operator.deploy,
    )?;
    let subject = Subject::Site { name: site.to_owned(), environment: None };
    site_render::render(&fleet, &builder.build(subject)?)?;
    Ok(())
}
