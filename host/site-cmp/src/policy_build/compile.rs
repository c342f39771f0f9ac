//! Runs `cargo build` for WASM such that the same source gives the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::BuildError;
use super::package::Package;
use super::toolchain::{TARGET, Toolchain};

/// A policy is small and its call is short: one unit, whole-program optimisation, no
/// unwinding. Names stay in, so that a trap can say where it happened.
const PROFILE: [&str; 5] = [
    "profile.release.opt-level=3",
    "profile.release.lto=\"fat\"",
    "profile.release.codegen-units=1",
    "profile.release.panic=\"abort\"",
    "profile.release.strip=\"debuginfo\"",
];

/// Builds the package's core module.
pub(super) fn module(package: &Package, toolchain: &Toolchain) -> Result<Vec<u8>, BuildError> {
    let Some(file) = &package.module else {
        return Err(BuildError::NoModule { package: package.name.clone() });
    };
    // Apart from the native build: another compiler may have made that.
    let target = package.target.join("cmp-policy");
    let paths = machine_paths(package, toolchain);
    let output = command(package, toolchain, &target, &paths).output().map_err(|source| {
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
    match paths.iter().find(|(from, _)| holds(&module, from)) {
        None => Ok(module),
        Some((from, _)) => Err(BuildError::PathLeft { path: from.display().to_string() }),
    }
}

fn command(
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
    // Over whatever flags the caller's environment or files have: they would show.
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

/// Folders of this machine that panic messages name, and what they become. Of several
/// that fit, the compiler takes the last.
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

fn holds(bytes: &[u8], path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    !path.is_empty() && bytes.windows(path.len()).any(|window| window == path)
}
