//! The facts about a policy's package that `cargo metadata` reports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::error::BuildError;

/// A local package.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub(super) name: String,
    /// The folder of its `Cargo.toml`, absolute.
    pub(super) folder: PathBuf,
    pub(super) workspace: PathBuf,
    pub(super) target: PathBuf,
    /// The file name of its `cdylib`, if it has one.
    pub(super) module: Option<String>,
    /// Folders of its path dependencies.
    pub(super) path_dependencies: Vec<PathBuf>,
    /// Files and folders outside that belong to its sources, as written in its manifest.
    pub(super) extra_sources: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
    metadata: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Dependency {
    kind: Option<String>,
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Package {
    /// Reads the package in this folder.
    pub(super) fn read(folder: &Path) -> Result<Self, BuildError> {
        let folder = fs::canonicalize(folder).map_err(|error| BuildError::io(folder, error))?;
        let manifest = folder.join("Cargo.toml");
        let output = Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(&manifest)
            .output()
            .map_err(|source| BuildError::Run { program: "cargo".to_owned(), source })?;
        if !output.status.success() {
            return Err(BuildError::Cargo {
                command: "cargo metadata",
                output: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout)
            .map_err(|error| BuildError::metadata(&folder, error.to_string()))?;
        Self::from_metadata(metadata, folder, &manifest)
    }

    /// Selects the package from the output of `cargo metadata`.
    fn from_metadata(
        metadata: Metadata,
        folder: PathBuf,
        manifest: &Path,
    ) -> Result<Self, BuildError> {
        let package = metadata
            .packages
            .into_iter()
            .find(|package| package.manifest_path == manifest)
            .ok_or_else(|| BuildError::metadata(&folder, "no package in this folder"))?;
        let module = package
            .targets
            .iter()
            .find(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))
            .map(|target| format!("{}.wasm", target.name.replace('-', "_")));
        let path_dependencies = package
            .dependencies
            .into_iter()
            // Dependencies of tests are not in the artifact.
            .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
            .filter_map(|dependency| dependency.path)
            .collect();
        Ok(Self {
            name: package.name,
            workspace: metadata.workspace_root,
            target: metadata.target_directory,
            module,
            path_dependencies,
            extra_sources: extra_sources(package.metadata.as_ref()),
            folder,
        })
    }
}

/// Returns `sources` of `[package.metadata.site-cmp]`.
fn extra_sources(metadata: Option<&serde_json::Value>) -> Vec<String> {
    metadata
        .and_then(|metadata| metadata.pointer("/site-cmp/sources")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(|source| source.as_str().map(str::to_owned))
        .collect()
}
