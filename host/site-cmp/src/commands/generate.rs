//! `cmp generate`: the command that Argo CD runs in the folder of an Application's source.
//!
//! Standard output has manifests and nothing else: the same bytes as those of `cmp render`
//! with the same target and `-o json`.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use std::path::Path;

use clap::Args;
use site_render::emit::{self, Format};
use site_render::request::PLUGIN_PARAMETERS;

use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::Operator;
use crate::output::Console;
use crate::parameters;

const EXAMPLES: &str = "\
EXAMPLES:
  cd site-profiles/sites/rax-dev-iad3 && cmp generate     the site's Application
  cd site-profiles/sites/rax-dev-iad3 &&
    ARGOCD_APP_PARAMETERS='[{\"name\":\"target\",\"string\":\"resources\"}]' cmp generate

PLUGIN PARAMETERS of an Application:
";

const SETTINGS: &str = "  \
POLICY.PROPERTY
      Setting of a policy, such as site-secrets.store.name. `cmp parameters` lists them.

Each parameter can also be set as a variable in the source's plugin.env: the name in upper
case, with _ for other characters, such as TARGET or SITE_SECRETS_STORE_NAME.
";

/// Print manifests for Argo CD, as the generate command of a config management plugin
///
/// Run it in the folder of the Application's source. It reads the variables that Argo CD sets:
/// ARGOCD_APP_*, ARGOCD_ENV_* and ARGOCD_APP_PARAMETERS. It reads KUBE_VERSION and
/// KUBE_API_VERSIONS too, unless the fleet has a cluster.yaml for the site.
#[derive(Args, Debug)]
#[command(after_help = examples())]
pub(crate) struct GenerateArgs {}

/// Returns the examples, and the plugin's parameters from their table.
fn examples() -> String {
    let parameters = PLUGIN_PARAMETERS
        .iter()
        .map(|parameter| format!("  {}\n      {}\n", parameter.name, parameter.description()));
    format!("{EXAMPLES}{}{SETTINGS}", parameters.collect::<String>())
}

/// Prints the manifests of an Application.
pub(crate) fn run(
    _args: &GenerateArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let variables = std::env::vars_os();
    let parameters = parameters::read_parameters(variables.map(|(name, value)| {
        (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
    }))?;
    let root = fleet_root::find_fleet(None, parameters.depth())?;
    let folder = working_folder_below(&root);
    let builder = parameters.builder(&folder);
    let request = builder.build(parameters.subject(&folder)?)?;
    let fleet = builder.open_fleet(&root, operator, Some(&parameters.project))?;
    let rendered = site_render::render(&fleet, &request)?;
    let text = emit::write(&rendered, Format::Json);
    console.print_findings(&rendered.findings);
    console.write_documents(&text)
}

/// Returns the path of the working folder from the fleet's root, which is above it.
fn working_folder_below(root: &Path) -> String {
    let working = std::env::current_dir().unwrap_or_default();
    working.strip_prefix(root).unwrap_or(&working).to_string_lossy().into_owned()
}
