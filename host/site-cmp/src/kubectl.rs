//! The user's own `kubectl`, with the user's own contexts and credentials, asked what a
//! cluster can do. It reads what every user of a cluster may read, and changes nothing.
//!
//! The documents are the server's own: what `kubectl api-resources` prints has the preferred
//! version of each group alone, and a chart may ask for another.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::prelude::*;
use site_render::finding::{Fault, Finding, Problems};

use crate::child;
use crate::codes;
use crate::discovery::{self, Discovery};
use crate::table::clip;

/// How long one answer may take: a server that is away is told before a person gives up.
const TIMEOUT: &str = "--request-timeout=20s";

/// How much of a complaint a message shows, in characters.
const COMPLAINT: usize = 400;

/// A kubectl and whom it asks.
#[derive(Debug)]
pub(crate) struct Kubectl {
    program: PathBuf,
    options: Vec<OsString>,
}

impl Kubectl {
    /// The one that was named, else the one on `PATH`; with its own default cluster where no
    /// other is said.
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

    /// Asks for the version, the groups, and the kinds of each group.
    pub(crate) fn discover(&self) -> Result<Discovery, Problems> {
        let mut discovery = Discovery::default();
        for path in ["/version", "/api", "/apis"] {
            discovery.hear(&told(path), &self.raw(path)?)?;
        }
        let paths: Vec<String> =
            discovery.undescribed().iter().map(|group| discovery::path(group)).collect();
        let answers: Vec<_> = paths.par_iter().map(|path| self.raw(path)).collect();
        for (path, answer) in paths.iter().zip(answers) {
            discovery.hear(&told(path), &answer?)?;
        }
        Ok(discovery)
    }

    /// What the server answers at a path.
    fn raw(&self, path: &str) -> Result<Vec<u8>, Finding> {
        let mut command = Command::new(&self.program);
        command.args(["get", "--raw", path]).args(&self.options);
        let child = child::start(&mut command).map_err(|error| {
            wrong(child::missing(&self.program, &error)).hint(
                "install kubectl (https://kubernetes.io/docs/tasks/tools), name it with \
                 --kubectl, or give what it prints with --from",
            )
        })?;
        let output = child::talk(child, "", discovery::BYTES).map_err(|error| {
            wrong(format!("cannot talk to {}: {error}", self.program.display()))
        })?;
        if output.status.success() { Ok(output.stdout) } else { Err(failed(path, &output)) }
    }
}

fn told(path: &str) -> String {
    format!("the cluster's {path}")
}

/// kubectl's own last word; before it stand the attempts.
fn failed(path: &str, output: &Output) -> Finding {
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last = complaint.lines().map(str::trim).rfind(|line| !line.is_empty());
    let why = last.map_or_else(|| format!("it ended with {}", output.status), str::to_owned);
    wrong(format!("kubectl cannot read {path}: {}", clip(&why, COMPLAINT)))
        .hint(format!("try `kubectl get --raw {path}` with the same context"))
}

fn wrong(message: String) -> Finding {
    codes::CLUSTER_KUBECTL.finding(message).blame(Fault::Environment)
}
