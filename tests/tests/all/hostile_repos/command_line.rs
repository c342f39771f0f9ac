//! The same repos on the command line, which has the budgets of a server inside its one process:
//! `cmp generate`, which Argo CD's own plugin server starts for each call, and `cmp render` with a
//! chart, whose schema no server reads.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::thread;

use site_cmp_tests::Command;
use site_cmp_tests::attack::{Call, Case, HostileFleet, Owed, hostile_schemas};
use tempfile::TempDir;
use wait4::Wait4 as _;

use super::{Complaints, MEMORY, cache};
use crate::cmp;

/// Bytes of variables that Linux passes to a program (a quarter of the stack's usual limit).
const ENVIRONMENT: usize = 2 << 20;

/// A run that has ended.
struct Run {
    status: ExitStatus,
    output: String,
    errors: String,
    /// The most memory that the process had, in bytes.
    memory: u64,
}

impl Run {
    fn of(mut command: Command) -> Self {
        let command = command.inner().stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let reader = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).map(|_| text)
        });
        let mut output = String::new();
        child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        let errors = reader.join().unwrap().unwrap();
        let ended = child.wait4().unwrap();
        Self { status: ended.status, output, errors, memory: ended.rusage.maxrss }
    }

    /// Returns everything that is wrong with the run, whatever it was.
    fn complaints(&self) -> Complaints {
        let mut wrong = Complaints::new();
        if self.status.code().is_none() {
            wrong.push(format!("it ended with {}: {}", self.status, self.errors));
        }
        if self.memory > MEMORY {
            wrong.push(format!("{} MiB of memory", self.memory >> 20));
        }
        wrong
    }
}

/// Renders the repo of a call and returns everything that is wrong with the end.
pub(super) fn complaints(case: &Case, call: &Call, limits: &Path, path: &str) -> Complaints {
    let bytes = call.variables.iter().map(|(name, value)| name.len() + value.len());
    if bytes.sum::<usize>() > ENVIRONMENT {
        return Complaints::new();
    }
    let repo = TempDir::new().unwrap();
    call.archive.unpack(repo.path());
    let command = cmp().arg("generate").dir(repo.path().join(&call.folder));
    let command = command.env("SITE_CMP_CACHE", cache()).env("SITE_CMP_LIMITS", limits);
    let variables = call.variables.iter();
    let run = Run::of(
        variables.fold(command.env("PATH", path), |all, (name, value)| all.env(name, value)),
    );

    let mut wrong = run.complaints();
    let Run { status, output, errors, .. } = run;
    match case.owed {
        Owed::Without(secret) if output.contains(secret) || errors.contains(secret) => {
            wrong.push(format!("`{secret}` is in: {output}{errors}"));
        }
        Owed::Error(words) => {
            let missing = words.iter().filter(|word| !errors.contains(**word));
            wrong.extend(missing.map(|word| format!("`{word}` is not in: {errors}")));
        }
        Owed::Manifests if !status.success() => wrong.push(format!("it failed: {errors}")),
        _ => {}
    }
    wrong
}

#[test]
fn a_chart_s_schema_has_the_budgets_of_any_other() {
    let repo = TempDir::new().unwrap();
    HostileFleet::new().packed().unpack(&repo.path().join("fleet"));
    let chart = repo.path().join("chart");
    fs::create_dir(&chart).unwrap();
    fs::write(chart.join("Chart.yaml"), "name: web\nversion: 1.0.0\n").unwrap();
    fs::write(chart.join("values.yaml"), "a: 1\n").unwrap();
    for (name, schema) in hostile_schemas() {
        fs::write(chart.join("values.schema.json"), schema.to_string()).unwrap();
        let command = cmp().args(["render", "--site", "edge", "--chart"]).arg(&chart);
        let run = Run::of(command.arg(repo.path().join("fleet")));
        assert_eq!(run.complaints(), Complaints::new(), "{name}");
        assert_eq!(run.status.code(), Some(1), "{name}: {}", run.errors);
        assert!(run.errors.contains("schema"), "{name}: {}", run.errors);
    }
}
