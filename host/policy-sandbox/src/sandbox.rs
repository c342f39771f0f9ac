//! From an artifact to a policy that can be asked, each step at most once.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use site_render::finding::Finding;
use site_render::policy::{Description, Evaluation, Policies, Policy, PolicyError, PolicyRequest};
use wasmtime::component::Component;

use crate::artifact;
use crate::cache::Cache;
use crate::call::{Ready, Runtime};
use crate::codes;
use crate::compile::Compiler;
use crate::compiled::Code;
use crate::engine;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::trap;

/// Digests of artifacts that are remembered as looked over.
const CHECKED: usize = 1000;

/// Loads and runs policies; one for the whole process.
pub struct Sandbox {
    runtime: Arc<Runtime>,
    compiler: Compiler,
    cache: Option<Cache>,
    loaded: Mutex<Loaded>,
    /// Sizes of artifacts that were looked over, by digest.
    checked: Mutex<HashMap<String, usize>>,
    /// One compilation at a time: a hostile repository gets one CPU, not all of them.
    compiling: Mutex<()>,
}

/// Policies by digest, each with the moment of its last use.
#[derive(Default)]
struct Loaded {
    places: HashMap<String, (u64, Place)>,
    clock: u64,
}

/// Where one policy is or will be; whoever holds the lock loads it, the others wait.
type Place = Arc<Mutex<Option<Result<Arc<Ready>, Refusal>>>>;

impl Sandbox {
    /// Sets up the engine and opens the folder for compiled code, if there is one.
    pub fn new(
        limits: Limits,
        cache: Option<PathBuf>,
        compiler: Compiler,
    ) -> Result<Self, Box<Finding>> {
        let unusable = |e: wasmtime::Error| {
            Refusal::environment(&codes::POLICY_ENGINE, format!("cannot set up the sandbox: {e:#}"))
                .hint("check the sizes in the limits file and the limit on address space")
                .bare()
        };
        let engine = engine::running(&limits).map_err(unusable)?;
        let cache = cache
            .map(|folder| Cache::open(folder, &engine, limits.cache_bytes))
            .transpose()
            .map_err(|refusal| refusal.bare())?;
        Ok(Self {
            runtime: Arc::new(Runtime::new(engine, limits).map_err(unusable)?),
            compiler,
            cache,
            loaded: Mutex::default(),
            checked: Mutex::default(),
            compiling: Mutex::default(),
        })
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.runtime.limits
    }

    /// What was decided at the start and is worth a line in the log.
    pub fn notes(&self) -> Vec<Finding> {
        let (how, why) = if engine::scans_pages() {
            ("by the pages that it wrote", "nothing is swapped here")
        } else {
            ("whole", "swap is on, and the kernel hides swapped pages")
        };
        vec![
            codes::POLICY_PAGE_SCAN
                .finding(format!("memory is cleaned {how} after each call: {why}")),
        ]
    }

    /// The policy in an artifact if nothing has to be compiled for it: it was loaded
    /// before, or its code is in the cache. `None` says that it would take a compilation.
    pub fn load_compiled(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Option<Result<Arc<dyn Policy>, Box<Finding>>> {
        let ready = self
            .checked(sha256, artifact)
            .and_then(|()| self.ready_from_cache(name, sha256))
            .transpose()?;
        Some(ready.map(|ready| self.named(name, ready)).map_err(|refusal| refusal.of(name).into()))
    }

    /// Loads whatever the cache holds, the newest first, as many as are kept in memory;
    /// gives how many are ready now. What is damaged or not ours is left alone.
    pub fn warm(&self) -> usize {
        let digests = self.cache.as_ref().map(Cache::digests).unwrap_or_default();
        for sha256 in digests.into_iter().take(self.runtime.limits.loaded_policies) {
            // It is compiled anew when somebody asks for it, and told then.
            let _ = self.ready_from_cache("of the cache", &sha256);
        }
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ready = |place: &Place| matches!(place.try_lock().as_deref(), Ok(Some(Ok(_))));
        loaded.places.values().filter(|(_, place)| is_ready(place)).count()
    }

    fn ready_from_cache(&self, name: &str, sha256: &str) -> Result<Option<Arc<Ready>>, Refusal> {
        let place = self.place(sha256);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = place.as_ref() {
            return known.clone().map(Some);
        }
        let Some(component) = self.cached(sha256) else {
            return Ok(None);
        };
        let ready = self.runtime.prepare(name, &component).map(Arc::new);
        if ready.as_ref().err().is_none_or(Refusal::is_lasting) {
            *place = Some(ready.clone());
        }
        ready.map(Some)
    }

    /// Looks an artifact over, one that is loaded but once: its digest stands for its bytes.
    fn checked(&self, sha256: &str, artifact: &[u8]) -> Result<(), Refusal> {
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked.get(sha256) == Some(&artifact.len()) {
            return Ok(());
        }
        artifact::check(sha256, artifact, &self.runtime.limits)?;
        if checked.len() >= CHECKED {
            checked.clear();
        }
        checked.insert(sha256.to_owned(), artifact.len());
        Ok(())
    }

    fn named(&self, name: &str, ready: Arc<Ready>) -> Arc<dyn Policy> {
        Arc::new(LoadedPolicy { name: name.to_owned(), runtime: self.runtime.clone(), ready })
    }

    fn ready(&self, name: &str, sha256: &str, bytes: &[u8]) -> Result<Arc<Ready>, Refusal> {
        self.checked(sha256, bytes)?;
        if let Some(ready) = self.ready_from_cache(name, sha256)? {
            return Ok(ready);
        }
        // What is compiled is kept under its digest for others: looked over without fail.
        artifact::check(sha256, bytes, &self.runtime.limits)?;
        let place = self.place(sha256);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = place.as_ref() {
            return known.clone();
        }
        let ready = self
            .compiled(sha256, bytes)
            .and_then(|component| self.runtime.prepare(name, &component))
            .map(Arc::new);
        // What the machine's trouble was may be over the next time.
        if ready.as_ref().err().is_none_or(Refusal::is_lasting) {
            *place = Some(ready.clone());
        }
        ready
    }

    fn cached(&self, sha256: &str) -> Option<Component> {
        let code = self.cache.as_ref()?.read(sha256)?;
        // Code for another CPU is an error here, and compiled anew.
        self.component(&code).ok()
    }

    fn compiled(&self, sha256: &str, bytes: &[u8]) -> Result<Component, Refusal> {
        let _turn = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        artifact::validate(bytes)?;
        let code = self.compiler.compile(bytes, &self.runtime.limits)?;
        let component = self.component(&code)?;
        if let Some(cache) = &self.cache {
            // A full disk costs the next start some time, not this render its result.
            let _ = cache.write(sha256, &code);
        }
        Ok(component)
    }

    fn component(&self, code: &Code) -> Result<Component, Refusal> {
        code.component(&self.runtime.engine).map_err(|e| trap::misfit(&e, &self.runtime.limits))
    }

    fn place(&self, sha256: &str) -> Place {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.clock += 1;
        let now = loaded.clock;
        let entry = loaded.places.entry(sha256.to_owned()).or_default();
        entry.0 = now;
        let place = entry.1.clone();
        if loaded.places.len() > self.runtime.limits.loaded_policies.max(1) {
            let oldest = loaded.places.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(digest, _)| digest.clone()) {
                loaded.places.remove(&oldest);
            }
        }
        place
    }
}

impl Policies for Sandbox {
    fn load(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>> {
        let ready = self.ready(name, sha256, artifact).map_err(|refusal| refusal.of(name))?;
        Ok(self.named(name, ready))
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
struct LoadedPolicy {
    name: String,
    runtime: Arc<Runtime>,
    ready: Arc<Ready>,
}

impl Policy for LoadedPolicy {
    fn description(&self) -> &Description {
        &self.ready.description
    }

    fn evaluate(&self, request: &PolicyRequest) -> Result<Evaluation, PolicyError> {
        self.runtime
            .evaluate(&self.name, &self.ready, request)
            .map_err(|refusal| PolicyError::Broken(refusal.of(&self.name).into()))?
            .map_err(PolicyError::Failure)
    }
}
