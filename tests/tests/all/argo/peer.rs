//! Where the peers are.

use std::path::PathBuf;

use site_cmp_tests::peer;

/// A program on `PATH`.
pub(super) fn on_path(name: &str, how: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    peer(name, found, how)
}
