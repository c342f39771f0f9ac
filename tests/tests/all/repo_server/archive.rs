//! Archives as repo-server packs them, and as it never would.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

/// An archive under construction.
pub(super) struct Archive(Builder<Vec<u8>>);

impl Archive {
    /// Nothing at all.
    pub(super) fn empty() -> Self {
        Self(Builder::new(Vec::new()))
    }

    /// A folder with all that is in it.
    pub(super) fn of(folder: &Path) -> Self {
        Self::empty().member(b".", EntryType::Directory, "", b"").below(folder, "")
    }

    /// One file more.
    pub(super) fn file(self, name: &str, content: &[u8]) -> Self {
        self.member(name.as_bytes(), EntryType::Regular, "", content)
    }

    /// One symbolic link more.
    pub(super) fn link(self, name: &str, target: &str) -> Self {
        self.member(name.as_bytes(), EntryType::Symlink, target, b"")
    }

    /// One member more, whatever its name is.
    pub(super) fn member(
        mut self,
        name: &[u8],
        kind: EntryType,
        target: &str,
        content: &[u8],
    ) -> Self {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        // Past its own checks, which refuse what is sent here on purpose.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.0.append(&header, content).expect("an archive in memory");
        self
    }

    /// One file more whose long name stands in an extended header.
    pub(super) fn long(mut self, name: &str, content: &[u8]) -> Self {
        let extension = [("path", name.as_bytes())];
        self.0.append_pax_extensions(extension).expect("an archive in memory");
        self.file("short", content)
    }

    /// The archive, packed.
    pub(super) fn packed(self) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let tar = self.0.into_inner().expect("an archive in memory");
        encoder.write_all(&tar).expect("memory takes all");
        encoder.finish().expect("memory takes all")
    }

    fn below(mut self, folder: &Path, path: &str) -> Self {
        let entries = fs::read_dir(folder).expect("the folder is there");
        let mut entries: Vec<_> = entries.map(|entry| entry.expect("it can be read")).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().into_string().expect("names of ours are text");
            let path = if path.is_empty() { name } else { format!("{path}/{name}") };
            if entry.file_type().expect("it has a type").is_dir() {
                self = self.member(path.as_bytes(), EntryType::Directory, "", b"");
                self = self.below(&entry.path(), &path);
            } else {
                self = self.file(&path, &fs::read(entry.path()).expect("it can be read"));
            }
        }
        self
    }
}

/// Bytes that do not pack, the same each time.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        // Xorshift: as random as this needs.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}
