//! Where the peers are.

use std::path::{Path, PathBuf};

use site_cmp_tests::{peer, repo};

/// Argo CD, as `tests/argocd/build` makes it: named by `ARGOCD_PEER`, else where the build
/// leaves it.
pub(super) fn argocd() -> Option<PathBuf> {
    peer("argocd-peer", find(), "build it with tests/argocd/build")
}

/// A program on `PATH`.
pub(super) fn on_path(name: &str, how: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    peer(name, found, how)
}

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ARGOCD_PEER") {
        return Some(PathBuf::from(named));
    }
    // This test is target/debug/deps/all-<hash>.
    let own = std::env::current_exe().ok();
    let own = own.as_deref().and_then(|exe| exe.ancestors().nth(3)).map(Path::to_owned);
    let places = own.into_iter().chain([repo().join("target")]);
    places.map(|target| target.join("argocd-peer")).find(|file| file.exists())
}
