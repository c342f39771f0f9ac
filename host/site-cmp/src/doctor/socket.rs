//! Checks of the plugin socket: its name, its path, its listener, and its permissions.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::permission::{self, Right, User};
use super::{Check, error_summary, folder};
use crate::exit::CommandError;
use crate::serve::Socket;

/// The longest wait for a connection. A working listener accepts at once; a full queue never
/// does.
const CONNECT: Duration = Duration::from_secs(2);

/// The expected location of the socket, and its user.
#[derive(Debug)]
pub(crate) struct SocketLocation {
    /// The socket, or the reason that its name or path is invalid.
    pub(crate) socket: Result<Socket, CommandError>,
    /// The repo-server's user.
    pub(crate) user: User,
    /// Whether a missing folder only means that this is not the plugin's container.
    pub(crate) may_be_elsewhere: bool,
}

/// Checks the socket and its folder.
pub(super) fn check_socket(place: &SocketLocation) -> Vec<Check> {
    const TOPIC: &str = "socket/name";
    let path = match &place.socket {
        Ok(socket) => socket.path(),
        Err(stop) => {
            let change = "choose another --name, or a shorter folder, for `cmp serve` as well";
            return vec![Check::fail(TOPIC, error_summary(stop), change)];
        }
    };
    let Some(folder) = path.parent() else {
        return Vec::new();
    };
    if place.may_be_elsewhere && !folder.exists() {
        let says =
            format!("{} does not exist here, so the socket was not checked", folder.display());
        return vec![Check::warn(
            "socket/folder",
            says,
            "run `cmp doctor` in the plugin's container to check the socket",
        )];
    }
    let mut checks = vec![Check::ok(TOPIC, format!("the socket is {}", path.display()))];
    let (of_folder, is_there) = folder::check_folder(folder, place.user);
    checks.extend(of_folder);
    if is_there {
        checks.extend(check_listener(path, place.user));
    }
    checks
}

/// Checks the socket itself.
fn check_listener(path: &Path, user: User) -> Vec<Check> {
    const TOPIC: &str = "socket/listens";
    let fail = |says: String, change: &str| vec![Check::fail(TOPIC, says, change)];
    let start = "start `cmp serve` with this name, and read its log";
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) => return fail(format!("{}: {error}", path.display()), start),
    };
    if !meta.file_type().is_socket() {
        let says = format!("{} exists and is not a socket", path.display());
        return fail(says, "remove it, and start `cmp serve`, which creates the socket");
    }
    let heard = match connect_in_time(path) {
        Ok(()) => Check::ok(TOPIC, "a server listens and accepts connections"),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            return fail("the socket is stale: no server listens".to_owned(), start);
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Check::warn(TOPIC, "this process may not connect", "run it as the server's user")
        }
        Err(error) => return fail(format!("no connection: {error}"), start),
    };
    vec![heard, check_mode(&meta, user), check_alone(path)]
}

/// Connects in a thread of its own, because a connection to a full queue would block forever.
fn connect_in_time(path: &Path) -> io::Result<()> {
    let (answer, answered) = mpsc::channel();
    let path = path.to_owned();
    thread::spawn(move || answer.send(UnixStream::connect(path).map(drop)));
    let late = || io::Error::new(io::ErrorKind::TimedOut, "its queue of connections is full");
    answered.recv_timeout(CONNECT).unwrap_or_else(|_| Err(late()))
}

/// Checks that the repo-server's user may connect.
fn check_mode(meta: &fs::Metadata, user: User) -> Check {
    const TOPIC: &str = "socket/mode";
    let User(id) = user;
    let says = permission::show_mode(meta);
    if user.may(Right::Write, meta) {
        return Check::ok(TOPIC, format!("user {id} may connect ({says})"));
    }
    let change = format!("run the server as user {id} (runAsUser), the repo-server's own");
    Check::fail(TOPIC, format!("user {id} may not connect: {says}"), change)
}

/// Checks that only one server listens at the path. The kernel's table lists all listeners of
/// the pod, whose containers share a network namespace; a replaced socket still has its first
/// listener there.
fn check_alone(path: &Path) -> Check {
    const TOPIC: &str = "socket/alone";
    let Ok(table) = fs::read_to_string("/proc/net/unix") else {
        let says = "the kernel's table of sockets is not readable here";
        return Check::warn(
            TOPIC,
            says,
            "make sure that no two containers use the same plugin name",
        );
    };
    // A server may have bound the path as configured or with its links resolved.
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let named =
        [path, whole.as_path()].map(|path| count_listeners(&table, &path.to_string_lossy()));
    match named.into_iter().max().unwrap_or_default() {
        0 => Check::ok(
            TOPIC,
            "no server in this pod has this path: it used another one, or is in another pod",
        ),
        1 => Check::ok(TOPIC, "one server has this name"),
        count => Check::fail(
            TOPIC,
            format!("{count} servers have this name, and only the last one receives calls"),
            "give each container a name of its own, and restart the pod",
        ),
    }
}

/// Counts the listeners at a path in `/proc/net/unix`, whose fourth column has the flag
/// `SO_ACCEPTCON` and whose eighth is the path.
fn count_listeners(table: &str, path: &str) -> usize {
    const ACCEPTS: u32 = 0x1_0000;
    let listens = |line: &&str| {
        let mut words = line.split_ascii_whitespace();
        let flags = words.nth(3).and_then(|flags| u32::from_str_radix(flags, 16).ok());
        flags.is_some_and(|flags| flags & ACCEPTS != 0)
            && line.strip_suffix(path).is_some_and(|rest| rest.ends_with(' '))
    };
    table.lines().filter(listens).count()
}

#[cfg(test)]
mod tests;
