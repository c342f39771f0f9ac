//! Forwards calls to diffutils' `cmp`: the two programs have the same name, and no script may
//! break because site-cmp is installed.
//!
//! Only a program named `cmp` forwards, and only a call whose first word is not a command or
//! option of site-cmp. A file with the name of a command is treated as the command. Arguments
//! are forwarded unchanged, even those that are not UTF-8.

use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli;
use crate::codes;
use crate::exit::CommandError;

/// The variable that has the process id of a forwarded call, which `exec` keeps. A copy of
/// site-cmp that finds its own process id forwards only to programs later on `PATH`, else two
/// copies would call each other for ever.
const MARK: &str = "SITE_CMP_HANDED_OVER";

/// Replaces this process by the other `cmp`, unless the call is for site-cmp.
pub(crate) fn forward_unless_ours(words: &[OsString]) -> Result<(), CommandError> {
    if is_ours(words) {
        return Ok(());
    }
    let pid = std::process::id().to_string();
    let is_forwarded = std::env::var_os(MARK).is_some_and(|mark| mark == *pid);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::env::current_exe().and_then(std::fs::metadata).ok();
    let Some(other) = next_on_path(&path, own.as_ref(), is_forwarded) else {
        return Err(CommandError::usage(
            "not a command of site-cmp, and no other `cmp` on PATH that the call could be \
             forwarded to; `cmp --help` lists the commands",
        ));
    };
    let mut command = Command::new(&other);
    if let Some((name, arguments)) = words.split_first() {
        command.arg0(name).args(arguments);
    }
    let error = command.env(MARK, pid).exec();
    Err(CommandError::environment(
        &codes::CLI_HANDOVER,
        format!("cannot forward the call to {}: {error}", other.display()),
    ))
}

/// Returns true if a command line is for site-cmp.
fn is_ours(words: &[OsString]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return true;
    };
    if Path::new(program).file_name() != Some(OsStr::new("cmp")) {
        return true;
    }
    // `--quiet` is an option of both programs, so the word after it decides.
    let mut rest = arguments.iter().skip_while(|word| *word == "--quiet");
    match rest.next().map(|word| word.to_str()) {
        None => true,
        Some(None) => false,
        Some(Some(word)) => cli::is_known_word(word),
    }
}

/// Returns the first other `cmp` after our own on `PATH`; if there is none, the first before it,
/// unless this call is already forwarded.
fn next_on_path(path: &OsStr, own: Option<&Metadata>, is_forwarded: bool) -> Option<PathBuf> {
    let candidates: Vec<(PathBuf, Metadata)> = std::env::split_paths(path)
        .map(|folder| folder.join("cmp"))
        .filter_map(|file| std::fs::metadata(&file).ok().map(|meta| (file, meta)))
        .filter(|(_, meta)| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
        .collect();
    let is_own =
        |meta: &Metadata| own.is_some_and(|own| (own.dev(), own.ino()) == (meta.dev(), meta.ino()));
    let after = candidates.iter().rposition(|(_, meta)| is_own(meta)).map_or(0, |at| at + 1);
    let (before, later) = candidates.split_at(after);
    let before = if is_forwarded { &[] } else { before };
    later.iter().chain(before).find(|(_, meta)| !is_own(meta)).map(|(file, _)| file.clone())
}

#[cfg(test)]
mod tests;
