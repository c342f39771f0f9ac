//! The folder of compiled code.
//!
//! Its files are native code that this program runs, so nobody else may be able to write them
//! (`private_folder`). A file is used only if its seal matches its name, its content and the folder
//! in which it was written: a folder of the same user that has such files for another reason, as an
//! unpacked repo may, cannot take the cache's place.
//!
//! Two processes may write to it at the same time: each writes a temporary file and renames it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmtime::Engine;

use crate::artifact::sha256;
use crate::codes;
use crate::compiled::Code;
use crate::private_folder::{Entry, PrivateFolder, TEMPORARY};
use crate::reject_error::RejectError;

/// Length of a seal in bytes: a SHA-256 in hex.
const SEAL: usize = 64;

/// The ending of files with code, of any engine.
const ENDING: &str = ".code";

/// The age at which a temporary file is a remainder of a process that was killed.
const ABANDONED: Duration = Duration::from_hours(1);

/// An open folder of compiled code.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PrivateFolder,
    compatibility: String,
    limit: u64,
}

impl Cache {
    /// Opens the folder and creates it if needed. Rejects it if another user could write to it or
    /// replace it.
    pub(crate) fn open(folder: &Path, engine: &Engine, limit: u64) -> Result<Self, RejectError> {
        let opened = PrivateFolder::open(folder).map_err(|why| {
            RejectError::environment(
                &codes::POLICY_CACHE_FOLDER,
                format!("the cache folder {} {why}", folder.display()),
            )
            .hint(
                "use a folder of this process's user with mode 0700, or one that does not exist \
                 yet; its path must have no link, and only folders that no other user can change",
            )
        })?;
        Ok(Self { compatibility: engine_fingerprint(engine), folder: opened, limit })
    }

    /// Reads the code of a component, if the cache has an intact file of it.
    pub(crate) fn read(&self, component: &str) -> Option<Code> {
        let name = self.file_name(component);
        let bytes = self.folder.read(&name, self.limit).ok()?;
        let (seal, code) = bytes.split_at_checked(SEAL)?;
        (seal == self.seal_of(&name, code).as_bytes())
            .then(|| Code::from_sealed_cache(code.to_vec()))
    }

    /// Writes the code of a component, and replaces an older file.
    pub(crate) fn write(&self, component: &str, code: &Code) -> io::Result<()> {
        let name = self.file_name(component);
        let seal = self.seal_of(&name, code.bytes());
        self.folder.write(&name, &[seal.as_bytes(), code.bytes()])?;
        self.remove_abandoned()?;
        self.evict_oldest(&name)
    }

    /// Removes the oldest files until the rest fits the limit, but never the newest.
    fn evict_oldest(&self, newest: &str) -> io::Result<()> {
        let mut files = self.folder.list(ENDING)?;
        files.sort_by_key(|file| (file.name == newest, file.changed));
        let mut total: u64 = files.iter().map(|file| file.bytes).sum();
        for file in &files[..files.len().saturating_sub(1)] {
            if total <= self.limit {
                break;
            }
            // Another process may have removed it already.
            let _ = self.folder.remove(&file.name);
            total -= file.bytes;
        }
        Ok(())
    }

    fn remove_abandoned(&self) -> io::Result<()> {
        for file in self.folder.list(TEMPORARY)? {
            if age(&file).is_some_and(|age| age > ABANDONED) {
                let _ = self.folder.remove(&file.name);
            }
        }
        Ok(())
    }

    /// Lists the digests of all cached components, newest first.
    pub(crate) fn list_digests(&self) -> Vec<String> {
        let ending = self.file_name("");
        let mut files = self.folder.list(&ending).unwrap_or_default();
        files.sort_by_key(|file| file.changed);
        let digest = |file: &Entry| file.name.strip_suffix(&ending).map(str::to_owned);
        files.iter().rev().filter_map(digest).collect()
    }

    /// Returns the seal that binds code to its file name and to the folder.
    fn seal_of(&self, name: &str, code: &[u8]) -> String {
        sha256(format!("{}\n{name}\n{}", self.folder.identity(), sha256(code)).as_bytes())
    }

    fn file_name(&self, component: &str) -> String {
        format!("{component}-{}{ENDING}", self.compatibility)
    }
}

/// Returns the time since a file's last change.
fn age(file: &Entry) -> Option<Duration> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    now.checked_sub(Duration::from_secs(u64::try_from(file.changed.0).ok()?))
}

/// Returns a fingerprint that differs between engines whose code is incompatible.
fn engine_fingerprint(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
