//! The folder of plugin sockets: there, writable from here, passable for the repo-server.

use std::fs;
use std::path::Path;

use super::Check;
use super::permission::{self, User};

const FOLDER: &str = "socket/folder";
const WRITABLE: &str = "socket/writable";
const REACHABLE: &str = "socket/reachable";

/// Looks at the folder; says too whether it is worth looking for a socket in it.
pub(super) fn checks(folder: &Path, user: User) -> (Vec<Check>, bool) {
    let shown = folder.display();
    let meta = match fs::metadata(folder) {
        Ok(meta) if meta.is_dir() => meta,
        Ok(_) => {
            let check = Check::fail(
                FOLDER,
                format!("{shown} is no folder"),
                "mount the volume `plugins` of the repo-server's pod there",
            );
            return (vec![check], false);
        }
        Err(error) => {
            let check = Check::fail(
                FOLDER,
                format!("{shown}: {error}"),
                "mount the volume `plugins` of the repo-server's pod there, or name the folder \
                 with --socket-dir or ARGOCD_PLUGINSOCKFILEPATH (in both containers)",
            );
            return (vec![check], false);
        }
    };
    let there = Check::ok(FOLDER, format!("{shown} ({})", permission::shown(&meta)));
    (vec![there, writable(folder), reachable(folder, user)], true)
}

/// Whether this process can make a file there; only an attempt knows of read-only mounts.
fn writable(folder: &Path) -> Check {
    match tempfile::Builder::new().prefix(".site-cmp-doctor-").tempfile_in(folder) {
        Ok(_gone) => Check::ok(WRITABLE, "this process can make a socket there"),
        Err(error) => Check::fail(
            WRITABLE,
            format!("this process cannot make a file there: {error}"),
            "run it as the folder's owner, and mount the volume without readOnly",
        ),
    }
}

fn reachable(folder: &Path, user: User) -> Check {
    let User(id) = user;
    let stopped = fs::canonicalize(folder).and_then(|folder| user.stopped_at(&folder));
    match stopped {
        Ok(None) => Check::ok(REACHABLE, format!("user {id} can pass to it")),
        Ok(Some(at)) => Check::fail(
            REACHABLE,
            format!("user {id} cannot pass {}", at.display()),
            format!("chmod o+x {}, or run both as one user", at.display()),
        ),
        Err(error) => Check::warn(
            REACHABLE,
            format!("the way to it cannot be seen from here: {error}"),
            "run `cmp doctor` as the user that runs `cmp serve`",
        ),
    }
}
