//! Files of earlier trees. A process that renders one revision of a repo after another finds most
//! files unchanged: it need not parse or hash them again.
//!
//! A file is known only if all its bytes are the same, so a tree cannot change what another reads.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::digest::sha256;
use crate::finding::Finding;
use crate::origin::SourceFile;
use crate::yaml::{self, Parsed};

/// The part of the room that one file may take.
const LARGEST_PART: u64 = 4;

/// The size from which a file is compared with a known one before it is hashed, in bytes.
const LARGE: usize = 16 << 10;

/// The files that are known; none by default.
#[derive(Clone, Debug, Default)]
pub struct KnownFiles(Option<Arc<Known>>);

#[derive(Debug)]
struct Known {
    /// The bytes that all files may take.
    room: u64,
    files: Mutex<Files>,
}

#[derive(Debug, Default)]
struct Files {
    bytes: u64,
    /// Documents by the name of their file.
    documents: BTreeMap<String, Parsed>,
    /// Large files by their size, with their digest: the newest one of each size.
    large: BTreeMap<usize, (String, Box<[u8]>)>,
}

impl KnownFiles {
    /// Creates a store that keeps files of that many bytes together.
    pub fn with_room(bytes: u64) -> Self {
        Self(Some(Arc::new(Known { room: bytes, files: Mutex::default() })))
    }

    /// Parses a YAML document, unless the same file was parsed before.
    pub(crate) fn read_yaml(&self, file: &Arc<SourceFile>) -> Result<Parsed, Box<Finding>> {
        let Some(known) = &self.0 else { return yaml::read(file) };
        if let Some(parsed) = known.lock_files().document_of(file) {
            return Ok(parsed);
        }
        let parsed = yaml::read(file)?;
        let bytes = parsed.bytes();
        known.keep(bytes, |files| {
            let before = files.documents.insert(file.name.clone(), parsed.clone());
            before.map_or(0, |before| before.bytes())
        });
        Ok(parsed)
    }

    /// Returns the SHA-256 of a file in lower-case hex. It is not computed for a large file that is
    /// known.
    pub(crate) fn sha256(&self, bytes: &[u8]) -> String {
        let Some(known) = self.0.as_ref().filter(|_| bytes.len() >= LARGE) else {
            return sha256(bytes);
        };
        if let Some((digest, _)) =
            known.lock_files().large.get(&bytes.len()).filter(|(_, same)| **same == *bytes)
        {
            return digest.clone();
        }
        let digest = sha256(bytes);
        known.keep(bytes.len() as u64, |files| {
            let before = files.large.insert(bytes.len(), (digest.clone(), bytes.into()));
            before.map_or(0, |(_, before)| before.len() as u64)
        });
        digest
    }
}

impl Files {
    /// Returns the document of a file with the same name and text.
    fn document_of(&self, file: &SourceFile) -> Option<Parsed> {
        let parsed = self.documents.get(&*file.name)?;
        (parsed.root.origin.place()?.file.text == file.text).then(|| parsed.clone())
    }
}

impl Known {
    /// Adds a file with `add`, which returns the bytes of the file that it replaces. If there is no
    /// room, all others go: those in use come back at once.
    fn keep(&self, bytes: u64, add: impl FnOnce(&mut Files) -> u64) {
        if bytes > self.room / LARGEST_PART {
            return;
        }
        let mut files = self.lock_files();
        if files.bytes + bytes > self.room {
            *files = Files::default();
        }
        files.bytes += bytes;
        files.bytes -= add(&mut files);
    }

    fn lock_files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Arc<SourceFile> {
        Arc::new(SourceFile::new("a.yaml", text))
    }

    #[test]
    fn a_file_is_known_only_if_its_text_is_the_same() {
        let known = KnownFiles::with_room(1 << 20);
        let first = file("a: 1");
        let parsed = known.read_yaml(&first).unwrap();
        let again = known.read_yaml(&file("a: 1")).unwrap();
        let text = |parsed: &Parsed| parsed.root.origin.place().unwrap().file.clone();
        assert!(Arc::ptr_eq(&text(&parsed), &text(&again)));
        let other = known.read_yaml(&file("a: 2")).unwrap();
        assert_eq!(text(&other).text, file("a: 2").text);
        assert!(known.read_yaml(&file("a: [")).is_err());
    }

    #[test]
    fn a_large_file_of_another_content_is_hashed() {
        let known = KnownFiles::with_room(1 << 20);
        for byte in [1, 1, 2, 1, 2, 2] {
            let file = vec![byte; LARGE];
            assert_eq!(known.sha256(&file), sha256(&file));
            assert_eq!(KnownFiles::default().sha256(&file), sha256(&file));
        }
        assert_eq!(known.0.unwrap().lock_files().large.len(), 1);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let kept = |room: usize, sizes: &[usize]| {
            let known = KnownFiles::with_room(room as u64);
            for size in sizes {
                known.sha256(&vec![7; *size]);
            }
            usize::try_from(known.0.unwrap().lock_files().bytes).unwrap()
        };
        assert_eq!(kept(5 * LARGE, &[LARGE - 1, LARGE, LARGE + 9, 2 * LARGE]), 2 * LARGE + 9);
        let sizes: Vec<usize> = (0..100).map(|more| LARGE + more).collect();
        assert!(kept(5 * LARGE, &sizes) <= 5 * LARGE);
    }
}
