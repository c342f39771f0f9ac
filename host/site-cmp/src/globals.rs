//! The options that every command takes, and the variables that stand in for them.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use std::ffi::OsString;
use std::path::PathBuf;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

/// The options that every command takes.
#[derive(Args, Debug)]
pub(crate) struct Globals {
    /// Colour what is said to a person
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(help_heading = "Global options")]
    color: When,
    /// Operator's limits on what policies may use [env: SITE_CMP_LIMITS]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    limits: Option<PathBuf>,
    /// Where compiled policies are kept [env: SITE_CMP_CACHE] [default: the user's cache folder]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    cache_dir: Option<PathBuf>,
    /// Say errors only
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
}

/// When to colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Globals {
    pub(crate) fn color(&self) -> ColorChoice {
        match self.color {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        }
    }

    /// The operator's limits file, if there is one.
    pub(crate) fn limits(&self) -> Option<PathBuf> {
        let said = self.limits.clone();
        said.or_else(|| variable("SITE_CMP_LIMITS").map(PathBuf::from))
    }

    /// Where to keep compiled policies, if that was said.
    pub(crate) fn cache_dir(&self) -> Option<PathBuf> {
        let said = self.cache_dir.clone();
        said.or_else(|| variable("SITE_CMP_CACHE").map(PathBuf::from))
    }
}

/// Returns an environment variable; an empty one is taken as unset.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
