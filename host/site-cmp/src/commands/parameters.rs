//! `cmp parameters`: what a site can be asked for, and what that is now.

use clap::{Args, ValueEnum};
use serde::Serialize;
use site_render::announce::{self, Announcement};
use site_render::request::Target;

use crate::ask::{self, FleetArg, InputArgs, Inputs, SiteArgs, Wanted};
use crate::exit::Stop;
use crate::fleet_root;
use crate::operator::Operator;
use crate::output::Console;
use crate::report::{self, visible};
use crate::table::{Table, clip};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp parameters --site rax-dev-iad3                    all parameters, with their values
  cmp parameters site-profiles --site rax-dev-iad3 -o yaml
  cmp parameters --site rax-dev-iad3 -o json            as Argo CD's announcement has them
  cmp parameters --site rax-dev-iad3 --setting worker.replicas=3
";

/// Widths beyond which a table is no longer read.
const VALUE: usize = 40;
const ABOUT: usize = 100;

/// Show what a site can be asked for: the plugin's parameters, and their values now
///
/// An Application sets them in its source's plugin.parameters. `overlay` and `chart` are
/// shown to be read and cannot be set.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ParametersArgs {
    #[command(flatten)]
    fleet: FleetArg,
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    inputs: InputArgs,
    /// How to show them
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: ListName,
}

/// How parameters are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListName {
    /// For people, a line each
    Table,
    /// For people, all of it
    Yaml,
    /// One array
    Json,
}

/// One parameter for programs, as Argo CD writes an announcement.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    name: &'a str,
    title: &'a str,
    tooltip: &'a str,
    required: bool,
    item_type: &'a str,
    collection_type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    string: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    array: &'a [String],
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    map: &'a std::collections::BTreeMap<String, String>,
}

/// Shows.
pub(crate) fn run(
    args: ParametersArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), Stop> {
    let subject = args.site.one()?;
    let root = fleet_root::find(args.fleet.fleet.as_deref(), None)?;
    let inputs = Inputs::from(args.inputs);
    let wanted = Wanted { target: Target::Application, merged: false, record_reads: false };
    let fleet = ask::open(&root, &inputs, operator, None)?;
    let request = ask::request(subject, wanted, &inputs)?;
    let announced = announce::announce(&fleet, &request)?;
    let lines: Vec<_> = announced.iter().map(Line::from).collect();
    console.write(&match args.output {
        ListName::Table => table(&announced),
        ListName::Yaml => report::to_yaml(&lines),
        ListName::Json => report::to_json(&lines),
    })
}

impl<'a> From<&'a Announcement> for Line<'a> {
    fn from(announced: &'a Announcement) -> Self {
        Self {
            name: &announced.name,
            title: &announced.title,
            tooltip: &announced.tooltip,
            required: announced.required,
            item_type: announced.item_type,
            collection_type: announced.collection_type,
            string: &announced.string,
            array: &announced.array,
            map: &announced.map,
        }
    }
}

fn table(announced: &[Announcement]) -> String {
    let mut table = Table::new(&["PARAMETER", "VALUE", "ABOUT"]);
    for one in announced {
        let about = one.tooltip.lines().next().unwrap_or_default();
        table.row(vec![
            visible(&one.name).into_owned(),
            clip(&visible(&value(one)), VALUE),
            clip(&visible(about), ABOUT),
        ]);
    }
    table.text()
}

fn value(announced: &Announcement) -> String {
    match announced.collection_type {
        "array" => announced.array.join(", "),
        "map" => {
            let entries = announced.map.iter().map(|(key, value)| format!("{key}: {value}"));
            entries.collect::<Vec<_>>().join(", ")
        }
        _ => announced.string.clone(),
    }
}
