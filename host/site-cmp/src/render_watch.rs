//! Holds the renders of a command to the operator's limits. A command is one process, so a render
//! that exceeds a limit ends the command, with an error that names the stage and the limit.
//!
//! The server does not need this: its renders are in processes that it kills.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use site_render::finding::{Fault, Finding, Stage};
use site_render::progress::{Progress, Unwatched};

use crate::codes;
use crate::exit::exit_code;
use crate::output::Console;
use crate::render_limits::RenderLimits;

/// The time between two looks. A process gets some tens of megabytes in it.
const INTERVAL: Duration = Duration::from_millis(10);

/// The watch of this process, if a command has started it.
static WATCH: OnceLock<Arc<RenderWatch>> = OnceLock::new();

/// The renders that run, by their threads.
#[derive(Debug, Default)]
struct RenderWatch(Mutex<HashMap<ThreadId, RunningRender>>);

#[derive(Clone, Copy, Debug)]
struct RunningRender {
    stage: Stage,
    since: Instant,
    /// When it began to wait for a policy, if it does.
    waits_since: Option<Instant>,
}

/// Starts to watch the renders of this process. `console` reports the one that exceeds a limit.
///
/// # Errors
/// The thread cannot be started.
pub(crate) fn start(limits: &RenderLimits, console: &Console) -> io::Result<()> {
    let (limits, console) = (limits.clone(), console.clone());
    let watch = WATCH.get_or_init(Arc::default).clone();
    let run = move || {
        let finding = watch.wait_for_excess(&limits);
        console.print_findings(&[finding]);
        end_process(Fault::Input);
    };
    thread::Builder::new().name("render-watch".to_owned()).spawn(run).map(drop)
}

/// Returns the watcher for the fleets of this process.
pub(crate) fn progress() -> Arc<dyn Progress> {
    WATCH.get().map_or_else(|| Arc::new(Unwatched) as Arc<dyn Progress>, |watch| watch.clone())
}

#[expect(clippy::exit, reason = "no other way ends a render that does not return")]
fn end_process(fault: Fault) -> ! {
    std::process::exit(exit_code(fault).into())
}

impl RenderWatch {
    /// Waits until a render exceeds a limit and returns its error.
    fn wait_for_excess(&self, limits: &RenderLimits) -> Finding {
        let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
        let most = limits.memory_bytes.saturating_mul(cores);
        loop {
            thread::sleep(INTERVAL);
            let running = self.longest();
            let stage = running.map_or(Stage::Sources, |render| render.stage);
            if running.is_some_and(|render| render.since.elapsed() > limits.time()) {
                return time_error(limits, stage);
            }
            if worker_process::own_resident_bytes() > most {
                return memory_error(most, stage);
            }
        }
    }

    /// Returns the render that runs for longest, without those that wait.
    fn longest(&self) -> Option<RunningRender> {
        let running = self.lock_running();
        let computing = running.values().filter(|render| render.waits_since.is_none());
        computing.min_by_key(|render| render.since).copied()
    }

    fn edit_own(&self, edit: impl FnOnce(&mut RunningRender)) {
        if let Some(render) = self.lock_running().get_mut(&thread::current().id()) {
            edit(render);
        }
    }

    fn lock_running(&self) -> MutexGuard<'_, HashMap<ThreadId, RunningRender>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for RenderWatch {
    fn begin_stage(&self, stage: Stage) {
        let started = || RunningRender { stage, since: Instant::now(), waits_since: None };
        self.lock_running().entry(thread::current().id()).or_insert_with(started).stage = stage;
    }

    fn begin_wait(&self) {
        self.edit_own(|render| render.waits_since = Some(Instant::now()));
    }

    fn end_wait(&self) {
        self.edit_own(|render| {
            if let Some(waited) = render.waits_since.take() {
                render.since += waited.elapsed();
            }
        });
    }

    fn end_render(&self) {
        self.lock_running().remove(&thread::current().id());
    }
}

/// Returns the error of a render that takes too long.
pub(crate) fn time_error(limits: &RenderLimits, stage: Stage) -> Finding {
    let took = format!("the render took more than {} ms (stage {stage})", limits.milliseconds);
    limit_error(took, "milliseconds", stage)
}

/// Returns the error of a render that needs more memory than `bytes`.
pub(crate) fn memory_error(bytes: u64, stage: Stage) -> Finding {
    let needed = format!("the render needed more than {bytes} bytes of memory (stage {stage})");
    limit_error(needed, "memoryBytes", stage)
}

fn limit_error(message: String, key: &str, stage: Stage) -> Finding {
    codes::RENDER_LIMIT.finding(message).stage(stage).hint(format!(
        "if the fleet needs more, the operator can raise {key} under `render` in the limits file"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_render_that_takes_too_long_is_reported_with_its_stage() {
        let watch = RenderWatch::default();
        let limits = RenderLimits { milliseconds: 0, ..RenderLimits::default() };
        watch.begin_stage(Stage::Profile);
        watch.begin_stage(Stage::Validate);
        let finding = watch.wait_for_excess(&limits);
        assert_eq!((&*finding.code, finding.stage), ("render/limit", Stage::Validate));
        watch.begin_wait();
        assert!(watch.longest().is_none(), "a wait has limits of its own");
        watch.end_wait();
        assert!(watch.longest().is_some());
        watch.end_render();
        assert!(watch.longest().is_none());
    }

    #[test]
    fn memory_is_that_of_the_whole_process() {
        let limits = RenderLimits { memory_bytes: 1, ..RenderLimits::default() };
        let finding = RenderWatch::default().wait_for_excess(&limits);
        assert!(finding.message.contains("bytes of memory (stage sources)"), "{finding}");
    }
}
