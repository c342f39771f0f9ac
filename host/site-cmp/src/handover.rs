//! Hands over to the other `cmp`: the name belongs to diffutils too, and no script on the
//! machine may break because ours is installed.
//!
//! Only the name `cmp` does this, and only for words that are none of ours; a file that
//! is called like one of our commands is taken for the command. Everything, arguments
//! that are not UTF-8 included, goes on untouched.

use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli;
use crate::codes;
use crate::exit::Stop;

/// Carries the process id over `exec`: a copy of ours that was handed over to may only
/// hand on to what stands later on `PATH`, else two copies would call each other for ever.
const MARK: &str = "SITE_CMP_HANDED_OVER";

/// Gives the process to the other `cmp` where the words are not for us; returns where they are.
pub(crate) fn unless_ours(words: &[OsString]) -> Result<(), Stop> {
    if is_ours(words) {
        return Ok(());
    }
    let pid = std::process::id().to_string();
    let again = std::env::var_os(MARK).is_some_and(|mark| mark == *pid);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::env::current_exe().and_then(std::fs::metadata).ok();
    let Some(other) = next_on_path(&path, own.as_ref(), again) else {
        return Err(Stop::usage(
            "these words are no command of site-cmp, and there is no other `cmp` on PATH to \
             hand them to; `cmp --help` lists the commands",
        ));
    };
    let mut command = Command::new(&other);
    if let Some((name, arguments)) = words.split_first() {
        command.arg0(name).args(arguments);
    }
    let error = command.env(MARK, pid).exec();
    Err(Stop::environment(
        &codes::CLI_HANDOVER,
        format!("cannot hand over to {}: {error}", other.display()),
    ))
}

/// Whether a command line is for us.
fn is_ours(words: &[OsString]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return true;
    };
    if Path::new(program).file_name() != Some(OsStr::new("cmp")) {
        return true;
    }
    // `--quiet` is an option of both; what follows it tells whose it is.
    let mut rest = arguments.iter().skip_while(|word| *word == "--quiet");
    match rest.next().map(|word| word.to_str()) {
        None => true,
        Some(None) => false,
        Some(Some(word)) => cli::knows(word),
    }
}

/// The `cmp` after our own place on `PATH`, else, unless `again`, the first before it.
fn next_on_path(path: &OsStr, own: Option<&Metadata>, again: bool) -> Option<PathBuf> {
    let candidates: Vec<(PathBuf, Metadata)> = std::env::split_paths(path)
        .map(|folder| folder.join("cmp"))
        .filter_map(|file| std::fs::metadata(&file).ok().map(|meta| (file, meta)))
        .filter(|(_, meta)| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
        .collect();
    let is_own =
        |meta: &Metadata| own.is_some_and(|own| (own.dev(), own.ino()) == (meta.dev(), meta.ino()));
    let after = candidates.iter().rposition(|(_, meta)| is_own(meta)).map_or(0, |at| at + 1);
    let (before, later) = candidates.split_at(after);
    let before = if again { &[] } else { before };
    later.iter().chain(before).find(|(_, meta)| !is_own(meta)).map(|(file, _)| file.clone())
}

#[cfg(test)]
mod tests;
