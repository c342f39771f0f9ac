//! The folder of compiled code.
//!
//! Its files are native code that this program runs, so nobody else may be able to write them. The
//! folder's owner and mode are checked at each start, and a file is used only if its seal matches
//! its name and content. The seal protects against accidents; the folder's mode protects against
//! attackers.
//!
//! Two processes may write to it at the same time: each writes a temporary file and renames it.

use std::fs::{self, DirBuilder, File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::{NamedTempFile, tempfile_in};
use wasmtime::Engine;

use crate::artifact::sha256;
use crate::codes;
use crate::compiled::Code;
use crate::reject_error::RejectError;

/// Length of a seal in bytes: a SHA-256 in hex.
const SEAL: usize = 64;

/// Permission bits of group and others.
const NOT_OURS_ALONE: u32 = 0o077;

/// An open folder of compiled code.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    compatibility: String,
    limit: u64,
}

impl Cache {
    /// Opens the folder and creates it if needed. Rejects it if another user could have written to it.
    pub(crate) fn open(folder: PathBuf, engine: &Engine, limit: u64) -> Result<Self, RejectError> {
        let shown = folder.display();
        let refuse = |why: String| {
            RejectError::environment(
                &codes::POLICY_CACHE_FOLDER,
                format!("the cache folder {shown} {why}"),
            )
            .hint(
                "use a folder of this process's user with mode 0700, \
                     or one that does not exist yet",
            )
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|e| refuse(format!("cannot be created: {e}")))?;
        let found =
            fs::symlink_metadata(&folder).map_err(|e| refuse(format!("cannot be read: {e}")))?;
        if !found.is_dir() {
            return Err(refuse("is not a folder".into()));
        }
        let mode = found.mode() & 0o7777;
        if mode & NOT_OURS_ALONE != 0 {
            return Err(refuse(format!(
                "has mode {mode:04o}: users other than its owner have access"
            )));
        }
        // A file that we create belongs to us; this gets our user id without unsafe code.
        let ours = tempfile_in(&folder)
            .and_then(|file| file.metadata())
            .map_err(|e| refuse(format!("cannot be written: {e}")))?
            .uid();
        if found.uid() != ours {
            return Err(refuse(format!(
                "belongs to user {}, this process is user {ours}",
                found.uid()
            )));
        }
        Ok(Self { compatibility: engine_fingerprint(engine), folder, limit })
    }

    /// Reads the code of a component, if the cache has an intact file of it.
    pub(crate) fn read(&self, component: &str) -> Option<Code> {
        let name = self.file_name(component);
        let bytes = read_regular(&self.folder.join(&name), self.limit).ok()?;
        let (seal, code) = bytes.split_at_checked(SEAL)?;
        (seal == seal_of(&name, code).as_bytes()).then(|| Code::from_sealed_cache(code.to_vec()))
    }

    /// Writes the code of a component, and replaces an older file.
    pub(crate) fn write(&self, component: &str, code: &Code) -> io::Result<()> {
        let name = self.file_name(component);
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(seal_of(&name, code.bytes()).as_bytes())?;
        file.write_all(code.bytes())?;
        file.persist(self.folder.join(&name))?;
        self.evict_oldest(&name)
    }

    /// Removes the oldest files until the rest fits the limit, but never the newest.
    fn evict_oldest(&self, newest: &str) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = fs::read_dir(&self.folder)?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let found = entry.metadata().ok()?;
                let old = entry.file_name() != newest;
                old.then(|| Some((found.modified().ok()?, found.len(), entry.path())))?
            })
            .collect();
        files.sort();
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        total += fs::metadata(self.folder.join(newest))?.len();
        for (_, bytes, path) in files {
            if total <= self.limit {
                break;
            }
            // Another process may have removed it already.
            let _ = fs::remove_file(path);
            total -= bytes;
        }
        Ok(())
    }

    /// Lists the digests of all cached components, newest first.
    pub(crate) fn list_digests(&self) -> Vec<String> {
        let ending = self.file_name("");
        let mut found: Vec<(SystemTime, String)> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                let written = entry.metadata().ok()?.modified().ok()?;
                Some((written, name.strip_suffix(&ending)?.to_owned()))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().rev().map(|(_, digest)| digest).collect()
    }

    fn file_name(&self, component: &str) -> String {
        format!("{component}-{}.code", self.compatibility)
    }
}

/// Reads a regular file, not a link, up to a limit.
fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let listed = fs::symlink_metadata(path)?;
    let same = |a: &Metadata, b: &Metadata| a.dev() == b.dev() && a.ino() == b.ino();
    if !listed.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let file = File::open(path)?;
    if !same(&listed, &file.metadata()?) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the seal that binds code to its file name.
fn seal_of(name: &str, code: &[u8]) -> String {
    sha256(format!("{name}\n{}", sha256(code)).as_bytes())
}

/// Returns a fingerprint that differs between engines whose code is incompatible.
fn engine_fingerprint(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
