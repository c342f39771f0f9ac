//! One evaluation as the parent sees it: it sends a file, answers what the worker asks for,
//! and takes what it gets.
//!
//! The worker is a stranger. It is given files of the tree and nothing else, as many as the
//! operator allows, and is heard until the deadline.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest as _, Sha256};
use site_render::finding::Finding;
use site_render::jsonnet::Imports;
use site_render::origin::SourceFile;
use site_render::tree::TreeError;

use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::Limits;
use crate::process::Worker;
use crate::report;

/// The digest of a file's bytes.
pub(crate) type Digest = [u8; 32];

/// Failures and imports are short, whatever a result may be.
const SHORT: u64 = 64 << 10;

/// What came of an evaluation.
pub(crate) struct Outcome {
    /// JSON, or why there is none.
    pub(crate) result: Result<String, Box<Finding>>,
    /// What was imported, by name.
    pub(crate) imports: Vec<(String, Digest)>,
    /// Whether the same files always come to the same.
    pub(crate) is_final: bool,
}

/// Why a worker gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Its time is over.
    Late,
    /// It has gone, or speaks another language.
    Gone,
}

/// A file that was imported.
struct Imported {
    digest: Digest,
    /// Its text, to show where something went wrong.
    file: Option<Arc<SourceFile>>,
}

struct Conversation<'a> {
    file: &'a Arc<SourceFile>,
    imports: &'a Imports<'a>,
    limits: &'a Limits,
    imported: BTreeMap<String, Imported>,
    bytes: u64,
    refused: Option<Box<Finding>>,
}

/// Evaluates a file.
pub(crate) fn hold(
    worker: &Worker,
    file: &Arc<SourceFile>,
    imports: &Imports<'_>,
    limits: &Limits,
) -> Result<Outcome, Silence> {
    let mut conversation =
        Conversation { file, imports, limits, imported: BTreeMap::new(), bytes: 0, refused: None };
    let answer = conversation.run(worker).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => Silence::Late,
        _ => Silence::Gone,
    })?;
    Ok(conversation.outcome(answer))
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

impl Conversation<'_> {
    fn run(&mut self, worker: &Worker) -> io::Result<Result<String, Failure>> {
        let mut stream = worker.until(Instant::now() + self.limits.time());
        let SourceFile { name, text } = &**self.file;
        let mut say = Frame::Evaluate(name.clone().into_bytes(), text.clone().into_bytes());
        loop {
            say.write(&mut stream)?;
            let heard = Frame::read(&mut stream, self.limits.output_bytes.max(SHORT))?;
            let garbled = |_| io::Error::from(io::ErrorKind::InvalidData);
            match heard.ok_or(io::ErrorKind::UnexpectedEof)? {
                Frame::Import(from, import) => {
                    say = self.import(
                        &String::from_utf8(from).map_err(garbled)?,
                        &String::from_utf8(import).map_err(garbled)?,
                    );
                }
                Frame::Done(json) => return Ok(Ok(String::from_utf8(json).map_err(garbled)?)),
                Frame::Failed(failure) => return Ok(Err(serde_json::from_slice(&failure)?)),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }

    /// The answer to a worker that wants to import something.
    fn import(&mut self, from: &str, import: &str) -> Frame {
        match self.found(from, import) {
            Ok(frame) => frame,
            Err(finding) => {
                self.refused.get_or_insert(finding);
                Frame::Refused
            }
        }
    }

    fn found(&mut self, from: &str, import: &str) -> Result<Frame, Box<Finding>> {
        let place = self.text(from).map(|file| report::place_of_import(file, import));
        let refuse = |why: &str| report::no_import(import, why).at(place.clone());
        if place.is_none() && !self.imported.contains_key(from) {
            return Err(Box::new(refuse("nobody imports it")));
        }
        let name = self.imports.resolve(from, import).map_err(refuse)?;
        if name == self.file.name || self.imported.contains_key(&name) {
            return Ok(Frame::Known(name.into_bytes()));
        }
        if self.imported.len() >= self.limits.imports {
            return Err(Box::new(report::over(self.file, report::IMPORTS, self.limits)));
        }
        let left = self.limits.import_bytes.saturating_sub(self.bytes);
        let content = self.imports.read(&name, left).map_err(|error| match error {
            TreeError::TooLarge { .. } => {
                report::over(self.file, report::IMPORT_BYTES, self.limits)
            }
            other => refuse(&other.to_string()),
        })?;
        self.bytes += content.len() as u64;
        let text = std::str::from_utf8(&content).ok();
        let file =
            text.map(|text| Arc::new(SourceFile { name: name.clone(), text: text.to_owned() }));
        self.imported.insert(name.clone(), Imported { digest: sha256(&content), file });
        Ok(Frame::File(name.into_bytes(), content.to_vec()))
    }

    /// A file of this evaluation, by its name.
    fn text(&self, name: &str) -> Option<&Arc<SourceFile>> {
        if name == self.file.name {
            return Some(self.file);
        }
        self.imported.get(name)?.file.as_ref()
    }

    fn outcome(mut self, answer: Result<String, Failure>) -> Outcome {
        let refused = self.refused.take();
        // What a tree does not have, another may: a refusal is told each time anew.
        let is_final = refused.is_none();
        let result = match (refused, answer) {
            (Some(finding), _) => Err(finding),
            (None, Ok(json)) => Ok(json),
            (None, Err(failure)) => {
                let told =
                    report::failure(&failure, self.file, self.limits, |name| self.text(name));
                Err(Box::new(told))
            }
        };
        let imports = self.imported.into_iter().map(|(name, imported)| (name, imported.digest));
        Outcome { result, imports: imports.collect(), is_final }
    }
}
