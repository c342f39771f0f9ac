//! Resolves the evaluator's imports: requests each file from the parent and caches it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use jrsonnet_evaluator::error::{ErrorKind, Result};
use jrsonnet_evaluator::{AsPathLike, ImportResolver, ResolvePath, SourcePath};
use jrsonnet_gcmodule::Acyclic;
use jrsonnet_ir::SourceFile;

use crate::frame::Frame;
use crate::worker::Channel;

/// The evaluator's message for a refused import. The parent ignores it, because it knows the reason.
pub(crate) const REFUSED: &str = "refused";

/// The files of an evaluation, by the names that the parent assigned.
#[derive(Acyclic)]
pub(crate) struct ImportRequests {
    channel: Rc<RefCell<Channel>>,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl ImportRequests {
    /// Starts with the file that is evaluated.
    pub(crate) fn new(channel: Rc<RefCell<Channel>>, name: &str, content: Vec<u8>) -> Self {
        Self { channel, files: RefCell::new(BTreeMap::from([(name.to_owned(), content)])) }
    }
}

/// Returns the evaluator's path for a name.
pub(crate) fn source_path(name: &str) -> SourcePath {
    SourcePath::new(SourceFile::new(PathBuf::from(name)))
}

/// Returns the name of an evaluator's path.
pub(crate) fn file_name(path: &SourcePath) -> String {
    path.path().map_or_else(String::new, |path| path.to_string_lossy().into_owned())
}

impl ImportResolver for ImportRequests {
    fn resolve_from(&self, from: &SourcePath, import: &dyn AsPathLike) -> Result<SourcePath> {
        let import = match import.as_path() {
            ResolvePath::Str(text) => text.to_owned(),
            ResolvePath::Path(path) => path.to_string_lossy().into_owned(),
        };
        let request = Frame::Import(file_name(from).into_bytes(), import.into_bytes());
        let answer = self.channel.borrow_mut().request(&request);
        let refused = || ErrorKind::ImportIo(REFUSED.to_owned()).into();
        match answer {
            Ok(Frame::Known(name)) => String::from_utf8(name).map(|name| source_path(&name)),
            Ok(Frame::File(name, content)) => String::from_utf8(name).map(|name| {
                let known = source_path(&name);
                self.files.borrow_mut().insert(name, content);
                known
            }),
            _ => return Err(refused()),
        }
        .map_err(|_| refused())
    }

    fn load_file_contents(&self, resolved: &SourcePath) -> Result<Vec<u8>> {
        // The evaluator caches each file itself, so a second read is rare.
        let file = self.files.borrow().get(&file_name(resolved)).cloned();
        file.ok_or_else(|| ErrorKind::ResolvedFileNotFound(resolved.clone()).into())
    }
}
