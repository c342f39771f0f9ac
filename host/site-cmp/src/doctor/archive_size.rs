//! The size of a call's archive, measured by packing and compressing the files and discarding
//! the result.

use std::fs::File;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::walk::{NodeKind, RepoEntry};

/// The most bytes of files that are compressed to be measured; the size of further files is
/// only counted.
const READ_BYTES: u64 = 1 << 30;

/// The size of an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ArchiveSize {
    /// The number of entries: files, folders, links.
    pub(super) entries: u64,
    /// The number of files.
    pub(super) files: u64,
    /// The bytes of the files.
    pub(super) bytes: u64,
    /// The bytes of the compressed archive.
    pub(super) compressed: u64,
    /// The bytes of files below `.git`.
    pub(super) git: u64,
    /// The number of files that were too large to compress here.
    pub(super) unmeasured: u64,
}

/// Packs entries and measures them. Their paths start at the repo's root. A deeper root would
/// shorten them, which makes no difference after compression.
pub(super) fn measure_archive<'a>(
    entries: impl Iterator<Item = &'a RepoEntry>,
) -> io::Result<ArchiveSize> {
    let mut measured = ArchiveSize::default();
    let mut left = READ_BYTES;
    // 6 is also the default level of Go's gzip.
    let mut archive = Builder::new(GzEncoder::new(Counter(0), Compression::new(6)));
    for entry in entries {
        measured.entries += 1;
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        match &entry.kind {
            NodeKind::Folder => {
                header.set_entry_type(EntryType::Directory);
                archive.append_data(&mut header, &entry.path, io::empty())?;
            }
            NodeKind::Link(target) => {
                header.set_entry_type(EntryType::Symlink);
                archive.append_link(&mut header, &entry.path, target)?;
            }
            NodeKind::File(size) => {
                measured.files += 1;
                measured.bytes += size;
                if entry.path.split('/').any(|part| part == ".git") {
                    measured.git += size;
                }
                if *size > left {
                    measured.unmeasured += 1;
                    continue;
                }
                left -= size;
                header.set_size(*size);
                let file = File::open(&entry.file)?.take(*size);
                archive.append_data(&mut header, &entry.path, file)?;
            }
        }
    }
    measured.compressed = archive.into_inner()?.finish()?.0;
    Ok(measured)
}

/// A writer that counts bytes and discards them.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::walk::walk_repo;
    use super::*;

    #[test]
    fn an_archive_is_counted_as_it_would_be_sent() {
        let repo = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(repo.path().join(".git/objects")).unwrap();
        std::fs::write(repo.path().join(".git/objects/x"), [7; 3000]).unwrap();
        std::fs::write(repo.path().join("values.yaml"), "a: 1\n".repeat(2000)).unwrap();
        std::os::unix::fs::symlink("values.yaml", repo.path().join("link")).unwrap();
        let all = measure_archive(walk_repo(repo.path()).unwrap().sent_entries("", &[])).unwrap();
        assert_eq!((all.files, all.bytes, all.git, all.unmeasured), (2, 13_000, 3000, 0));
        assert!((100..2000).contains(&all.compressed), "{} bytes", all.compressed);
        let less =
            measure_archive(walk_repo(repo.path()).unwrap().sent_entries("", &[".git"])).unwrap();
        assert_eq!((less.files, less.git), (1, 0));
        assert!(less.compressed < all.compressed);
    }

    #[test]
    fn what_is_too_large_is_counted_and_not_read() {
        let repo = tempfile::tempdir().unwrap();
        let huge = File::create(repo.path().join("huge")).unwrap();
        huge.set_len(8 << 40).unwrap();
        std::fs::write(repo.path().join("small"), "text").unwrap();
        let all = measure_archive(walk_repo(repo.path()).unwrap().sent_entries("", &[])).unwrap();
        assert_eq!((all.files, all.bytes, all.unmeasured), (2, (8 << 40) + 4, 1));
    }

    #[test]
    fn long_names_are_packed_too() {
        let repo = tempfile::tempdir().unwrap();
        let folder = repo.path().join("d".repeat(120)).join("e".repeat(120));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("f".repeat(120)), "text").unwrap();
        assert_eq!(
            measure_archive(walk_repo(repo.path()).unwrap().sent_entries("", &[])).unwrap().files,
            1
        );
    }
}
