//! Runs `cargo build` for WASM so that the same source results in the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::BuildError;
use super::package::Package;
use super::toolchain::{TARGET, Toolchain};

/// A policy is small and its call is short: one codegen unit, whole-program optimisation, no
/// unwinding. Function names are kept, so that a trap can report where it happened.
const PROFILE: [&str; 5] = [
    "profile.release.opt-level=3",
    "profile.release.lto=\"fat\"",
    "profile.release.codegen-units=1",
    "profile.release.panic=\"abort\"",
    "profile.release.strip=\"debuginfo\"",
];

/// Builds the package's core module.
pub(super) fn build_module(
    package: &Package,
    toolchain: &Toolchain,
) -> Result<Vec<u8>, BuildError> {
    let Some(file) = &package.module else {
        return Err(BuildError::NoModule { package: package.name.clone() });
    };
    // Separate from the native build, which another compiler may have made.
    let target = package.target.join("cmp-policy");
    let paths = machine_paths(package, toolchain);
    let output = build_command(package, toolchain, &target, &paths).output().map_err(|source| {
        BuildError::Run { program: toolchain.cargo.display().to_string(), source }
    })?;
    if !output.status.success() {
        return Err(BuildError::Cargo {
            command: "cargo build",
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    let path = target.join(TARGET).join("release").join(file);
    let module = fs::read(&path).map_err(|error| BuildError::io(&path, error))?;
    match paths.iter().find(|(from, _)| contains_path(&module, from)) {
        None => Ok(module),
        Some((from, _)) => Err(BuildError::PathLeft { path: from.display().to_string() }),
    }
}

/// Builds the command line of `cargo build`.
fn build_command(
    package: &Package,
    toolchain: &Toolchain,
    target: &Path,
    paths: &[(PathBuf, &str)],
) -> Command {
    let mut command = Command::new(&toolchain.cargo);
    command
        .current_dir(&package.folder)
        .args(["build", "--lib", "--release", "--target", TARGET, "--target-dir"])
        .arg(target);
    for setting in PROFILE {
        command.args(["--config", setting]);
    }
    let flags: Vec<String> = paths
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
        .collect();
    // This overrides flags from the caller's environment and files, which would change the
    // bytes.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}")).env_remove("RUSTFLAGS");
    if let Some(from_source) = &toolchain.from_source {
        command
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", &from_source.rustc)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &from_source.linker);
    }
    command
}

/// Returns local folders that panic messages name, with their replacements. Of several that
/// match, the compiler uses the last.
fn machine_paths(package: &Package, toolchain: &Toolchain) -> Vec<(PathBuf, &'static str)> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let cargo = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| home.map(|home| home.join(".cargo")));
    let library = toolchain.sysroot.join("lib/rustlib/src/rust");
    let mut paths = vec![(package.workspace.clone(), "/source")];
    paths.extend(cargo.map(|cargo| (cargo, "/cargo")));
    paths.extend(fs::canonicalize(&library).ok().map(|real| (real, "/rust")));
    paths.push((library, "/rust"));
    paths
}

/// Returns whether a path occurs in the bytes.
fn contains_path(bytes: &[u8], path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    !path.is_empty() && bytes.windows(path.len()).any(|window| window == path)
}
