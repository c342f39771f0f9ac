//! What files came to, by content: a result is given again where the file and everything
//! that it imported are the same bytes under the same names.
//!
//! A fleet, a revision or an application has no part in it: whose file it is does not count.

use std::sync::Arc;

use quick_cache::sync::Cache;
use quick_cache::{OptionsBuilder, Weighter};
use site_render::finding::Finding;
use site_render::jsonnet::Imports;
use site_render::origin::SourceFile;
use site_render::value::Node;

use crate::conversation::{Digest, sha256};

/// What a value costs in memory with its key and its origin, in bytes; measured, and
/// rounded up.
const NODE_BYTES: u64 = 256;

/// What an entry costs beside its values and texts, in bytes.
const ENTRY_BYTES: u64 = 1 << 10;

/// Results of one file with different imports: as many as a library has had revisions
/// lately.
const VARIANTS: usize = 8;

/// What a file came to.
pub(crate) type Known = Result<Node, Box<Finding>>;

/// All results that are kept.
pub(crate) struct Results(Cache<Digest, Arc<[Arc<Entry>]>, Weigh>);

/// One result, and what it is the result of beside the file itself.
struct Entry {
    imports: Vec<(String, Digest)>,
    result: Known,
    bytes: u64,
}

#[derive(Clone)]
struct Weigh;

impl Weighter<Digest, Arc<[Arc<Entry>]>> for Weigh {
    fn weight(&self, _: &Digest, entries: &Arc<[Arc<Entry>]>) -> u64 {
        entries.iter().map(|entry| entry.bytes).sum()
    }
}

impl Results {
    pub(crate) fn new(bytes: u64) -> Self {
        // One shard: one result may weigh nearly as much as all of them together may.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(256)
            .weight_capacity(bytes)
            .shards(1)
            .build()
            .expect("both capacities are given");
        Self(Cache::with_options(options, Weigh, <_>::default(), <_>::default()))
    }

    /// What the file came to, where all that it imported is still the same.
    pub(crate) fn find(&self, key: &Digest, imports: &Imports<'_>, limit: u64) -> Option<Known> {
        let entries = self.0.get(key)?;
        let same = |(name, digest): &(String, Digest)| {
            imports.read(name, limit).is_ok_and(|bytes| sha256(&bytes) == *digest)
        };
        let entry = entries.iter().find(|entry| entry.imports.iter().all(same))?;
        Some(entry.result.clone())
    }

    /// Keeps what it came to.
    pub(crate) fn keep(&self, key: Digest, imports: Vec<(String, Digest)>, result: &Known) {
        let bytes = ENTRY_BYTES + bytes(result) + imports.len() as u64 * ENTRY_BYTES / 4;
        let mut entries = vec![Arc::new(Entry { imports, result: result.clone(), bytes })];
        let older = self.0.get(&key);
        let older = older.iter().flat_map(|older| older.iter());
        entries.extend(older.take(VARIANTS - 1).cloned());
        self.0.insert(key, entries.into());
    }
}

/// The key of a file: its name, which its values carry, and its text.
pub(crate) fn key(file: &SourceFile) -> Digest {
    sha256(&[file.name.as_bytes(), b"\0", file.text.as_bytes()].concat())
}

/// About how many bytes a result takes.
fn bytes(result: &Known) -> u64 {
    let (values, place) = match result {
        Ok(node) => (node.count(), node.origin.place()),
        Err(finding) => (1, finding.place.clone()),
    };
    values * NODE_BYTES + place.map_or(0, |place| place.file.text.len() as u64)
}
