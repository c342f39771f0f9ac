//! How much one call sends: a tar of what was walked, compressed and thrown away.

use std::fs::File;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::walk::{Entry, Kind};

/// Bytes of files that are compressed to be measured; what is beyond is counted only.
const READ_BYTES: u64 = 1 << 30;

/// The size of an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shipment {
    /// Its entries: files, folders, links.
    pub(super) entries: u64,
    /// Files in it.
    pub(super) files: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Their bytes as they are sent.
    pub(super) compressed: u64,
    /// Bytes of files below `.git`.
    pub(super) git: u64,
    /// Files that were too large to compress here.
    pub(super) unmeasured: u64,
}

/// Packs entries. Their names stay those in the repo: a root further down would shorten
/// them, which compression makes up for.
pub(super) fn measure<'a>(entries: impl Iterator<Item = &'a Entry>) -> io::Result<Shipment> {
    let mut shipment = Shipment::default();
    let mut left = READ_BYTES;
    // Go's gzip has the same level by default.
    let mut archive = Builder::new(GzEncoder::new(Counter(0), Compression::new(6)));
    for entry in entries {
        shipment.entries += 1;
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        match &entry.kind {
            Kind::Folder => {
                header.set_entry_type(EntryType::Directory);
                archive.append_data(&mut header, &entry.path, io::empty())?;
            }
            Kind::Link(target) => {
                header.set_entry_type(EntryType::Symlink);
                archive.append_link(&mut header, &entry.path, target)?;
            }
            Kind::File(size) => {
                shipment.files += 1;
                shipment.bytes += size;
                if entry.path.split('/').any(|part| part == ".git") {
                    shipment.git += size;
                }
                if *size > left {
                    shipment.unmeasured += 1;
                    continue;
                }
                left -= size;
                header.set_size(*size);
                let file = File::open(&entry.file)?.take(*size);
                archive.append_data(&mut header, &entry.path, file)?;
            }
        }
    }
    shipment.compressed = archive.into_inner()?.finish()?.0;
    Ok(shipment)
}

/// Counts what is written and keeps none of it.
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
    use super::super::walk::walk;
    use super::*;

    #[test]
    fn an_archive_is_counted_as_it_would_be_sent() {
        let repo = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(repo.path().join(".git/objects")).unwrap();
        std::fs::write(repo.path().join(".git/objects/x"), [7; 3000]).unwrap();
        std::fs::write(repo.path().join("values.yaml"), "a: 1\n".repeat(2000)).unwrap();
        std::os::unix::fs::symlink("values.yaml", repo.path().join("link")).unwrap();
        let all = measure(walk(repo.path()).unwrap().sent("", &[])).unwrap();
        assert_eq!((all.files, all.bytes, all.git, all.unmeasured), (2, 13_000, 3000, 0));
        assert!((100..2000).contains(&all.compressed), "{} bytes", all.compressed);
        let less = measure(walk(repo.path()).unwrap().sent("", &[".git"])).unwrap();
        assert_eq!((less.files, less.git), (1, 0));
        assert!(less.compressed < all.compressed);
    }

    #[test]
    fn what_is_too_large_is_counted_and_not_read() {
        let repo = tempfile::tempdir().unwrap();
        let huge = File::create(repo.path().join("huge")).unwrap();
        huge.set_len(8 << 40).unwrap();
        std::fs::write(repo.path().join("small"), "text").unwrap();
        let all = measure(walk(repo.path()).unwrap().sent("", &[])).unwrap();
        assert_eq!((all.files, all.bytes, all.unmeasured), (2, (8 << 40) + 4, 1));
    }

    #[test]
    fn long_names_are_packed_too() {
        let repo = tempfile::tempdir().unwrap();
        let folder = repo.path().join("d".repeat(120)).join("e".repeat(120));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("f".repeat(120)), "text").unwrap();
        assert_eq!(measure(walk(repo.path()).unwrap().sent("", &[])).unwrap().files, 1);
    }
}
