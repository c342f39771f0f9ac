//! Loads policies: from an artifact to a policy that can be called, each step at most once.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use site_render::finding::Finding;
use site_render::policy::{Description, Evaluation, Policies, Policy, PolicyError, PolicyRequest};
use wasmtime::component::Component;

use crate::artifact;
use crate::cache::Cache;
use crate::call::{PreparedPolicy, Runtime};
use crate::codes;
use crate::compile::Compiler;
use crate::compiled::Code;
use crate::engine;
use crate::limits::Limits;
use crate::reject_error::RejectError;
use crate::trap;

/// Maximum number of digests in the list of checked artifacts.
const CHECKED: usize = 1000;

/// Loads and runs policies. One instance serves the whole process.
pub struct Sandbox {
    runtime: Arc<Runtime>,
    compiler: Compiler,
    cache: Option<Cache>,
    loaded: Mutex<LoadedPolicies>,
    /// Sizes of checked artifacts, by digest.
    checked: Mutex<HashMap<String, usize>>,
    /// One compilation at a time: a hostile repository gets one CPU, not all of them.
    compiling: Mutex<()>,
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
        let unusable = |e: wasmtime::Error| {
            RejectError::environment(
                &codes::POLICY_ENGINE,
                format!("cannot set up the sandbox: {e:#}"),
            )
            .hint("check the sizes in the limits file and the limit on address space")
            .without_policy()
        };
        let engine = engine::running_engine(&limits).map_err(unusable)?;
        let cache = cache
            .map(|folder| Cache::open(folder, &engine, limits.cache_bytes))
            .transpose()
            .map_err(|refusal| refusal.without_policy())?;
        Ok(Self {
            runtime: Arc::new(Runtime::new(engine, limits).map_err(unusable)?),
            compiler,
            cache,
            loaded: Mutex::default(),
            checked: Mutex::default(),
            compiling: Mutex::default(),
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

    /// Loads the policy of an artifact if that needs no compilation: it was loaded before, or its
    /// code is in the cache. Returns `None` if it must be compiled.
    pub fn load_compiled(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Option<Result<Arc<dyn Policy>, Box<Finding>>> {
        let ready = self
            .ensure_checked(sha256, artifact)
            .and_then(|()| self.load_from_cache(name, sha256))
            .transpose()?;
        Some(
            ready
                .map(|ready| self.with_name(name, ready))
                .map_err(|refusal| refusal.for_policy(name).into()),
        )
    }

    /// Loads the cached policies, newest first, up to the limit of loaded policies. Returns how many
    /// are loaded now. Skips files that are damaged or not ours.
    pub fn warm(&self) -> usize {
        let digests = self.cache.as_ref().map(Cache::list_digests).unwrap_or_default();
        for sha256 in digests.into_iter().take(self.runtime.limits.loaded_policies) {
            // A failure is reported later, when a render loads this policy.
            let _ = self.load_from_cache("of the cache", &sha256);
        }
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ready = |slot: &LoadSlot| matches!(slot.try_lock().as_deref(), Ok(Some(Ok(_))));
        loaded.slots.values().filter(|(_, slot)| is_ready(slot)).count()
    }

    fn load_from_cache(
        &self,
        name: &str,
        sha256: &str,
    ) -> Result<Option<Arc<PreparedPolicy>>, RejectError> {
        let slot = self.load_slot(sha256);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = slot.as_ref() {
            return known.clone().map(Some);
        }
        let Some(component) = self.read_cached(sha256) else {
            return Ok(None);
        };
        let ready = self.runtime.prepare(name, &component).map(Arc::new);
        if ready.as_ref().err().is_none_or(RejectError::is_cacheable) {
            *slot = Some(ready.clone());
        }
        ready.map(Some)
    }

    /// Checks an artifact, unless one with this digest and size was checked before.
    fn ensure_checked(&self, sha256: &str, artifact: &[u8]) -> Result<(), RejectError> {
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked.get(sha256) == Some(&artifact.len()) {
            return Ok(());
        }
        artifact::check_artifact(sha256, artifact, &self.runtime.limits)?;
        if checked.len() >= CHECKED {
            checked.clear();
        }
        checked.insert(sha256.to_owned(), artifact.len());
        Ok(())
    }

    fn with_name(&self, name: &str, ready: Arc<PreparedPolicy>) -> Arc<dyn Policy> {
        Arc::new(NamedPolicy { name: name.to_owned(), runtime: self.runtime.clone(), ready })
    }

    fn load_or_compile(
        &self,
        name: &str,
        sha256: &str,
        bytes: &[u8],
    ) -> Result<Arc<PreparedPolicy>, RejectError> {
        self.ensure_checked(sha256, bytes)?;
        if let Some(ready) = self.load_from_cache(name, sha256)? {
            return Ok(ready);
        }
        // The compiled code is cached under this digest for other callers, so the bytes must be
        // checked here even if their digest is in the list.
        artifact::check_artifact(sha256, bytes, &self.runtime.limits)?;
        let slot = self.load_slot(sha256);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = slot.as_ref() {
            return known.clone();
        }
        let ready = self
            .compile_component(sha256, bytes)
            .and_then(|component| self.runtime.prepare(name, &component))
            .map(Arc::new);
        // Environment errors may be transient, so they are not cached.
        if ready.as_ref().err().is_none_or(RejectError::is_cacheable) {
            *slot = Some(ready.clone());
        }
        ready
    }

    fn read_cached(&self, sha256: &str) -> Option<Component> {
        let code = self.cache.as_ref()?.read(sha256)?;
        // Code for another CPU fails to deserialize and is compiled again.
        self.deserialize(&code).ok()
    }

    fn compile_component(&self, sha256: &str, bytes: &[u8]) -> Result<Component, RejectError> {
        let _turn = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        artifact::validate_code(bytes)?;
        let code = self.compiler.compile(bytes, &self.runtime.limits)?;
        let component = self.deserialize(&code)?;
        if let Some(cache) = &self.cache {
            // A failed write only slows down the next start; this render has its result.
            let _ = cache.write(sha256, &code);
        }
        Ok(component)
    }

    fn deserialize(&self, code: &Code) -> Result<Component, RejectError> {
        code.component(&self.runtime.engine).map_err(|e| trap::link_error(&e, &self.runtime.limits))
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
            .load_or_compile(name, sha256, artifact)
            .map_err(|refusal| refusal.for_policy(name))?;
        Ok(self.with_name(name, ready))
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("limits", &self.runtime.limits)
            .field("compiler", &self.compiler)
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
