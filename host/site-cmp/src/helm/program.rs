//! Finds the helm program, and the variables that it gets.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::limits::{HelmVariables, TEMPORARY};

/// Returns a variable.
pub(super) fn value<'a>(variables: &'a HelmVariables, name: &str) -> Option<&'a str> {
    variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Returns the absolute path of a program: helm runs in another working folder. A name without a
/// slash is looked up in the folders of `PATH`. Returns none if there is no such program.
pub(super) fn find_program(program: &Path, folders: &str) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return std::path::absolute(program).ok().filter(|path| is_program(path));
    }
    let named = |folder: PathBuf| std::path::absolute(folder.join(program)).ok();
    std::env::split_paths(folders).filter_map(named).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Returns the variables of a helm that is confined to a home: `PATH`, and those that the operator
/// lists. Those last win.
pub(super) fn confined_variables(
    home: &Path,
    variables: &HelmVariables,
    memory_bytes: u64,
) -> Vec<(OsString, OsString)> {
    let folders = [
        ("HOME", ""),
        (TEMPORARY, ""),
        ("HELM_CACHE_HOME", "cache"),
        ("HELM_CONFIG_HOME", "config"),
        ("HELM_DATA_HOME", "data"),
    ];
    let mut given: Vec<(OsString, OsString)> =
        folders.map(|(name, below)| (name.into(), home.join(below).into())).into();
    // Go collects garbage earlier near this size, before it reaches the limit.
    given.push(("GOMEMLIMIT".into(), (memory_bytes / 4 * 3).to_string().into()));
    let listed = variables.iter().filter(|(name, _)| name != TEMPORARY);
    given.extend(listed.map(|(name, value)| (name.into(), value.into())));
    given
}
