//! A timer for a peer that sends nothing. It reads no clock while bytes arrive: it looks once in a
//! while whether any have arrived since.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// The timer of one peer, which starts at the first wait for it.
pub(super) struct StallTimer {
    limit: Duration,
    progressed: bool,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl StallTimer {
    /// Creates a timer that ends when a peer was waited for at least `limit` and at most twice as
    /// long.
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, progressed: false, sleep: None }
    }

    /// Records that the peer is not stalled now.
    pub(super) fn note_progress(&mut self) {
        self.progressed = true;
    }

    /// Waits for the end. It must be polled only while the peer is waited for.
    pub(super) fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let limit = self.limit;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(limit)));
        while sleep.as_mut().poll(cx).is_ready() {
            if !std::mem::take(&mut self.progressed) {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(Instant::now() + limit);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt as _;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(5);

    #[tokio::test]
    async fn a_silent_peer_is_stalled_after_the_limit() {
        let (mut timer, start) = (StallTimer::new(LIMIT), Instant::now());
        poll_fn(|cx| timer.poll_stalled(cx)).await;
        assert!(Instant::now() - start >= LIMIT);
    }

    #[tokio::test]
    async fn a_peer_that_sent_something_gets_the_time_again() {
        let (mut timer, start) = (StallTimer::new(LIMIT), Instant::now());
        assert!(poll_fn(|cx| timer.poll_stalled(cx)).now_or_never().is_none());
        timer.note_progress();
        poll_fn(|cx| timer.poll_stalled(cx)).await;
        assert!(Instant::now() - start >= LIMIT * 2);
    }
}
