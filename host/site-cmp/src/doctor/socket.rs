//! The plugin's socket: its name, its path, who listens, who may connect.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::permission::{self, Right, User};
use super::{Check, folder, reason};
use crate::exit::CommandError;
use crate::serve::Socket;

/// A listener that answers at all does so at once; a full queue never does.
const CONNECT: Duration = Duration::from_secs(2);

/// Where a socket should be, and for whom.
#[derive(Debug)]
pub(crate) struct Place {
    /// The socket, or why it can be none.
    pub(crate) socket: Result<Socket, CommandError>,
    /// The repo-server's user.
    pub(crate) user: User,
    /// Whether a machine without the folder is simply no plugin's machine.
    pub(crate) may_be_elsewhere: bool,
}

/// Looks at the socket and all that it needs.
pub(super) fn checks(place: &Place) -> Vec<Check> {
    const TOPIC: &str = "socket/name";
    let path = match &place.socket {
        Ok(socket) => socket.path(),
        Err(stop) => {
            let change = "choose another --name, or a shorter folder, for `cmp serve` as well";
            return vec![Check::fail(TOPIC, reason(stop), change)];
        }
    };
    let Some(folder) = path.parent() else {
        return Vec::new();
    };
    if place.may_be_elsewhere && !folder.exists() {
        let says = format!("there is no {} here, so no socket was looked at", folder.display());
        return vec![Check::warn(
            "socket/folder",
            says,
            "run it in the plugin's container for that",
        )];
    }
    let mut checks = vec![Check::ok(TOPIC, format!("the socket is {}", path.display()))];
    let (of_folder, is_there) = folder::checks(folder, place.user);
    checks.extend(of_folder);
    if is_there {
        checks.extend(listener(path, place.user));
    }
    checks
}

/// Looks at the socket itself.
fn listener(path: &Path, user: User) -> Vec<Check> {
    const TOPIC: &str = "socket/listens";
    let fail = |says: String, change: &str| vec![Check::fail(TOPIC, says, change)];
    let start = "start `cmp serve` with this name, and read its log";
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) => return fail(format!("{}: {error}", path.display()), start),
    };
    if !meta.file_type().is_socket() {
        let says = format!("{} is there, and is no socket", path.display());
        return fail(says, "remove it, and start `cmp serve`: it makes the socket itself");
    }
    let heard = match connect(path) {
        Ok(()) => Check::ok(TOPIC, "something listens, and took a connection"),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            return fail("the socket is stale: nobody listens".to_owned(), start);
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Check::warn(TOPIC, "this process may not connect", "run it as the server's user")
        }
        Err(error) => return fail(format!("no connection: {error}"), start),
    };
    vec![heard, open_to(&meta, user), alone(path)]
}

/// Connects in a thread of its own, for a full queue of connections would wait for ever.
fn connect(path: &Path) -> io::Result<()> {
    let (answer, answered) = mpsc::channel();
    let path = path.to_owned();
    thread::spawn(move || answer.send(UnixStream::connect(path).map(drop)));
    let late = || io::Error::new(io::ErrorKind::TimedOut, "its queue of connections is full");
    answered.recv_timeout(CONNECT).unwrap_or_else(|_| Err(late()))
}

fn open_to(meta: &fs::Metadata, user: User) -> Check {
    const TOPIC: &str = "socket/mode";
    let User(id) = user;
    let says = permission::shown(meta);
    if user.may(Right::Write, meta) {
        return Check::ok(TOPIC, format!("user {id} may connect ({says})"));
    }
    let change = format!("run the server as user {id} (runAsUser), the repo-server's own");
    Check::fail(TOPIC, format!("user {id} may not connect: {says}"), change)
}

/// Whether one server listens at the path. The kernel's table holds all of the pod, whose
/// containers share their network; a socket taken over still has its first listener there.
fn alone(path: &Path) -> Check {
    const TOPIC: &str = "socket/alone";
    let Ok(table) = fs::read_to_string("/proc/net/unix") else {
        let says = "the kernel's table of sockets cannot be read here";
        return Check::warn(TOPIC, says, "see that no two containers have one plugin name");
    };
    // As a server may have named it: by the folder as it was said, or as it is.
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let named = [path, whole.as_path()].map(|path| listeners(&table, &path.to_string_lossy()));
    match named.into_iter().max().unwrap_or_default() {
        0 => Check::ok(TOPIC, "its server has named it otherwise, or is in another pod"),
        1 => Check::ok(TOPIC, "one server has this name"),
        count => Check::fail(
            TOPIC,
            format!("{count} servers have this name, and only the last one is called"),
            "give each container a name of its own, and restart the pod",
        ),
    }
}

/// How many listen at a path, by `/proc/net/unix`: its fourth column has the flag
/// `SO_ACCEPTCON`, its eighth is the path.
fn listeners(table: &str, path: &str) -> usize {
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
