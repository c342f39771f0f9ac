//! Compiles the policies that calls need, one at a time, each once. Callers take turns by key, so
//! that one with forty new policies delays another by one compilation. The calls that need a policy
//! wait without holding a render.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use policy_sandbox::{CodeStore, CompileError, WantedCode};
use tokio::sync::watch;
use worker_process::MemoryFile;

use super::caller_key::CallerKey;
use super::fair_queue::{FairQueue, Permit};
use super::metrics::Metrics;
use crate::call_rejection::{CallRejection, RejectKind};
use crate::codes;

/// The bytes of all artifacts that wait to be compiled.
const WAITING_BYTES: u64 = 64 << 20;

/// The bytes of compiled code that is kept for new workers. The newest one is kept in any case.
const CODE_BYTES: u64 = 64 << 20;

/// The most codes that are kept: each holds a file descriptor.
const CODES: usize = 32;

/// Codes that a new worker gets before its first order.
const FIRST_CODES: usize = 16;

/// The most errors of artifacts that are remembered.
const ERRORS: usize = 1000;

/// The time for which an error of the environment is returned before the artifact is compiled
/// again. Such an error may be transient.
const ERROR_TTL: Duration = Duration::from_secs(5);

/// The code of an artifact, or the reason why it has none.
#[derive(Clone, Debug)]
pub(super) enum Compiled {
    /// The code in a sealed file.
    Code(Arc<MemoryFile>),
    /// The error.
    Error(CompileError),
}

/// All policies of a server, compiled or waiting.
pub(super) struct CompileQueue {
    store: CodeStore,
    turns: Arc<FairQueue>,
    artifact_bytes: Arc<FairQueue>,
    state: Mutex<QueueState>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct QueueState {
    /// Code by its digest, the newest first.
    codes: VecDeque<(String, Arc<MemoryFile>)>,
    errors: BTreeMap<String, (Instant, CompileError)>,
    running: BTreeMap<String, watch::Receiver<Option<Compiled>>>,
}

impl CompileQueue {
    pub(super) fn new(store: CodeStore, metrics: Arc<Metrics>) -> Arc<Self> {
        let turns = FairQueue::new(1, usize::MAX);
        let artifact_bytes = FairQueue::new(WAITING_BYTES, usize::MAX);
        Arc::new(Self { store, turns, artifact_bytes, state: Mutex::default(), metrics })
    }

    /// Returns the newest codes, for a new worker.
    pub(super) fn first_codes(&self) -> Vec<(String, Compiled)> {
        let state = self.lock_state();
        let newest = state.codes.iter().take(FIRST_CODES);
        newest.map(|(sha256, code)| (sha256.clone(), Compiled::Code(code.clone()))).collect()
    }

    /// Returns the codes of artifacts, and compiles those that have none.
    pub(super) async fn compile(
        self: &Arc<Self>,
        key: &CallerKey,
        wanted: Vec<WantedCode>,
    ) -> Result<Vec<(String, Compiled)>, CallRejection> {
        let mut compiled = Vec::new();
        for artifact in wanted {
            let sha256 = artifact.sha256.clone();
            compiled.push((sha256, self.compile_one(key, artifact).await?));
        }
        Ok(compiled)
    }

    async fn compile_one(
        self: &Arc<Self>,
        key: &CallerKey,
        wanted: WantedCode,
    ) -> Result<Compiled, CallRejection> {
        let bytes = wanted.artifact.len() as u64;
        if bytes > WAITING_BYTES {
            return Err(too_large(&wanted));
        }
        if let Some(known) = self.lock_state().known(&wanted.sha256) {
            return Ok(known);
        }
        // Waiting here costs no memory but the artifact of this call.
        let held = self.artifact_bytes.acquire_many(key, bytes).await;
        let mut result = {
            let mut state = self.lock_state();
            if let Some(known) = state.known(&wanted.sha256) {
                return Ok(known);
            }
            match state.running.get(&wanted.sha256) {
                Some(running) => running.clone(),
                None => self.start(&mut state, key, wanted, held.ok()),
            }
        };
        let done = result.wait_for(Option::is_some).await;
        let done = done.ok().and_then(|compiled| compiled.clone());
        done.ok_or_else(|| CallRejection::program_bug("a compilation ended without a result"))
    }

    /// Starts a task that goes on when its call ends: others may need the same policy.
    fn start(
        self: &Arc<Self>,
        state: &mut QueueState,
        key: &CallerKey,
        wanted: WantedCode,
        held: Option<Permit>,
    ) -> watch::Receiver<Option<Compiled>> {
        let (sender, result) = watch::channel(None);
        state.running.insert(wanted.sha256.clone(), result.clone());
        let (this, key, sha256) = (self.clone(), key.clone(), wanted.sha256.clone());
        tokio::spawn(async move {
            let _turn = this.turns.acquire(&key).await;
            let on_thread = this.clone();
            let done =
                tokio::task::spawn_blocking(move || on_thread.compile_now(&wanted, held)).await;
            let mut state = this.lock_state();
            state.running.remove(&sha256);
            if let Ok(compiled) = done {
                state.remember(sha256, &compiled);
                sender.send_replace(Some(compiled));
            }
        });
        result
    }

    fn compile_now(&self, wanted: &WantedCode, _held: Option<Permit>) -> Compiled {
        let code = self.store.cached(&wanted.sha256).map_or_else(
            || {
                let code = self.store.compile(&wanted.sha256, &wanted.artifact);
                code.inspect(|_| {
                    self.metrics.policies_compiled.inc();
                })
            },
            Ok,
        );
        code.and_then(|code| {
            to_file(code.bytes()).map_err(|error| CompileError::environment(&error))
        })
        .map_or_else(Compiled::Error, |file| Compiled::Code(Arc::new(file)))
    }

    /// Loads all codes of the cache folder that fit, the newest first. Returns how many it kept.
    pub(super) fn load_cached(&self) -> usize {
        let mut state = self.lock_state();
        for sha256 in self.store.cached_digests() {
            // A damaged file is compiled again when a render needs it.
            let Some(code) = self.store.cached(&sha256) else { continue };
            let Ok(file) = to_file(code.bytes()) else { continue };
            state.codes.push_back((sha256, Arc::new(file)));
            if !state.trim() {
                break;
            }
        }
        state.codes.len()
    }

    /// Compiles an artifact before the first call.
    pub(super) fn preload(&self, sha256: &str, artifact: &[u8]) -> Result<(), CompileError> {
        let code = self.store.cached(sha256);
        let code = code.map_or_else(|| self.store.compile(sha256, artifact), Ok)?;
        let file =
            Arc::new(to_file(code.bytes()).map_err(|error| CompileError::environment(&error))?);
        self.lock_state().remember(sha256.to_owned(), &Compiled::Code(file));
        Ok(())
    }

    fn lock_state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueueState {
    /// Returns the known code or error of a digest.
    fn known(&mut self, sha256: &str) -> Option<Compiled> {
        self.errors.retain(|_, (since, error)| error.is_final() || since.elapsed() < ERROR_TTL);
        if let Some((_, error)) = self.errors.get(sha256) {
            return Some(Compiled::Error(error.clone()));
        }
        let at = self.codes.iter().position(|(digest, _)| digest == sha256)?;
        let newest = self.codes.remove(at)?;
        self.codes.push_front(newest.clone());
        Some(Compiled::Code(newest.1))
    }

    fn remember(&mut self, sha256: String, compiled: &Compiled) {
        match compiled {
            Compiled::Code(code) => {
                self.codes.retain(|(known, _)| *known != sha256);
                self.codes.push_front((sha256, code.clone()));
                self.trim();
            }
            Compiled::Error(error) => {
                if self.errors.len() >= ERRORS {
                    self.errors.clear();
                }
                self.errors.insert(sha256, (Instant::now(), error.clone()));
            }
        }
    }

    /// Drops the oldest codes until the others fit. Returns whether all fitted.
    fn trim(&mut self) -> bool {
        let mut bytes = 0;
        let fitting = self.codes.iter().take_while(|(_, code)| {
            bytes += code.size().unwrap_or_default();
            bytes <= CODE_BYTES
        });
        let kept = fitting.count().clamp(1, CODES);
        let all = kept >= self.codes.len();
        self.codes.truncate(kept);
        all
    }
}

/// Writes code into a sealed file.
fn to_file(code: &[u8]) -> io::Result<MemoryFile> {
    let file = MemoryFile::create("policy")?;
    file.write_at(code, 0)?;
    file.seal()?;
    Ok(file)
}

fn too_large(wanted: &WantedCode) -> CallRejection {
    let message = format!(
        "policy {} has {} bytes, and the server compiles none over {WAITING_BYTES}",
        wanted.name,
        wanted.artifact.len()
    );
    CallRejection::new(RejectKind::Busy, codes::POLICY_COMPILER_BUSY.finding(message))
}
