//! Writes the contents of an archive into a memory file, and its index after them.
//!
//! The last eight bytes of the file are the offset of the index.

use std::io::{self, BufWriter, Read, Write};

use worker_process::MemoryFile;

use super::Node;
use super::index::{Index, PlacementError};

/// Contents that are collected before they are written: most files have a few kilobytes, and a
/// write of each would cost more than their decompression.
const BUFFER: usize = 256 << 10;

/// The bytes of the offset at the end.
const TRAILER: u64 = 8;

/// An archive that is being unpacked.
#[derive(Debug)]
pub(crate) struct ArchiveWriter {
    index: Index,
    content: MemoryFile,
    buffer: Vec<u8>,
    /// The bytes that are in the file.
    written: u64,
}

impl ArchiveWriter {
    /// Creates an empty archive.
    pub(crate) fn create() -> io::Result<Self> {
        let content = MemoryFile::create("archive")?;
        Ok(Self { index: Index::default(), content, buffer: Vec::new(), written: 0 })
    }

    /// Appends a content that `reader` returns to its end, and returns the node of the file.
    pub(crate) fn add_content(&mut self, reader: &mut impl Read) -> io::Result<Node> {
        let start = self.written + self.buffer.len() as u64;
        let mut size = 0;
        loop {
            let read = reader.by_ref().take(BUFFER as u64).read_to_end(&mut self.buffer)? as u64;
            size += read;
            if self.buffer.len() >= BUFFER {
                self.write_buffer()?;
            }
            if read < BUFFER as u64 {
                return Ok(Node::File { start, size });
            }
        }
    }

    /// Inserts a node at a path; the last of two with the same path takes effect.
    pub(crate) fn insert_node(&mut self, path: &str, node: Node) -> Result<(), PlacementError> {
        self.index.insert_node(path, node)
    }

    /// Returns the number of folders above a path that do not exist yet.
    pub(crate) fn missing_folders(&self, path: &str) -> u64 {
        self.index.missing_folders(path)
    }

    /// Drops all files outside fleets, writes the index and seals the file.
    pub(crate) fn finish(mut self) -> io::Result<MemoryFile> {
        self.write_buffer()?;
        self.index.keep_fleets();
        self.release_dropped()?;
        // A long index is written in parts, so that memory has it only once.
        let index = IndexWriter { content: &self.content, end: self.written };
        let index = postcard::to_io(&self.index.top, BufWriter::with_capacity(BUFFER, index));
        let index = index.map_err(io::Error::other)?.into_inner()?;
        self.content.write_at(&self.written.to_le_bytes(), index.end)?;
        self.content.seal()?;
        Ok(self.content)
    }

    fn write_buffer(&mut self) -> io::Result<()> {
        self.content.write_at(&self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Returns the memory of contents that no entry has.
    fn release_dropped(&self) -> io::Result<()> {
        let mut kept = self.index.content_ranges();
        kept.sort_unstable();
        let mut end = 0;
        for (start, next) in kept.into_iter().chain([(self.written, self.written)]) {
            self.content.release(end, start)?;
            end = next.max(end);
        }
        Ok(())
    }
}

/// Appends to the file.
struct IndexWriter<'a> {
    content: &'a MemoryFile,
    /// The offset of the next byte.
    end: u64,
}

impl Write for IndexWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.content.write_at(bytes, self.end)?;
        self.end += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads the index of a finished archive.
pub(crate) fn read_index(content: &MemoryFile) -> io::Result<Node> {
    let size = content.size()?;
    let end = size.checked_sub(TRAILER).ok_or(io::ErrorKind::InvalidData)?;
    let mut offset = [0; 8];
    content.read_at(&mut offset, end)?;
    let start = u64::from_le_bytes(offset);
    let length = end.checked_sub(start).ok_or(io::ErrorKind::InvalidData)?;
    let mut index = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    content.read_at(&mut index, start)?;
    postcard::from_bytes(&index).map_err(io::Error::other)
}
