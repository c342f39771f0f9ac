//! Caches results by content: a result is reused if the file and everything that it imported have
//! the same bytes and names.
//!
//! The key has no fleet, revision or application, so all of them share the cache.

use std::sync::Arc;

use quick_cache::sync::Cache;
use quick_cache::{OptionsBuilder, Weighter};
use site_render::finding::Finding;
use site_render::jsonnet::Imports;
use site_render::memory;
use site_render::origin::SourceFile;
use site_render::value::Node;

use crate::conversation::{Digest, sha256};

/// Memory of an entry without its values and texts, in bytes.
const ENTRY_BYTES: u64 = 1 << 10;

/// Cached results of one file with different imports, such as recent revisions of a library.
const VARIANTS: usize = 8;

/// The values of a file, or the error of its evaluation.
pub(crate) type EvaluationResult = Result<Node, Box<Finding>>;

/// The cache of all results.
pub(crate) struct ResultCache(Cache<Digest, Arc<[Arc<CachedResult>]>, EntryWeight>);

/// One result, with the imports that it depends on.
struct CachedResult {
    imports: Vec<(String, Digest)>,
    result: EvaluationResult,
    bytes: u64,
}

#[derive(Clone)]
struct EntryWeight;

impl Weighter<Digest, Arc<[Arc<CachedResult>]>> for EntryWeight {
    fn weight(&self, _: &Digest, entries: &Arc<[Arc<CachedResult>]>) -> u64 {
        entries.iter().map(|entry| entry.bytes).sum()
    }
}

impl ResultCache {
    pub(crate) fn new(bytes: u64) -> Self {
        // One shard: a single result may be nearly as large as the whole cache.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(256)
            .weight_capacity(bytes)
            .shards(1)
            .build()
            .expect("both capacities are given");
        Self(Cache::with_options(options, EntryWeight, <_>::default(), <_>::default()))
    }

    /// Returns the result of a file, if none of its imports has changed.
    pub(crate) fn lookup(
        &self,
        key: &Digest,
        imports: &Imports<'_>,
        limit: u64,
    ) -> Option<EvaluationResult> {
        let entries = self.0.get(key)?;
        let same = |(name, digest): &(String, Digest)| {
            imports.read(name, limit).is_ok_and(|bytes| sha256(&bytes) == *digest)
        };
        let entry = entries.iter().find(|entry| entry.imports.iter().all(same))?;
        Some(entry.result.clone())
    }

    /// Stores a result.
    pub(crate) fn store(
        &self,
        key: Digest,
        imports: Vec<(String, Digest)>,
        result: &EvaluationResult,
    ) {
        let bytes = ENTRY_BYTES + result_bytes(result) + imports.len() as u64 * ENTRY_BYTES / 4;
        let mut entries = vec![Arc::new(CachedResult { imports, result: result.clone(), bytes })];
        let older = self.0.get(&key);
        let older = older.iter().flat_map(|older| older.iter());
        entries.extend(older.take(VARIANTS - 1).cloned());
        self.0.insert(key, entries.into());
    }
}

/// Returns the key of a file: its name, which is part of its values' origins, and its text.
pub(crate) fn cache_key(file: &SourceFile) -> Digest {
    sha256(&[file.name.as_bytes(), b"\0", file.text.as_bytes()].concat())
}

/// Estimates the memory of a result in bytes.
fn result_bytes(result: &EvaluationResult) -> u64 {
    let (bytes, place) = match result {
        Ok(node) => (memory::of_value(&node.value), node.origin.place()),
        Err(finding) => (memory::VALUE_BYTES, finding.place.clone()),
    };
    bytes + place.map_or(0, |place| place.file.text_bytes())
}
