//! The thread that accepts connections.
//!
//! A caller cannot connect while the kernel's queue of the socket is full, so accepting never waits
//! for a caller that holds a place, nor for other work of the server: a thread of its own empties the
//! queue before it does anything else, and then looks at some of the new connections. It passes on those
//! on which something was sent. The others cost a file descriptor and nothing else; if there are too
//! many, the oldest is closed for a new one, so a new one always gets its time.

mod silent_connections;

use std::collections::VecDeque;
use std::io;
use std::iter;
use std::mem;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with};
use tokio::sync::mpsc;

use super::next_byte::{NextByte, next_byte};
use super::open_connections::OpenConnections;
use super::waiting_stream::WaitingStream;
use silent_connections::{LISTENER, STOP, SilentConnections};

/// The connections that are accepted beyond those that may wait, before others are closed for them.
const BEYOND: usize = 1024;

/// The part of the connections that may wait which these are at most.
const BEYOND_PART: usize = 8;

/// The connections that the thread looks at before it empties the queue again.
const STEP: usize = 256;

/// The pause while as many connections as may wait have sent something. It is short, because the
/// kernel's queue fills meanwhile.
const FULL_PAUSE: Duration = Duration::from_millis(1);

/// The pause when no file descriptor is free, and none can be freed at once.
const DESCRIPTOR_PAUSE: Duration = Duration::from_millis(10);

/// The time between two log lines about connections that cannot be accepted.
const LOG_PAUSE: Duration = Duration::from_secs(1);

/// The part of the silent connections that is closed at once when no file descriptor is free.
const CLOSED_PART: usize = 4;

/// The running thread. When this is dropped, the thread passes on every connection made so far,
/// silent or not, and closes the listener.
#[derive(Debug)]
pub(super) struct Acceptor {
    _stop: UnixStream,
}

/// The state of the thread.
struct Entrance {
    listener: UnixListener,
    _stop: UnixStream,
    connections: Arc<OpenConnections>,
    /// The connections that are accepted and not looked at yet, the oldest first.
    fresh: VecDeque<WaitingStream>,
    silent: SilentConnections,
    accepted: mpsc::Sender<WaitingStream>,
    /// The most connections that wait, silent or not.
    limit: usize,
    logged: Option<Instant>,
}

impl Acceptor {
    /// Starts to accept. At most `limit` connections wait until they are served; one that sends
    /// nothing is closed after `stall`.
    pub(super) fn start(
        listener: UnixListener,
        connections: Arc<OpenConnections>,
        limit: usize,
        stall: Duration,
    ) -> io::Result<(Self, mpsc::Receiver<WaitingStream>)> {
        let (stop, stopped) = UnixStream::pair()?;
        let (entrance, connected) = Entrance::new(listener, stopped, connections, limit, stall)?;
        thread::Builder::new().name("accept".to_owned()).spawn(move || entrance.run())?;
        Ok((Self { _stop: stop }, connected))
    }
}

impl Entrance {
    fn new(
        listener: UnixListener,
        stop: UnixStream,
        connections: Arc<OpenConnections>,
        limit: usize,
        stall: Duration,
    ) -> io::Result<(Self, mpsc::Receiver<WaitingStream>)> {
        listener.set_nonblocking(true)?;
        let silent = SilentConnections::watch(&listener, &stop, stall)?;
        let limit = limit.max(1);
        let (accepted, connected) = mpsc::channel(most_accepted(limit));
        let (fresh, logged) = (VecDeque::new(), None);
        let entrance =
            Self { listener, _stop: stop, connections, fresh, silent, accepted, limit, logged };
        Ok((entrance, connected))
    }

    fn run(mut self) {
        loop {
            let keys = match self.silent.wait(self.fresh.is_empty()) {
                Ok(keys) => keys,
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections any more");
                    return;
                }
            };
            // Before anything else, whatever woke the thread: others cannot connect while the queue
            // is full.
            self.empty_queue();
            for key in keys.iter().filter(|key| ![LISTENER, STOP].contains(key)) {
                self.pass_on(*key);
            }
            self.look_at_fresh();
            self.close_stalled(Instant::now());
            if keys.contains(&STOP) {
                return self.finish();
            }
        }
    }

    /// Accepts all connections for which there is room, and does nothing else with them.
    fn empty_queue(&mut self) {
        if self.ready() >= self.limit {
            return thread::sleep(FULL_PAUSE);
        }
        while self.waiting() < most_accepted(self.limit) {
            match self.accept() {
                Ok(stream) => self.fresh.push_back(stream),
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                // Most likely no file descriptor is left: accepting at once again would fail again.
                Err(error) => return self.free_descriptors(error),
            }
        }
    }

    fn accept(&self) -> Result<WaitingStream, Errno> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let stream = accept_with(&self.listener, flags)?;
        Ok(self.connections.waiting.add(stream.into()))
    }

    /// Passes some of the new connections on, or keeps them until they send something.
    fn look_at_fresh(&mut self) {
        for _ in 0..STEP {
            let Some(stream) = self.fresh.pop_front() else { break };
            match next_byte(&stream) {
                NextByte::Sent => self.send(stream),
                NextByte::NotYet => self.keep(stream),
                NextByte::Never => {}
            }
        }
        while self.waiting() > self.limit && self.close_oldest() {}
    }

    fn keep(&mut self, stream: WaitingStream) {
        if let Err(stream) = self.silent.add(stream) {
            // The server looks at it itself.
            self.send(stream);
        }
    }

    /// Passes a connection on that was silent until now.
    fn pass_on(&mut self, key: u64) {
        if let Some(stream) = self.silent.remove(key)
            && let NextByte::Sent | NextByte::NotYet = next_byte(&stream)
        {
            self.release(stream);
        }
    }

    /// Closes the oldest silent connection, or passes it on if it has sent something meanwhile.
    /// Returns whether there was one.
    fn close_oldest(&mut self) -> bool {
        self.silent.remove_oldest().map(|stream| self.release_or_close(stream)).is_some()
    }

    /// Closes the connections that have been silent for too long.
    fn close_stalled(&mut self, now: Instant) {
        while let Some(stream) = self.silent.remove_stalled(now) {
            self.release_or_close(stream);
        }
    }

    fn release_or_close(&self, stream: WaitingStream) {
        if let NextByte::Sent = next_byte(&stream) {
            self.release(stream);
        }
    }

    /// Passes on a connection that the thread has looked at so far.
    fn release(&self, stream: WaitingStream) {
        self.silent.forget(&stream);
        self.send(stream);
    }

    fn send(&self, stream: WaitingStream) {
        // There is room for all that may wait; without a receiver the server has ended.
        let _ = self.accepted.try_send(stream);
    }

    /// Returns the number of connections that wait.
    fn waiting(&self) -> usize {
        self.fresh.len() + self.silent.len() + self.ready()
    }

    /// Returns the number of connections that have sent something and are not served yet.
    fn ready(&self) -> usize {
        self.accepted.max_capacity() - self.accepted.capacity()
    }

    /// Closes connections, so that descriptors are free again.
    fn free_descriptors(&mut self, error: Errno) {
        if self.logged.is_none_or(|logged| logged.elapsed() >= LOG_PAUSE) {
            tracing::warn!(%error, "cannot accept a connection now");
            self.logged = Some(Instant::now());
        }
        let part = self.silent.len().div_ceil(CLOSED_PART);
        for _ in 0..part {
            self.close_oldest();
        }
        if part == 0 {
            self.connections.close_idle();
            thread::sleep(DESCRIPTOR_PAUSE);
        }
    }

    /// Passes on every connection made so far.
    fn finish(mut self) {
        let silent = iter::from_fn(|| self.silent.remove_oldest());
        for stream in silent.chain(mem::take(&mut self.fresh)).collect::<Vec<_>>() {
            self.silent.forget(&stream);
            if self.accepted.blocking_send(stream).is_err() {
                return;
            }
        }
        loop {
            match self.accept() {
                Ok(stream) => {
                    if self.accepted.blocking_send(stream).is_err() {
                        return;
                    }
                }
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                // No connection waits; any other error would only be repeated.
                Err(_) => return,
            }
        }
    }
}

/// Returns the most connections that are accepted: those that may wait, and some before others are
/// closed for them.
fn most_accepted(limit: usize) -> usize {
    limit + (limit / BEYOND_PART).clamp(1, BEYOND)
}

#[cfg(test)]
mod tests;
