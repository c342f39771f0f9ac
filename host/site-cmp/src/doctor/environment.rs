//! Checks of the repo-server's environment variables that concern plugins.
//!
//! The environment of another container cannot be read from here. It is passed as text (the
//! output of `env` there); otherwise this process's own is checked, and a check reports that.

use std::collections::BTreeMap;

use super::{Check, format_bytes, glob};

const CHUNK: &str = "ARGOCD_CMP_CHUNK_SIZE";
const MESSAGE: &str = "ARGOCD_GRPC_MAX_SIZE_MB";
const EXCLUSIONS: &str = "ARGOCD_REPO_SERVER_PLUGIN_TAR_EXCLUSIONS";
const GENERATE_PATHS: &str = "ARGOCD_REPO_SERVER_PLUGIN_USE_MANIFEST_GENERATE_PATHS";
const TIMEOUT: &str = "ARGOCD_EXEC_TIMEOUT";

/// Argo CD's default in bytes (`common/common.go` of 3.5).
const CHUNK_DEFAULT: i64 = 1024;

/// The recommended size in bytes. An archive of 9 MB took 40 ms to send in messages of 1,024
/// bytes and 22 ms in messages of this size.
const CHUNK_ADVISED: i64 = 65_536;

/// Below this size in bytes, the overhead of messages exceeds the cost of their content.
const CHUNK_SMALL: i64 = 16_384;

/// Argo CD's default for the largest message in MiB (`cmpserver/apiclient/clientset.go`).
const MESSAGE_DEFAULT: i64 = 100;

/// Environment variables and their origin.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
    is_repo_servers: bool,
}

impl Environment {
    /// Returns this process's own environment.
    pub(crate) fn own() -> Self {
        let text = |word: std::ffi::OsString| word.to_string_lossy().into_owned();
        let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        Self { variables: variables.collect(), is_repo_servers: false }
    }

    /// Parses the repo-server's environment: `NAME=VALUE`, one on each line, or separated by
    /// NUL as in `/proc`.
    pub(crate) fn of_repo_server(text: &str) -> Self {
        let separator = if text.contains('\0') { '\0' } else { '\n' };
        let pairs = text.split(separator).filter_map(|pair| pair.split_once('='));
        let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { variables: variables.collect(), is_repo_servers: true }
    }

    /// Returns a variable that is set and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the patterns of files that the repo-server excludes from an archive.
    pub(super) fn exclusions(&self) -> Vec<&str> {
        let patterns = self.get(EXCLUSIONS).unwrap_or_default().split(';');
        patterns.map(str::trim).filter(|pattern| !pattern.is_empty()).collect()
    }

    /// Returns whether the repo-server sends only the common folder of the annotation's paths.
    pub(super) fn uses_generate_paths(&self) -> bool {
        // The values that Go's `strconv.ParseBool` accepts as true.
        let truths = ["1", "t", "T", "true", "TRUE", "True"];
        self.get(GENERATE_PATHS).is_some_and(|value| truths.contains(&value))
    }

    /// Checks every variable that concerns plugins.
    pub(super) fn checks(&self) -> Vec<Check> {
        let mut checks =
            vec![self.check_source(), self.check_chunk_size(), self.check_message_size()];
        checks.extend([self.check_exclusions(), self.check_generate_paths()]);
        checks.extend(self.check_proxy());
        checks.extend(self.check_timeout());
        checks
    }

    /// Reports which environment is checked.
    fn check_source(&self) -> Check {
        const TOPIC: &str = "env/source";
        if self.is_repo_servers {
            return Check::ok(TOPIC, "the repo-server's environment, from --env");
        }
        let says = "this process's own environment; only the repo-server's takes effect";
        Check::warn(TOPIC, says, "pass the repo-server's with --env; `cmp doctor --help` shows how")
    }

    /// Checks the size of the messages that carry an archive.
    fn check_chunk_size(&self) -> Check {
        const TOPIC: &str = "env/chunk-size";
        let change = format!("on the repo-server: {CHUNK}={CHUNK_ADVISED}");
        let Some(value) = self.get(CHUNK) else {
            let says = format!("{}: {CHUNK_DEFAULT} bytes a message", not_set(CHUNK));
            return Check::warn(TOPIC, says, change);
        };
        let Ok(size) = value.parse::<i64>() else {
            let says = format!("{CHUNK}={value} is not a number: {CHUNK_DEFAULT} bytes a message");
            return Check::warn(TOPIC, says, change);
        };
        let says = format!("{CHUNK}={size}");
        if size <= 0 {
            return Check::fail(TOPIC, format!("{says}: nothing is sent"), change);
        }
        // Some bytes of every message are headers.
        if size >= (self.message_mib() << 20) - 1024 {
            return Check::fail(
                TOPIC,
                format!("{says} is larger than the largest message"),
                change,
            );
        }
        if size < CHUNK_SMALL {
            return Check::warn(TOPIC, format!("{says} results in many small messages"), change);
        }
        Check::ok(TOPIC, says)
    }

    /// Returns the largest message in MiB, as Argo CD reads the variable.
    fn message_mib(&self) -> i64 {
        let value = self.get(MESSAGE).and_then(|value| value.parse::<i32>().ok());
        value.map(i64::from).filter(|size| *size >= 0).unwrap_or(MESSAGE_DEFAULT)
    }

    /// Checks the largest message.
    fn check_message_size(&self) -> Check {
        const TOPIC: &str = "env/message-size";
        let size = self.message_mib();
        let answer = format!("an answer has at most {size} MiB");
        let change = format!(
            "set {MESSAGE} to the same number on the repo-server and in the plugin's container"
        );
        match self.get(MESSAGE) {
            None => Check::ok(TOPIC, format!("{}: {answer}", not_set(MESSAGE))),
            Some(value) if value.parse() != Ok(size) => Check::warn(
                TOPIC,
                format!("{MESSAGE}={value} is not a valid number: {answer}"),
                change,
            ),
            Some(_) if size == 0 => {
                Check::fail(TOPIC, format!("{MESSAGE}=0: no answer arrives"), change)
            }
            Some(value) => {
                let says = format!(
                    "{MESSAGE}={value}: {answer}, if the plugin's container has the same value"
                );
                Check::ok(TOPIC, says)
            }
        }
    }

    /// Checks that the exclusions are valid and contain `.git`.
    fn check_exclusions(&self) -> Check {
        const TOPIC: &str = "env/exclusions";
        let patterns = self.exclusions();
        if let Some(broken) = patterns.iter().find(|pattern| !glob::is_sound(pattern)) {
            let says =
                format!("{EXCLUSIONS}: `{broken}` is not a valid pattern and fails every call");
            return Check::fail(
                TOPIC,
                says,
                "use patterns of Go's filepath.Match, separated by `;`",
            );
        }
        if patterns.iter().any(|pattern| matches!(*pattern, ".git" | ".git/*")) {
            return Check::ok(TOPIC, format!("{EXCLUSIONS}={}", patterns.join(";")));
        }
        let says = match patterns[..] {
            [] => not_set(EXCLUSIONS),
            _ => format!("{EXCLUSIONS}={}", patterns.join(";")),
        };
        let says = format!("{says}: .git is sent with every call");
        Check::warn(TOPIC, says, format!("on the repo-server: {EXCLUSIONS}=.git"))
    }

    /// Checks that the repo-server uses the annotation.
    fn check_generate_paths(&self) -> Check {
        const TOPIC: &str = "env/generate-paths";
        if self.uses_generate_paths() {
            return Check::ok(
                TOPIC,
                format!("{GENERATE_PATHS}: only the annotation's folder is sent"),
            );
        }
        let says = match self.get(GENERATE_PATHS) {
            None => not_set(GENERATE_PATHS),
            Some(value) => format!("{GENERATE_PATHS}={value}"),
        };
        let change = format!(
            "on the repo-server: {GENERATE_PATHS}=true; on the Application: the annotation"
        );
        Check::warn(TOPIC, format!("{says}: every call sends the whole repo"), change)
    }

    /// Checks for a proxy. The repo-server dials plugins through Go's `proxy.Dial`, which reads
    /// these variables even for a Unix socket, and ignores schemes other than SOCKS.
    fn check_proxy(&self) -> Option<Check> {
        let name = ["ALL_PROXY", "all_proxy"].into_iter().find(|name| self.get(name).is_some())?;
        // The value may contain a password, so it is not printed.
        let is_socks = self.get(name).is_some_and(|value| value.starts_with("socks5"));
        if !is_socks {
            let says = format!("{name} is not a SOCKS proxy, so connections to plugins ignore it");
            return Some(Check::ok("env/proxy", says));
        }
        let says =
            format!("{name} is a SOCKS proxy: connections to plugins go through it and fail");
        let change =
            "remove it from the repo-server; use HTTPS_PROXY or a proxy per repository instead";
        let check = if self.is_repo_servers { Check::fail } else { Check::warn };
        Some(check("env/proxy", says, change))
    }

    /// Warns about a timeout that does not apply to plugins.
    fn check_timeout(&self) -> Option<Check> {
        let value = self.get(TIMEOUT)?;
        Some(Check::warn(
            "env/timeout",
            format!("{TIMEOUT}={value} has no effect on plugins"),
            "set controller.repo.server.timeout.seconds and server.repo.server.timeout.seconds in \
             argocd-cmd-params-cm",
        ))
    }
}

fn not_set(name: &str) -> String {
    format!("{name} is not set")
}

/// Formats a part of a whole for people.
pub(super) fn format_share(part: u64, whole: u64) -> String {
    let percent = part.saturating_mul(100).checked_div(whole).unwrap_or_default();
    format!("{} ({percent}%)", format_bytes(part))
}

#[cfg(test)]
mod tests;
