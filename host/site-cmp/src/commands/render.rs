//! `cmp render`: the documents of one site, or of many.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use site_render::emit::{self, Format};
use site_render::finding::{Fault, Finding};
use site_render::fleet::Fleet;
use site_render::request::{Request, Subject, Target};

use crate::ask::{self, FleetArg, FormName, InputArgs, Inputs, SiteArgs, TargetName, Wanted};
use crate::closed_gate;
use crate::codes;
use crate::cost::Costs;
use crate::exit::Stop;
use crate::fleet_root;
use crate::many;
use crate::operator::Operator;
use crate::output::Console;
use crate::sink::{Sink, Sites};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp render --site rax-dev-iad3                          the overlay, with its reasons
  cmp render --site rax-dev-iad3 --target application     what Argo CD applies
  cmp render site-profiles --environment dev --out dev/   a file for each site of dev
  cmp render --profile deploy.yaml --environment dev      a bare deploy.yaml
  cmp render --site rax-dev-iad3 --merged --chart ./web-1.2.3.tgz
  cmp render --site rax-dev-iad3 --setting worker.replicas=3
  cmp render --environment dev --target global            for dev's global cluster
";

/// Render the documents of a site, of many, or of an environment's global cluster
///
/// Many sites come out in the order of their names; an error of one site is told and does
/// not stop the others.
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
    /// What to emit
    #[arg(long, value_name = "TARGET", default_value = "values")]
    target: TargetName,
    /// With target gateway: values of the chart that makes its objects, or the objects
    #[arg(long = "as", value_name = "FORM")]
    form: Option<FormName>,
    /// With target values: the final values, not the overlay alone
    #[arg(long)]
    merged: bool,
    #[command(flatten)]
    inputs: InputArgs,
    /// How to write documents
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    #[arg(help_heading = "Output")]
    output: FormatName,
    /// Write the reason of each block as a comment [default: for YAML values]
    #[arg(long, overrides_with = "no_annotate", help_heading = "Output")]
    annotate: bool,
    /// Write no reasons
    #[arg(long, overrides_with = "annotate", help_heading = "Output")]
    no_annotate: bool,
    /// Write one file for each site into this folder
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Tell what each policy cost: fuel, memory, time
    #[arg(long, help_heading = "Output")]
    report: bool,
}

/// How documents are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    /// For people
    Yaml,
    /// One line a document
    Json,
}

impl RenderArgs {
    fn format(&self) -> Format {
        match self.output {
            FormatName::Json => Format::Json,
            FormatName::Yaml => Format::Yaml {
                annotate: self.annotate || (self.target().is_values() && !self.no_annotate),
            },
        }
    }

    fn target(&self) -> Target {
        self.target.target(self.form.unwrap_or(FormName::Values))
    }

    /// The one subject that was named, or none for many sites.
    fn subject(&self) -> Result<Option<Subject>, Stop> {
        if self.target().is_global() {
            if self.all {
                return Err(Stop::usage("name the environment: --all is for sites"));
            }
            return self.site.global().map(Some);
        }
        let subject = self.site.subject()?;
        if subject.is_none() && self.site.environment.is_none() && !self.all {
            return Err(Stop::usage(
                "name what to render: --site NAME, --environment ENV, --profile FILE or --all",
            ));
        }
        Ok(subject)
    }
}

/// Renders.
pub(crate) fn run(args: RenderArgs, operator: &Operator, console: &Console) -> Result<(), Stop> {
    let format = args.format();
    if args.merged && args.target != TargetName::Values {
        return Err(Stop::usage("--merged is for target values"));
    }
    if args.form.is_some() && args.target != TargetName::Gateway {
        return Err(Stop::usage("--as is for target gateway"));
    }
    let subject = args.subject()?;
    let root = fleet_root::find(args.fleet.fleet.as_deref(), None)?;
    let wanted = Wanted { target: args.target(), merged: args.merged, record_reads: false };
    let inputs = Inputs::from(args.inputs);
    let fleet = ask::open(&root, &inputs, operator, None)?;
    let mut costs = args.report.then(Costs::default);
    let sites = if subject.is_some() { Sites::One } else { Sites::Many };
    let sink = Sink::new(args.out.as_deref(), format, sites)?;
    let outcome = if let Some(subject) = subject {
        let request = ask::request(subject, wanted, &inputs)?;
        one(&fleet, &request, &sink, costs.as_mut(), console)
    } else {
        let environment = args.site.environment.as_deref();
        let names = fleet.sites(environment)?;
        if names.is_empty() {
            return Err(no_sites(environment).into());
        }
        let request = ask::request(many::placeholder(), wanted, &inputs)?;
        let many = many::Many { fleet: &fleet, request, environment, sink: &sink, console };
        many.render(&names, costs.as_mut())
    };
    if let Some(costs) = costs {
        console.tell(&costs.text());
    }
    outcome
}

fn one(
    fleet: &Fleet,
    request: &Request,
    sink: &Sink,
    costs: Option<&mut Costs>,
    console: &Console,
) -> Result<(), Stop> {
    let rendered = site_render::render(fleet, request)?;
    if let Some(costs) = costs {
        costs.add(&rendered);
    }
    let text = emit::write(&rendered, sink.format());
    console.findings(&rendered.findings);
    console.findings(closed_gate::note(&rendered, request.target).as_slice());
    let chunk = sink.put(rendered.name(), &text)?;
    console.write(&chunk)
}

fn no_sites(environment: Option<&str>) -> Finding {
    let message = match environment {
        Some(environment) => format!("environment {environment} has no site"),
        None => "the fleet has no site".to_owned(),
    };
    codes::SOURCES_NO_SITE.finding(message).blame(Fault::Input)
}
