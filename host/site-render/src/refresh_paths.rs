//! The paths of a repo whose change makes Argo CD render an Application again: the annotation
//! `argocd.argoproj.io/manifest-generate-paths`.
//!
//! Argo CD (3.5, `GetSourceRefreshPaths` and `AppFilesHaveChanged`) applies one list to every source
//! of the Application. A path with a leading `/` starts at the root of a source's repo, any other in
//! the folder of each source; a file counts if it has that path or is below it. A change that no path
//! covers leaves the old manifests.

mod compact;
mod watched;

pub(crate) use compact::compact;
pub use watched::WatchedPaths;

/// Returns the folders above `folder`, which ends with `below`.
pub(crate) fn above<'f>(folder: &'f str, below: &str) -> Option<&'f str> {
    let above = folder.strip_suffix(below)?;
    if below.is_empty() {
        return Some(above);
    }
    if above.is_empty() { Some("") } else { above.strip_suffix('/') }
}

/// Resolves a path from the root, which it cannot leave.
pub(crate) fn clean(path: &str) -> String {
    resolve("", path)
}

/// Resolves a path from a folder, as Argo CD does: `..` at the root stays there.
pub(crate) fn resolve(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

pub(crate) fn join(folder: &str, path: &str) -> String {
    let slash = if folder.is_empty() || path.is_empty() { "" } else { "/" };
    format!("{folder}{slash}{path}")
}

/// Returns whether a path is `folder` or below it.
pub(crate) fn is_in(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| folder.is_empty() || rest.is_empty() || rest.starts_with('/'))
}
