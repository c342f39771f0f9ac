//! Answers that a worker keeps. A render is a function of its request and of the files that it reads,
//! so a call gets the kept answer if its request is the same and its tree has the same files, at
//! whatever revision: a commit to one site renders that site only.
//!
//! An error is never kept: a limit of time may be exceeded only because others compute. So parameters
//! are not kept either, because an announcement contains the error of the site's render. Nor is the
//! answer of a render that called helm.

use std::sync::Arc;

use quick_cache::sync::Cache;
use quick_cache::{OptionsBuilder, Weighter};
use site_render::dependencies::{Dependencies, FlatDependencies};
use site_render::known_files::KnownFiles;
use site_render::request::Target;
use site_render::tree::Tree;

use super::protocol::{Answer, Outcome};
use crate::parameters::Parameters;

/// The memory of all answers with their keys and dependencies, in bytes.
const ROOM: u64 = 4 << 20;

/// The most files on which a kept answer depends: each is read when the answer is used again.
const DEPENDENCIES: usize = 1024;

/// The memory of an entry in addition to its texts, in bytes.
const ENTRY_BYTES: u64 = 1 << 10;

/// A tree by the digest of its archive and the size of what was unpacked.
pub(super) type TreeId = ([u8; 32], u64);

/// Everything that the manifests of a call depend on, except files.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct AnswerKey {
    /// The fleet's folder in the archive.
    pub(super) root: String,
    /// The application's folder in the fleet.
    pub(super) below: String,
    pub(super) parameters: Parameters,
}

/// The answers that are kept, by their keys.
pub(super) struct KnownAnswers(Cache<AnswerKey, Arc<KnownAnswer>, AnswerWeight>);

struct KnownAnswer {
    /// The tree that is known to have the files.
    tree: TreeId,
    files: FlatDependencies,
    answer: Arc<Answer>,
    bytes: u64,
}

#[derive(Clone)]
struct AnswerWeight;

impl Weighter<AnswerKey, Arc<KnownAnswer>> for AnswerWeight {
    fn weight(&self, _: &AnswerKey, known: &Arc<KnownAnswer>) -> u64 {
        known.bytes
    }
}

impl Default for KnownAnswers {
    fn default() -> Self {
        // One shard: only one thread uses it, and an answer may take much of the room.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(256)
            .weight_capacity(ROOM)
            .shards(1)
            .build()
            .expect("both capacities are given");
        Self(Cache::with_options(options, AnswerWeight, <_>::default(), <_>::default()))
    }
}

impl KnownAnswers {
    /// Returns the answer of a call, if it is kept and the tree has the same files.
    pub(super) fn find(
        &self,
        key: &AnswerKey,
        id: TreeId,
        tree: &dyn Tree,
        files: &KnownFiles,
    ) -> Option<Arc<Answer>> {
        let known = self.0.get(key)?;
        if known.tree != id {
            if !known.files.are_same_in(tree, files) {
                return None;
            }
            let (files, answer) = (known.files.clone(), known.answer.clone());
            let checked = KnownAnswer { tree: id, files, answer, bytes: known.bytes };
            self.0.insert(key.clone(), Arc::new(checked));
        }
        Some(known.answer.clone())
    }

    /// Keeps the answer of a call. `key_bytes` is the size of the call's texts.
    pub(super) fn keep(
        &self,
        key: AnswerKey,
        key_bytes: usize,
        tree: TreeId,
        answer: &Answer,
        files: &Dependencies,
    ) {
        let Outcome::Manifests(documents) = &answer.outcome else { return };
        let size: usize = documents.iter().map(String::len).sum();
        if key.parameters.target == Target::Manifests {
            return;
        }
        let Some(files) = files.flatten(DEPENDENCIES) else { return };
        let mut answer = answer.clone();
        answer.facts.known = true;
        (answer.facts.fuel, answer.facts.memory) = (0, 0);
        let bytes = ENTRY_BYTES + (size + key_bytes) as u64 + files.bytes();
        let answer = Arc::new(answer);
        self.0.insert(key, Arc::new(KnownAnswer { tree, files, answer, bytes }));
    }
}

#[cfg(test)]
mod tests;
