//! Compiles the policies that calls need, one at a time, each once. Callers take turns by key, so
//! that one with forty new policies delays another by one compilation. The calls that need a policy
//! wait without holding a render.

mod known_codes;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use policy_sandbox::{CodeStore, CompileError, WantedCode};
use tokio::sync::watch;
use worker_process::MemoryFile;

use known_codes::KnownCodes;

use super::caller_key::CallerKey;
use super::fair_queue::{FairQueue, Permit};
use super::metrics::Metrics;
use crate::call_rejection::{CallRejection, RejectKind};
use crate::codes;

/// The bytes of all artifacts that wait to be compiled.
const WAITING_BYTES: u64 = 64 << 20;

/// The bytes of artifacts for which one call gets room at once, unless a single one is larger.
const ROOM_BYTES: u64 = 8 << 20;

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
    codes: KnownCodes,
    errors: BTreeMap<String, (Instant, CompileError)>,
    running: BTreeMap<String, watch::Receiver<Option<Compiled>>>,
}

/// The state of an artifact in the queue.
enum Known {
    Done(Compiled),
    Running(watch::Receiver<Option<Compiled>>),
    Missing(WantedCode),
}

impl CompileQueue {
    pub(super) fn new(store: CodeStore, metrics: Arc<Metrics>) -> Arc<Self> {
        let turns = FairQueue::new(1, usize::MAX);
        let artifact_bytes = FairQueue::new(WAITING_BYTES, usize::MAX);
        Arc::new(Self { store, turns, artifact_bytes, state: Mutex::default(), metrics })
    }

    /// Returns the newest codes, for a new worker.
    pub(super) fn first_codes(&self) -> Vec<(String, Compiled)> {
        let newest = self.lock_state().codes.newest();
        newest.into_iter().map(|(sha256, code)| (sha256, Compiled::Code(code))).collect()
    }

    /// Returns the codes of artifacts, and compiles those that were sent and have none. Those that
    /// were only named and that nobody compiles are returned as missing.
    pub(super) async fn compile(
        self: &Arc<Self>,
        key: &CallerKey,
        wanted: Vec<WantedCode>,
        room: Option<Arc<Permit>>,
    ) -> Result<(Vec<(String, Compiled)>, Vec<WantedCode>), CallRejection> {
        let (mut compiled, mut missing) = (Vec::new(), Vec::new());
        for artifact in wanted {
            let sha256 = artifact.sha256.clone();
            match self.known_or_running(key, artifact, room.clone()) {
                Known::Done(code) => compiled.push((sha256, code)),
                Known::Running(mut result) => {
                    let done = result.wait_for(Option::is_some).await;
                    let done =
                        done.ok().and_then(|compiled| compiled.clone()).ok_or_else(|| {
                            CallRejection::program_bug("a compilation ended without a result")
                        })?;
                    compiled.push((sha256, done));
                }
                Known::Missing(artifact) => missing.push(artifact),
            }
        }
        Ok((compiled, missing))
    }

    /// Waits until there is room for the first of these artifacts, and for more of them if they are
    /// small. Returns the permit for their bytes.
    pub(super) async fn reserve(
        &self,
        key: &CallerKey,
        missing: &[WantedCode],
    ) -> Result<Option<Arc<Permit>>, CallRejection> {
        let Some(first) = missing.first() else { return Ok(None) };
        if first.size > WAITING_BYTES {
            return Err(too_large(first));
        }
        // A worker sends in this order what still fits.
        let bytes = missing.iter().fold(0, |sum: u64, artifact| {
            let more = sum.saturating_add(artifact.size);
            if more <= ROOM_BYTES { more } else { sum }
        });
        let granted = self.artifact_bytes.acquire_many(key, bytes.max(first.size)).await;
        Ok(granted.ok().map(Arc::new))
    }

    fn known_or_running(
        self: &Arc<Self>,
        key: &CallerKey,
        mut wanted: WantedCode,
        room: Option<Arc<Permit>>,
    ) -> Known {
        let mut state = self.lock_state();
        if let Some(known) = state.known(&wanted.sha256) {
            return Known::Done(known);
        }
        if let Some(running) = state.running.get(&wanted.sha256) {
            return Known::Running(running.clone());
        }
        match wanted.artifact.take() {
            Some(artifact) => {
                Known::Running(self.start(&mut state, key, (wanted.sha256, artifact), room))
            }
            None => Known::Missing(wanted),
        }
    }

    /// Starts a task that goes on when its call ends: others may need the same policy.
    fn start(
        self: &Arc<Self>,
        state: &mut QueueState,
        key: &CallerKey,
        (sha256, artifact): (String, Vec<u8>),
        room: Option<Arc<Permit>>,
    ) -> watch::Receiver<Option<Compiled>> {
        let (sender, result) = watch::channel(None);
        state.running.insert(sha256.clone(), result.clone());
        let (this, key) = (self.clone(), key.clone());
        tokio::spawn(async move {
            let _turn = this.turns.acquire(&key).await;
            let (on_thread, digest) = (this.clone(), sha256.clone());
            let compile = move || {
                // Its bytes are returned with the artifact.
                let _room = room;
                on_thread.compile_now(&digest, &artifact)
            };
            let done = tokio::task::spawn_blocking(compile).await;
            let mut state = this.lock_state();
            state.running.remove(&sha256);
            if let Ok(compiled) = done {
                state.remember(&key, sha256, &compiled);
                sender.send_replace(Some(compiled));
            }
        });
        result
    }

    fn compile_now(&self, sha256: &str, artifact: &[u8]) -> Compiled {
        let code = self.store.cached(sha256).map_or_else(
            || {
                let code = self.store.compile(sha256, artifact);
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
            if !state.codes.keep_older(sha256, Arc::new(file)) {
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
        self.lock_state().codes.keep(sha256.to_owned(), file, None);
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
        self.codes.get(sha256).map(Compiled::Code)
    }

    fn remember(&mut self, key: &CallerKey, sha256: String, compiled: &Compiled) {
        match compiled {
            Compiled::Code(code) => {
                self.codes.keep(sha256, code.clone(), Some(key));
            }
            Compiled::Error(error) => {
                if self.errors.len() >= ERRORS {
                    self.errors.clear();
                }
                self.errors.insert(sha256, (Instant::now(), error.clone()));
            }
        }
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
        wanted.name, wanted.size
    );
    CallRejection::new(RejectKind::Busy, codes::POLICY_COMPILER_BUSY.finding(message))
}
