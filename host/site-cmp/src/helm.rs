//! Charts rendered by the user's own `helm`, 3 or 4, with the user's own repositories,
//! registries and caches.
//!
//! Values go in by standard input, so no file of theirs is ever left behind. CRDs are
//! included, as Argo CD does by default; the schema is not checked a second time, for it
//! may refer to the network, and the pipeline has already proven the values.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use site_render::charts::{ChartJob, Charts};
use site_render::finding::{Fault, Finding, Problems};
use site_render::origin::SourceFile;
use site_render::value::{Node, Value};
use site_render::{json, yaml};

use crate::child;
use crate::codes;

/// Argo CD takes at most 100 MiB of manifests for a whole Application.
const OUTPUT_BYTES: u64 = 100 << 20;

/// A helm that is started once for each chart.
#[derive(Debug)]
pub(crate) struct Helm {
    program: PathBuf,
}

impl Helm {
    /// The helm that was named, else the one on `PATH`; looked for when it is needed.
    pub(crate) fn new(program: Option<PathBuf>) -> Self {
        Self { program: program.unwrap_or_else(|| PathBuf::from("helm")) }
    }
}

impl Charts for Helm {
    fn template(&self, job: &ChartJob) -> Result<Vec<Node>, Problems> {
        let mut command = Command::new(&self.program);
        let child = child::start(command.args(arguments(job)));
        let child = child.map_err(|error| self.missing(&error))?;
        let values = json::to_string(&job.values.value);
        let output = child::talk(child, &values, OUTPUT_BYTES).map_err(|error| {
            environment(format!("cannot talk to {}: {error}", self.program.display()))
        })?;
        if !output.status.success() {
            return Err(failed(job, &output).into());
        }
        documents(job, &output.stdout)
    }
}

impl Helm {
    fn missing(&self, error: &io::Error) -> Finding {
        environment(child::missing(&self.program, error)).hint(
            "target manifests runs the real helm, 3.16 or later or 4: install it \
             (https://helm.sh/docs/intro/install), or name it with --helm or SITE_CMP_HELM",
        )
    }
}

/// The command line of `helm template`.
fn arguments(job: &ChartJob) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["template".into()];
    let mut option = |name: &str, value: &str| {
        words.push(format!("--{name}={value}").into());
    };
    option("namespace", &job.namespace);
    option("values", "-");
    if let Some(version) = &job.cluster.kube_version {
        option("kube-version", version);
    }
    for api in &job.cluster.api_versions {
        option("api-versions", api);
    }
    let chart = if let Some(location) = &job.location {
        local(location)
    } else {
        option("version", &job.version);
        if let Some(registry) = oci(&job.repository) {
            format!("{registry}/{}", job.name)
        } else {
            option("repo", &job.repository);
            job.name.clone()
        }
    };
    words.push("--include-crds".into());
    words.push("--skip-schema-validation".into());
    // Whatever a fleet calls its release, it is no option.
    words.push("--".into());
    words.push(job.release.clone().into());
    words.push(chart.into());
    words
}

/// A chart on this machine, so that helm takes its path for nothing else.
fn local(location: &str) -> String {
    let path = Path::new(location);
    if path.is_absolute() || location.starts_with("./") || location.starts_with("../") {
        location.to_owned()
    } else {
        format!("./{location}")
    }
}

/// The registry, if a repository is one: Argo CD writes it without a scheme.
fn oci(repository: &str) -> Option<String> {
    let repository = repository.trim_end_matches('/');
    if repository.starts_with("oci://") {
        Some(repository.to_owned())
    } else if repository.contains("://") {
        None
    } else {
        Some(format!("oci://{repository}"))
    }
}

/// Helm's own message, what matters first.
fn failed(job: &ChartJob, output: &Output) -> Finding {
    let complaint = String::from_utf8_lossy(&output.stderr);
    let is_noise = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with("Use --debug") || line.starts_with("WARNING:")
    };
    let mut lines = complaint.lines().filter(|line| !is_noise(line));
    let first = match lines.next() {
        Some(line) => line.trim_start_matches("Error: ").to_owned(),
        None => format!("it ended with {}", output.status),
    };
    let rest: Vec<&str> = lines.collect();
    let message = format!("helm cannot render {}: {first}", job.name);
    let finding = codes::EMIT_HELM.finding(message);
    if rest.is_empty() {
        return finding;
    }
    finding.hint(format!("helm says further:\n{}", rest.join("\n")))
}

/// The objects in helm's output; documents that are empty are no objects.
fn documents(job: &ChartJob, bytes: &[u8]) -> Result<Vec<Node>, Problems> {
    let name = format!("helm template {}", job.release);
    let file: std::sync::Arc<SourceFile> = yaml::decode(&name, bytes).map_err(|error| *error)?;
    let documents = yaml::read_stream(&file).map_err(|error| *error)?;
    let is_object = |node: &Node| !matches!(node.value, Value::Null);
    Ok(documents.into_iter().filter(is_object).collect())
}

fn environment(message: String) -> Finding {
    codes::EMIT_HELM_MISSING.finding(message).blame(Fault::Environment)
}

#[cfg(test)]
mod tests;
