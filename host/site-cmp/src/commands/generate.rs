//! `cmp generate`: what Argo CD runs in the folder of an Application's source.
//!
//! Standard output carries manifests and nothing else ever: the same bytes as `cmp render`
//! with the same target and `-o json`.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use std::path::Path;

use clap::Args;
use site_render::emit::{self, Format};

use crate::ask::{self, Inputs};
use crate::exit::Stop;
use crate::fleet_root;
use crate::operator::Operator;
use crate::output::Console;
use crate::parameters;

const EXAMPLES: &str = "\
EXAMPLES:
  cd site-profiles/sites/rax-dev-iad3 && cmp generate     the site's Application
  ARGOCD_APP_PARAMETERS='[{\"name\":\"target\",\"string\":\"resources\"}]' cmp generate

PARAMETERS of the plugin in an Application:
  site          the site [default: the last folder of the source's path]
  target        application, resources or manifests [default: application]; of an
                environment global or gateway
  environment   the environment, for a bare deploy.yaml and for global and gateway
  component     the component, where an environment has several
  closed-gate   marker or empty [default: marker]
  policies-lock the digest of policies.lock; `cmp policy lock --stamp` writes it
  POLICY.PROPERTY  a setting of a policy, such as worker.replicas; `cmp parameters`
                lists them. As a variable of the plugin: POLICY_PROPERTY in upper case
";

/// Print manifests for Argo CD, as a config management plugin's generate command
///
/// Reads the working folder and what Argo CD puts into the environment: ARGOCD_APP_*,
/// ARGOCD_ENV_*, ARGOCD_APP_PARAMETERS, and where the fleet keeps no cluster.yaml KUBE_VERSION
/// and KUBE_API_VERSIONS.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GenerateArgs {}

/// Generates.
pub(crate) fn run(
    _args: &GenerateArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), Stop> {
    let variables = std::env::vars_os();
    let parameters = parameters::read(variables.map(|(name, value)| {
        (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
    }))?;
    let root = fleet_root::find(None, parameters.depth())?;
    let request = parameters.request(&folder_in(&root))?;
    let project = Some(parameters.project.as_str());
    let fleet = ask::open(&root, &Inputs::default(), operator, project)?;
    let rendered = site_render::render(&fleet, &request)?;
    let text = emit::write(&rendered, Format::Json);
    console.findings(&rendered.findings);
    console.write(&text)
}

/// The folder that Argo CD works in, from the fleet's root, which is one of those above it.
fn folder_in(root: &Path) -> String {
    let working = std::env::current_dir().unwrap_or_default();
    working.strip_prefix(root).unwrap_or(&working).to_string_lossy().into_owned()
}
