//! An overlay that changes an install of Argo CD by components of `argocd/`.

use std::fs;
use std::path::Path;

use crate::{Command, copy, repo};

/// Returns the objects of an install with components, as a program writes them: `kustomize` with the
/// verb `build`, or `kubectl` with the verb `kustomize`.
///
/// # Panics
/// Where the program refuses the overlay.
pub fn with_components(program: &Path, verb: &str, install: &str, components: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let at = |name: &str| folder.path().join(name);
    copy(&repo().join("argocd"), &at("argocd"));
    fs::create_dir(at("overlay")).expect("a folder can be made");
    let components: String =
        components.iter().map(|name| format!("- ../argocd/{name}\n")).collect();
    let overlay =
        format!("namespace: argocd\nresources: [install.yaml]\ncomponents:\n{components}");
    for (name, text) in [("install.yaml", install), ("kustomization.yaml", &overlay)] {
        fs::write(at("overlay").join(name), text).expect("a file can be written");
    }
    Command::new(program).arg(verb).arg(at("overlay")).run().success().stdout
}
