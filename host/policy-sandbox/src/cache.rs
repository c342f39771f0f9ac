//! The folder of compiled code.
//!
//! Its files are native code that this program will run, so nobody else may be able to
//! write them: the folder's owner and mode are checked at each start, and a file counts
//! only if its seal fits its name and content. The seal is against accidents and
//! mix-ups; against an attacker stands the folder's mode.
//!
//! Two processes may fill it at once: each writes a file of its own and renames it.

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
use crate::refusal::Refusal;

/// Bytes of a seal: a SHA-256 in hex.
const SEAL: usize = 64;

/// Group and others, any right.
const NOT_OURS_ALONE: u32 = 0o077;

/// An open folder of compiled code.
pub(crate) struct Cache {
    folder: PathBuf,
    compatibility: String,
    limit: u64,
}

impl Cache {
    /// Opens the folder, creating it if it is not there, and refuses it if anybody else
    /// could have put something into it.
    pub(crate) fn open(folder: PathBuf, engine: &Engine, limit: u64) -> Result<Self, Refusal> {
        let shown = folder.display();
        let refuse = |why: String| {
            Refusal::environment(
                &codes::POLICY_CACHE_FOLDER,
                format!("the cache folder {shown} {why}"),
            )
            .hint(
                "give a folder that belongs to the user of this process with mode 0700, \
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
                "has mode {mode:04o}: others than its owner have a right to it"
            )));
        }
        // What we create belongs to us: the way to our own user id without unsafe code.
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
        Ok(Self { compatibility: compatibility(engine), folder, limit })
    }

    /// The code for that component, if a whole file of ours holds it.
    pub(crate) fn read(&self, component: &str) -> Option<Code> {
        let name = self.name(component);
        let bytes = read_regular(&self.folder.join(&name), self.limit).ok()?;
        let (seal, code) = bytes.split_at_checked(SEAL)?;
        (seal == seal_of(&name, code).as_bytes()).then(|| Code::from_sealed_cache(code.to_vec()))
    }

    /// Keeps the code for that component, in place of whatever was there.
    pub(crate) fn write(&self, component: &str, code: &Code) -> io::Result<()> {
        let name = self.name(component);
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(seal_of(&name, code.bytes()).as_bytes())?;
        file.write_all(code.bytes())?;
        file.persist(self.folder.join(&name))?;
        self.shrink(&name)
    }

    /// Removes the oldest files until the rest fits; never the one just written.
    fn shrink(&self, newest: &str) -> io::Result<()> {
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
            // Another process may have been faster.
            let _ = fs::remove_file(path);
            total -= bytes;
        }
        Ok(())
    }

    /// The digests of all components whose code it holds, the newest first.
    pub(crate) fn digests(&self) -> Vec<String> {
        let ending = self.name("");
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

    fn name(&self, component: &str) -> String {
        format!("{component}-{}.code", self.compatibility)
    }
}

/// Reads a file that is a file, not a link to one, and not more of it than allowed.
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

/// Binds the code to the name it was stored under.
fn seal_of(name: &str, code: &[u8]) -> String {
    sha256(format!("{name}\n{}", sha256(code)).as_bytes())
}

/// What tells apart engines whose code does not fit each other.
fn compatibility(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
