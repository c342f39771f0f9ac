//! Compiles the policies that calls need, one at a time, each once. Callers take turns by key, so
//! that one with forty new policies delays another by one compilation. The calls that need a policy
//! wait without holding a render.

mod artifact_room;
mod known_codes;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use policy_sandbox::{CodeStore, CompileError, WantedCode};
use tokio::sync::watch;
use worker_process::MemoryFile;

pub(super) use artifact_room::HeldRoom;

use artifact_room::ArtifactRoom;
use known_codes::{CodeOwner, KnownCodes};

use super::caller_key::CallerKey;
use super::fair_queue::FairQueue;
use super::metrics::Metrics;
use crate::call_rejection::{CallRejection, RejectKind};
use crate::codes;

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
    room: ArtifactRoom,
    state: Mutex<QueueState>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct QueueState {
    codes: KnownCodes,
    errors: BTreeMap<String, (Instant, CompileError)>,
    running: BTreeMap<String, Compilation>,
}

/// The compilation of an artifact, which waits or runs. Each key that needs it waits for a turn of
/// its own, and the first to get one compiles it.
struct Compilation {
    keys: BTreeSet<CallerKey>,
    /// Taken by the one that compiles it.
    artifact: Option<SentArtifact>,
    result: watch::Sender<Option<Compiled>>,
}

/// An artifact and the room for its bytes.
struct SentArtifact {
    bytes: Vec<u8>,
    _room: Option<HeldRoom>,
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
        let room = ArtifactRoom::default();
        Arc::new(Self { store, turns, room, state: Mutex::default(), metrics })
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
        mut room: Option<HeldRoom>,
    ) -> Result<(Vec<(String, Compiled)>, Vec<WantedCode>), CallRejection> {
        let (mut compiled, mut missing) = (Vec::new(), Vec::new());
        for mut artifact in wanted {
            let sha256 = artifact.sha256.clone();
            let sent = artifact.artifact.take().map(|bytes| {
                let room = room.as_mut().map(|room| room.split(bytes.len() as u64));
                SentArtifact { bytes, _room: room }
            });
            match self.known_or_running(key, artifact, sent) {
                Known::Done(code) => compiled.push((sha256, code)),
                Known::Running(mut result) => {
                    let done = result.wait_for(Option::is_some).await.ok();
                    let done = done.and_then(|done| done.clone()).ok_or_else(|| {
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
    /// small. Returns none if no artifact needs to be sent any more.
    pub(super) async fn reserve(
        &self,
        key: &CallerKey,
        missing: &[WantedCode],
    ) -> Result<Option<HeldRoom>, CallRejection> {
        if let Some(large) = missing.iter().find(|wanted| wanted.size > artifact_room::ALL_BYTES) {
            return Err(too_large(large));
        }
        if self.knows_all(missing) {
            return Ok(None);
        }
        let turn = self.room.turn_of(key).await;
        // Another call of this key may have sent them in the meantime.
        if self.knows_all(missing) {
            return Ok(None);
        }
        let sizes: Vec<_> = missing.iter().map(|wanted| wanted.size).collect();
        Ok(self.room.reserve(key, &sizes, turn).await)
    }

    /// Returns whether no artifact needs to be sent any more.
    fn knows_all(&self, missing: &[WantedCode]) -> bool {
        let state = self.lock_state();
        missing.iter().all(|wanted| {
            state.running.contains_key(&wanted.sha256)
                || state.errors.contains_key(&wanted.sha256)
                || state.codes.contains(&wanted.sha256)
        })
    }

    fn known_or_running(
        self: &Arc<Self>,
        key: &CallerKey,
        wanted: WantedCode,
        sent: Option<SentArtifact>,
    ) -> Known {
        let mut state = self.lock_state();
        if let Some(known) = state.known(&wanted.sha256, key) {
            return Known::Done(known);
        }
        let sha256 = wanted.sha256.clone();
        if sent.is_none() && !state.running.contains_key(&sha256) {
            return Known::Missing(wanted);
        }
        let compilation = state.running.entry(sha256.clone()).or_insert_with(|| Compilation {
            keys: BTreeSet::new(),
            artifact: sent,
            result: watch::channel(None).0,
        });
        let result = compilation.result.subscribe();
        if compilation.keys.insert(key.clone()) {
            tokio::spawn(self.clone().compile_in_turn(key.clone(), sha256, result.clone()));
        }
        Known::Running(result)
    }

    /// Compiles an artifact when it is the turn of this key, unless another key's came before. It
    /// goes on when its call ends: others may need the same policy.
    async fn compile_in_turn(
        self: Arc<Self>,
        key: CallerKey,
        sha256: String,
        mut result: watch::Receiver<Option<Compiled>>,
    ) {
        let turn = tokio::select! {
            biased;
            _ = result.wait_for(Option::is_some) => return,
            turn = self.turns.acquire(&key) => turn,
        };
        let artifact = self.lock_state().running.get_mut(&sha256).and_then(|it| it.artifact.take());
        let Some(artifact) = artifact else { return };
        let (on_thread, digest) = (self.clone(), sha256.clone());
        // Its room is returned with the artifact.
        let compile = move || on_thread.code_file(&digest, &{ artifact }.bytes);
        let done = tokio::task::spawn_blocking(compile).await;
        let done = done.map(|code| code.map_or_else(Compiled::Error, Compiled::Code));
        drop(turn);
        let mut state = self.lock_state();
        let compilation = state.running.remove(&sha256);
        if let (Ok(compiled), Some(compilation)) = (done, compilation) {
            state.remember(&compilation.keys, sha256, &compiled);
            compilation.result.send_replace(Some(compiled));
        }
    }

    /// Returns the code of an artifact: cached, or compiled now.
    fn code_file(&self, sha256: &str, artifact: &[u8]) -> Result<Arc<MemoryFile>, CompileError> {
        let compile = || {
            let code = self.store.compile(sha256, artifact)?;
            self.metrics.policies_compiled.inc();
            Ok(code)
        };
        let code = self.store.cached(sha256).map_or_else(compile, Ok)?;
        let file = to_file(code.bytes()).map_err(|error| CompileError::environment(&error))?;
        Ok(Arc::new(file))
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
        let file = self.code_file(sha256, artifact)?;
        self.lock_state().codes.keep(sha256.to_owned(), file, [CodeOwner::Preloaded]);
        Ok(())
    }

    fn lock_state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueueState {
    /// Returns the known code or error of a digest.
    fn known(&mut self, sha256: &str, key: &CallerKey) -> Option<Compiled> {
        self.errors.retain(|_, (since, error)| error.is_final() || since.elapsed() < ERROR_TTL);
        if let Some((_, error)) = self.errors.get(sha256) {
            return Some(Compiled::Error(error.clone()));
        }
        self.codes.get(sha256, key).map(Compiled::Code)
    }

    /// Remembers a code for all keys that waited for it, or the error.
    fn remember(&mut self, keys: &BTreeSet<CallerKey>, sha256: String, compiled: &Compiled) {
        match compiled {
            Compiled::Code(code) => {
                self.codes.keep(sha256, code.clone(), keys.iter().cloned().map(CodeOwner::Caller));
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
        "policy {} has {} bytes, and the server compiles none over {}",
        wanted.name,
        wanted.size,
        artifact_room::ALL_BYTES
    );
    CallRejection::new(RejectKind::Busy, codes::POLICY_COMPILER_BUSY.finding(message))
}
