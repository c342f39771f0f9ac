//! The compiled codes that the server keeps for its workers, in memory files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use worker_process::MemoryFile;

use crate::serve::caller_key::CallerKey;

/// The weight of all codes, in bytes. The newest one is kept in any case.
const CODE_BYTES: u64 = 64 << 20;

/// The most codes that are kept: each holds a file descriptor.
const CODES: u64 = 32;

/// The least weight of a code, so that the limit on weight is one on their number too.
const LEAST_BYTES: u64 = CODE_BYTES / CODES;

/// The room that preloaded codes have for themselves.
const PRELOADED_BYTES: u64 = CODE_BYTES / 2;

/// The most owners of a code that are remembered.
const OWNERS: usize = 64;

/// The codes that a new worker gets before its first order, and their bytes. A worker keeps a copy.
const FIRST_CODES: usize = 16;
const FIRST_BYTES: u64 = 8 << 20;

/// Codes, the newest first.
#[derive(Default)]
pub(super) struct KnownCodes(VecDeque<KnownCode>);

/// The code of an artifact.
struct KnownCode {
    sha256: String,
    code: Arc<MemoryFile>,
    bytes: u64,
    /// Each of them has all of its weight. It is as safe as the code of the one that has the least,
    /// so that no other user can make it go.
    owners: BTreeSet<CodeOwner>,
}

/// An owner of a code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CodeOwner {
    /// The operator, who named it for --preload.
    Preloaded,
    /// Nobody that is known: it was in the cache folder.
    Cached,
    /// A caller that used it.
    Caller(CallerKey),
}

impl KnownCodes {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn contains(&self, sha256: &str) -> bool {
        self.0.iter().any(|known| known.sha256 == sha256)
    }

    /// Returns the code of a digest for a caller. It becomes the newest, and this caller's too.
    pub(super) fn get(&mut self, sha256: &str, key: &CallerKey) -> Option<Arc<MemoryFile>> {
        let at = self.0.iter().position(|known| known.sha256 == sha256)?;
        let mut newest = self.0.remove(at)?;
        if newest.owners.len() < OWNERS {
            newest.owners.insert(CodeOwner::Caller(key.clone()));
        }
        let code = newest.code.clone();
        self.0.push_front(newest);
        Some(code)
    }

    /// Returns the newest codes with their digests, as many as a new worker gets.
    pub(super) fn newest(&self) -> Vec<(String, Arc<MemoryFile>)> {
        let mut bytes = 0;
        let newest = self.0.iter().take(FIRST_CODES).take_while(|known| {
            bytes += known.bytes;
            bytes <= FIRST_BYTES
        });
        newest.map(|known| (known.sha256.clone(), known.code.clone())).collect()
    }

    /// Keeps a code as the oldest, if there is room for it.
    pub(super) fn keep_older(&mut self, sha256: String, code: Arc<MemoryFile>) -> bool {
        let known = KnownCode::new(sha256, code, [CodeOwner::Cached]);
        let has_room = self.weight() + known.weight() <= CODE_BYTES;
        if has_room {
            self.0.push_back(known);
        }
        has_room
    }

    /// Keeps a code as the newest, and drops others until all fit: each time the oldest of the
    /// owner whose codes have the most weight.
    pub(super) fn keep(
        &mut self,
        sha256: String,
        code: Arc<MemoryFile>,
        owners: impl IntoIterator<Item = CodeOwner>,
    ) {
        self.0.retain(|known| known.sha256 != sha256);
        self.0.push_front(KnownCode::new(sha256, code, owners));
        while self.weight() > CODE_BYTES && self.0.len() > 1 {
            self.drop_one();
        }
    }

    fn drop_one(&mut self) {
        let mut weights = BTreeMap::<&CodeOwner, u64>::new();
        for known in &self.0 {
            for owner in &known.owners {
                *weights.entry(owner).or_default() += known.weight();
            }
        }
        if let Some(preloaded) = weights.get_mut(&CodeOwner::Preloaded) {
            *preloaded = preloaded.saturating_sub(PRELOADED_BYTES);
        }
        let least = |known: &KnownCode| known.owners.iter().map(|owner| weights[owner]).min();
        let older = self.0.iter().enumerate().skip(1);
        let dropped = older.max_by_key(|(at, known)| (least(known), *at)).map(|(at, _)| at);
        dropped.and_then(|at| self.0.remove(at));
    }

    fn weight(&self) -> u64 {
        self.0.iter().map(KnownCode::weight).sum()
    }
}

impl KnownCode {
    fn new(
        sha256: String,
        code: Arc<MemoryFile>,
        owners: impl IntoIterator<Item = CodeOwner>,
    ) -> Self {
        let bytes = code.size().unwrap_or_default();
        Self { sha256, code, bytes, owners: owners.into_iter().take(OWNERS).collect() }
    }

    fn weight(&self) -> u64 {
        self.bytes.max(LEAST_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::caller_key::key_of;

    fn code(mib: usize) -> Arc<MemoryFile> {
        let file = MemoryFile::create("test").unwrap();
        file.write_at(&[1], (mib as u64) * (1 << 20) - 1).unwrap();
        Arc::new(file)
    }

    fn caller(name: &str) -> [CodeOwner; 1] {
        [CodeOwner::Caller(key_of(name))]
    }

    #[test]
    fn who_has_the_most_code_loses_the_oldest_of_it() {
        // Few large codes, and many small ones.
        for (mib, count, lost) in [(20, 10, 6), (1, 40, 8)] {
            let mut codes = KnownCodes::default();
            codes.keep("preloaded".to_owned(), code(30), [CodeOwner::Preloaded]);
            assert!(codes.keep_older("cached".to_owned(), code(1)));
            codes.keep("few".to_owned(), code(1), caller("few"));
            codes.keep("shared".to_owned(), code(1), caller("many"));
            let few = key_of("few");
            codes.get("shared", &few).unwrap();
            for at in 0..count {
                codes.keep(format!("many-{at}"), code(mib), caller("many"));
                // Whoever uses another one's code does not get it.
                codes.get("few", &key_of("many")).unwrap();
            }
            for kept in ["few", "shared", "preloaded", &format!("many-{}", count - 1)] {
                assert!(codes.get(kept, &few).is_some(), "{count}: {kept}");
            }
            assert!(codes.get(&format!("many-{lost}"), &few).is_none(), "{count}");
            codes.keep("huge".to_owned(), code(100), caller("many"));
            assert!(codes.get("huge", &few).is_some(), "the newest is kept in any case");
        }
    }

    #[test]
    fn a_new_worker_gets_no_more_than_it_may_keep() {
        let mut codes = KnownCodes::default();
        assert!(codes.keep_older("older".to_owned(), code(1)));
        codes.keep("newer".to_owned(), code(7), [CodeOwner::Preloaded]);
        assert_eq!(codes.newest().len(), 2);
        codes.keep("newest".to_owned(), code(3), [CodeOwner::Preloaded]);
        assert_eq!(codes.newest().len(), 1, "the next would be too much");
    }
}
