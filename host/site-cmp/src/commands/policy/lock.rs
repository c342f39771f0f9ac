//! `cmp policy lock`: pins the policies of a fleet by digest.

use std::path::{Path, PathBuf};

use clap::Args;
use policy_sandbox::inspect;
use site_render::finding::{Finding, Problems};
use site_render::lock::{LOCK_FILE, Lock, Pin};
use site_render::policy::Policies;
use site_render::tree::{EntryKind, Tree};

use crate::ask::FleetArg;
use crate::atomic;
use crate::changes;
use crate::codes;
use crate::exit::Stop;
use crate::fleet_root;
use crate::folder::Folder;
use crate::lock_digest_stamp::{self, Change, Stamp};
use crate::operator::Operator;
use crate::output::Console;
use crate::report;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp policy lock                       pin policies/*.wasm of the fleet around
  cmp policy lock site-profiles --check exit with 1 if that would change the lock
  cmp policy lock --stamp apps          write the lock's digest into the Applications below apps/
  cmp policy lock --stamp apps --check  exit with 1 if an Application names another lock
";

/// Where a fleet keeps its policies.
const POLICIES: &str = "policies";

/// Pin the policies of a fleet, each by path and sha256
///
/// Every policies/NAME.wasm must be a policy that calls itself NAME.
///
/// Argo CD keeps what a plugin gave by the text of the Application's source. With --stamp
/// that text names the lock: each source that the plugin renders gets the parameter
/// policies-lock, and nothing else in a file changes. One that an ApplicationSet fills in
/// ({{ ... }}) stays as it is.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct LockArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// Change nothing; exit with 1 if the lock is not up to date
    #[arg(long)]
    check: bool,
    /// Write the lock's digest into Applications and ApplicationSets below a folder; repeatable
    #[arg(long, value_name = "DIR")]
    stamp: Vec<PathBuf>,
    /// The plugin's name in their sources; repeatable
    #[arg(long, value_name = "NAME", requires = "stamp")]
    #[arg(default_values = ["site-cmp@v1", "site-cmp-v1"])]
    plugin: Vec<String>,
}

/// Pins, and stamps.
pub(super) fn run(args: &LockArgs, operator: &Operator, console: &Console) -> Result<(), Stop> {
    let root = fleet_root::find(args.fleet.fleet.as_deref(), None)?;
    let lock = pinned(&root, operator)?;
    let file = root.join(LOCK_FILE);
    let new = lock.write();
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    let digest = site_render::sha256(new.as_bytes());
    let stamp = Stamp { plugins: &args.plugin, digest: &digest };
    let mut stamps = Vec::new();
    for folder in &args.stamp {
        stamps.extend(lock_digest_stamp::find_changes(folder, stamp)?);
    }
    if args.check {
        let outdated = (new != old).then(|| outdated(&old, &new));
        let problems: Vec<_> = outdated.into_iter().chain(stamps.iter().map(unstamped)).collect();
        if !problems.is_empty() {
            return Err(Problems(problems).into());
        }
    }
    let mut told = format!("{LOCK_FILE} is up to date\n");
    if new != old {
        atomic::write(&file, &new).map_err(|error| {
            let message = format!("cannot write {}: {error}", file.display());
            Stop::environment(&codes::LOCK_WRITE, message)
        })?;
        let policies = lock.policies.len();
        let noun = if policies == 1 { "policy" } else { "policies" };
        told = format!("{LOCK_FILE} pins {policies} {noun}\n");
    }
    for change in &stamps {
        change.write()?;
    }
    let paths = stamps.iter().map(|change| change.path.to_string_lossy());
    told.extend(paths.map(|path| format!("stamped {}\n", report::visible(&path))));
    console.write(&told)
}

fn outdated(old: &str, new: &str) -> Finding {
    let message = format!("{LOCK_FILE} does not say what is in {POLICIES}/");
    let hint = format!("run `cmp policy lock`; it would change\n{}", changes::lines(old, new));
    codes::LOCK_OUTDATED.finding(message).hint(hint)
}

fn unstamped(change: &Change) -> Finding {
    let message = format!("the source of a plugin does not name the digest of {LOCK_FILE}");
    let finding = codes::STAMP_OUTDATED.finding(message);
    finding.at(change.place.clone()).hint("run `cmp policy lock --stamp` with its folder")
}

/// The lock of what is there, all problems at once.
fn pinned(root: &Path, operator: &Operator) -> Result<Lock, Stop> {
    let unreadable = |what: &str, error: &dyn std::fmt::Display| {
        codes::LOCK_UNREADABLE.finding(format!("{what}: {error}"))
    };
    let folder = Folder::open(root).map_err(|error| unreadable("the fleet's folder", &error))?;
    let names = folder.list(POLICIES).map_err(|error| unreadable(POLICIES, &error))?;
    let sandbox = operator.sandbox()?;
    let mut lock = Lock::default();
    let mut problems = Vec::new();
    for (file, kind) in names {
        let Some(name) = file.strip_suffix(".wasm").filter(|_| kind == EntryKind::File) else {
            continue;
        };
        let path = format!("{POLICIES}/{file}");
        let pin = folder
            .read(&path, operator.limits.module_bytes)
            .map_err(|error| Box::new(unreadable(&path, &error)))
            .and_then(|artifact| pin(&sandbox, name, path.clone(), &artifact));
        match pin {
            Ok(pin) => drop(lock.policies.insert(name.to_owned(), pin)),
            Err(finding) => problems.push(*finding),
        }
    }
    if problems.is_empty() { Ok(lock) } else { Err(Problems(problems).into()) }
}

fn pin(
    sandbox: &dyn Policies,
    name: &str,
    path: String,
    artifact: &[u8],
) -> Result<Pin, Box<Finding>> {
    let seen = inspect(artifact).map_err(|finding| {
        let message = format!("{path}: {}", finding.message);
        Box::new(Finding { message, ..*finding })
    })?;
    let policy = sandbox.load(name, &seen.sha256, artifact)?;
    let own = &policy.description().name;
    if own != name {
        let message = format!("{path} calls itself `{}`", report::visible(own));
        let finding = codes::LOCK_NAME.finding(message);
        return Err(Box::new(finding.hint(format!("call the file {POLICIES}/{own}.wasm"))));
    }
    Ok(Pin { path, sha256: seen.sha256, source: seen.source, place: None })
}
