//! Checks of the folder of plugin sockets: it exists, this process can write to it, and the
//! repo-server can reach it.

use std::fs;
use std::path::Path;

use super::Check;
use super::permission::{self, User};

const FOLDER: &str = "socket/folder";
const WRITABLE: &str = "socket/writable";
const REACHABLE: &str = "socket/reachable";

/// Checks the folder. Returns also whether it exists, so that a socket in it can be checked.
pub(super) fn check_folder(folder: &Path, user: User) -> (Vec<Check>, bool) {
    let shown = folder.display();
    let meta = match fs::metadata(folder) {
        Ok(meta) if meta.is_dir() => meta,
        Ok(_) => {
            let check = Check::fail(
                FOLDER,
                format!("{shown} is not a folder"),
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
    let there = Check::ok(FOLDER, format!("{shown} ({})", permission::show_mode(&meta)));
    (vec![there, check_writable(folder), check_reachable(folder, user)], true)
}

/// Checks that this process can create a file there. Only an attempt detects a read-only mount.
fn check_writable(folder: &Path) -> Check {
    match tempfile::Builder::new().prefix(".site-cmp-doctor-").tempfile_in(folder) {
        Ok(_gone) => Check::ok(WRITABLE, "this process can create a socket there"),
        Err(error) => Check::fail(
            WRITABLE,
            format!("this process cannot create a file there: {error}"),
            "run the server as the folder's owner, and mount the volume without readOnly",
        ),
    }
}

/// Checks that the repo-server's user can reach the folder.
fn check_reachable(folder: &Path, user: User) -> Check {
    let User(id) = user;
    let stopped = fs::canonicalize(folder).and_then(|folder| user.first_closed_folder(&folder));
    match stopped {
        Ok(None) => Check::ok(REACHABLE, format!("user {id} can reach it")),
        Ok(Some(at)) => Check::fail(
            REACHABLE,
            format!("user {id} cannot enter {}", at.display()),
            format!("chmod o+x {}, or run both as one user", at.display()),
        ),
        Err(error) => Check::warn(
            REACHABLE,
            format!("the folders above it cannot be read from here: {error}"),
            "run `cmp doctor` as the user that runs `cmp serve`",
        ),
    }
}
