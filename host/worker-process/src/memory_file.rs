//! Files in memory whose descriptors are passed to workers, so that their bytes are not copied.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt};

use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags, fallocate, fcntl_add_seals, memfd_create};

/// A page, the unit in which memory is released. A larger one on another system only releases less.
const PAGE: u64 = 4096;

/// The unit in which the system counts the memory of a file.
const BLOCK: u64 = 512;

/// A file in memory.
#[derive(Debug)]
pub struct MemoryFile(File);

impl MemoryFile {
    /// Creates an empty file. The name is shown in `/proc` only.
    ///
    /// # Errors
    /// The process has no free descriptor.
    pub fn create(name: &str) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        Ok(Self(File::from(memfd_create(name, flags)?)))
    }

    /// Wraps a descriptor that another process sent.
    pub fn received(file: OwnedFd) -> Self {
        Self(File::from(file))
    }

    /// Returns another descriptor of the same file.
    ///
    /// # Errors
    /// The process has no free descriptor.
    pub fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Returns its size in bytes.
    ///
    /// # Errors
    /// The descriptor is not a file.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    /// Returns the memory that it takes in bytes, without the pages that were released.
    ///
    /// # Errors
    /// The descriptor is not a file.
    pub fn allocated_bytes(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.blocks() * BLOCK)
    }

    /// Writes bytes at an offset.
    ///
    /// # Errors
    /// Memory is exhausted, or the file is sealed.
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    /// Reads bytes at an offset.
    ///
    /// # Errors
    /// The file ends before that.
    pub fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(bytes, offset)
    }

    /// Releases the memory of whole pages in a range; they read as zeros.
    ///
    /// # Errors
    /// The file is sealed.
    pub fn release(&self, start: u64, end: u64) -> io::Result<()> {
        let (start, end) = (start.next_multiple_of(PAGE), end / PAGE * PAGE);
        if start >= end {
            return Ok(());
        }
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        Ok(fallocate(&self.0, flags, start, end - start)?)
    }

    /// Makes the file constant: no process can change it from now on.
    ///
    /// # Errors
    /// It is sealed already.
    pub fn seal(&self) -> io::Result<()> {
        let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL;
        Ok(fcntl_add_seals(&self.0, seals)?)
    }
}

impl AsFd for MemoryFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryFile;

    #[test]
    fn a_sealed_file_can_be_read_and_not_changed() {
        let file = MemoryFile::create("test").unwrap();
        file.write_at(b"0123", 0).unwrap();
        file.seal().unwrap();
        file.write_at(b"x", 0).unwrap_err();
        file.write_at(b"x", 4).unwrap_err();
        let mut two = [0; 2];
        file.read_at(&mut two, 1).unwrap();
        assert_eq!(&two, b"12");
        file.read_at(&mut two, 3).unwrap_err();
        assert_eq!(file.size().unwrap(), 4);
    }

    #[test]
    fn only_whole_pages_are_released() {
        let file = MemoryFile::create("test").unwrap();
        file.write_at(&[7; 3 * 4096], 0).unwrap();
        assert_eq!(file.allocated_bytes().unwrap(), 3 * 4096);
        file.release(1, 2 * 4096 + 1).unwrap();
        file.release(10, 20).unwrap();
        assert_eq!(file.allocated_bytes().unwrap(), 2 * 4096);
        let mut bytes = vec![0; 3 * 4096];
        file.read_at(&mut bytes, 0).unwrap();
        assert!(bytes[..4096].iter().all(|byte| *byte == 7));
        assert!(bytes[4096..2 * 4096].iter().all(|byte| *byte == 0));
        assert!(bytes[2 * 4096..].iter().all(|byte| *byte == 7));
    }
}
