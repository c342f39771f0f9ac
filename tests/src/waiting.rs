//! Waiting for events, and the clock. Tests wait for an event, never for a time.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// When a wait for an event is given up as a hang. No test measures anything by it: it only
/// has to be longer than the slowest machine takes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(10);
/// How often an event is looked for, which may cost its server a call.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until something can be seen, and returns it.
///
/// # Panics
/// Where it cannot be seen in ten minutes.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_or_explain(what, PAUSE, look, String::new)
}

/// Waits until something can be seen, with a pause between two looks, and returns it. Where it
/// is not seen, the panic has an explanation.
///
/// # Panics
/// Where it cannot be seen in ten minutes.
pub fn wait_or_explain<T>(
    what: &str,
    pause: Duration,
    mut look: impl FnMut() -> Option<T>,
    explain: impl Fn() -> String,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}\n{}", explain());
        sleep(pause);
    }
}

/// Does nothing for a time, in which others have the occasion to do something wrong.
pub fn rest(time: Duration) {
    sleep(time);
}

/// The time since its start, to be printed: no test depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the seconds until now.
    pub fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
