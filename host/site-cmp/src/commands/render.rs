//! `cmp render`: renders the documents of one site, of many, or of a global cluster.

use std::path::PathBuf;

use clap::Args;
use site_render::emit::{self, Format};
use site_render::finding::{Fault, Finding};
use site_render::fleet::Fleet;
use site_render::request::{Form, Request, Subject, Target};

use crate::batch::Batch;
use crate::closed_gate::closed_gate_note;
use crate::codes;
use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::Operator;
use crate::options::{FleetArg, InputArgs, SiteArgs, choices};
use crate::output::Console;
use crate::output_format::DocumentFormat;
use crate::policy_usage::PolicyUsage;
use crate::sink::{Sink, SiteCount};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp render site-profiles --site rax-dev-iad3                        values that policies set
  cmp render site-profiles --site rax-dev-iad3 --target application   the Application
  cmp render site-profiles --environment dev --out dev/               one file for each site of dev
  cmp render site-profiles --environment dev --target global          dev's global cluster
  cmp render site-profiles --profile site-profiles/sites/uc-syd2-prod/deploy.yaml --environment prod
  cmp render site-profiles --site rax-dev-iad3 --merged --chart ./web-1.2.3.tgz
  cmp render site-profiles --site rax-dev-iad3 --setting site-secrets.store.name=vault
";

/// Render the documents of a site, of many sites, or of an environment's global cluster
///
/// Needs one of --site, --profile, --environment and --all; the targets global and gateway need
/// --environment. The documents of many sites are written in the order of the sites' names. An
/// error of one site is reported and does not stop the others.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    fleet: FleetArg,
    #[command(flatten)]
    site: SiteArgs,
    /// Render every site; with --environment every site of that environment
    #[arg(long, conflicts_with_all = ["site", "profile"])]
    all: bool,
    /// Documents to render
    #[arg(long, value_name = "TARGET", default_value = "values", value_parser = choices::<Target>())]
    target: Target,
    /// With --target gateway: the form of the routes [default: values]
    #[arg(long = "as", value_name = "FORM", value_parser = choices::<Form>())]
    form: Option<Form>,
    /// With --target values: the final values, after the overlay is merged into the base values
    #[arg(long)]
    merged: bool,
    #[command(flatten)]
    inputs: InputArgs,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    #[arg(help_heading = "Output")]
    output: DocumentFormat,
    /// Write the policies' reasons as YAML comments [default: with --target values]
    #[arg(long, overrides_with = "no_annotate", help_heading = "Output")]
    annotate: bool,
    /// Write no reasons
    #[arg(long, overrides_with = "annotate", help_heading = "Output")]
    no_annotate: bool,
    /// Write one file for each site into this directory
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Print the fuel, memory and time that each policy used
    #[arg(long, help_heading = "Output")]
    report: bool,
}

impl RenderArgs {
    fn format(&self) -> Format {
        match self.output {
            DocumentFormat::Json => Format::Json,
            DocumentFormat::Yaml => Format::Yaml {
                annotate: self.annotate || (self.target().is_values() && !self.no_annotate),
            },
        }
    }

    fn target(&self) -> Target {
        self.target.in_form(self.form.unwrap_or(Form::Values))
    }

    /// Checks the options that only one target has.
    fn check_target_options(&self) -> Result<(), CommandError> {
        if self.merged && self.target != Target::Values {
            return Err(CommandError::usage("--merged needs --target values"));
        }
        if self.form.is_some() && !matches!(self.target, Target::Gateway(_)) {
            return Err(CommandError::usage("--as needs --target gateway"));
        }
        Ok(())
    }

    /// Returns the subject that the options name, or `None` for many sites.
    fn subject(&self) -> Result<Option<Subject>, CommandError> {
        if self.target().is_global() {
            if self.all {
                return Err(CommandError::usage(
                    "this target is rendered for an environment: use --environment, not --all",
                ));
            }
            return self.site.environment_subject().map(Some);
        }
        let subject = self.site.subject()?;
        if subject.is_none() && self.site.environment.is_none() && !self.all {
            return Err(CommandError::usage(
                "name what to render: --site NAME, --environment ENV, --profile FILE or --all",
            ));
        }
        Ok(subject)
    }
}

/// Renders a subject or many sites.
pub(crate) fn run(
    args: RenderArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let format = args.format();
    args.check_target_options()?;
    let subject = args.subject()?;
    let root = fleet_root::find_fleet(args.fleet.named(), None)?;
    let target = args.target();
    let mut builder = args.inputs.into_builder(target);
    builder.merged = args.merged;
    let fleet = builder.open_fleet(&root, operator, None)?;
    let mut usage = args.report.then(PolicyUsage::default);
    let sites = if subject.is_some() { SiteCount::One } else { SiteCount::Many };
    let sink = Sink::new(args.out.as_deref(), format, sites)?;
    let outcome = if let Some(subject) = subject {
        render_one(&fleet, &builder.build(subject)?, &sink, usage.as_mut(), console)
    } else {
        let environment = args.site.environment.as_deref();
        let names = fleet.sites(environment)?;
        let Some(first) = names.first() else {
            return Err(no_sites(environment).into());
        };
        // The batch replaces the subject for each site.
        let request = builder.build(Subject::Site { name: first.clone(), environment: None })?;
        let batch = Batch { fleet: &fleet, request, environment, sink: &sink, console };
        batch.render_all(&names, usage.as_mut())
    };
    if let Some(usage) = usage {
        console.print_message(&usage.text());
    }
    outcome
}

fn render_one(
    fleet: &Fleet,
    request: &Request,
    sink: &Sink,
    usage: Option<&mut PolicyUsage>,
    console: &Console,
) -> Result<(), CommandError> {
    let rendered = site_render::render(fleet, request)?;
    if let Some(usage) = usage {
        usage.add_render(&rendered);
    }
    let text = emit::write(&rendered, sink.format());
    console.print_findings(&rendered.findings);
    console.print_findings(closed_gate_note(&rendered, request.target).as_slice());
    let chunk = sink.put(rendered.name(), &text)?;
    console.write_documents(&chunk)
}

fn no_sites(environment: Option<&str>) -> Finding {
    let message = match environment {
        Some(environment) => format!("environment {environment} has no sites"),
        None => "the fleet has no sites".to_owned(),
    };
    codes::SOURCES_NO_SITE.finding(message).blame(Fault::Input)
}
