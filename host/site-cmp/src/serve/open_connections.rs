//! The open connections of a server. Their number is limited: when it is reached, those that have
//! been without a call for the longest time are closed for new ones, and after them those whose
//! call has no place: it has not begun, was rejected or is answered. A call that has a place keeps
//! its connection.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

/// The time for which a connection without a call is never closed for a new one. A caller sends
/// its call right after it has connected.
const FRESH: Duration = Duration::from_millis(250);

/// The part of the connections that is closed at once for new ones. One at a time would let a crowd
/// of idle connections keep callers waiting.
const CLOSED_PART: usize = 4;

/// The table of open connections.
#[derive(Debug)]
pub(super) struct OpenConnections {
    state: Mutex<TableState>,
    limit: usize,
}

#[derive(Debug, Default)]
struct TableState {
    numbers: u64,
    open: BTreeMap<u64, ConnectionHandle>,
    /// The task that accepts, while it waits for room.
    acceptor: Option<Waker>,
}

/// A connection's entry in the table, which is removed on drop.
#[derive(Debug)]
pub(super) struct TableEntry {
    table: Arc<OpenConnections>,
    handle: ConnectionHandle,
}

/// The state of a connection that its calls share.
#[derive(Clone, Debug)]
pub(super) struct ConnectionHandle(Arc<ConnectionState>);

#[derive(Debug)]
struct ConnectionState {
    number: u64,
    calls: AtomicUsize,
    /// The calls that have a place.
    placed: AtomicUsize,
    idle_since: Mutex<Instant>,
    closing: AtomicBool,
    waker: AtomicWaker,
}

/// A call on a connection, which ends on drop.
#[derive(Debug)]
pub(super) struct OpenCall {
    connection: ConnectionHandle,
}

/// Keeps the connection of a call open while the call has a place.
#[derive(Debug)]
pub(super) struct PlacedCall(ConnectionHandle);

impl OpenConnections {
    /// Creates a table for that many connections.
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), limit })
    }

    /// Returns the number of open connections.
    pub(super) fn count(&self) -> usize {
        self.lock_state().open.len()
    }

    /// Adds a connection.
    pub(super) fn add(self: &Arc<Self>) -> TableEntry {
        let mut state = self.lock_state();
        state.numbers += 1;
        let handle = ConnectionHandle(Arc::new(ConnectionState {
            number: state.numbers,
            calls: AtomicUsize::new(0),
            placed: AtomicUsize::new(0),
            idle_since: Mutex::new(Instant::now()),
            closing: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }));
        state.open.insert(handle.number(), handle.clone());
        TableEntry { table: self.clone(), handle }
    }

    /// Returns whether there is room for another connection. If not, it closes idle ones, and
    /// wakes the task when a connection is closed.
    pub(super) fn has_room(&self, cx: &Context<'_>) -> bool {
        let mut state = self.lock_state();
        if state.open.len() < self.limit {
            return true;
        }
        state.acceptor = Some(cx.waker().clone());
        state.close_idle(Instant::now(), self.closed_at_once());
        false
    }

    /// Closes the connections that have been idle for the longest time.
    pub(super) fn close_idle(&self) {
        self.lock_state().close_idle(Instant::now(), self.closed_at_once());
    }

    fn closed_at_once(&self) -> usize {
        self.limit.div_ceil(CLOSED_PART)
    }

    fn lock_state(&self) -> MutexGuard<'_, TableState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TableState {
    /// Closes at most `most` connections, those that have been idle for the longest time.
    fn close_idle(&self, now: Instant, most: usize) {
        let idle = self.open.values().filter_map(|handle| Some((handle.idle_since()?, handle)));
        let mut idle: Vec<_> = idle.filter(|(since, _)| now - *since >= FRESH).collect();
        idle.sort_by_key(|(since, handle)| (handle.has_call(), *since));
        for (_, handle) in idle.into_iter().take(most) {
            handle.close();
        }
    }
}

impl Drop for TableEntry {
    fn drop(&mut self) {
        let mut state = self.table.lock_state();
        state.open.remove(&self.handle.number());
        if let Some(acceptor) = state.acceptor.take() {
            acceptor.wake();
        }
    }
}

impl TableEntry {
    /// Returns the state that the connection's calls share.
    pub(super) fn handle(&self) -> &ConnectionHandle {
        &self.handle
    }
}

impl ConnectionHandle {
    /// Begins a call.
    pub(super) fn begin_call(&self) -> OpenCall {
        self.0.calls.fetch_add(1, Ordering::AcqRel);
        OpenCall { connection: self.clone() }
    }

    /// Returns whether a call is running.
    pub(super) fn has_call(&self) -> bool {
        self.0.calls.load(Ordering::Acquire) > 0
    }

    /// Returns whether the connection is to be closed.
    pub(super) fn is_closed(&self) -> bool {
        self.0.closing.load(Ordering::Acquire)
    }

    /// Returns the number of the connection, which no other has.
    pub(super) fn number(&self) -> u64 {
        self.0.number
    }

    /// Returns whether the connection is to be closed, and wakes the task once it is.
    pub(super) fn is_closing(&self, cx: &Context<'_>) -> bool {
        self.0.waker.register(cx.waker());
        self.is_closed()
    }

    /// Returns since when no call is running or has a place, unless one has a place or the connection
    /// is closing.
    fn idle_since(&self) -> Option<Instant> {
        let busy = self.0.placed.load(Ordering::Acquire) > 0 || self.is_closed();
        (!busy).then(|| *self.0.idle_since.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note_idle(&self) {
        *self.0.idle_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Closes the connection, and ends all its calls.
    pub(super) fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
        self.0.waker.wake();
    }
}

impl OpenCall {
    /// Returns the connection of the call.
    pub(super) fn connection(&self) -> &ConnectionHandle {
        &self.connection
    }

    /// Keeps the connection open until the guard is dropped, because the call has a place.
    pub(super) fn note_placed(&self) -> PlacedCall {
        self.connection.0.placed.fetch_add(1, Ordering::AcqRel);
        PlacedCall(self.connection.clone())
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.connection.note_idle();
        self.connection.0.calls.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for PlacedCall {
    fn drop(&mut self) {
        // The answer gets the time that a new call would get.
        self.0.note_idle();
        self.0.0.placed.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    /// Returns whether the table has room, as the acceptor asks.
    async fn has_room(table: &OpenConnections) -> bool {
        poll_fn(|cx| Poll::Ready(table.has_room(cx))).await
    }

    async fn is_closing(entry: &TableEntry) -> bool {
        poll_fn(|cx| Poll::Ready(entry.handle().is_closing(cx))).await
    }

    #[tokio::test]
    async fn the_connection_that_is_idle_the_longest_is_closed_for_a_new_one() {
        let table = OpenConnections::new(3);
        let busy = table.add();
        let call = busy.handle().begin_call();
        let placed = call.note_placed();
        let older = table.add();
        assert!(has_room(&table).await);
        let fresh = table.add();
        let close_at = |now: Instant| table.lock_state().close_idle(now, 1);
        let start = Instant::now();
        close_at(start);
        assert!(!is_closing(&older).await, "it gets the time to send its call");
        close_at(start + FRESH);
        let closing = [is_closing(&busy).await, is_closing(&older).await, is_closing(&fresh).await];
        assert_eq!(closing, [false, true, false]);
        assert!(!has_room(&table).await);
        drop(older);
        assert!(has_room(&table).await);
        drop((placed, call));
        close_at(Instant::now() + FRESH);
        assert!(is_closing(&fresh).await, "it has been idle for longer than the busy one");
        assert!(!is_closing(&busy).await);
    }

    #[tokio::test]
    async fn a_connection_whose_call_has_no_place_is_closed_after_the_idle_ones() {
        let table = OpenConnections::new(3);
        let begun = table.add();
        let call = begun.handle().begin_call();
        let idle = table.add();
        let close_one = || table.lock_state().close_idle(Instant::now() + FRESH, 1);
        close_one();
        assert!(is_closing(&idle).await);
        assert!(!is_closing(&begun).await, "the idle one goes first");
        close_one();
        assert!(is_closing(&begun).await);
        drop(call);
    }

    #[tokio::test]
    async fn a_call_that_lost_its_place_keeps_no_connection() {
        let table = OpenConnections::new(3);
        let begun = table.add();
        let call = begun.handle().begin_call();
        let close_at = |now: Instant| table.lock_state().close_idle(now, 1);
        let placed = [call.note_placed(), call.note_placed()];
        let start = Instant::now();
        for place in placed {
            close_at(start + 2 * FRESH);
            assert!(!is_closing(&begun).await, "it has a place");
            drop(place);
        }
        close_at(start);
        assert!(!is_closing(&begun).await, "its error is on the way");
        close_at(Instant::now() + FRESH);
        assert!(is_closing(&begun).await);
    }
}
