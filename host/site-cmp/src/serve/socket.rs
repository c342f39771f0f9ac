//! The plugin socket: its name, its path, and which process owns it.
//!
//! It appears when the server is ready and not before, because the repo-server waits without
//! limit for a server that accepts a connection and does not answer. The socket of a killed
//! server is replaced; one on which a server still listens is not.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use site_render::finding::{Code, Fault, Finding};

use crate::codes;
use crate::globals::variable;

/// The plugin's default name in Applications.
pub(crate) const DEFAULT_NAME: &str = "site-cmp@v1";

/// The folder in which Argo CD looks for sockets (common/common.go of 3.5.7).
const FOLDER: &str = "/home/argocd/cmp-server/plugins";

/// The most bytes of a socket's path (`sun_path` of unix(7) without the final zero).
const PATH_BYTES: usize = 107;

/// The path of a plugin socket.
#[derive(Clone, Debug)]
pub(crate) struct Socket {
    path: PathBuf,
}

/// A bound socket, which is removed on drop.
pub(super) struct BoundSocket {
    pub(super) listener: UnixListener,
    pub(super) file: SocketFile,
}

/// The socket's file, which is removed on drop.
pub(super) struct SocketFile(PathBuf);

impl Socket {
    /// Returns the socket of that name in the given folder, else in the folder of
    /// `ARGOCD_PLUGINSOCKFILEPATH`, which the repo-server reads too.
    pub(crate) fn new(folder: Option<PathBuf>, name: &str) -> Result<Self, Finding> {
        check_name(name)?;
        let folder = folder.or_else(|| variable("ARGOCD_PLUGINSOCKFILEPATH").map(PathBuf::from));
        let folder = folder.unwrap_or_else(|| FOLDER.into());
        let path = folder.join(format!("{name}.sock"));
        let length = path.as_os_str().len();
        if length > PATH_BYTES {
            let message = format!(
                "the socket's path {} has {length} bytes, and the limit is {PATH_BYTES}",
                path.display()
            );
            return Err(
                socket_error(&codes::SOCKET_PATH, message).hint("choose a shorter folder or name")
            );
        }
        Ok(Self { path })
    }

    /// Returns the socket's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Binds the socket, with the longest queue that the kernel allows (`net.core.somaxconn`). The
    /// repo-server may call from here on.
    pub(super) fn bind(&self) -> Result<BoundSocket, Finding> {
        self.remove_stale()?;
        let shown = self.path.display();
        let listener = UnixListener::bind(&self.path).map_err(|error| {
            socket_error(&codes::SOCKET_BIND, format!("cannot bind {shown}: {error}")).hint(
                "mount the volume of plugin sockets there, writable for this user: the one that \
                 the repo-server has at ARGOCD_PLUGINSOCKFILEPATH",
            )
        })?;
        Ok(BoundSocket { listener, file: SocketFile(self.path.clone()) })
    }

    /// Removes the socket of a server that has ended.
    fn remove_stale(&self) -> Result<(), Finding> {
        let shown = self.path.display();
        let Ok(found) = fs::symlink_metadata(&self.path) else {
            return Ok(());
        };
        if !found.file_type().is_socket() {
            let message = format!("{shown} exists and is not a socket");
            return Err(socket_error(&codes::SOCKET_TAKEN, message)
                .hint("remove it or choose another name"));
        }
        match UnixStream::connect(&self.path) {
            Ok(_answered) => {
                let message = format!("another server already answers on {shown}");
                let hint = "choose another --name: two plugins with the same name receive each other's calls";
                Err(socket_error(&codes::SOCKET_LIVE, message).hint(hint))
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                fs::remove_file(&self.path).map_err(|error| {
                    socket_error(
                        &codes::SOCKET_STALE,
                        format!("cannot remove the stale socket {shown}: {error}"),
                    )
                })
            }
            Err(error) => {
                let message = format!("cannot check whether a server answers on {shown}: {error}");
                Err(socket_error(&codes::SOCKET_TAKEN, message))
            }
        }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // A missing file is fine.
        let _ = fs::remove_file(&self.0);
    }
}

/// Rejects a name under which the repo-server's calls would not arrive.
fn check_name(name: &str) -> Result<(), Finding> {
    let known = |c: char| c.is_ascii_alphanumeric() || "-._@".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(known) {
        let message = format!("`{name}` is not a valid plugin name");
        return Err(socket_error(&codes::SOCKET_NAME, message)
            .hint("use letters, digits, `-`, `.`, `_` and `@`"));
    }
    if name.contains('@') {
        return Ok(());
    }
    let message =
        format!("the plugin name `{name}` has no `@`, so no call of the repo-server would arrive");
    Err(socket_error(&codes::SOCKET_NAME, message).hint(format!(
        "call it {name}@v1: the repo-server sends the socket's path as the authority of a call, \
         with slashes as %2F, and HTTP/2 servers reject a `%` there unless an `@` follows"
    )))
}

fn socket_error(code: &'static Code, message: String) -> Finding {
    code.finding(message).blame(Fault::Environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_an_at_sign() {
        assert!(Socket::new(Some("/tmp".into()), DEFAULT_NAME).is_ok());
        for (name, code) in [
            ("site-cmp-v1", "socket/name"),
            ("", "socket/name"),
            ("../x@v1", "socket/name"),
            (".x@v1", "socket/name"),
            ("a b@v1", "socket/name"),
        ] {
            assert_eq!(Socket::new(Some("/tmp".into()), name).unwrap_err().code, code, "{name}");
        }
        let long = Socket::new(Some("/tmp".into()), &format!("{}@v1", "x".repeat(100)));
        assert_eq!(long.unwrap_err().code, "socket/path");
    }

    #[tokio::test]
    async fn a_stale_file_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let socket = Socket::new(Some(folder.path().to_owned()), DEFAULT_NAME).unwrap();
        let bound = socket.bind().unwrap();
        assert_eq!(socket.bind().map(drop).unwrap_err().code, "socket/live");
        // As after a kill: the file stays, nobody listens.
        std::mem::forget(bound.file);
        drop(bound.listener);
        assert!(socket.path().exists());
        let bound = socket.bind().unwrap();
        drop(bound);
        assert!(!socket.path().exists());
        fs::write(socket.path(), "a file").unwrap();
        assert_eq!(socket.bind().map(drop).unwrap_err().code, "socket/taken");
        assert_eq!(fs::read_to_string(socket.path()).unwrap(), "a file");
    }
}
