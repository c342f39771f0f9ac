//! Loading the Python files of configurations; a file that several sites share is parsed once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::flow::FlowMemo;
use super::python::Module;
use crate::files::FleetFiles;
use crate::inputs::Located;
use crate::memo::Memo;
use crate::sources::{self, ReadError};

/// The Python modules of a fleet's configurations, with what was followed through them.
pub(crate) struct ModuleStore {
    pub(crate) files: Arc<FleetFiles>,
    modules: Memo<Module, ReadError>,
    /// Configurations that were followed for what policies require of them.
    pub(crate) flows: FlowMemo,
    /// Memory of all cached modules, in bytes.
    bytes: AtomicU64,
}

impl ModuleStore {
    /// Returns the modules in these files.
    pub(crate) fn new(files: Arc<FleetFiles>) -> Self {
        Self {
            files,
            modules: Memo::default(),
            flows: FlowMemo::default(),
            bytes: AtomicU64::new(0),
        }
    }

    /// Returns the module in a file; cached unless the file belongs to one site.
    pub(super) fn module(&self, file: &Located, own: bool) -> Result<Arc<Module>, ReadError> {
        let read = || {
            let bytes = file.tree.read(&file.path, sources::MAX_TEXT).map_err(ReadError::Tree)?;
            Module::read(&file.name, &bytes).map_err(ReadError::Finding)
        };
        if own {
            return read().map(Arc::new);
        }
        let add_memory = |module: &Module| {
            self.bytes.fetch_add(module.bytes(), Ordering::Relaxed);
        };
        self.modules.get_or_load(&file.name, || read().inspect(add_memory))
    }

    /// Returns about how many bytes the cached modules take.
    pub(crate) fn cached_bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed) + self.flows.bytes()
    }
}
