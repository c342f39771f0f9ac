//! What the repo-server's environment says about plugins.
//!
//! Another container's environment cannot be read from here: it is given as text
//! (`env` run there), else this process's own is looked at, and the answer says so.

use std::collections::BTreeMap;

use super::{Check, bytes, glob};

const CHUNK: &str = "ARGOCD_CMP_CHUNK_SIZE";
const MESSAGE: &str = "ARGOCD_GRPC_MAX_SIZE_MB";
const EXCLUSIONS: &str = "ARGOCD_REPO_SERVER_PLUGIN_TAR_EXCLUSIONS";
const GENERATE_PATHS: &str = "ARGOCD_REPO_SERVER_PLUGIN_USE_MANIFEST_GENERATE_PATHS";
const TIMEOUT: &str = "ARGOCD_EXEC_TIMEOUT";

/// Argo CD's own default, in bytes (its `common/common.go`).
const CHUNK_DEFAULT: i64 = 1024;

/// Advised, in bytes: an archive of 9 MB took 40 ms to send in messages of 1,024 and 22 ms
/// in these.
const CHUNK_ADVISED: i64 = 65_536;

/// Below this, in bytes, messages cost more than what is in them.
const CHUNK_SMALL: i64 = 16_384;

/// Argo CD's default for a whole message, in MiB (its `cmpserver/apiclient/clientset.go`).
const MESSAGE_DEFAULT: i64 = 100;

/// The variables, and whose they are.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
    is_repo_servers: bool,
}

impl Environment {
    /// This process's own.
    pub(crate) fn own() -> Self {
        let text = |word: std::ffi::OsString| word.to_string_lossy().into_owned();
        let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        Self { variables: variables.collect(), is_repo_servers: false }
    }

    /// The repo-server's: `NAME=VALUE`, one a line, or parted by NUL as `/proc` has them.
    pub(crate) fn of_repo_server(text: &str) -> Self {
        let separator = if text.contains('\0') { '\0' } else { '\n' };
        let pairs = text.split(separator).filter_map(|pair| pair.split_once('='));
        let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { variables: variables.collect(), is_repo_servers: true }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Patterns of what the repo-server leaves out of an archive.
    pub(super) fn exclusions(&self) -> Vec<&str> {
        let patterns = self.get(EXCLUSIONS).unwrap_or_default().split(';');
        patterns.map(str::trim).filter(|pattern| !pattern.is_empty()).collect()
    }

    /// Whether the repo-server sends no more than the annotation's common folder.
    pub(super) fn uses_generate_paths(&self) -> bool {
        // What Go's `strconv.ParseBool` takes for true.
        let truths = ["1", "t", "T", "true", "TRUE", "True"];
        self.get(GENERATE_PATHS).is_some_and(|value| truths.contains(&value))
    }

    /// Looks at every variable that concerns plugins.
    pub(super) fn checks(&self) -> Vec<Check> {
        let mut checks = vec![self.source(), self.chunk(), self.message()];
        checks.extend([self.left_out(), self.generate_paths()]);
        checks.extend(self.proxy());
        checks.extend(self.timeout());
        checks
    }

    /// Whose environment it is.
    fn source(&self) -> Check {
        const TOPIC: &str = "env/source";
        if self.is_repo_servers {
            return Check::ok(TOPIC, "what was given as the repo-server's environment");
        }
        let says = "this process's own environment, and the repo-server's is what counts";
        Check::warn(TOPIC, says, "give that with --env; `cmp doctor --help` shows how")
    }

    fn chunk(&self) -> Check {
        const TOPIC: &str = "env/chunk-size";
        let change = format!("on the repo-server: {CHUNK}={CHUNK_ADVISED}");
        let Some(value) = self.get(CHUNK) else {
            let says = format!("{}: {CHUNK_DEFAULT} bytes a message", unset(CHUNK));
            return Check::warn(TOPIC, says, change);
        };
        let Ok(size) = value.parse::<i64>() else {
            let says = format!("{CHUNK}={value} is no number: {CHUNK_DEFAULT} bytes a message");
            return Check::warn(TOPIC, says, change);
        };
        let says = format!("{CHUNK}={size}");
        if size <= 0 {
            return Check::fail(TOPIC, format!("{says} sends nothing at all"), change);
        }
        // Some bytes of every message are not content.
        if size >= (self.message_mib() << 20) - 1024 {
            return Check::fail(TOPIC, format!("{says} is more than a message may have"), change);
        }
        if size < CHUNK_SMALL {
            return Check::warn(TOPIC, format!("{says} makes many small messages"), change);
        }
        Check::ok(TOPIC, says)
    }

    fn message_mib(&self) -> i64 {
        let value = self.get(MESSAGE).and_then(|value| value.parse::<i32>().ok());
        value.map(i64::from).filter(|size| *size >= 0).unwrap_or(MESSAGE_DEFAULT)
    }

    fn message(&self) -> Check {
        const TOPIC: &str = "env/message-size";
        let size = self.message_mib();
        let answer = format!("an answer may have {size} MiB");
        let change = format!("{MESSAGE}: one number, the same in the plugin's container");
        match self.get(MESSAGE) {
            None => Check::ok(TOPIC, format!("{}: {answer}", unset(MESSAGE))),
            Some(value) if value.parse() != Ok(size) => {
                Check::warn(TOPIC, format!("{MESSAGE}={value} is not understood: {answer}"), change)
            }
            Some(_) if size == 0 => {
                Check::fail(TOPIC, format!("{MESSAGE}=0: no answer arrives"), change)
            }
            Some(value) => {
                let says = format!("{MESSAGE}={value}: {answer}, if the plugin's container has it");
                Check::ok(TOPIC, says)
            }
        }
    }

    fn left_out(&self) -> Check {
        const TOPIC: &str = "env/exclusions";
        let patterns = self.exclusions();
        if let Some(broken) = patterns.iter().find(|pattern| !glob::is_sound(pattern)) {
            let says = format!("{EXCLUSIONS}: `{broken}` is no pattern, and fails every call");
            return Check::fail(
                TOPIC,
                says,
                "patterns are those of Go's filepath.Match, parted by `;`",
            );
        }
        if patterns.iter().any(|pattern| matches!(*pattern, ".git" | ".git/*")) {
            return Check::ok(TOPIC, format!("{EXCLUSIONS}={}", patterns.join(";")));
        }
        let says = match patterns[..] {
            [] => unset(EXCLUSIONS),
            _ => format!("{EXCLUSIONS}={}", patterns.join(";")),
        };
        let says = format!("{says}: .git is sent with every call");
        Check::warn(TOPIC, says, format!("on the repo-server: {EXCLUSIONS}=.git"))
    }

    fn generate_paths(&self) -> Check {
        const TOPIC: &str = "env/generate-paths";
        if self.uses_generate_paths() {
            return Check::ok(
                TOPIC,
                format!("{GENERATE_PATHS}: the annotation bounds what is sent"),
            );
        }
        let says = match self.get(GENERATE_PATHS) {
            None => unset(GENERATE_PATHS),
            Some(value) => format!("{GENERATE_PATHS}={value}"),
        };
        let change = format!("on the repo-server: {GENERATE_PATHS}=true, and the annotation");
        Check::warn(TOPIC, format!("{says}: every call sends the whole repo"), change)
    }

    /// The repo-server dials plugins through Go's `proxy.Dial`, which asks these variables
    /// even for a socket of the file system. Schemes other than SOCKS's are passed over.
    fn proxy(&self) -> Option<Check> {
        let name = ["ALL_PROXY", "all_proxy"].into_iter().find(|name| self.get(name).is_some())?;
        // The value may hold a password, so it is not told.
        let is_socks = self.get(name).is_some_and(|value| value.starts_with("socks5"));
        if !is_socks {
            let says = format!("{name} is set, with a scheme that plugins are not dialled by");
            return Some(Check::ok("env/proxy", says));
        }
        let says = format!("{name} is a SOCKS proxy: plugins are dialled through it and fail");
        let change = "take it out of the repo-server; HTTPS_PROXY and per-repo proxies remain";
        let check = if self.is_repo_servers { Check::fail } else { Check::warn };
        Some(check("env/proxy", says, change))
    }

    fn timeout(&self) -> Option<Check> {
        let value = self.get(TIMEOUT)?;
        Some(Check::warn(
            "env/timeout",
            format!("{TIMEOUT}={value} has no effect on plugins"),
            "controller.repo.server.timeout.seconds and server.repo.server.timeout.seconds do",
        ))
    }
}

fn unset(name: &str) -> String {
    format!("{name} is not set")
}

/// How much of a whole a part is, for people.
pub(super) fn share(part: u64, whole: u64) -> String {
    let percent = part.saturating_mul(100).checked_div(whole).unwrap_or_default();
    format!("{} ({percent}%)", bytes(part))
}

#[cfg(test)]
mod tests;
