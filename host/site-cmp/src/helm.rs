//! Renders charts with `helm`, 3 or 4, in a process with limits of its own.
//!
//! A person at a command line gets their own helm, with their environment, repositories and
//! caches. For a plugin (`cmp serve`, `cmp generate`) a repository that nobody here trusts chooses
//! the chart, so helm runs only where the operator allows it, and confined.
//!
//! Values are passed on standard input, so no file with them is ever left behind. CRDs are
//! included, as Argo CD does by default. Helm's schema validation is off: the pipeline has
//! already validated the values, and a schema may refer to the network.

mod address;
mod home;
mod launch;
mod limits;
mod program;

use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::Duration;

use rlimit::Resource;
use site_render::charts::{ChartJob, Charts};
use site_render::disclosure::clip_text;
use site_render::finding::{Fault, Finding, Problems};
use site_render::origin::SourceFile;
use site_render::value::{Node, Value};
use site_render::{json, yaml};

use crate::child;
use crate::codes;
use address::Address;
use home::Home;
use limits::TEMPORARY;

pub(crate) use launch::become_helm;
pub(crate) use limits::{HelmLimits, HelmVariables, KEYS};

/// The lines of helm's error that are shown, and the characters of each.
const ERROR_LINES: usize = 20;
const ERROR_CHARACTERS: usize = 500;

/// Texts of Go's runtime when memory is exhausted.
const OUT_OF_MEMORY: [&str; 2] = ["out of memory", "cannot allocate memory"];

const SIGSEGV: i32 = 11;

/// The author of the choice of a chart and of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChosenBy {
    /// A person, at a command line.
    Person,
    /// A repository that Argo CD hands to a plugin.
    Repository,
}

/// How helm may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Not at all.
    Off,
    /// With a clean environment and listed repositories.
    Confined,
    /// With the environment of this process.
    Own,
}

/// A helm program, which is started once for each chart.
#[derive(Debug)]
pub(crate) struct Helm {
    program: PathBuf,
    /// This program and its argument that lowers limits and then executes helm.
    launcher: (PathBuf, &'static str),
    access: Access,
    limits: HelmLimits,
    variables: HelmVariables,
}

impl Helm {
    /// Uses the named program, else the one on `PATH`; it is looked up when it is needed.
    pub(crate) fn new(
        program: Option<PathBuf>,
        launcher: (PathBuf, &'static str),
        chosen_by: ChosenBy,
        limits: HelmLimits,
        variables: HelmVariables,
    ) -> Self {
        let access = match (limits.enabled, chosen_by) {
            (Some(false), _) | (None, ChosenBy::Repository) => Access::Off,
            (Some(true), _) => Access::Confined,
            (None, ChosenBy::Person) => Access::Own,
        };
        let program = program.unwrap_or_else(|| "helm".into());
        // A child cannot raise a limit of this process.
        let most = Resource::DATA.get_hard().unwrap_or(u64::MAX);
        let limits = HelmLimits { memory_bytes: limits.memory_bytes.min(most), ..limits };
        Self { program, launcher, access, limits, variables }
    }
}

impl Charts for Helm {
    fn template(&self, job: &ChartJob) -> Result<Vec<Node>, Problems> {
        if self.access == Access::Off {
            return Err(off_error().into());
        }
        let address = Address::of(job)?;
        self.check_repository(&address)?;
        let bytes = self.run(job, &address)?;
        parse_documents(job, &bytes)
    }
}

impl Helm {
    /// Checks that the operator lists the repository of a chart.
    fn check_repository(&self, address: &Address) -> Result<(), Finding> {
        let Some(remote) = address.remote() else { return Ok(()) };
        let allowed = &self.limits.repositories;
        let is_free = self.access == Access::Own && allowed.is_empty();
        if is_free || address::is_allowed(remote, allowed) {
            return Ok(());
        }
        let message = format!("helm may not ask {remote}");
        let hint = "the operator can add it to helm.repositories in the limits file";
        Err(codes::EMIT_HELM_REPOSITORY.finding(message).hint(hint))
    }

    /// Runs helm and returns its output.
    fn run(&self, job: &ChartJob, address: &Address) -> Result<Vec<u8>, Finding> {
        let temporary = program::value(&self.variables, TEMPORARY).unwrap_or("/tmp");
        let home = Home::create_in(Path::new(temporary)).map_err(|error| {
            environment_error(format!("cannot create a temporary folder for helm: {error}"))
                .hint("set TMPDIR to a folder that this process can write to")
        })?;
        let child = self.start(job, address, &home)?;
        let time = Duration::from_millis(self.limits.milliseconds);
        let values = json::to_string(&job.values.value);
        let output = child::run_group_within(child, &values, self.limits.output_bytes, time)
            .map_err(|error| self.run_error(&error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(self.exit_error(job, &home, &output))
    }

    /// Starts helm as the leader of a process group, with its home as its working folder.
    fn start(&self, job: &ChartJob, address: &Address, home: &Home) -> Result<Child, Finding> {
        let missing = || self.missing_helm(&io::ErrorKind::NotFound.into());
        let folders = program::value(&self.variables, "PATH").unwrap_or_default();
        let program = program::find_program(&self.program, folders).ok_or_else(missing)?;
        let (launcher, subcommand) = &self.launcher;
        let mut command = Command::new(launcher);
        command
            .arg(subcommand)
            .args(launch::arguments(self.limits.memory_bytes, &program))
            .args(template_arguments(job, address))
            .current_dir(home.working_folder())
            .process_group(0);
        if self.access == Access::Confined {
            let (known, memory) = (&self.variables, self.limits.memory_bytes);
            command.env_clear().envs(program::confined_variables(home.path(), known, memory));
        }
        child::start_child(&mut command).map_err(|error| self.missing_helm(&error))
    }

    /// Returns the error of a helm that was stopped.
    fn run_error(&self, error: &io::Error) -> Finding {
        match error.kind() {
            io::ErrorKind::TimedOut => limit_error(
                format!("helm did not end within {} ms", self.limits.milliseconds),
                "milliseconds",
            ),
            io::ErrorKind::FileTooLarge => limit_error(
                format!("helm's output has over {} bytes", self.limits.output_bytes),
                "outputBytes",
            ),
            _ => environment_error(format!("cannot run {}: {error}", self.program.display())),
        }
    }

    /// Returns the error of a helm that ended with an error.
    fn exit_error(&self, job: &ChartJob, home: &Home, output: &Output) -> Finding {
        let complaint = String::from_utf8_lossy(&output.stderr);
        if let Some(reason) = complaint.strip_prefix(launch::FAILED) {
            return self.missing_helm(&io::Error::other(reason.to_owned()));
        }
        // Go's runtime may crash before it can report that it has no memory.
        let crashed = output.status.signal() == Some(SIGSEGV);
        if crashed || OUT_OF_MEMORY.iter().any(|text| complaint.contains(text)) {
            let bytes = self.limits.memory_bytes;
            return limit_error(
                format!("helm needs more than {bytes} bytes of memory"),
                "memoryBytes",
            );
        }
        let complaint = complaint.replace(&*home.path().to_string_lossy(), "(helm's home)");
        helm_error(job, &complaint, output)
    }

    /// Returns the error of a helm that does not start.
    fn missing_helm(&self, error: &io::Error) -> Finding {
        environment_error(child::start_error(&self.program, error)).hint(
            "target manifests runs helm: install helm 4, or 3.16 or later \
             (https://helm.sh/docs/intro/install), or name it with --helm or SITE_CMP_HELM",
        )
    }
}

/// Returns the arguments of `helm template`.
fn template_arguments(job: &ChartJob, address: &Address) -> Vec<OsString> {
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
    if address.remote().is_some() {
        option("version", &job.version);
    }
    let chart: OsString = match address {
        Address::Local(path) => path.into(),
        Address::Registry(reference) => reference.into(),
        Address::Repository { url, name } => {
            option("repo", url);
            name.into()
        }
    };
    words.push("--include-crds".into());
    words.push("--skip-schema-validation".into());
    // After this, a release name that begins with a dash is not taken as an option.
    words.push("--".into());
    words.push(job.release.clone().into());
    words.push(chart);
    words
}

/// Returns helm's error, its first relevant line as the message.
fn helm_error(job: &ChartJob, complaint: &str, output: &Output) -> Finding {
    let is_noise = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with("Use --debug") || line.starts_with("WARNING:")
    };
    let clip = |line: &str| clip_text(line, ERROR_CHARACTERS);
    let mut lines = complaint.lines().filter(|line| !is_noise(line)).map(clip);
    let first = match lines.next() {
        Some(line) => line.trim_start_matches("Error: ").to_owned(),
        None => format!("it ended with {}", output.status),
    };
    let rest: Vec<String> = lines.take(ERROR_LINES).collect();
    let message = format!("helm cannot render {}: {first}", job.name);
    let finding = codes::EMIT_HELM.finding(message);
    let finding = match rest.as_slice() {
        [] => finding,
        rest => finding.hint(format!("helm's other output:\n{}", rest.join("\n"))),
    };
    // A template can print any value.
    finding.without_secrets_of(&job.values)
}

/// Parses the objects in helm's output and skips empty documents.
fn parse_documents(job: &ChartJob, bytes: &[u8]) -> Result<Vec<Node>, Problems> {
    let name = format!("helm template {}", job.release);
    let file: std::sync::Arc<SourceFile> = yaml::decode(&name, bytes).map_err(|error| *error)?;
    let documents = yaml::read_stream(&file).map_err(|error| *error)?;
    let is_object = |node: &Node| !matches!(node.value, Value::Null);
    Ok(documents.into_iter().filter(is_object).collect())
}

fn off_error() -> Finding {
    codes::EMIT_HELM_OFF.finding("target manifests runs helm, which is off here").hint(
        "the operator can set helm.enabled and helm.repositories in the limits file; the target \
         application needs no helm",
    )
}

fn limit_error(message: String, key: &str) -> Finding {
    let hint = format!(
        "if the chart needs more, raise helm.{key} in the operator's limits file; on a \
         server the limits in the block render include helm"
    );
    codes::EMIT_HELM_LIMIT.finding(message).hint(hint)
}

fn environment_error(message: String) -> Finding {
    codes::EMIT_HELM_MISSING.finding(message).blame(Fault::Environment)
}

#[cfg(test)]
mod tests;
