//! From a packed stream to files in memory, as the bytes arrive.
//!
//! Nothing is written to a disk and nothing is trusted: how much comes out, how many
//! entries, how large a file and how long a name are limited, and a link is only noted.
//! Entries are read as Argo CD's own plugin server reads them (util/io/files/tar.go of
//! 3.5.7): absolute names start at the root, devices, pipes and hard links are skipped,
//! bytes behind the archive's end are nobody's.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use tar::{Entry, EntryType};

use super::archive::{Archive, LEVELS, Misplaced, Node};
use super::budget::Account;
use super::refusal::Refused;
use super::scope::{Scope, holds, plain};
use crate::codes;
use crate::server_limits::ServerLimits;
use site_render::lock::LOCK_FILE;

/// Headers between two entries, long names among them, in bytes. A name may have 4,096.
const HEADER_BYTES: u64 = 64 << 10;

/// What is read of a packed and of an inflated archive at once, in bytes. More would be
/// inflated in vain behind a fleet's end.
const PACKED_BYTES: usize = 64 << 10;
const INFLATED_BYTES: usize = 64 << 10;

/// The longest path or link, in bytes: Linux's own limit (`PATH_MAX`).
const PATH_BYTES: usize = 4096;

/// Unpacks an archive as far as `scope` wants it; gives the folder that is whole, which
/// is the archive's root unless the rest was left. What is kept is on the account.
pub(super) fn unpack(
    packed: impl Read,
    limits: &ServerLimits,
    account: &mut Account,
    scope: &Scope,
) -> Result<(Archive, String), Refused> {
    let gauge = Gauge::new(limits.expanded_bytes);
    let packed = BufReader::with_capacity(PACKED_BYTES, packed);
    // Headers and small files are read in small pieces, which an inflater is bad at.
    let inflated = BufReader::with_capacity(INFLATED_BYTES, MultiGzDecoder::new(packed));
    let mut reader = tar::Archive::new(Gauged { inner: inflated, gauge: gauge.clone() });
    let mut archive = Archive::default();
    let damaged = |error: &io::Error| gauge.refusal(limits).unwrap_or_else(|| damaged(error));
    let mut entries = reader.entries().map_err(|error| damaged(&error))?;
    let (mut count, mut fleet) = (0_usize, None);
    loop {
        gauge.between_entries();
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(|error| damaged(&error))?;
        gauge.inside_an_entry();
        count += 1;
        if count > limits.files {
            let message = format!("the archive has more than {} entries", limits.files);
            return Err(Refused::over(&codes::STREAM_FILES, message, "files"));
        }
        let path = path_of(&entry);
        if let Some(root) = fleet.take_if(|root: &mut String| !holds(root, &path))
            && scope.ends_behind(&root)
        {
            archive.keep_fleets();
            return Ok((archive, root));
        }
        match (entry.header().entry_type(), path.strip_suffix(LOCK_FILE)) {
            (EntryType::Symlink, _) => scope.link(&path),
            // Of one fleet in another the outer one is read on.
            (kind, Some(root)) if kind.is_file() && root.ends_with('/') && fleet.is_none() => {
                fleet = Some(plain(root));
            }
            _ => {}
        }
        take(&mut entry, &mut archive, limits, account, &damaged)?;
        // Here and not by the next header's search, so that content never counts as one.
        io::copy(&mut entry, &mut io::sink()).map_err(|error| damaged(&error))?;
    }
    archive.keep_fleets();
    Ok((archive, String::new()))
}

/// An entry's path as scopes know it.
fn path_of<R: Read>(entry: &Entry<'_, R>) -> String {
    plain(&String::from_utf8_lossy(&entry.path_bytes()))
}

/// Puts one entry into the archive, if it is one that a render could see.
fn take<R: Read>(
    entry: &mut Entry<'_, R>,
    archive: &mut Archive,
    limits: &ServerLimits,
    account: &mut Account,
    damaged: &dyn Fn(&io::Error) -> Refused,
) -> Result<(), Refused> {
    let name = entry.path_bytes().into_owned();
    // A path of a tree is text; a name that is none cannot be asked for.
    let Ok(name) = String::from_utf8(name) else {
        return Ok(());
    };
    let node = match entry.header().entry_type() {
        EntryType::Directory => Node::Folder(BTreeMap::new()),
        EntryType::Symlink => {
            let target = entry.link_name_bytes().unwrap_or_default();
            let Ok(target) = std::str::from_utf8(&target) else {
                return Ok(());
            };
            if target.len() > PATH_BYTES {
                return Err(misplaced(&name, "its link's target is too long"));
            }
            Node::Link(target.into())
        }
        EntryType::Regular | EntryType::Continuous => {
            let size = entry.size();
            if is_git(&name) || size > limits.file_bytes {
                Node::Large(size)
            } else {
                account.grow(size)?;
                let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
                entry.read_to_end(&mut content).map_err(|error| damaged(&error))?;
                Node::File(content)
            }
        }
        _ => return Ok(()),
    };
    if name.len() > PATH_BYTES {
        return Err(misplaced(&name, "its path is too long"));
    }
    archive.put(&name, node).map_err(|error: Misplaced| misplaced(&name, &error.to_string()))
}

/// What Git keeps for itself, which is most of what arrives where nobody excludes it.
fn is_git(name: &str) -> bool {
    name.trim_start_matches("./").split('/').take(LEVELS).any(|part| part == ".git")
}

fn misplaced(name: &str, why: &str) -> Refused {
    let shown: String = name.chars().take(200).collect();
    Refused::malformed(
        &codes::STREAM_PATH,
        format!("the archive's entry `{shown}` is refused: {why}"),
    )
}

fn damaged(error: &io::Error) -> Refused {
    Refused::malformed(&codes::STREAM_ARCHIVE, format!("the archive is damaged: {error}"))
}

/// How much may still come out of an archive; shared by the reader and the loop over it.
#[derive(Clone)]
struct Gauge {
    total: Rc<Cell<u64>>,
    header: Rc<Cell<u64>>,
}

impl Gauge {
    fn new(total: u64) -> Self {
        Self { total: Rc::new(Cell::new(total)), header: Rc::new(Cell::new(HEADER_BYTES)) }
    }

    fn between_entries(&self) {
        self.header.set(HEADER_BYTES);
    }

    fn inside_an_entry(&self) {
        self.header.set(u64::MAX);
    }

    /// Takes bytes that came out; false where that was too much.
    fn take(&self, bytes: u64) -> bool {
        let left = (self.total.get().checked_sub(bytes), self.header.get().checked_sub(bytes));
        self.total.set(left.0.unwrap_or_default());
        self.header.set(left.1.unwrap_or_default());
        left.0.is_some() && left.1.is_some()
    }

    /// Why the reader was stopped, if it was.
    fn refusal(&self, limits: &ServerLimits) -> Option<Refused> {
        if self.total.get() == 0 {
            let message = format!("unpacked it has more than {} bytes", limits.expanded_bytes);
            return Some(Refused::over(&codes::STREAM_EXPANDED, message, "expandedBytes"));
        }
        (self.header.get() == 0).then(|| {
            let message = format!("an entry's header has more than {HEADER_BYTES} bytes");
            Refused::malformed(&codes::STREAM_HEADER, message)
        })
    }
}

/// A reader that a gauge stops.
struct Gauged<R> {
    inner: R,
    gauge: Gauge,
}

impl<R: Read> Read for Gauged<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if self.gauge.take(read as u64) {
            return Ok(read);
        }
        Err(io::Error::other("it goes on beyond a limit"))
    }
}

#[cfg(test)]
mod tests;
