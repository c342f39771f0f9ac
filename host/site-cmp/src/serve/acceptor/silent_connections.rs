//! The connections on which nothing was sent. The thread that accepts is woken when something is.

use std::collections::BTreeMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};
use rustix::io::Errno;

use crate::serve::waiting_stream::WaitingStream;

/// The key of the listener among the events. Connections have higher ones.
pub(super) const LISTENER: u64 = 0;

/// The key of the signal to stop.
pub(super) const STOP: u64 = 1;

/// The events that are returned at once.
const EVENTS: usize = 256;

/// The longest wait for an event, as the kernel does not take any time.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// The connections by their number, the oldest first, and the events of all that the thread watches.
pub(super) struct SilentConnections {
    epoll: OwnedFd,
    streams: BTreeMap<u64, Silent>,
    last: u64,
    /// The time after which one is closed.
    stall: Duration,
}

struct Silent {
    stream: WaitingStream,
    since: Instant,
}

impl SilentConnections {
    /// Creates an empty table that watches the listener and the signal to stop.
    pub(super) fn watch(listener: impl AsFd, stop: impl AsFd, stall: Duration) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, listener, epoll::EventData::new_u64(LISTENER), epoll::EventFlags::IN)?;
        epoll::add(&epoll, stop, epoll::EventData::new_u64(STOP), epoll::EventFlags::IN)?;
        Ok(Self { epoll, streams: BTreeMap::new(), last: STOP, stall })
    }

    /// Returns the keys of events, and waits for one if it may: until the oldest connection has been
    /// silent for too long.
    pub(super) fn wait(&self, may_wait: bool) -> Result<Vec<u64>, Errno> {
        let mut buffer = [const { MaybeUninit::uninit() }; EVENTS];
        let time = if may_wait { self.time_left() } else { Some(Timespec::default()) };
        match epoll::wait(&self.epoll, &mut buffer, time.as_ref()) {
            Ok((events, _)) => Ok(events.iter().map(|event| event.data.u64()).collect()),
            Err(Errno::INTR) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Returns the time until the oldest connection is closed, or until the next look at it.
    fn time_left(&self) -> Option<Timespec> {
        let (_, oldest) = self.streams.first_key_value()?;
        let left = self.stall.saturating_sub(oldest.since.elapsed());
        left.min(LONGEST_WAIT).try_into().ok()
    }

    /// Returns the number of connections.
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Adds a connection, or returns it if it cannot be watched.
    pub(super) fn add(&mut self, stream: WaitingStream) -> Result<(), WaitingStream> {
        self.last += 1;
        let key = epoll::EventData::new_u64(self.last);
        if epoll::add(&self.epoll, &stream, key, epoll::EventFlags::IN).is_err() {
            return Err(stream);
        }
        self.streams.insert(self.last, Silent { stream, since: Instant::now() });
        Ok(())
    }

    /// Takes out the connection of an event's key.
    pub(super) fn remove(&mut self, key: u64) -> Option<WaitingStream> {
        self.streams.remove(&key).map(|silent| silent.stream)
    }

    /// Takes out the oldest connection.
    pub(super) fn remove_oldest(&mut self) -> Option<WaitingStream> {
        self.streams.pop_first().map(|(_, silent)| silent.stream)
    }

    /// Takes out the oldest connection if it has been silent for too long.
    pub(super) fn remove_stalled(&mut self, now: Instant) -> Option<WaitingStream> {
        let (_, oldest) = self.streams.first_key_value()?;
        let stalled = now.saturating_duration_since(oldest.since) >= self.stall;
        stalled.then(|| self.remove_oldest()).flatten()
    }

    /// Stops watching a connection that was taken out; closing it does the same.
    pub(super) fn forget(&self, stream: &WaitingStream) {
        // It may be gone already only when its descriptor is, and that is open.
        let _ = epoll::delete(&self.epoll, stream);
    }
}
