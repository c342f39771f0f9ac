//! `cmp cluster snapshot`: a cluster's version and APIs, into the fleet's own files.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use site_render::cluster;
use site_render::finding::{Code, Finding, Problems};
use site_render::request::Subject;

use crate::ask::{self, FleetArg, Inputs, TEXT_BYTES};
use crate::atomic;
use crate::changes;
use crate::codes;
use crate::discovery::{self, ClusterApis, Discovery};
use crate::exit::Stop;
use crate::fleet_root;
use crate::folder;
use crate::kubectl::Kubectl;
use crate::operator::Operator;
use crate::output::Console;
use crate::report;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp cluster snapshot --site rax-dev-iad3                     kubectl's own default cluster
  cmp cluster snapshot --site rax-dev-iad3 --context iad3
  cmp cluster snapshot --environment dev --context dev-global  dev's global cluster
  cmp cluster snapshot --site rax-dev-iad3 --context iad3 --check
  cmp cluster snapshot --site rax-dev-iad3 --from seen.json

  Where kubectl runs elsewhere, this makes seen.json:
  { kubectl get --raw /version; kubectl get --raw /api/v1
    for api in $(kubectl api-versions | grep /); do
      kubectl get --raw /apis/$api; done; } >seen.json
";

/// Write a cluster's Kubernetes version and APIs into cluster.yaml, beside the profile
///
/// Charts ask which APIs a cluster has, and leave out what it cannot take. With the snapshot
/// in Git all front doors tell them the same. It has no time in it: a refresh that finds
/// nothing new changes no byte.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("whose").required(true).args(["site", "environment"])))]
pub(super) struct SnapshotArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// The site whose cluster it is
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// The environment whose global cluster it is
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
    /// The context of kubectl [default: its current one]
    #[arg(long, value_name = "CTX")]
    context: Option<String>,
    /// The kubeconfig of kubectl [default: its own]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The kubectl to run [default: on PATH]
    #[arg(long, value_name = "PROGRAM")]
    kubectl: Option<PathBuf>,
    /// Read what kubectl printed instead of running it; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["context", "kubeconfig", "kubectl"])]
    from: Option<PathBuf>,
    /// Change nothing; exit with 1 if the snapshot is not up to date
    #[arg(long)]
    check: bool,
}

/// Looks, and writes what it sees.
pub(super) fn run(args: SnapshotArgs, operator: &Operator, console: &Console) -> Result<(), Stop> {
    let root = fleet_root::find(args.fleet.fleet.as_deref(), None)?;
    let fleet = ask::open(&root, &Inputs::default(), operator, None)?;
    let subject = match (args.site, args.environment) {
        (Some(name), _) => Subject::Site { name, environment: None },
        (None, name) => Subject::Environment { name: name.unwrap_or_default() },
    };
    let path = fleet.snapshot_path(&subject)?;
    let discovery = if let Some(file) = &args.from {
        printed(file)?
    } else {
        let context = args.context.as_deref();
        Kubectl::new(args.kubectl, context, args.kubeconfig.as_deref()).discover_apis()?
    };
    let ClusterApis { kube_version, apis } = discovery.into_apis()?;
    let new = cluster::write(&kube_version, &apis);
    let file = root.join(&path);
    let old = folder::read_named(&file, TEXT_BYTES).ok();
    let is_new = old.as_deref() != Some(new.as_bytes());
    if args.check && is_new {
        return Err(Problems(vec![outdated(&path, old.as_deref(), &new)]).into());
    }
    if is_new {
        atomic::write(&file, &new).map_err(|error| {
            let message = format!("cannot write {}: {error}", file.display());
            Stop::environment(&codes::CLUSTER_WRITE, message)
        })?;
    }
    let count = report::plural(apis.len(), "API");
    let state = if is_new { "" } else { ", as it was" };
    console.write(&format!("{path}: Kubernetes {kube_version}, {count}{state}\n"))
}

/// What kubectl printed, from a file or standard input.
fn printed(file: &Path) -> Result<Discovery, Finding> {
    let is_piped = file == Path::new("-");
    let name = if is_piped { "standard input".into() } else { file.to_string_lossy() };
    let text = ask::piped_or_named(file, discovery::BYTES)
        .map_err(|error| wrong(&codes::CLUSTER_DISCOVERY, format!("{name}: {error}")))?;
    let mut discovery = Discovery::default();
    discovery.read_documents(&name, &text)?;
    Ok(discovery)
}

fn outdated(path: &str, old: Option<&[u8]>, new: &str) -> Finding {
    let code = &codes::CLUSTER_OUTDATED;
    let refresh = "run `cmp cluster snapshot` without --check";
    let Some(old) = old else {
        return wrong(code, format!("there is no {path}")).hint(refresh);
    };
    let changes = changes::lines(&String::from_utf8_lossy(old), new);
    wrong(code, format!("{path} does not say what the cluster says"))
        .hint(format!("{refresh}; it would change\n{changes}"))
}

fn wrong(code: &'static Code, message: String) -> Finding {
    code.finding(message)
}
