//! Loads policies: from an artifact to a policy that can be called, each step at most once.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use site_render::finding::Finding;
use site_render::policy::{Description, Evaluation, Policies, Policy, PolicyError, PolicyRequest};
use wasmtime::component::Component;

use crate::artifact;
use crate::call::{PreparedPolicy, Runtime};
use crate::code_source::{CodeSource, SentCode, WantedCode};
use crate::code_store::{CodeStore, CompileError};
use crate::codes;
use crate::compile::Compiler;
use crate::engine;
use crate::limits::Limits;
use crate::reject_error::RejectError;
use crate::trap;

/// Maximum number of digests in the list of checked artifacts.
const CHECKED: usize = 1000;

/// Loads and runs policies. One instance serves the whole process.
pub struct Sandbox {
    runtime: Arc<Runtime>,
    source: CodeSource,
    loaded: Mutex<LoadedPolicies>,
    /// Sizes of checked artifacts, by digest.
    checked: Mutex<HashMap<String, usize>>,
}

/// Load slots by digest, each with the time of its last use.
#[derive(Default)]
struct LoadedPolicies {
    slots: HashMap<String, (u64, LoadSlot)>,
    clock: u64,
}

/// The result of loading one policy. The thread that holds the lock loads it, others wait.
type LoadSlot = Arc<Mutex<Option<Result<Arc<PreparedPolicy>, RejectError>>>>;

impl Sandbox {
    /// Sets up the engine and opens the folder for compiled code, if there is one.
    pub fn new(
        limits: Limits,
        cache: Option<PathBuf>,
        compiler: Compiler,
    ) -> Result<Self, Box<Finding>> {
        let store = CodeStore::open(limits.clone(), cache, compiler)?;
        Self::with_source(limits, CodeSource::Store(Box::new(store)))
    }

    /// Sets up the engine of a worker process, whose parent compiles and sends the code.
    pub fn for_worker(limits: Limits) -> Result<Self, Box<Finding>> {
        Self::with_source(limits, CodeSource::Parent(SentCode::default()))
    }

    fn with_source(limits: Limits, source: CodeSource) -> Result<Self, Box<Finding>> {
        let unusable = |e: wasmtime::Error| {
            RejectError::environment(
                &codes::POLICY_ENGINE,
                format!("cannot set up the sandbox: {e:#}"),
            )
            .hint("check the sizes in the limits file and the limit on address space")
            .without_policy()
        };
        let engine = engine::running_engine(&limits).map_err(unusable)?;
        Ok(Self {
            runtime: Arc::new(Runtime::new(engine, limits).map_err(unusable)?),
            source,
            loaded: Mutex::default(),
            checked: Mutex::default(),
        })
    }

    /// Returns the effective limits.
    pub fn limits(&self) -> &Limits {
        &self.runtime.limits
    }

    /// Returns notes on decisions made at start, for the log.
    pub fn notes(&self) -> Vec<Finding> {
        let (how, why) = if engine::can_scan_pages() {
            ("by the pages that it wrote", "nothing is swapped here")
        } else {
            ("whole", "swap is on, and the kernel hides swapped pages")
        };
        vec![
            codes::POLICY_PAGE_SCAN
                .finding(format!("memory is cleaned {how} after each call: {why}")),
        ]
    }

    /// Adds what the parent process has sent for the artifact of a digest: its code, or the reason
    /// why it has none.
    pub fn add_code(&self, sha256: String, code: Result<Vec<u8>, CompileError>) {
        if let CodeSource::Parent(sent) = &self.source {
            sent.add(sha256, code);
        }
    }

    /// Takes the list of artifacts whose code the parent has not sent yet. Loading one of their
    /// policies returned a pending error.
    pub fn take_wanted(&self) -> Vec<WantedCode> {
        match &self.source {
            CodeSource::Parent(sent) => sent.take_wanted(),
            CodeSource::Store(_) => Vec::new(),
        }
    }

    /// Checks an artifact. One of a `known` digest is not hashed again if its size is the same.
    fn check(&self, sha256: &str, artifact: &[u8], known: bool) -> Result<(), RejectError> {
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if known && checked.get(sha256) == Some(&artifact.len()) {
            return Ok(());
        }
        artifact::check_artifact(sha256, artifact, &self.runtime.limits)?;
        if checked.len() >= CHECKED {
            checked.clear();
        }
        checked.insert(sha256.to_owned(), artifact.len());
        Ok(())
    }

    fn load_artifact(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Arc<PreparedPolicy>, RejectError> {
        let slot = self.load_slot(sha256);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        self.check(sha256, artifact, slot.is_some())?;
        if let Some(known) = slot.as_ref() {
            return known.clone();
        }
        let ready = self
            .component_of(name, sha256, artifact)
            .and_then(|component| self.runtime.prepare(name, &component))
            .map(Arc::new);
        // Environment errors may be transient, so they are not cached.
        if ready.as_ref().err().is_none_or(RejectError::is_cacheable) {
            *slot = Some(ready.clone());
        }
        ready
    }

    fn component_of(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Component, RejectError> {
        let (engine, limits) = (&self.runtime.engine, &self.runtime.limits);
        let code = self.source.get(name, sha256, artifact)?;
        let error = match code.component(engine) {
            Ok(component) => return Ok(component),
            Err(error) => trap::link_error(&error, limits),
        };
        // Cached code for another CPU is compiled again.
        let code = self.source.recompile(sha256, artifact).unwrap_or(Err(error))?;
        code.component(engine).map_err(|e| trap::link_error(&e, limits))
    }

    fn load_slot(&self, sha256: &str) -> LoadSlot {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.clock += 1;
        let now = loaded.clock;
        let entry = loaded.slots.entry(sha256.to_owned()).or_default();
        entry.0 = now;
        let slot = entry.1.clone();
        if loaded.slots.len() > self.runtime.limits.loaded_policies.max(1) {
            let oldest = loaded.slots.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(digest, _)| digest.clone()) {
                loaded.slots.remove(&oldest);
            }
        }
        slot
    }
}

impl Policies for Sandbox {
    fn load(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>> {
        let ready = self
            .load_artifact(name, sha256, artifact)
            .map_err(|refusal| refusal.for_policy(name))?;
        Ok(Arc::new(NamedPolicy { name: name.to_owned(), runtime: self.runtime.clone(), ready }))
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("limits", &self.runtime.limits)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// A policy under the name that the caller gave it.
struct NamedPolicy {
    name: String,
    runtime: Arc<Runtime>,
    ready: Arc<PreparedPolicy>,
}

impl Policy for NamedPolicy {
    fn description(&self) -> &Description {
        &self.ready.description
    }

    fn evaluate(&self, request: &PolicyRequest) -> Result<Evaluation, PolicyError> {
        self.runtime
            .evaluate(&self.name, &self.ready, request)
            .map_err(|refusal| PolicyError::Broken(refusal.for_policy(&self.name).into()))?
            .map_err(PolicyError::Failure)
    }
}
