//! The options that every command has, and the environment variables of the same meaning.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use std::ffi::OsString;
use std::path::PathBuf;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

/// The options that every command has.
#[derive(Args, Debug)]
pub(crate) struct Globals {
    /// Colour messages and explanations
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(help_heading = "Global options")]
    color: When,
    /// File with the operator's limits for policies and the server [env: SITE_CMP_LIMITS]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    limits: Option<PathBuf>,
    /// Directory that caches compiled policies [env: SITE_CMP_CACHE] [default: the user's cache
    /// directory]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    cache_dir: Option<PathBuf>,
    /// Hide warnings and notes; the log of serve still has warnings
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
}

/// The choices of `--color`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    /// If the output is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Globals {
    /// Returns when to use colours.
    pub(crate) fn color(&self) -> ColorChoice {
        match self.color {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        }
    }

    /// Returns the operator's limits file, if one is named.
    pub(crate) fn limits(&self) -> Option<PathBuf> {
        let named = self.limits.clone();
        named.or_else(|| variable("SITE_CMP_LIMITS").map(PathBuf::from))
    }

    /// Returns the directory that caches compiled policies, if one is named.
    pub(crate) fn cache_dir(&self) -> Option<PathBuf> {
        let named = self.cache_dir.clone();
        named.or_else(|| variable("SITE_CMP_CACHE").map(PathBuf::from))
    }
}

/// Returns an environment variable; an empty one is treated as unset.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
