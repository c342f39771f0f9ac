//! Compiled code by the digest of its artifact: from the cache folder, or compiled now.

use std::path::{Path, PathBuf};

use site_render::finding::Finding;

use crate::artifact;
use crate::cache::Cache;
use crate::codes;
use crate::compile::Compiler;
use crate::compiled::Code;
use crate::engine;
use crate::limits::Limits;
use crate::reject_error::RejectError;

/// Compiles artifacts and caches their code in a folder. It runs no policy.
#[derive(Debug)]
pub struct CodeStore {
    compiler: Compiler,
    cache: Option<Cache>,
    limits: Limits,
}

/// The reason why an artifact has no code.
#[derive(Clone, Debug)]
pub struct CompileError(pub(crate) RejectError);

impl CodeStore {
    /// Opens the folder for compiled code, if there is one.
    pub fn open(
        limits: Limits,
        cache: Option<PathBuf>,
        compiler: Compiler,
    ) -> Result<Self, Box<Finding>> {
        let cache = cache.map(|folder| open_cache(&folder, &limits)).transpose();
        let cache = cache.map_err(|refusal| refusal.without_policy())?;
        Ok(Self { compiler, cache, limits })
    }

    /// Returns the limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the cached code of an artifact.
    pub fn cached(&self, sha256: &str) -> Option<Code> {
        self.cache.as_ref()?.read(sha256)
    }

    /// Lists the digests of all artifacts with cached code, newest first.
    pub fn cached_digests(&self) -> Vec<String> {
        self.cache.as_ref().map(Cache::list_digests).unwrap_or_default()
    }

    /// Checks an artifact, compiles it and caches its code. The digest is compared with the bytes,
    /// because other callers get the code under it.
    pub fn compile(&self, sha256: &str, artifact: &[u8]) -> Result<Code, CompileError> {
        artifact::check_artifact(sha256, artifact, &self.limits)
            .and_then(|()| self.compiler.compile(artifact, &self.limits))
            .inspect(|code| {
                if let Some(cache) = &self.cache {
                    // A failed write only slows down the next start; this caller has its result.
                    let _ = cache.write(sha256, code);
                }
            })
            .map_err(CompileError)
    }
}

fn open_cache(folder: &Path, limits: &Limits) -> Result<Cache, RejectError> {
    let engine = engine::compiling_engine().map_err(|e| {
        RejectError::environment(
            &codes::POLICY_ENGINE,
            format!("cannot set up the compiler: {e:#}"),
        )
    })?;
    Cache::open(folder, &engine, limits.cache_bytes)
}

impl CompileError {
    /// Returns the finding, with the policy's name in its message.
    pub fn for_policy(&self, name: &str) -> Finding {
        self.0.for_policy(name)
    }

    /// Returns the error of a system that cannot hold compiled code.
    pub fn environment(error: &std::io::Error) -> Self {
        let message = format!("its compiled code cannot be kept: {error}");
        Self(RejectError::environment(&codes::POLICY_COMPILER, message))
    }

    /// Returns whether the artifact is the cause, so that compiling it again would fail too.
    pub fn is_final(&self) -> bool {
        self.0.is_cacheable()
    }

    /// Returns it as a message to a process that runs policies.
    pub fn to_message(&self) -> Vec<u8> {
        self.0.to_message()
    }

    /// Reads such a message.
    pub fn from_message(bytes: &[u8]) -> Option<Self> {
        RejectError::from_message(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn an_error_reaches_another_process_whole() {
        let error = RejectError::input(&codes::POLICY_COMPILE_TIME, "it takes long");
        for error in [error.clone(), error.limit("compileSeconds")] {
            let message = CompileError(error.clone()).to_message();
            let received = CompileError::from_message(&message).unwrap();
            assert_eq!(
                format!("{:?}", received.for_policy("p")),
                format!("{:?}", error.for_policy("p"))
            );
            assert!(received.is_final());
        }
        assert!(CompileError::from_message(b"{}").is_none());
        let unknown = br#"["no/such-code",0,"text",null]"#;
        assert!(CompileError::from_message(unknown).is_none());
    }

    #[test]
    fn both_engines_accept_the_same_code() {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let print = |engine: wasmtime::Engine| {
            let mut hasher = DefaultHasher::new();
            engine.precompile_compatibility_hash().hash(&mut hasher);
            hasher.finish()
        };
        let running = engine::running_engine(&Limits::default()).unwrap();
        assert_eq!(print(engine::compiling_engine().unwrap()), print(running));
    }
}
