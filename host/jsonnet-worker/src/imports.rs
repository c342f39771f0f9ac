//! How the evaluator gets at files: it asks the parent, and keeps what it is given.

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

/// Said where the parent has refused; nobody hears it, for the parent knows why.
pub(crate) const REFUSED: &str = "refused";

/// Files by the names that the parent gave them.
#[derive(Acyclic)]
pub(crate) struct Asked {
    channel: Rc<RefCell<Channel>>,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Asked {
    /// Begins with the file that is evaluated.
    pub(crate) fn new(channel: Rc<RefCell<Channel>>, name: &str, content: Vec<u8>) -> Self {
        Self { channel, files: RefCell::new(BTreeMap::from([(name.to_owned(), content)])) }
    }
}

/// A name as the evaluator knows it.
pub(crate) fn path(name: &str) -> SourcePath {
    SourcePath::new(SourceFile::new(PathBuf::from(name)))
}

/// The name that the evaluator knows.
pub(crate) fn name(path: &SourcePath) -> String {
    path.path().map_or_else(String::new, |path| path.to_string_lossy().into_owned())
}

impl ImportResolver for Asked {
    fn resolve_from(&self, from: &SourcePath, import: &dyn AsPathLike) -> Result<SourcePath> {
        let import = match import.as_path() {
            ResolvePath::Str(text) => text.to_owned(),
            ResolvePath::Path(path) => path.to_string_lossy().into_owned(),
        };
        let asked = Frame::Import(name(from).into_bytes(), import.into_bytes());
        let answer = self.channel.borrow_mut().ask(&asked);
        let refused = || ErrorKind::ImportIo(REFUSED.to_owned()).into();
        match answer {
            Ok(Frame::Known(name)) => String::from_utf8(name).map(|name| path(&name)),
            Ok(Frame::File(name, content)) => String::from_utf8(name).map(|name| {
                let known = path(&name);
                self.files.borrow_mut().insert(name, content);
                known
            }),
            _ => return Err(refused()),
        }
        .map_err(|_| refused())
    }

    fn load_file_contents(&self, resolved: &SourcePath) -> Result<Vec<u8>> {
        // The evaluator keeps each file itself, in one form or another.
        let file = self.files.borrow().get(&name(resolved)).cloned();
        file.ok_or_else(|| ErrorKind::ResolvedFileNotFound(resolved.clone()).into())
    }
}
