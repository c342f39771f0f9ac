//! `cmp policy lock`: pins the policies of a fleet by their digests.

use std::path::PathBuf;

use clap::Args;
use policy_sandbox::inspect;
use site_render::disclosure::shown_file;
use site_render::finding::{Finding, Problems};
use site_render::lock::{LOCK_FILE, Lock, Pin};
use site_render::policy::Policies;
use site_render::tree::{EntryKind, Tree, TreeError};

use crate::atomic;
use crate::codes;
use crate::exit::CommandError;
use crate::fleet_root;
use crate::folder::Folder;
use crate::line_diff;
use crate::lock_digest_stamp::{self, Change, Stamp};
use crate::named_files::TEXT_BYTES;
use crate::operator::Operator;
use crate::options::FleetArg;
use crate::output::Console;
use crate::report;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp policy lock site-profiles                       pin policies/*.wasm of a fleet
  cmp policy lock site-profiles --check               exit with 1 if the lock is out of date
  cmp policy lock site-profiles --stamp argocd        and write its digest into Applications
";

/// The folder of a fleet's policies.
const POLICIES: &str = "policies";

/// Pin the policies of a fleet in policies.lock, each by path and SHA-256
///
/// Every policies/NAME.wasm must be a policy with the name NAME.
///
/// The Application's source is a part of the key under which Argo CD caches plugin output. --stamp
/// writes the lock's digest into that source, so a new lock invalidates the cache. It sets the
/// plugin parameter policies-lock of each source that the plugin renders, and changes nothing else
/// in a file. A value that an ApplicationSet fills in ({{ ... }}) is left unchanged.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct LockArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// Write nothing; exit with 1 if the lock or a stamp is out of date
    #[arg(long)]
    check: bool,
    /// Write the lock's digest into the Applications and ApplicationSets below a directory;
    /// repeatable
    #[arg(long, value_name = "DIR")]
    stamp: Vec<PathBuf>,
    /// Name of the plugin in these Applications; repeatable
    #[arg(long, value_name = "NAME", requires = "stamp")]
    #[arg(default_values = ["site-cmp@v1", "site-cmp-v1"])]
    plugin: Vec<String>,
}

/// Writes the lock and the stamps, or checks them.
pub(super) fn run(
    args: &LockArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let root = fleet_root::find_fleet(args.fleet.named(), None)?;
    let folder = Folder::open(&root).map_err(|error| unreadable("the fleet's folder", &error))?;
    let lock = pin_all(&folder, operator)?;
    let file = root.join(LOCK_FILE);
    let new = lock.write();
    // The author of the fleet is not trusted: this follows no link out of it.
    let old = match folder.read(LOCK_FILE, TEXT_BYTES) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(TreeError::Missing) => String::new(),
        Err(error) => return Err(unreadable(LOCK_FILE, &error).into()),
    };
    let digest = site_render::sha256(new.as_bytes());
    let stamp = Stamp { plugins: &args.plugin, digest: &digest };
    let mut stamps = Vec::new();
    for folder in &args.stamp {
        stamps.extend(lock_digest_stamp::find_changes(folder, stamp)?);
    }
    if args.check {
        let outdated = (new != old).then(|| outdated_lock(&old, &new));
        let problems: Vec<_> =
            outdated.into_iter().chain(stamps.iter().map(outdated_stamp)).collect();
        if !problems.is_empty() {
            return Err(Problems(problems).into());
        }
    }
    let mut summary = format!("{LOCK_FILE} is up to date\n");
    if new != old {
        atomic::write(&file, &new).map_err(|error| {
            let message = format!("cannot write {}: {error}", file.display());
            CommandError::environment(&codes::LOCK_WRITE, message)
        })?;
        let policies = lock.policies.len();
        let noun = if policies == 1 { "policy" } else { "policies" };
        summary = format!("{LOCK_FILE} pins {policies} {noun}\n");
        summary.extend(removed_pins(&old, &lock));
    }
    for change in &stamps {
        change.write()?;
    }
    let paths = stamps.iter().map(|change| change.path.to_string_lossy());
    summary.extend(paths.map(|path| format!("stamped {}\n", report::visible(&path))));
    console.write(&report::ShownText::of(&summary))
}

fn outdated_lock(old: &str, new: &str) -> Finding {
    let message = format!("{LOCK_FILE} does not match the files in {POLICIES}/");
    let hint = format!(
        "run `cmp policy lock`, which changes these lines\n{}",
        line_diff::changed_lines(&shown_file(old), &shown_file(new))
    );
    codes::LOCK_OUTDATED.finding(message).hint(hint)
}

/// Returns a line for each policy that the old lock pins and the new one does not.
fn removed_pins(old: &str, new: &Lock) -> Vec<String> {
    let old = Lock::read(old.as_bytes()).unwrap_or_default();
    let removed = old.policies.keys().filter(|name| !new.policies.contains_key(*name));
    removed
        .map(|name| {
            let name = report::visible(name);
            format!("removed the pin of `{name}`: {POLICIES}/{name}.wasm does not exist\n")
        })
        .collect()
}

fn outdated_stamp(change: &Change) -> Finding {
    let message =
        format!("an Application source with the plugin lacks the current digest of {LOCK_FILE}");
    let finding = codes::STAMP_OUTDATED.finding(message);
    finding
        .at(change.place.clone())
        .hint("run `cmp policy lock --stamp DIR` with the folder of this file")
}

fn unreadable(what: &str, error: &dyn std::fmt::Display) -> Finding {
    codes::LOCK_UNREADABLE.finding(format!("{what}: {error}"))
}

/// Returns the lock of the policies in the folder, or all problems at once.
fn pin_all(folder: &Folder, operator: &Operator) -> Result<Lock, CommandError> {
    let names = folder.list(POLICIES).map_err(|error| unreadable(POLICIES, &error))?;
    let sandbox = operator.sandbox()?;
    let mut lock = Lock::default();
    let mut problems = Vec::new();
    for (file, kind) in names {
        let Some(name) = file.strip_suffix(".wasm").filter(|_| kind != EntryKind::Folder) else {
            continue;
        };
        let path = format!("{POLICIES}/{file}");
        let pin = folder
            .read(&path, operator.limits.module_bytes)
            .map_err(|error| Box::new(unreadable(&path, &error)))
            .and_then(|artifact| pin_policy(&sandbox, name, path.clone(), &artifact));
        match pin {
            Ok(pin) => drop(lock.policies.insert(name.to_owned(), pin)),
            Err(finding) => problems.push(*finding),
        }
    }
    if problems.is_empty() { Ok(lock) } else { Err(Problems(problems).into()) }
}

fn pin_policy(
    sandbox: &dyn Policies,
    name: &str,
    path: String,
    artifact: &[u8],
) -> Result<Pin, Box<Finding>> {
    let seen = inspect(artifact).map_err(|finding| {
        let message = format!("{path}: {}", finding.message);
        Box::new(finding.reworded(message))
    })?;
    let policy = sandbox.load(name, &seen.sha256, artifact)?;
    let own = &policy.description().name;
    if own != name {
        let message = format!("{path} has the policy `{}`", report::visible(own));
        let finding = codes::LOCK_NAME.finding(message);
        return Err(Box::new(finding.hint(format!("rename the file to {POLICIES}/{own}.wasm"))));
    }
    Ok(Pin { path, sha256: seen.sha256, source: seen.source, place: None })
}
