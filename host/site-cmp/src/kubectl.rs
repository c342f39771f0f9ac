//! Reads the version and the APIs of a cluster through the user's own `kubectl`, contexts and
//! credentials. It reads only discovery, which every user of a cluster may read, and changes
//! nothing.
//!
//! The documents are the server's own, because `kubectl api-resources` prints only the
//! preferred version of each group, and a chart may check for another.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::prelude::*;
use site_render::finding::{Fault, Finding, Problems};

use crate::child;
use crate::codes;
use crate::discovery::{self, Discovery};
use crate::table::clip;

/// The time limit for one answer, so that an unreachable server is reported soon.
const TIMEOUT: &str = "--request-timeout=20s";

/// The most characters of kubectl's error in a message.
const COMPLAINT: usize = 400;

/// A kubectl with its options.
#[derive(Debug)]
pub(crate) struct Kubectl {
    program: PathBuf,
    options: Vec<OsString>,
}

impl Kubectl {
    /// Uses the named program, else the one on `PATH`, and the default cluster unless a context
    /// is given.
    pub(crate) fn new(
        program: Option<PathBuf>,
        context: Option<&str>,
        kubeconfig: Option<&Path>,
    ) -> Self {
        let mut options: Vec<OsString> = vec![TIMEOUT.into()];
        options.extend(context.map(|context| format!("--context={context}").into()));
        options.extend(kubeconfig.map(|file| {
            let mut option = OsString::from("--kubeconfig=");
            option.push(file);
            option
        }));
        Self { program: program.unwrap_or_else(|| PathBuf::from("kubectl")), options }
    }

    /// Reads the version, the groups, and the kinds of each group.
    pub(crate) fn discover_apis(&self) -> Result<Discovery, Problems> {
        let mut discovery = Discovery::default();
        for path in ["/version", "/api", "/apis"] {
            discovery.read_documents(&source_label(path), &self.get_raw(path)?)?;
        }
        let paths: Vec<String> = discovery
            .missing_groups()
            .iter()
            .map(|group| discovery::discovery_path(group))
            .collect();
        let answers: Vec<_> = paths.par_iter().map(|path| self.get_raw(path)).collect();
        for (path, answer) in paths.iter().zip(answers) {
            discovery.read_documents(&source_label(path), &answer?)?;
        }
        Ok(discovery)
    }

    /// Returns the server's answer at a path.
    fn get_raw(&self, path: &str) -> Result<Vec<u8>, Finding> {
        let mut command = Command::new(&self.program);
        command.args(["get", "--raw", path]).args(&self.options);
        let child = child::start_child(&mut command).map_err(|error| {
            environment_error(child::start_error(&self.program, &error)).hint(
                "install kubectl (https://kubernetes.io/docs/tasks/tools), name it with \
                 --kubectl, or pass its output with --from",
            )
        })?;
        let output = child::run_to_end(child, "", discovery::BYTES).map_err(|error| {
            environment_error(format!("cannot run {}: {error}", self.program.display()))
        })?;
        if output.status.success() { Ok(output.stdout) } else { Err(kubectl_error(path, &output)) }
    }
}

/// Returns the name of an answer in messages.
fn source_label(path: &str) -> String {
    format!("the cluster's {path}")
}

/// Returns kubectl's last error line; the lines before it are its retries.
fn kubectl_error(path: &str, output: &Output) -> Finding {
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last = complaint.lines().map(str::trim).rfind(|line| !line.is_empty());
    let why = last.map_or_else(|| format!("it ended with {}", output.status), str::to_owned);
    environment_error(format!("kubectl cannot read {path}: {}", clip(&why, COMPLAINT)))
        .hint(format!("try `kubectl get --raw {path}` with the same context"))
}

fn environment_error(message: String) -> Finding {
    codes::CLUSTER_KUBECTL.finding(message).blame(Fault::Environment)
}
