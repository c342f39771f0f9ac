//! Loads the policies that calls need. A compiled policy is returned at once. A new one is compiled
//! once in the background, and the calls that need it wait without blocking others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use policy_sandbox::Sandbox;
use site_render::finding::{Code, Fault, Finding};
use site_render::policy::{Policies, Policy};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::metrics::Metrics;
use crate::codes;
use crate::operator::ProjectPolicies;

/// The most policies that may wait to be compiled one after the other. Each holds its artifact
/// and a thread, so more are refused.
const MAX_PENDING: usize = 32;

/// The time for which an environment error (not a [`Fault::Input`] of the policy) is returned before
/// the policy is compiled again. Such errors may be transient, so they are not cached for longer.
const FAILURE_TTL: Duration = Duration::from_secs(5);

/// All policies of a server, compiled or queued.
pub(super) struct CompileQueue {
    sandbox: Sandbox,
    state: Mutex<QueueState>,
    /// The number of compilations that have ended.
    compiled: watch::Sender<u64>,
    runtime: Handle,
    metrics: Arc<Metrics>,
}

impl CompileQueue {
    pub(super) fn new(sandbox: Sandbox, runtime: Handle, metrics: Arc<Metrics>) -> Arc<Self> {
        let (state, compiled) = (Mutex::default(), watch::Sender::new(0));
        Arc::new(Self { sandbox, state, compiled, runtime, metrics })
    }

    /// Returns the policies that an Argo CD project may use.
    pub(super) fn policies_of(self: &Arc<Self>, project: &str) -> Arc<dyn Policies> {
        let limits = self.sandbox.limits();
        Arc::new(ProjectPolicies::new(QueuedPolicies(self.clone()), limits, project))
    }

    /// Returns the name under which a project's fleets are cached. Without rules for projects
    /// all projects share their fleets.
    pub(super) fn fleet_cache_key<'a>(&self, project: &'a str) -> &'a str {
        if self.sandbox.limits().projects.is_some() { project } else { "" }
    }

    /// Waits until more compilations have ended than `since`.
    pub(super) async fn wait_compiled(&self, since: u64) {
        let mut compiled = self.compiled.subscribe();
        // The error case is a dropped sender, and `self` owns the sender.
        let _ = compiled.wait_for(|count| *count > since).await;
    }

    /// Returns the number of compilations that have ended.
    pub(super) fn compiled_count(&self) -> u64 {
        *self.compiled.borrow()
    }

    fn lock_state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns why a policy cannot be loaded now: it is being compiled, or an error that it did
    /// not cause stopped its compilation a moment ago. Returns `None` if neither is the case.
    fn not_ready(&self, name: &str, sha256: &str) -> Option<Box<Finding>> {
        let mut state = self.lock_state();
        state.failed.retain(|_, (since, _)| since.elapsed() < FAILURE_TTL);
        if let Some((_, finding)) = state.failed.get(sha256) {
            return Some(finding.clone());
        }
        state.compiling.contains(sha256).then(|| pending(name))
    }

    /// Starts a compilation unless it is running already, and returns the finding for the
    /// caller.
    fn start_compile(self: &Arc<Self>, name: &str, sha256: &str, artifact: &[u8]) -> Box<Finding> {
        let mut state = self.lock_state();
        if state.compiling.contains(sha256) {
            return pending(name);
        }
        if state.compiling.len() >= MAX_PENDING {
            let message = format!("{MAX_PENDING} policies are already waiting to be compiled");
            return Box::new(pending_finding(&codes::POLICY_COMPILER_BUSY, message));
        }
        state.compiling.insert(sha256.to_owned());
        let (this, name_given) = (self.clone(), name.to_owned());
        let (sha256, artifact) = (sha256.to_owned(), artifact.to_vec());
        self.runtime.spawn_blocking(move || {
            let notify = NotifyOnDrop { compile_queue: &this, sha256: &sha256 };
            match this.sandbox.load(&name_given, &sha256, &artifact) {
                Ok(_policy) => {
                    this.metrics.policies_compiled.inc();
                }
                // The sandbox caches errors of the policy itself; errors of the environment are
                // cached here for a moment.
                Err(finding) if finding.fault != Fault::Input => {
                    this.lock_state().failed.insert(sha256.clone(), (Instant::now(), finding));
                }
                Err(_cached) => {}
            }
            drop(notify);
        });
        pending(name)
    }
}

/// The digests of policies that are being compiled, and of those whose compilation failed by an
/// error that the policy did not cause.
#[derive(Default)]
struct QueueState {
    compiling: BTreeSet<String>,
    failed: BTreeMap<String, (Instant, Box<Finding>)>,
}

/// Returns the finding of a policy that is being compiled.
fn pending(name: &str) -> Box<Finding> {
    Box::new(
        pending_finding(&codes::POLICY_COMPILING, format!("policy {name} is being compiled"))
            .pending(),
    )
}

/// Returns the finding of a policy that cannot be loaded yet, with the hint to refresh.
fn pending_finding(code: &'static Code, message: String) -> Finding {
    code.finding(message)
        .blame(Fault::Environment)
        .hint("refresh the application after a while: each policy is compiled only once")
}

/// Notifies waiting calls when a compilation ends, even by a panic.
struct NotifyOnDrop<'a> {
    compile_queue: &'a CompileQueue,
    sha256: &'a str,
}

impl Drop for NotifyOnDrop<'_> {
    fn drop(&mut self) {
        self.compile_queue.lock_state().compiling.remove(self.sha256);
        self.compile_queue.compiled.send_modify(|count| *count += 1);
    }
}

/// The queue as a source of policies for a fleet.
struct QueuedPolicies(Arc<CompileQueue>);

impl Policies for QueuedPolicies {
    fn load(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>> {
        let Self(compile_queue) = self;
        if let Some(finding) = compile_queue.not_ready(name, sha256) {
            return Err(finding);
        }
        match compile_queue.sandbox.load_compiled(name, sha256, artifact) {
            Some(policy) => policy,
            None => Err(compile_queue.start_compile(name, sha256, artifact)),
        }
    }
}
