//! Where a sandbox gets compiled code from: its own store, or the parent process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::code_store::{CodeStore, CompileError};
use crate::codes;
use crate::compiled::Code;
use crate::reject_error::RejectError;

/// A source of compiled code.
#[derive(Debug)]
pub(crate) enum CodeSource {
    /// It compiles what its folder does not have.
    Store(Box<CodeStore>),
    /// The parent process compiles, and sends the code.
    Parent(SentCode),
}

/// The code that the parent process has sent, and the artifacts whose code it has not.
#[derive(Debug, Default)]
pub(crate) struct SentCode {
    sent: Mutex<HashMap<String, Result<Code, RejectError>>>,
    wanted: Mutex<Vec<WantedCode>>,
}

/// An artifact whose code a sandbox needs from its parent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WantedCode {
    /// The policy's name, for messages.
    pub name: String,
    /// The artifact's SHA-256 in lower-case hex.
    pub sha256: String,
    /// The size of the artifact in bytes.
    pub size: u64,
    /// The artifact; nothing if the parent has no room for it.
    pub artifact: Option<Vec<u8>>,
}

impl CodeSource {
    /// Returns the code of a checked artifact. Code from the parent is removed when it is returned.
    pub(crate) fn get(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Code, RejectError> {
        match self {
            Self::Store(store) => {
                let cached = store.cached(sha256).map(Ok);
                cached.unwrap_or_else(|| store.compile(sha256, artifact).map_err(|error| error.0))
            }
            Self::Parent(sent) => sent.take(name, sha256, artifact),
        }
    }

    /// Compiles an artifact again whose cached code does not fit this CPU.
    pub(crate) fn recompile(
        &self,
        sha256: &str,
        artifact: &[u8],
    ) -> Option<Result<Code, RejectError>> {
        let Self::Store(store) = self else { return None };
        Some(store.compile(sha256, artifact).map_err(|error| error.0))
    }
}

impl SentCode {
    /// Adds what the parent has sent for an artifact.
    pub(crate) fn add(&self, sha256: String, code: Result<Vec<u8>, CompileError>) {
        let code = code.map(Code::from_parent).map_err(|error| error.0);
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).insert(sha256, code);
    }

    /// Takes the list of artifacts whose code is needed.
    pub(crate) fn take_wanted(&self) -> Vec<WantedCode> {
        std::mem::take(&mut *self.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self, name: &str, sha256: &str, artifact: &[u8]) -> Result<Code, RejectError> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = sent.remove(sha256) {
            return code;
        }
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.iter().all(|known| known.sha256 != sha256) {
            let (name, sha256) = (name.to_owned(), sha256.to_owned());
            let (size, artifact) = (artifact.len() as u64, Some(artifact.to_vec()));
            wanted.push(WantedCode { name, sha256, size, artifact });
        }
        Err(RejectError::environment(&codes::POLICY_COMPILING, "it is being compiled").pending())
    }
}
