//! The parent's side of one evaluation: it sends a file, answers the worker's import requests, and
//! receives the result.
//!
//! The worker is untrusted. It gets only files of the tree, at most as many as the operator allows,
//! and must finish before the deadline.

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

/// Minimum limit on a frame, in bytes: failures and import requests need it even where results
/// are limited to less.
const SHORT: u64 = 64 << 10;

/// The outcome of an evaluation.
pub(crate) struct EvaluationOutcome {
    /// The JSON, or the error.
    pub(crate) result: Result<String, Box<Finding>>,
    /// Names and digests of the imported files.
    pub(crate) imports: Vec<(String, Digest)>,
    /// The imported texts.
    pub(crate) files: Vec<Arc<SourceFile>>,
    /// True if the same files always have the same result, so that it may be cached.
    pub(crate) is_final: bool,
}

/// The reason why a worker did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkerFailure {
    /// It passed its deadline.
    TimedOut,
    /// It closed its stream, or sent an invalid frame.
    Disconnected,
}

/// An imported file.
struct Imported {
    digest: Digest,
    /// Its text, to show the line of an error.
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

/// Evaluates a file with a worker.
pub(crate) fn evaluate_with(
    worker: &Worker,
    file: &Arc<SourceFile>,
    imports: &Imports<'_>,
    limits: &Limits,
) -> Result<EvaluationOutcome, WorkerFailure> {
    let mut conversation =
        Conversation { file, imports, limits, imported: BTreeMap::new(), bytes: 0, refused: None };
    let answer = conversation.exchange(worker).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => WorkerFailure::TimedOut,
        _ => WorkerFailure::Disconnected,
    })?;
    Ok(conversation.into_outcome(answer))
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

impl Conversation<'_> {
    fn exchange(&mut self, worker: &Worker) -> io::Result<Result<String, Failure>> {
        let mut stream = worker.with_deadline(Instant::now() + self.limits.time());
        let SourceFile { name, text, .. } = &**self.file;
        let mut request = Frame::Evaluate(name.clone().into_bytes(), text.clone().into_bytes());
        loop {
            request.write(&mut stream)?;
            let received = Frame::read(&mut stream, self.limits.output_bytes.max(SHORT))?;
            let invalid_utf8 = |_| io::Error::from(io::ErrorKind::InvalidData);
            match received.ok_or(io::ErrorKind::UnexpectedEof)? {
                Frame::Import(from, import) => {
                    request = self.answer_import(
                        &String::from_utf8(from).map_err(invalid_utf8)?,
                        &String::from_utf8(import).map_err(invalid_utf8)?,
                    );
                }
                Frame::Done(json) => return Ok(Ok(String::from_utf8(json).map_err(invalid_utf8)?)),
                Frame::Failed(failure) => return Ok(Err(serde_json::from_slice(&failure)?)),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }

    /// Returns the answer to an import request.
    fn answer_import(&mut self, from: &str, import: &str) -> Frame {
        match self.resolve_import(from, import) {
            Ok(frame) => frame,
            Err(finding) => {
                self.refused.get_or_insert(finding);
                Frame::Refused
            }
        }
    }

    fn resolve_import(&mut self, from: &str, import: &str) -> Result<Frame, Box<Finding>> {
        let place = self.source_file(from).map(|file| report::place_of_import(file, import));
        let refuse = |why: &str| report::import_finding(import, why).at(place.clone());
        if place.is_none() && !self.imported.contains_key(from) {
            return Err(Box::new(refuse("the importing file is unknown")));
        }
        let name = self.imports.resolve(from, import).map_err(refuse)?;
        if name == self.file.name || self.imported.contains_key(&name) {
            return Ok(Frame::Known(name.into_bytes()));
        }
        if self.imported.len() >= self.limits.imports {
            return Err(Box::new(report::limit_finding(self.file, report::IMPORTS, self.limits)));
        }
        let left = self.limits.import_bytes.saturating_sub(self.bytes);
        let content = self.imports.read(&name, left).map_err(|error| match error {
            TreeError::TooLarge { .. } => {
                report::limit_finding(self.file, report::IMPORT_BYTES, self.limits)
            }
            other => refuse(&other.to_string()),
        })?;
        self.bytes += content.len() as u64;
        let text = std::str::from_utf8(&content).ok();
        let file = text.map(|text| Arc::new(SourceFile::new(name.clone(), text)));
        self.imported.insert(name.clone(), Imported { digest: sha256(&content), file });
        Ok(Frame::File(name.into_bytes(), content.to_vec()))
    }

    /// Returns a file of this evaluation by its name.
    fn source_file(&self, name: &str) -> Option<&Arc<SourceFile>> {
        if name == self.file.name {
            return Some(self.file);
        }
        self.imported.get(name)?.file.as_ref()
    }

    fn into_outcome(mut self, answer: Result<String, Failure>) -> EvaluationOutcome {
        let refused = self.refused.take();
        // Another tree may have the file, so a refused import is not cached.
        let is_final = refused.is_none();
        let texts = self.imported.values().filter_map(|imported| imported.file.clone());
        let files: Vec<Arc<SourceFile>> = texts.collect();
        let result = match (refused, answer) {
            (Some(finding), _) => Err(finding),
            (None, Ok(json)) => Ok(json),
            (None, Err(failure)) => {
                let all: Vec<_> = std::iter::once(self.file).chain(&files).collect();
                let finding = report::failure_finding(&failure, &all, self.limits);
                // The message may quote a value of any file that was read.
                Err(Box::new(finding.without_secrets_in(all)))
            }
        };
        let imports = self.imported.into_iter().map(|(name, imported)| (name, imported.digest));
        EvaluationOutcome { result, imports: imports.collect(), files, is_final }
    }
}
