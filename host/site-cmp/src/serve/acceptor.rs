//! The thread that accepts connections.
//!
//! A caller cannot connect while the kernel's queue of the socket is full, so accepting never waits
//! for a caller that holds a place, nor for other work of the server: a thread of its own accepts all
//! connections at once. It passes on those on which something was sent. The others cost a file
//! descriptor and nothing else; if there are too many, the oldest is closed for a new one, so a new
//! one always gets its time.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SocketFlags, accept_with, recv};
use tokio::sync::mpsc;

use super::open_connections::OpenConnections;

/// The key of the listener among the events. Connections have higher ones.
const LISTENER: u64 = 0;

/// The key of the signal to stop.
const STOP: u64 = 1;

/// The connections that are accepted before the thread looks at those that it has.
const BATCH: usize = 256;

/// The pause when nothing can be accepted: no file descriptor is free, or as many connections as may
/// wait have sent something. It is short, because the kernel's queue fills meanwhile.
const PAUSE: Duration = Duration::from_millis(10);

/// The time between two log lines about connections that cannot be accepted.
const LOG_PAUSE: Duration = Duration::from_secs(1);

/// The longest wait for an event, as the kernel does not take any time.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

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
    epoll: OwnedFd,
    _stop: UnixStream,
    connections: Arc<OpenConnections>,
    /// The connections on which nothing was sent, the oldest first.
    silent: BTreeMap<u64, Silent>,
    last: u64,
    accepted: mpsc::Sender<UnixStream>,
    /// The most connections that wait, silent or not.
    limit: usize,
    /// The time after which a silent connection is closed.
    stall: Duration,
    logged: Option<Instant>,
}

struct Silent {
    stream: UnixStream,
    since: Instant,
}

/// The next byte of a connection.
pub(super) enum NextByte {
    Sent,
    NotYet,
    /// The peer has closed the connection, and nothing is left to read.
    Never,
}

impl Acceptor {
    /// Starts to accept. At most `limit` connections wait until they are served; one that sends
    /// nothing is closed after `stall`.
    pub(super) fn start(
        listener: UnixListener,
        connections: Arc<OpenConnections>,
        limit: usize,
        stall: Duration,
    ) -> io::Result<(Self, mpsc::Receiver<UnixStream>)> {
        listener.set_nonblocking(true)?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let (stop, stopped) = UnixStream::pair()?;
        epoll::add(&epoll, &listener, epoll::EventData::new_u64(LISTENER), epoll::EventFlags::IN)?;
        epoll::add(&epoll, &stopped, epoll::EventData::new_u64(STOP), epoll::EventFlags::IN)?;
        let limit = limit.max(1);
        // One is accepted before another is closed for it.
        let (accepted, connected) = mpsc::channel(limit + 1);
        let entrance = Entrance {
            listener,
            epoll,
            _stop: stopped,
            connections,
            silent: BTreeMap::new(),
            last: STOP,
            accepted,
            limit,
            stall,
            logged: None,
        };
        thread::Builder::new().name("accept".to_owned()).spawn(move || entrance.run())?;
        Ok((Self { _stop: stop }, connected))
    }
}

impl Entrance {
    fn run(mut self) {
        let mut events = Vec::with_capacity(BATCH);
        loop {
            let time = self.time_left();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), time.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections any more");
                    return;
                }
            }
            let (mut arrived, mut stopped) = (false, false);
            for event in events.drain(..) {
                match event.data.u64() {
                    LISTENER => arrived = true,
                    STOP => stopped = true,
                    number => self.pass_on(number),
                }
            }
            self.close_stalled(Instant::now());
            if stopped {
                return self.finish();
            }
            if arrived {
                self.accept_batch();
            }
        }
    }

    /// Returns the time until the oldest silent connection is closed, or until the next look at it.
    fn time_left(&self) -> Option<Timespec> {
        let (_, oldest) = self.silent.first_key_value()?;
        let left = self.stall.saturating_sub(oldest.since.elapsed());
        left.min(LONGEST_WAIT).try_into().ok()
    }

    /// Accepts connections until none is left, or others need a look.
    fn accept_batch(&mut self) {
        for _ in 0..BATCH {
            if self.ready() >= self.limit {
                return thread::sleep(PAUSE);
            }
            match accept_with(&self.listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(descriptor) => self.admit(descriptor.into()),
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                // Most likely no file descriptor is left: accepting at once again would fail again.
                Err(error) => return self.free_descriptors(error),
            }
        }
    }

    /// Passes a new connection on, or keeps it until it sends something.
    fn admit(&mut self, stream: UnixStream) {
        match next_byte(&stream) {
            NextByte::Sent => self.send(stream),
            NextByte::NotYet => self.keep(stream),
            NextByte::Never => {}
        }
        while self.silent.len() + self.ready() > self.limit && self.close_oldest() {}
    }

    fn keep(&mut self, stream: UnixStream) {
        self.last += 1;
        let key = epoll::EventData::new_u64(self.last);
        match epoll::add(&self.epoll, &stream, key, epoll::EventFlags::IN) {
            Ok(()) => {
                let since = Instant::now();
                self.silent.insert(self.last, Silent { stream, since });
            }
            // The server looks at it itself.
            Err(_none) => self.send(stream),
        }
    }

    /// Passes a connection on that was silent until now.
    fn pass_on(&mut self, number: u64) {
        if let Some(Silent { stream, .. }) = self.silent.remove(&number)
            && let NextByte::Sent | NextByte::NotYet = next_byte(&stream)
        {
            self.release(stream);
        }
    }

    /// Closes the oldest silent connection, or passes it on if it has sent something meanwhile.
    /// Returns whether there was one.
    fn close_oldest(&mut self) -> bool {
        let Some((_, Silent { stream, .. })) = self.silent.pop_first() else { return false };
        if let NextByte::Sent = next_byte(&stream) {
            self.release(stream);
        }
        true
    }

    /// Closes the connections that have been silent for too long.
    fn close_stalled(&mut self, now: Instant) {
        while let Some((_, oldest)) = self.silent.first_key_value()
            && now.saturating_duration_since(oldest.since) >= self.stall
        {
            self.close_oldest();
        }
    }

    /// Passes on a connection that the thread has looked at so far.
    fn release(&self, stream: UnixStream) {
        // It may be gone already only when its descriptor is, and that is open.
        let _ = epoll::delete(&self.epoll, &stream);
        self.send(stream);
    }

    fn send(&self, stream: UnixStream) {
        // There is room for all that may wait; without a receiver the server has ended.
        let _ = self.accepted.try_send(stream);
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
            thread::sleep(PAUSE);
        }
    }

    /// Passes on every connection made so far.
    fn finish(mut self) {
        for Silent { stream, .. } in std::mem::take(&mut self.silent).into_values() {
            let _ = epoll::delete(&self.epoll, &stream);
            if self.accepted.blocking_send(stream).is_err() {
                return;
            }
        }
        loop {
            match accept_with(&self.listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(descriptor) => {
                    if self.accepted.blocking_send(descriptor.into()).is_err() {
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

/// Looks at the next byte of a connection, and leaves it there.
pub(super) fn next_byte(stream: impl AsFd) -> NextByte {
    match recv(stream, &mut [0; 1], RecvFlags::PEEK) {
        Ok((0, _)) => NextByte::Never,
        Ok(_) => NextByte::Sent,
        Err(Errno::AGAIN | Errno::INTR) => NextByte::NotYet,
        Err(_broken) => NextByte::Never,
    }
}

#[cfg(test)]
mod tests;
