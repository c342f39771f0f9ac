//! The socket on which repo-server finds the plugin: its name, its place, who owns it.
//!
//! It appears when the server is ready and not before: repo-server waits without end for
//! a server that accepts and does not answer. A file that a killed server left behind is
//! replaced; one behind which somebody listens is not.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use site_render::finding::{Code, Fault, Finding};
use tokio::net::UnixListener;

use crate::codes;
use crate::globals::variable;

/// The name under which Applications ask for this plugin unless the operator says another.
pub(crate) const NAME: &str = "site-cmp@v1";

/// Where Argo CD looks for sockets (common/common.go of 3.5.7).
const FOLDER: &str = "/home/argocd/cmp-server/plugins";

/// Bytes of a socket's path (`sun_path` of unix(7), less the final zero).
const PATH_BYTES: usize = 107;

/// A place for a socket.
#[derive(Clone, Debug)]
pub(crate) struct Socket {
    path: PathBuf,
}

/// A socket that is there until this is dropped.
pub(super) struct Bound {
    pub(super) listener: UnixListener,
    pub(super) file: File,
}

/// The socket's file, taken away when this is dropped.
pub(super) struct File(PathBuf);

impl Socket {
    /// The socket of that name in a folder: the one given, else the one that repo-server
    /// is told in the same variable.
    pub(crate) fn new(folder: Option<PathBuf>, name: &str) -> Result<Self, Finding> {
        checked(name)?;
        let folder = folder.or_else(|| variable("ARGOCD_PLUGINSOCKFILEPATH").map(PathBuf::from));
        let folder = folder.unwrap_or_else(|| FOLDER.into());
        let path = folder.join(format!("{name}.sock"));
        let length = path.as_os_str().len();
        if length > PATH_BYTES {
            let message = format!(
                "the socket's path {} has {length} bytes, and may have {PATH_BYTES}",
                path.display()
            );
            return Err(
                refused(&codes::SOCKET_PATH, message).hint("choose a shorter folder or name")
            );
        }
        Ok(Self { path })
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Binds it. From here on repo-server may call.
    pub(super) fn bind(&self) -> Result<Bound, Finding> {
        self.make_way()?;
        let shown = self.path.display();
        let listener = UnixListener::bind(&self.path).map_err(|error| {
            refused(&codes::SOCKET_BIND, format!("cannot bind {shown}: {error}")).hint(
                "the folder must exist and belong to this user: it is the volume that \
                 repo-server has at ARGOCD_PLUGINSOCKFILEPATH",
            )
        })?;
        Ok(Bound { listener, file: File(self.path.clone()) })
    }

    /// Takes away what a server left behind that is no more.
    fn make_way(&self) -> Result<(), Finding> {
        let shown = self.path.display();
        let Ok(found) = fs::symlink_metadata(&self.path) else {
            return Ok(());
        };
        if !found.file_type().is_socket() {
            let message = format!("{shown} is there and is no socket");
            return Err(
                refused(&codes::SOCKET_TAKEN, message).hint("take it away or choose another name")
            );
        }
        match UnixStream::connect(&self.path) {
            Ok(_somebody) => {
                let message = format!("another server answers on {shown}");
                let hint = "two plugins of one name take each other's calls: choose another --name";
                Err(refused(&codes::SOCKET_LIVE, message).hint(hint))
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                fs::remove_file(&self.path).map_err(|error| {
                    refused(&codes::SOCKET_STALE, format!("cannot take away {shown}: {error}"))
                })
            }
            Err(error) => {
                let message = format!("cannot tell whether anybody answers on {shown}: {error}");
                Err(refused(&codes::SOCKET_TAKEN, message))
            }
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = fs::remove_file(&self.0);
    }
}

/// Refuses a name under which repo-server's calls would not arrive.
fn checked(name: &str) -> Result<(), Finding> {
    let known = |c: char| c.is_ascii_alphanumeric() || "-._@".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(known) {
        let message = format!("`{name}` cannot be the name of a socket");
        return Err(
            refused(&codes::SOCKET_NAME, message).hint("letters, digits, `-`, `.`, `_` and `@`")
        );
    }
    if name.contains('@') {
        return Ok(());
    }
    let message = format!("the name `{name}` has no `@`, and no call of repo-server would arrive");
    Err(refused(&codes::SOCKET_NAME, message).hint(format!(
        "repo-server's gRPC writes the socket's path as the call's authority, slashes as %2F, and \
         HTTP/2 servers refuse a `%` there unless an `@` follows: call it {name}@v1"
    )))
}

fn refused(code: &'static Code, message: String) -> Finding {
    code.finding(message).blame(Fault::Environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_an_at_sign() {
        assert!(Socket::new(Some("/tmp".into()), NAME).is_ok());
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
        let socket = Socket::new(Some(folder.path().to_owned()), NAME).unwrap();
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
