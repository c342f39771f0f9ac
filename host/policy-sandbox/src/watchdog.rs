//! The clock behind the fuel: ends a call that takes too long on the wall.
//!
//! Fuel is the limit that everybody meets, and it is the same on every machine. This one
//! is for what fuel cannot see: a machine that is starved, or an instruction that costs
//! far more than its fuel. Checking the deadline when a policy reads would be cheaper but
//! would never end a loop that reads nothing. The epoch costs nothing in a call that does
//! nothing, about 10 to 15 % in one with 80 reads and 40 edits, and at worst a third of a call
//! that only computes in a tight loop. One thread advances wasmtime's epoch; it starts with the first
//! call and sleeps when there are none.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

use crate::codes;
use crate::refusal::Refusal;

/// How exact the clock is. A hundred wakes a second while policies run cost nothing that
/// can be measured.
const TICK: Duration = Duration::from_millis(10);

/// Ticks without a call after which the thread goes to sleep: one second.
const PATIENCE: u32 = 100;

/// The thread and what it looks at.
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

/// A call that is watched until this is dropped.
pub(crate) struct Watched<'a>(&'a Shared);

impl Watchdog {
    pub(crate) fn new(engine: &Engine, milliseconds: u64) -> Self {
        Self {
            shared: Arc::default(),
            thread: OnceLock::new(),
            engine: engine.clone(),
            // The tick that is under way may end at once, hence one more.
            ticks: milliseconds.div_ceil(10).saturating_add(1),
        }
    }

    /// After how many ticks of the engine's epoch a call is over.
    pub(crate) fn ticks(&self) -> u64 {
        self.ticks
    }

    /// Makes sure that the clock runs as long as the result lives.
    pub(crate) fn watch(&self) -> Result<Watched<'_>, Refusal> {
        let thread = self.thread.get_or_init(|| self.start());
        let Some(thread) = thread else {
            return Err(Refusal::environment(
                &codes::POLICY_WATCHDOG,
                "cannot start the thread that watches over time limits",
            ));
        };
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.swap(false, Ordering::SeqCst) {
            thread.unpark();
        }
        Ok(Watched(&self.shared))
    }

    fn start(&self) -> Option<Thread> {
        let (shared, engine) = (self.shared.clone(), self.engine.clone());
        thread::Builder::new()
            .name("policy-watchdog".into())
            .spawn(move || tick(&shared, &engine))
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

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn tick(shared: &Shared, engine: &Engine) {
    let mut idle = 0;
    while !shared.ended.load(Ordering::SeqCst) {
        thread::sleep(TICK);
        engine.increment_epoch();
        if shared.running.load(Ordering::SeqCst) > 0 {
            idle = 0;
            continue;
        }
        idle += 1;
        if idle > PATIENCE {
            // In this order, and the caller's in the other, one of the two sees the
            // other: either nobody sleeps or somebody wakes.
            shared.asleep.store(true, Ordering::SeqCst);
            if shared.running.load(Ordering::SeqCst) == 0 && !shared.ended.load(Ordering::SeqCst) {
                thread::park();
            }
            shared.asleep.store(false, Ordering::SeqCst);
            idle = 0;
        }
    }
}
