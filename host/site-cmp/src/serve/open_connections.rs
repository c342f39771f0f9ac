//! The connections that a server serves. Their number is limited: when it is reached, others are closed
//! for new ones, the longest idle first: those that never had a call, then those between two calls,
//! and after them those whose call has no place: it has not begun, was rejected or is answered. A call
//! that has a place keeps its connection, and so does a peer whose bytes the server has not read yet.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

use super::waiting_stream::WaitingCount;

/// The time for which a connection without a call is not closed for a new one, unless a crowd waits
/// and none is older. A caller sends its call right after it has connected.
const FRESH: Duration = Duration::from_millis(250);

/// The part of the connections that is closed at once for new ones. One at a time would let a crowd
/// of idle connections keep callers waiting.
const CLOSED_PART: usize = 4;

/// The table of open connections.
#[derive(Debug)]
pub(super) struct OpenConnections {
    state: Mutex<TableState>,
    limit: usize,
    /// The number of those that wait.
    pub(super) waiting: WaitingCount,
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
    /// Whether a call has ever begun.
    called: AtomicBool,
    /// Whether the server has read all that the peer had sent, at some time.
    looked_at: AtomicBool,
    /// The calls that have a place.
    placed: AtomicUsize,
    idle_since: Mutex<Instant>,
    closing: AtomicBool,
    /// Whether it is to be closed for another one, unless it is spared.
    giving_way: AtomicBool,
    /// Whether it was spared once.
    spared: AtomicBool,
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
        let (state, waiting) = (Mutex::default(), WaitingCount::default());
        Arc::new(Self { state, limit, waiting })
    }

    /// Returns the most connections.
    pub(super) fn limit(&self) -> usize {
        self.limit
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
            called: AtomicBool::new(false),
            looked_at: AtomicBool::new(false),
            placed: AtomicUsize::new(0),
            idle_since: Mutex::new(Instant::now()),
            closing: AtomicBool::new(false),
            giving_way: AtomicBool::new(false),
            spared: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }));
        state.open.insert(handle.number(), handle.clone());
        TableEntry { table: self.clone(), handle }
    }

    /// Returns whether there is room for another connection. If not, it closes idle ones, for a crowd
    /// fresh ones too, and wakes the task when a connection is closed.
    pub(super) fn has_room(&self, cx: &Context<'_>, crowd: bool) -> bool {
        let mut state = self.lock_state();
        if state.open.len() < self.limit {
            return true;
        }
        state.acceptor = Some(cx.waker().clone());
        state.close_idle(Instant::now(), self.closed_at_once(), crowd);
        false
    }

    /// Closes the connections that have been idle for the longest time.
    pub(super) fn close_idle(&self) {
        self.lock_state().close_idle(Instant::now(), self.closed_at_once(), false);
    }

    fn closed_at_once(&self) -> usize {
        self.limit.div_ceil(CLOSED_PART)
    }

    fn lock_state(&self) -> MutexGuard<'_, TableState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TableState {
    /// Closes idle connections, so that about `most` are closing.
    fn close_idle(&self, now: Instant, most: usize, crowd: bool) {
        let closing = self.open.values().filter(|handle| handle.is_closed()).count();
        // A batch at a time: to close one more for each that has gone would sort all of them each time.
        if closing > most / 2 {
            return;
        }
        let idle = self.open.values().filter_map(|handle| {
            let since = handle.idle_since()?;
            let fresh = now.saturating_duration_since(since) < FRESH;
            Some((handle.rank(fresh, crowd)?, since, handle))
        });
        let mut idle: Vec<_> = idle.collect();
        idle.sort_by_key(|(rank, since, _)| (*rank, *since));
        for (.., handle) in idle.into_iter().take(most - closing) {
            handle.give_way();
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
        self.0.called.store(true, Ordering::Release);
        self.0.calls.fetch_add(1, Ordering::AcqRel);
        OpenCall { connection: self.clone() }
    }

    /// Returns whether a call is running.
    pub(super) fn has_call(&self) -> bool {
        self.0.calls.load(Ordering::Acquire) > 0
    }

    /// Returns whether the connection is to be closed.
    pub(super) fn is_closed(&self) -> bool {
        self.0.closing.load(Ordering::Acquire) || self.0.giving_way.load(Ordering::Acquire)
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

    /// Returns the order in which an idle connection is closed for others, unless it is kept.
    fn rank(&self, fresh: bool, crowd: bool) -> Option<u8> {
        match (fresh, self.0.called.load(Ordering::Acquire)) {
            (false, false) => Some(0),
            (true, false) => crowd.then_some(1),
            (false, true) => Some(if self.has_call() { 3 } else { 2 }),
            (true, true) => crowd.then_some(4),
        }
    }

    /// Returns since when no call is running or has a place, unless one has a place, the connection
    /// is closing, or the server has not read what the peer sent first.
    fn idle_since(&self) -> Option<Instant> {
        let is = |flag: &AtomicBool| flag.load(Ordering::Acquire);
        let placed = self.0.placed.load(Ordering::Acquire) > 0;
        let busy = placed || self.is_closed() || !is(&self.0.looked_at);
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

    /// Closes the connection for another one, unless its peer has sent something meanwhile.
    pub(super) fn give_way(&self) {
        self.0.giving_way.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    /// Returns whether bytes of the peer are read.
    pub(super) fn may_read(&self) -> bool {
        let spared = self.0.spared.load(Ordering::Acquire);
        !self.is_closed() || !self.0.closing.load(Ordering::Acquire) && !spared
    }

    /// Records that the peer has sent something. A connection that gives way stays open then, but only
    /// once: a peer that always sends something must not keep it.
    pub(super) fn note_read(&self) {
        if self.0.giving_way.load(Ordering::Acquire) && !self.0.spared.swap(true, Ordering::AcqRel)
        {
            self.note_idle();
            self.0.giving_way.store(false, Ordering::Release);
        }
    }

    /// Records that the server has read all that the peer has sent so far.
    pub(super) fn note_looked_at(&self) {
        self.0.looked_at.store(true, Ordering::Release);
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
mod tests;
