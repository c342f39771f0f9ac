//! `cmp cluster snapshot`: writes a cluster's version and APIs into the fleet.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use site_render::cluster;
use site_render::finding::{Finding, Problems};
use site_render::request::{Subject, Target};

use crate::atomic;
use crate::codes;
use crate::discovery::{self, ClusterApis, Discovery};
use crate::exit::CommandError;
use crate::fleet_root;
use crate::folder;
use crate::kubectl::Kubectl;
use crate::line_diff;
use crate::named_files::{TEXT_BYTES, read_file_or_stdin};
use crate::operator::Operator;
use crate::options::FleetArg;
use crate::output::Console;
use crate::report;
use crate::request_builder::RequestBuilder;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp cluster snapshot --site rax-dev-iad3                     kubectl's current context
  cmp cluster snapshot --site rax-dev-iad3 --context iad3
  cmp cluster snapshot --environment dev --context dev-global  dev's global cluster
  cmp cluster snapshot --site rax-dev-iad3 --context iad3 --check
  cmp cluster snapshot --site rax-dev-iad3 --from seen.json

  If kubectl runs on another host, create seen.json there:
  { kubectl get --raw /version; kubectl get --raw /api/v1
    for api in $(kubectl api-versions | grep /); do
      kubectl get --raw /apis/$api; done; } >seen.json
";

/// Write the Kubernetes version and APIs of a cluster into cluster.yaml, beside profile.yaml or
/// environment.yaml
///
/// Charts test which APIs a cluster has (.Capabilities) and omit the objects that it does not
/// support. With the snapshot in Git, every render gives charts the same answer. The file has
/// no timestamp, so a refresh without changes does not modify it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("whose").required(true).args(["site", "environment"])))]
pub(super) struct SnapshotArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// Name of the site that runs on the cluster
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Name of the environment whose global cluster it is
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
    /// kubectl context [default: the current context]
    #[arg(long, value_name = "CTX")]
    context: Option<String>,
    /// kubeconfig file [default: kubectl's own default]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The kubectl program [default: kubectl on PATH]
    #[arg(long, value_name = "PROGRAM")]
    kubectl: Option<PathBuf>,
    /// Read the output of kubectl from this file, do not run kubectl; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["context", "kubeconfig", "kubectl"])]
    from: Option<PathBuf>,
    /// Write nothing; exit with 1 if the snapshot is out of date
    #[arg(long)]
    check: bool,
}

/// Reads the versions of a cluster, and writes or checks its snapshot.
pub(super) fn run(
    args: SnapshotArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let root = fleet_root::find_fleet(args.fleet.named(), None)?;
    let fleet = RequestBuilder::new(Target::Application).open_fleet(&root, operator, None)?;
    let subject = match (args.site, args.environment) {
        (Some(name), _) => Subject::Site { name, environment: None },
        (None, name) => Subject::Environment { name: name.unwrap_or_default() },
    };
    let path = fleet.snapshot_path(&subject)?;
    let discovery = if let Some(file) = &args.from {
        read_output(file)?
    } else {
        let context = args.context.as_deref();
        Kubectl::new(args.kubectl, context, args.kubeconfig.as_deref()).discover_apis()?
    };
    let ClusterApis { kube_version, apis } = discovery.into_apis()?;
    let new = cluster::write(&kube_version, &apis, fleet.destination(&subject).as_ref());
    let file = root.join(&path);
    let old = folder::read_named(&file, TEXT_BYTES).ok();
    let is_new = old.as_deref() != Some(new.as_bytes());
    if args.check && is_new {
        return Err(Problems(vec![outdated_snapshot(&path, old.as_deref(), &new)]).into());
    }
    if is_new {
        atomic::write(&file, &new).map_err(|error| {
            let message = format!("cannot write {}: {error}", file.display());
            CommandError::environment(&codes::CLUSTER_WRITE, message)
        })?;
    }
    let count = report::plural(apis.len(), "API");
    let state = if is_new { "" } else { ", unchanged" };
    let line = format!("{path}: Kubernetes {kube_version}, {count}{state}\n");
    console.write(&report::ShownText::of(&line))
}

/// Reads the output of kubectl, from a file or standard input.
fn read_output(file: &Path) -> Result<Discovery, Finding> {
    let is_piped = file == Path::new("-");
    let name = if is_piped { "standard input".into() } else { file.to_string_lossy() };
    let text = read_file_or_stdin(file, discovery::BYTES)
        .map_err(|error| codes::CLUSTER_DISCOVERY.finding(format!("{name}: {error}")))?;
    let mut discovery = Discovery::default();
    discovery.read_documents(&name, &text)?;
    Ok(discovery)
}

fn outdated_snapshot(path: &str, old: Option<&[u8]>, new: &str) -> Finding {
    let code = &codes::CLUSTER_OUTDATED;
    let refresh = "run `cmp cluster snapshot` without --check";
    let Some(old) = old else {
        return code.finding(format!("{path} not found")).hint(refresh);
    };
    let changes = line_diff::changed_lines(&String::from_utf8_lossy(old), new);
    code.finding(format!("{path} does not match the cluster"))
        .hint(format!("{refresh}, which changes these lines\n{changes}"))
}
