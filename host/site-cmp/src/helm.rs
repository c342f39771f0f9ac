//! Renders charts with the user's own `helm`, 3 or 4, and the user's own repositories,
//! registries and caches.
//!
//! Values are passed on standard input, so no file with them is ever left behind. CRDs are
//! included, as Argo CD does by default. Helm's schema validation is off: the pipeline has
//! already validated the values, and a schema may refer to the network.

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

/// The largest output. Argo CD accepts at most 100 MiB of manifests for a whole Application.
const OUTPUT_BYTES: u64 = 100 << 20;

/// A helm program, which is started once for each chart.
#[derive(Debug)]
pub(crate) struct Helm {
    program: PathBuf,
}

impl Helm {
    /// Uses the named program, else the one on `PATH`; it is looked up when it is needed.
    pub(crate) fn new(program: Option<PathBuf>) -> Self {
        Self { program: program.unwrap_or_else(|| PathBuf::from("helm")) }
    }
}

impl Charts for Helm {
    fn template(&self, job: &ChartJob) -> Result<Vec<Node>, Problems> {
        let mut command = Command::new(&self.program);
        let child = child::start_child(command.args(template_arguments(job)));
        let child = child.map_err(|error| self.missing_helm(&error))?;
        let values = json::to_string(&job.values.value);
        let output = child::run_to_end(child, &values, OUTPUT_BYTES).map_err(|error| {
            environment_error(format!("cannot run {}: {error}", self.program.display()))
        })?;
        if !output.status.success() {
            return Err(helm_error(job, &output).into());
        }
        parse_documents(job, &output.stdout)
    }
}

impl Helm {
    /// Returns the error of a helm that does not start.
    fn missing_helm(&self, error: &io::Error) -> Finding {
        environment_error(child::start_error(&self.program, error)).hint(
            "target manifests runs helm: install helm 4, or 3.16 or later \
             (https://helm.sh/docs/intro/install), or name it with --helm or SITE_CMP_HELM",
        )
    }
}

/// Returns the arguments of `helm template`.
fn template_arguments(job: &ChartJob) -> Vec<OsString> {
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
        local_path(location)
    } else {
        option("version", &job.version);
        if let Some(registry) = oci_registry(&job.repository) {
            format!("{registry}/{}", job.name)
        } else {
            option("repo", &job.repository);
            job.name.clone()
        }
    };
    words.push("--include-crds".into());
    words.push("--skip-schema-validation".into());
    // After this, a release name that begins with a dash is not taken as an option.
    words.push("--".into());
    words.push(job.release.clone().into());
    words.push(chart.into());
    words
}

/// Returns the path of a local chart in a form that helm does not confuse with a repository.
fn local_path(location: &str) -> String {
    let path = Path::new(location);
    if path.is_absolute() || location.starts_with("./") || location.starts_with("../") {
        location.to_owned()
    } else {
        format!("./{location}")
    }
}

/// Returns the OCI registry, if a repository is one: Argo CD writes it without a scheme.
fn oci_registry(repository: &str) -> Option<String> {
    let repository = repository.trim_end_matches('/');
    if repository.starts_with("oci://") {
        Some(repository.to_owned())
    } else if repository.contains("://") {
        None
    } else {
        Some(format!("oci://{repository}"))
    }
}

/// Returns helm's error, its first relevant line as the message.
fn helm_error(job: &ChartJob, output: &Output) -> Finding {
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
    finding.hint(format!("helm's other output:\n{}", rest.join("\n")))
}

/// Parses the objects in helm's output and skips empty documents.
fn parse_documents(job: &ChartJob, bytes: &[u8]) -> Result<Vec<Node>, Problems> {
    let name = format!("helm template {}", job.release);
    let file: std::sync::Arc<SourceFile> = yaml::decode(&name, bytes).map_err(|error| *error)?;
    let documents = yaml::read_stream(&file).map_err(|error| *error)?;
    let is_object = |node: &Node| !matches!(node.value, Value::Null);
    Ok(documents.into_iter().filter(is_object).collect())
}

fn environment_error(message: String) -> Finding {
    codes::EMIT_HELM_MISSING.finding(message).blame(Fault::Environment)
}

#[cfg(test)]
mod tests;
