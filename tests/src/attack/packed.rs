//! A repo packed as repo-server packs it: a gzipped tar in memory, with its digest.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, EntryType, Header};

/// An archive that a call sends.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The gzipped tar.
    pub bytes: Bytes,
    /// Its SHA-256 in lower-case hex.
    pub digest: String,
}

/// One entry of an archive below its path.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// A file's content.
    File(Bytes),
    /// A link's target.
    Link(String),
}

impl Packed {
    /// Packs all files of a folder.
    pub fn folder(folder: &Path) -> Self {
        let mut entries = BTreeMap::new();
        collect(folder, folder, &mut entries);
        Self::entries(&entries)
    }

    /// Unpacks it into a folder.
    ///
    /// # Panics
    /// Where it cannot be unpacked.
    pub fn unpack(&self, folder: &Path) {
        let unpacked = Archive::new(GzDecoder::new(&self.bytes[..])).unpack(folder);
        unpacked.expect("an archive of ours");
    }

    /// Packs entries in the order of their paths.
    pub(super) fn entries(entries: &BTreeMap<String, Entry>) -> Self {
        let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, entry) in entries {
            let mut header = Header::new_gnu();
            header.set_mode(0o644);
            match entry {
                Entry::File(content) => {
                    header.set_size(content.len() as u64);
                    builder.append_data(&mut header, path, &content[..])
                }
                Entry::Link(target) => {
                    header.set_entry_type(EntryType::Symlink);
                    header.set_size(0);
                    builder.append_link(&mut header, path, target)
                }
            }
            .expect("an archive in memory");
        }
        let mut packed = builder.into_inner().expect("an archive in memory");
        packed.flush().expect("memory takes all");
        Self::bytes(packed.finish().expect("memory takes all"))
    }

    /// Takes bytes that may be no archive at all.
    pub(super) fn bytes(bytes: Vec<u8>) -> Self {
        let digest = site_render::sha256(&bytes);
        Self { bytes: Bytes::from(bytes), digest }
    }
}

/// Adds the files below a folder, by their paths from `root`.
fn collect(root: &Path, folder: &Path, entries: &mut BTreeMap<String, Entry>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            collect(root, &path, entries);
            continue;
        }
        let name = path.strip_prefix(root).expect("it is below").to_string_lossy().into_owned();
        entries.insert(name, Entry::File(fs::read(&path).expect("a file can be read").into()));
    }
}
