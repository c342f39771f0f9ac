//! The compiled codes that the server keeps for its workers, in memory files.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use worker_process::MemoryFile;

use crate::serve::caller_key::CallerKey;

/// The bytes of all codes. The newest one is kept in any case.
const CODE_BYTES: u64 = 64 << 20;

/// The most codes that are kept: each holds a file descriptor.
const CODES: usize = 32;

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
    /// The caller for whom it was compiled; none if it was there before all calls.
    key: Option<CallerKey>,
}

impl KnownCodes {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the code of a digest, which becomes the newest.
    pub(super) fn get(&mut self, sha256: &str) -> Option<Arc<MemoryFile>> {
        let at = self.0.iter().position(|known| known.sha256 == sha256)?;
        let newest = self.0.remove(at)?;
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
        let known = KnownCode::new(sha256, code, None);
        let has_room = self.0.len() < CODES && self.bytes() + known.bytes <= CODE_BYTES;
        if has_room {
            self.0.push_back(known);
        }
        has_room
    }

    /// Keeps a code as the newest, and drops others until all fit: each time the oldest of the
    /// caller whose codes have the most bytes.
    pub(super) fn keep(&mut self, sha256: String, code: Arc<MemoryFile>, key: Option<&CallerKey>) {
        self.0.retain(|known| known.sha256 != sha256);
        self.0.push_front(KnownCode::new(sha256, code, key.cloned()));
        while self.0.len() > CODES || (self.bytes() > CODE_BYTES && self.0.len() > 1) {
            self.drop_one();
        }
    }

    fn drop_one(&mut self) {
        let mut bytes = BTreeMap::<Option<&CallerKey>, u64>::new();
        for known in &self.0 {
            *bytes.entry(known.key.as_ref()).or_default() += known.bytes;
        }
        let most = bytes.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(key, _)| key.cloned());
        let older = self.0.iter().skip(1).rposition(|known| Some(&known.key) == most.as_ref());
        self.0.remove(older.map_or(self.0.len() - 1, |at| at + 1));
    }

    fn bytes(&self) -> u64 {
        self.0.iter().map(|known| known.bytes).sum()
    }
}

impl KnownCode {
    fn new(sha256: String, code: Arc<MemoryFile>, key: Option<CallerKey>) -> Self {
        let bytes = code.size().unwrap_or_default();
        Self { sha256, code, bytes, key }
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

    #[test]
    fn who_has_the_most_code_loses_the_oldest_of_it() {
        let (mut codes, few, many) = (KnownCodes::default(), key_of("few"), key_of("many"));
        codes.keep("few".to_owned(), code(1), Some(&few));
        for at in 0..10 {
            codes.keep(format!("many-{at}"), code(20), Some(&many));
        }
        assert!(codes.get("few").is_some());
        assert!(codes.get("many-9").is_some());
        assert!(codes.get("many-6").is_none());
        codes.keep("huge".to_owned(), code(100), Some(&many));
        assert!(codes.get("huge").is_some(), "the newest is kept in any case");
    }

    #[test]
    fn a_new_worker_gets_no_more_than_it_may_keep() {
        let mut codes = KnownCodes::default();
        assert!(codes.keep_older("older".to_owned(), code(1)));
        codes.keep("newer".to_owned(), code(7), None);
        assert_eq!(codes.newest().len(), 2);
        codes.keep("newest".to_owned(), code(3), None);
        assert_eq!(codes.newest().len(), 1, "the next would be too much");
    }
}
