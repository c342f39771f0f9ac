//! `cmp generate`: what Argo CD runs in the folder of an Application's source.
//!
//! Standard output carries manifests and nothing else ever: the same bytes as `cmp render`
//! with the same target and `-o json`.

#![expect(clippy::doc_markdown, reason = "comments here are help, where backticks would show")]

use clap::Args;
use site_render::emit::{self, Format};
use site_render::finding::{Finding, Stage};
use site_render::request::Subject;

use crate::ask::{self, Inputs, Wanted};
use crate::exit::Stop;
use crate::fleet_root;
use crate::operator::Operator;
use crate::output::Console;
use crate::parameters::{self, Parameters};

const EXAMPLES: &str = "\
EXAMPLES:
  cd site-profiles/sites/rax-dev-iad3 && cmp generate     the site's Application
  ARGOCD_APP_PARAMETERS='[{\"name\":\"target\",\"string\":\"resources\"}]' cmp generate

PARAMETERS of the plugin in an Application:
  site          the site [default: the working folder's name]
  target        application, resources or manifests [default: application]
  environment   the environment, for a bare deploy.yaml
  component     the component, where an environment has several
  closed-gate   marker or empty [default: marker]
";

/// Print manifests for Argo CD, as a config management plugin's generate command
///
/// Reads the working folder and what Argo CD puts into the environment: ARGOCD_APP_*,
/// ARGOCD_ENV_*, ARGOCD_APP_PARAMETERS, KUBE_VERSION and KUBE_API_VERSIONS.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GenerateArgs {}

/// Generates.
pub(crate) fn run(
    _args: &GenerateArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), Stop> {
    let Parameters { site, environment, component, target, closed_gate, cluster, project, depth } =
        parameters::read(|name| {
            let value = std::env::var_os(name)?;
            Some(value.to_string_lossy().into_owned())
        })?;
    let root = fleet_root::find(None, depth)?;
    let inputs = Inputs { component, closed_gate, cluster, ..Inputs::default() };
    let wanted = Wanted { target, merged: false, record_reads: false };
    let subject = Subject::Site {
        name: match site {
            Some(site) => site,
            None => working_folder()?,
        },
        environment,
    };
    let fleet = ask::open(&root, &inputs, operator.policies(Some(&project))?)?;
    let request = ask::request(subject, wanted, &inputs)?;
    let rendered = site_render::render(&fleet, &request)?;
    let text = emit::write(&rendered, Format::Json);
    console.findings(&rendered.findings);
    console.write(&text)
}

/// The name of the folder that Argo CD works in.
fn working_folder() -> Result<String, Stop> {
    let folder = std::env::current_dir().ok();
    let name = folder.as_deref().and_then(|folder| folder.file_name()?.to_str());
    if let Some(name) = name {
        return Ok(name.to_owned());
    }
    let message = "the working folder has no name to call a site by";
    let finding = Finding::error(Stage::Sources, "argocd/site", message);
    Err(finding.hint("give the plugin the parameter `site`").into())
}
