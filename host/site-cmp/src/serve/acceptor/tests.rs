use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use tempfile::TempDir;

use super::*;

const FOR_EVER: Duration = Duration::MAX;

struct Door {
    folder: TempDir,
    acceptor: Acceptor,
    accepted: mpsc::Receiver<WaitingStream>,
    connections: Arc<OpenConnections>,
}

impl Door {
    fn open(limit: usize, stall: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        let connections = OpenConnections::new(1);
        let (acceptor, accepted) =
            Acceptor::start(listener, connections.clone(), limit, stall).unwrap();
        Self { folder, acceptor, accepted, connections }
    }

    fn connect(&self) -> UnixStream {
        let socket: &Path = &self.folder.path().join("socket");
        UnixStream::connect(socket).unwrap()
    }

    /// Connects, and sends a byte.
    fn call(&self, byte: u8) -> UnixStream {
        let mut caller = self.connect();
        caller.write_all(&[byte]).unwrap();
        caller
    }

    /// Returns the first byte of the next connection that is passed on.
    fn next(&mut self) -> u8 {
        let mut stream = self.accepted.blocking_recv().unwrap().into_served();
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        byte[0]
    }
}

/// Waits until the other end has closed a connection.
fn wait_for_close(mut caller: &UnixStream) {
    assert_eq!(caller.read(&mut [0]).unwrap(), 0);
}

fn is_open(mut caller: &UnixStream) -> bool {
    caller.set_nonblocking(true).unwrap();
    caller.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn a_connection_is_passed_on_once_it_has_sent_something() {
    let mut door = Door::open(10, FOR_EVER);
    let mut first = door.connect();
    let _second = door.call(2);
    assert_eq!(door.next(), 2);
    first.write_all(&[1]).unwrap();
    assert_eq!(door.next(), 1);
}

#[test]
fn a_caller_that_leaves_without_a_byte_is_not_passed_on() {
    let mut door = Door::open(10, FOR_EVER);
    drop(door.connect());
    let _second = door.call(2);
    assert_eq!(door.next(), 2);
    assert!(door.accepted.is_empty());
}

#[test]
fn the_oldest_silent_connection_is_closed_for_a_new_one() {
    let mut door = Door::open(3, FOR_EVER);
    let _spoke = door.call(1);
    let silent = [(); 5].map(|()| door.connect());
    for closed in &silent[..3] {
        wait_for_close(closed);
    }
    assert!(is_open(&silent[3]) && is_open(&silent[4]));
    assert_eq!(door.next(), 1, "it has sent something, so it was never closed");
}

#[test]
fn a_caller_is_served_however_many_come_after_it_and_say_nothing() {
    let mut door = Door::open(64, FOR_EVER);
    let mut silent = Vec::new();
    for byte in 0..20 {
        let _caller = door.call(byte);
        silent.extend((0..200).map(|_| door.connect()));
        assert_eq!(door.next(), byte);
        silent.drain(..silent.len() - 100);
    }
}

#[test]
fn nothing_is_closed_while_all_that_wait_have_sent_something() {
    let mut door = Door::open(2, FOR_EVER);
    let callers = [1, 2, 3, 4].map(|byte| door.call(byte));
    while door.accepted.len() < 2 {
        thread::yield_now();
    }
    assert!(callers.iter().all(is_open));
    assert_eq!([(); 4].map(|()| door.next()), [1, 2, 3, 4]);
}

#[test]
fn the_queue_is_emptied_before_any_connection_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let (_stop, stopped) = UnixStream::pair().unwrap();
    let connections = OpenConnections::new(1);
    let (mut entrance, accepted) =
        Entrance::new(listener, stopped, connections.clone(), 1000, FOR_EVER).unwrap();
    let mut callers: Vec<_> = (0..STEP + 10).map(|_| UnixStream::connect(&path).unwrap()).collect();
    callers[3].write_all(b"1").unwrap();
    let number = callers.len();
    entrance.empty_queue();
    assert_eq!([entrance.fresh.len(), entrance.silent.len(), accepted.len()], [number, 0, 0]);
    assert_eq!(connections.waiting.number(), number);
    // It looks at some, and empties the queue again.
    entrance.look_at_fresh();
    callers.push(UnixStream::connect(&path).unwrap());
    entrance.empty_queue();
    let looked_at = [entrance.silent.len(), accepted.len()];
    assert_eq!((entrance.fresh.len(), looked_at), (11, [STEP - 1, 1]));
}

#[test]
fn no_more_connections_are_accepted_than_may_wait_and_some_beyond() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let (_stop, stopped) = UnixStream::pair().unwrap();
    let (mut entrance, _accepted) =
        Entrance::new(listener, stopped, OpenConnections::new(1), 16, FOR_EVER).unwrap();
    let _callers: Vec<_> = (0..40).map(|_| UnixStream::connect(&path).unwrap()).collect();
    entrance.empty_queue();
    assert_eq!(entrance.waiting(), 18);
    entrance.look_at_fresh();
    assert_eq!(entrance.waiting(), 16, "the oldest were closed");
    entrance.empty_queue();
    assert_eq!(entrance.waiting(), 18);
}

#[test]
fn connections_are_counted_until_they_are_served_or_closed() {
    let mut door = Door::open(10, FOR_EVER);
    let (silent, _spoke) = (door.connect(), door.call(1));
    let waits = |door: &Door, number| {
        while door.connections.waiting.number() != number {
            thread::yield_now();
        }
    };
    waits(&door, 2);
    assert_eq!(door.next(), 1);
    waits(&door, 1);
    drop(silent);
    waits(&door, 0);
}

#[test]
fn a_connection_that_stays_silent_is_closed_in_the_end() {
    let door = Door::open(10, Duration::from_millis(5));
    let silent = door.connect();
    wait_for_close(&silent);
}

#[test]
fn at_the_end_all_are_passed_on_and_nobody_can_connect() {
    let mut door = Door::open(2, FOR_EVER);
    let callers = [(); 4].map(|()| door.connect());
    wait_for_close(&callers[1]);
    let Door { folder, acceptor, accepted, .. } = &mut door;
    drop(std::mem::replace(acceptor, Door::open(1, FOR_EVER).acceptor));
    assert!([(); 3].map(|()| accepted.blocking_recv().is_some()) == [true, true, false]);
    assert!(UnixStream::connect(folder.path().join("socket")).is_err());
}
