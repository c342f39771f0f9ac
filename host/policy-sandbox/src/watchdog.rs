//! Enforces the limit on wall-clock time of a call.
//!
//! Fuel is the primary limit, because it is the same on every system. This limit covers what fuel
//! cannot: an overloaded system, or an instruction that costs far more than its fuel. Checking the
//! deadline only when a policy reads would be cheaper but would never end a loop without reads. The
//! epoch costs nothing in an empty call, about 10 to 15 % in one with 80 reads and 40 edits, and at
//! worst a third of a call that only computes in a tight loop. One thread advances wasmtime's epoch; it
//! starts with the first call and sleeps while there are none.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

use crate::codes;
use crate::reject_error::RejectError;

/// Resolution of the limit. A hundred wake-ups per second have no measurable cost.
const TICK: Duration = Duration::from_millis(10);

/// Ticks without a call after which the thread sleeps: one second.
const IDLE_TICKS: u32 = 100;

/// The thread and its shared state.
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
    thread: OnceLock<Option<Thread>>,
    engine: Engine,
    ticks: u64,
}

#[derive(Default)]
struct Shared {
    running: AtomicUsize,
    asleep: AtomicBool,
    ended: AtomicBool,
}

/// A guard that keeps the watchdog running for a call.
pub(crate) struct WatchGuard<'a>(&'a Shared);

impl Watchdog {
    pub(crate) fn new(engine: &Engine, milliseconds: u64) -> Self {
        // The current tick may end immediately, hence one more.
        let ticks = milliseconds.div_ceil(10).saturating_add(1);
        Self { shared: Arc::default(), thread: OnceLock::new(), engine: engine.clone(), ticks }
    }

    /// Returns the number of epoch ticks after which a call is interrupted.
    pub(crate) fn deadline_ticks(&self) -> u64 {
        self.ticks
    }

    /// Keeps the watchdog running until the guard is dropped.
    pub(crate) fn watch_call(&self) -> Result<WatchGuard<'_>, RejectError> {
        let thread = self.thread.get_or_init(|| self.start_thread());
        let Some(thread) = thread else {
            return Err(RejectError::environment(
                &codes::POLICY_WATCHDOG,
                "cannot start the thread that enforces time limits",
            ));
        };
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.swap(false, Ordering::SeqCst) {
            thread.unpark();
        }
        Ok(WatchGuard(&self.shared))
    }

    fn start_thread(&self) -> Option<Thread> {
        let (shared, engine) = (self.shared.clone(), self.engine.clone());
        thread::Builder::new()
            .name("policy-watchdog".into())
            .spawn(move || run_ticks(&shared, &engine))
            .ok()
            .map(|handle| handle.thread().clone())
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        if let Some(Some(thread)) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Drop for WatchGuard<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn run_ticks(shared: &Shared, engine: &Engine) {
    let mut idle = 0;
    while !shared.ended.load(Ordering::SeqCst) {
        thread::sleep(TICK);
        engine.increment_epoch();
        if shared.running.load(Ordering::SeqCst) > 0 {
            idle = 0;
            continue;
        }
        idle += 1;
        if idle > IDLE_TICKS {
            // `watch_call` does the same two steps in the opposite order, so at least one side sees
            // the other: either the thread does not sleep, or it is woken.
            shared.asleep.store(true, Ordering::SeqCst);
            if shared.running.load(Ordering::SeqCst) == 0 && !shared.ended.load(Ordering::SeqCst) {
                thread::park();
            }
            shared.asleep.store(false, Ordering::SeqCst);
            idle = 0;
        }
    }
}
