//! The compiled schemas of this process, by the digest of their content: a fleet's next revision
//! and another fleet have the same ones. A schema that is not valid is remembered too.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use super::{MAX_VALUES, Schema};
use crate::digest::sha256;

/// How many schemas are remembered, and how many values they may have together.
const MOST: usize = 64;
const MOST_VALUES: usize = 2 * MAX_VALUES;

type Compiled = Result<Arc<Schema>, String>;

/// A remembered schema.
struct Entry {
    digest: String,
    values: usize,
    compiled: Compiled,
}

/// The schemas, the least recently used one first.
static ENTRIES: Mutex<VecDeque<Entry>> = Mutex::new(VecDeque::new());

/// Returns a compiled schema, or the reason why it is not valid; compiles it if it is not
/// remembered.
pub(super) fn get_or_compile(schema: &Json, values: usize) -> Compiled {
    let digest = sha256(schema.to_string().as_bytes());
    if let Some(compiled) = find(&digest) {
        return compiled;
    }
    // Not under the lock: a large schema takes time. Two threads may compile the same one.
    let compiled = Schema::compile_checked(schema).map(Arc::new);
    remember(Entry { digest, values, compiled: compiled.clone() });
    compiled
}

fn find(digest: &str) -> Option<Compiled> {
    let mut entries = ENTRIES.lock().unwrap_or_else(PoisonError::into_inner);
    let index = entries.iter().position(|entry| entry.digest == digest)?;
    let entry = entries.remove(index)?;
    let compiled = entry.compiled.clone();
    entries.push_back(entry);
    Some(compiled)
}

fn remember(entry: Entry) {
    let mut entries = ENTRIES.lock().unwrap_or_else(PoisonError::into_inner);
    entries.push_back(entry);
    let values =
        |entries: &VecDeque<Entry>| entries.iter().map(|entry| entry.values).sum::<usize>();
    while entries.len() > MOST || values(&entries) > MOST_VALUES {
        entries.pop_front();
    }
}
