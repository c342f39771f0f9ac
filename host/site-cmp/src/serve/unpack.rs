//! Unpacks an archive into memory while its bytes arrive.
//!
//! Nothing is written to a disk and nothing is trusted: the unpacked size, the number of
//! entries, the size of a file and the length of a name are limited, and a link is only
//! recorded. Entries are read as Argo CD's own plugin server reads them (util/io/files/tar.go
//! of 3.5.7): absolute names start at the root; devices, pipes, hard links and bytes after the
//! end of the archive are ignored.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use tar::{Entry, EntryType};

use super::budget::Account;
use super::cached_tree::CachedTree;
use super::path_set;
use super::scope::{Scope, contains_path, normalize_path};
use crate::archive::{ArchiveWriter, ENTRY_BYTES, FOLDER_BYTES, LEVELS, Node, PlacementError};
use crate::call_rejection::{CallRejection, RejectKind};
use crate::codes;
use crate::server_limits::ServerLimits;
use site_render::disclosure::clip_text;
use site_render::lock::LOCK_FILE;

/// The most bytes of headers between two entries, long names included. A name may have 4,096.
const HEADER_BYTES: u64 = 64 << 10;

/// Bytes that are read at once from the packed and from the inflated archive. A larger buffer
/// would inflate bytes for nothing: after the end of a fleet, or after all calls have gone, when
/// one packed byte may still be a thousand.
const PACKED_BYTES: usize = 16 << 10;
const INFLATED_BYTES: usize = 64 << 10;

/// The longest path or link, in bytes: Linux's own limit (`PATH_MAX`).
pub(super) const PATH_BYTES: usize = 4096;

/// Unpacks an archive as far as `scope` requests. The tree keeps the bytes of the account that it
/// takes.
pub(super) fn unpack_archive(
    packed: impl Read,
    limits: &ServerLimits,
    mut account: Account,
    scope: &Scope,
) -> Result<CachedTree, CallRejection> {
    let limit = ByteLimit::new(limits.expanded_bytes);
    let packed = BufReader::with_capacity(PACKED_BYTES, packed);
    // tar reads headers and small files in small chunks, which an inflater is slow at.
    let inflated = BufReader::with_capacity(INFLATED_BYTES, MultiGzDecoder::new(packed));
    let mut reader = tar::Archive::new(LimitedReader { inner: inflated, limit: limit.clone() });
    let mut archive = ArchiveWriter::create().map_err(|error| memory_error(&error))?;
    let read_error =
        |error: &io::Error| limit.limit_error(limits).unwrap_or_else(|| archive_error(error));
    let mut entries = reader.entries().map_err(|error| read_error(&error))?;
    let (mut count, mut fleet) = (0_usize, None);
    loop {
        limit.between_entries();
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(|error| read_error(&error))?;
        limit.inside_an_entry();
        count += 1;
        if count > limits.files {
            let message = format!("the archive has more than {} entries", limits.files);
            return Err(CallRejection::over_limit(&codes::STREAM_FILES, message, "files"));
        }
        let path = path_of(&entry);
        if let Some(root) = fleet.take_if(|root: &mut String| !contains_path(root, &path))
            && scope.may_stop_after(&root)
        {
            break;
        }
        match (entry.header().entry_type(), path.strip_suffix(LOCK_FILE)) {
            (EntryType::Symlink, _) => {
                account.reserve_bytes(path_set::PATH_BYTES)?;
                scope.note_link(&path);
            }
            // Of two nested fleets the outer one decides where to stop.
            (kind, Some(root)) if kind.is_file() && root.ends_with('/') && fleet.is_none() => {
                fleet = Some(normalize_path(root));
            }
            _ => {}
        }
        add_entry(&mut entry, &mut archive, limits, &mut account, &read_error)?;
        // Skipped here and not by the search for the next header, so that content does not use
        // up the limit on headers.
        io::copy(&mut entry, &mut io::sink()).map_err(|error| read_error(&error))?;
    }
    let tree = archive.finish().and_then(|file| CachedTree::new(file, scope.end(), account));
    tree.map_err(|error| memory_error(&error))
}

/// Returns the normalized path of an entry.
fn path_of<R: Read>(entry: &Entry<'_, R>) -> String {
    normalize_path(&String::from_utf8_lossy(&entry.path_bytes()))
}

/// Returns the path of an entry and whether it is UTF-8. One that is not ends after the first name
/// that is not, which is escaped: no path of a tree is like it, and its folder cannot be listed.
fn name_of(path: &[u8]) -> (String, bool) {
    let Err(error) = std::str::from_utf8(path) else {
        return (String::from_utf8_lossy(path).into_owned(), true);
    };
    let rest = &path[error.valid_up_to()..];
    let end = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
    let folder = path[..error.valid_up_to()].rsplitn(2, |byte| *byte == b'/').nth(1);
    let start = folder.map_or(0, |folder| folder.len() + 1);
    let name = path[start..error.valid_up_to() + end].escape_ascii();
    (format!("{}{name}", String::from_utf8_lossy(&path[..start])), false)
}

/// Adds one entry to the archive, if a render can read it.
fn add_entry<R: Read>(
    entry: &mut Entry<'_, R>,
    archive: &mut ArchiveWriter,
    limits: &ServerLimits,
    account: &mut Account,
    read_error: &dyn Fn(&io::Error) -> CallRejection,
) -> Result<(), CallRejection> {
    let (name, is_utf8) = name_of(&entry.path_bytes());
    // Names and links take memory of the index, and folders that only a path names do too.
    let is_folder = entry.header().entry_type() == EntryType::Directory;
    let folders = archive.missing_folders(&name) + u64::from(is_folder);
    account.reserve_bytes(ENTRY_BYTES + 2 * name.len() as u64 + folders * FOLDER_BYTES)?;
    let node = match entry.header().entry_type() {
        _ if !is_utf8 => Node::NotUtf8,
        EntryType::Directory => Node::Folder(BTreeMap::new()),
        EntryType::Symlink => {
            let target = entry.link_name_bytes().unwrap_or_default();
            // A target that is not UTF-8 leads nowhere, because no path of a tree is like it.
            let target = String::from_utf8_lossy(&target);
            if target.len() > PATH_BYTES {
                return Err(path_error(&name, "the target of its link is too long"));
            }
            account.reserve_bytes(target.len() as u64)?;
            Node::Link(target.into())
        }
        EntryType::Regular | EntryType::Continuous => {
            let size = entry.size();
            if is_git(&name) || size > limits.file_bytes {
                Node::Large(size)
            } else {
                account.reserve_bytes(size)?;
                archive.add_content(entry).map_err(|error| read_error(&error))?
            }
        }
        _ => return Ok(()),
    };
    if name.len() > PATH_BYTES {
        return Err(path_error(&name, "its path is too long"));
    }
    archive
        .insert_node(&name, node)
        .map_err(|error: PlacementError| path_error(&name, &error.to_string()))
}

/// Returns whether a path is in Git's own folder, which is most of an archive unless it is
/// excluded.
fn is_git(name: &str) -> bool {
    name.trim_start_matches("./").split('/').take(LEVELS).any(|part| part == ".git")
}

/// Returns the error of an entry that cannot be stored.
fn path_error(name: &str, why: &str) -> CallRejection {
    let shown = clip_text(name, 200);
    CallRejection::malformed_stream(
        &codes::STREAM_PATH,
        format!("the archive entry `{shown}` is not allowed: {why}"),
    )
}

/// Returns the error of a server without memory or descriptors for an archive.
fn memory_error(error: &io::Error) -> CallRejection {
    let finding = codes::SERVER_MEMORY_FILE
        .finding(format!("cannot keep the unpacked archive in memory: {error}"));
    CallRejection::new(RejectKind::Environment, finding)
}

/// Returns the error of an archive that cannot be read.
fn archive_error(error: &io::Error) -> CallRejection {
    CallRejection::malformed_stream(
        &codes::STREAM_ARCHIVE,
        format!("the archive is damaged: {error}"),
    )
}

/// The bytes that may still be read from an archive, shared by the reader and the loop over its
/// entries.
#[derive(Clone)]
struct ByteLimit {
    total: Rc<Cell<u64>>,
    header: Rc<Cell<u64>>,
}

impl ByteLimit {
    fn new(total: u64) -> Self {
        Self { total: Rc::new(Cell::new(total)), header: Rc::new(Cell::new(HEADER_BYTES)) }
    }

    /// Applies the limit on headers.
    fn between_entries(&self) {
        self.header.set(HEADER_BYTES);
    }

    /// Lifts the limit on headers while content is read.
    fn inside_an_entry(&self) {
        self.header.set(u64::MAX);
    }

    /// Subtracts bytes that were read; returns false once a limit is exceeded.
    fn take_bytes(&self, bytes: u64) -> bool {
        let left = (self.total.get().checked_sub(bytes), self.header.get().checked_sub(bytes));
        self.total.set(left.0.unwrap_or_default());
        self.header.set(left.1.unwrap_or_default());
        left.0.is_some() && left.1.is_some()
    }

    /// Returns the limit that stopped the reader, if one did.
    fn limit_error(&self, limits: &ServerLimits) -> Option<CallRejection> {
        if self.total.get() == 0 {
            let message =
                format!("the unpacked archive is larger than {} bytes", limits.expanded_bytes);
            return Some(CallRejection::over_limit(
                &codes::STREAM_EXPANDED,
                message,
                "expandedBytes",
            ));
        }
        (self.header.get() == 0).then(|| {
            let message = format!("the header of an entry is larger than {HEADER_BYTES} bytes");
            CallRejection::malformed_stream(&codes::STREAM_HEADER, message)
        })
    }
}

/// A reader that stops at a limit.
struct LimitedReader<R> {
    inner: R,
    limit: ByteLimit,
}

impl<R: Read> Read for LimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if self.limit.take_bytes(read as u64) {
            return Ok(read);
        }
        Err(io::Error::other("a limit is exceeded"))
    }
}

#[cfg(test)]
mod tests;
