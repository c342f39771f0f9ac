//! Policies for calls: those that are compiled are there at once; a new one is compiled
//! beside the calls, once, and whoever needs it waits without holding anything up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use policy_sandbox::Sandbox;
use site_render::finding::{Code, Fault, Finding, Problems};
use site_render::policy::{Policies, Policy};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::metrics::Metrics;
use crate::codes;
use crate::operator::ProjectPolicies;

/// A policy that is not ready yet.
const COMPILING: &Code = &codes::POLICY_COMPILING;

/// Policies that wait to be compiled, one after the other: more are refused, for each
/// keeps its artifact and a thread.
const WAITING: usize = 32;

/// How long the machine's trouble with a policy is told before it is tried again.
const PATIENCE: Duration = Duration::from_secs(5);

/// All policies of a server, ready or on their way.
pub(super) struct Arrivals {
    sandbox: Sandbox,
    state: Mutex<State>,
    /// How many have been compiled so far.
    compiled: watch::Sender<u64>,
    runtime: Handle,
    metrics: Arc<Metrics>,
}

impl Arrivals {
    pub(super) fn new(sandbox: Sandbox, runtime: Handle, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            sandbox,
            state: Mutex::default(),
            compiled: watch::Sender::new(0),
            runtime,
            metrics,
        })
    }

    /// The policies that an Argo CD project may use.
    pub(super) fn of_project(self: &Arc<Self>, project: &str) -> Arc<dyn Policies> {
        let limits = self.sandbox.limits();
        Arc::new(ProjectPolicies::new(Arriving(self.clone()), limits, project))
    }

    /// The name under which a project's fleets are kept: projects that may use the same
    /// policies share them.
    pub(super) fn kept_for<'a>(&self, project: &'a str) -> &'a str {
        if self.sandbox.limits().projects.is_some() { project } else { "" }
    }

    /// Waits until one more policy has been compiled than when `since` was taken.
    pub(super) async fn next(&self, since: u64) {
        let mut compiled = self.compiled.subscribe();
        // The sender lives as long as we do.
        let _ = compiled.wait_for(|count| *count > since).await;
    }

    /// How many policies have been compiled so far.
    pub(super) fn count(&self) -> u64 {
        *self.compiled.borrow()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What keeps a policy from being asked for now: it is on its way, or the machine
    /// could not compile it a moment ago.
    fn hindrance(&self, name: &str, sha256: &str) -> Option<Box<Finding>> {
        let mut state = self.state();
        state.failed.retain(|_, (since, _)| since.elapsed() < PATIENCE);
        if let Some((_, finding)) = state.failed.get(sha256) {
            return Some(finding.clone());
        }
        state.compiling.contains(sha256).then(|| under_way(name))
    }

    /// Starts a compilation, unless it goes on already.
    fn start(self: &Arc<Self>, name: &str, sha256: &str, artifact: &[u8]) -> Box<Finding> {
        let mut state = self.state();
        if state.compiling.contains(sha256) {
            return under_way(name);
        }
        if state.compiling.len() >= WAITING {
            let message = format!("{WAITING} policies wait to be compiled already");
            return Box::new(waiting(&codes::POLICY_COMPILER_BUSY, message));
        }
        state.compiling.insert(sha256.to_owned());
        let (this, name_given) = (self.clone(), name.to_owned());
        let (sha256, artifact) = (sha256.to_owned(), artifact.to_vec());
        self.runtime.spawn_blocking(move || {
            let told = Told { arrivals: &this, sha256: &sha256 };
            match this.sandbox.load(&name_given, &sha256, &artifact) {
                Ok(_ready) => {
                    this.metrics.policies_compiled.inc();
                }
                // The sandbox keeps what is wrong with a policy, not what is wrong here.
                Err(finding) if finding.fault != Fault::Input => {
                    this.state().failed.insert(sha256.clone(), (Instant::now(), finding));
                }
                Err(_kept) => {}
            }
            drop(told);
        });
        under_way(name)
    }
}

/// Digests that are on their way, and those that the machine failed on.
#[derive(Default)]
struct State {
    compiling: BTreeSet<String>,
    failed: BTreeMap<String, (Instant, Box<Finding>)>,
}

fn under_way(name: &str) -> Box<Finding> {
    Box::new(waiting(COMPILING, format!("policy {name} is being compiled")))
}

fn waiting(code: &'static Code, message: String) -> Finding {
    code.finding(message)
        .blame(Fault::Environment)
        .hint("refresh the application: it is compiled once and ready for the next call")
}

/// Tells those who wait, however the compilation ended.
struct Told<'a> {
    arrivals: &'a Arrivals,
    sha256: &'a str,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.arrivals.state().compiling.remove(self.sha256);
        self.arrivals.compiled.send_modify(|count| *count += 1);
    }
}

/// Whether a render failed only because a policy is not ready yet.
pub(super) fn is_waiting(problems: &Problems) -> bool {
    problems.0.iter().any(|finding| finding.code == COMPILING.name)
}

/// Policies that are there, or on their way.
struct Arriving(Arc<Arrivals>);

impl Policies for Arriving {
    fn load(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>> {
        let Self(arrivals) = self;
        if let Some(finding) = arrivals.hindrance(name, sha256) {
            return Err(finding);
        }
        match arrivals.sandbox.load_compiled(name, sha256, artifact) {
            Some(policy) => policy,
            None => Err(arrivals.start(name, sha256, artifact)),
        }
    }
}
