//! `cmp parameters`: lists the plugin parameters of a site and their current values.

use clap::Args;
use serde::Serialize;
use site_render::announce::{self, Announcement};
use site_render::request::Target;

use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::Operator;
use crate::options::{FleetArg, InputArgs, SiteArgs};
use crate::output::Console;
use crate::output_format::ListFormat;
use crate::report::{self, ShownText, visible};
use crate::table::{TextTable, clip};

const EXAMPLES: &str = "\
EXAMPLES:
  cmp parameters site-profiles --site rax-dev-iad3            a table, with long texts cut
  cmp parameters site-profiles --site rax-dev-iad3 -o yaml    the full texts
  cmp parameters site-profiles --site rax-dev-iad3 -o json    as Argo CD receives them
  cmp parameters site-profiles --site rax-dev-iad3 --setting site-secrets.store.name=vault
";

/// The widths at which texts of the table are cut, in characters.
const VALUE_WIDTH: usize = 40;
const ABOUT_WIDTH: usize = 100;

/// List the plugin parameters of a site and their current values
///
/// An Application sets them in its source's plugin.parameters. Two parameters are read-only:
/// `chart` shows the chart, and `overlay` shows the values that policies set.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ParametersArgs {
    #[command(flatten)]
    fleet: FleetArg,
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    inputs: InputArgs,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: ListFormat,
}

/// One parameter, in the format of Argo CD's announcements.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ParameterLine<'a> {
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

/// Prints the parameters of a site.
pub(crate) fn run(
    args: ParametersArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let subject = args.site.required_subject()?;
    let root = fleet_root::find_fleet(args.fleet.named(), None)?;
    let builder = args.inputs.into_builder(Target::Application);
    let fleet = builder.open_fleet(&root, operator, None)?;
    let request = builder.build(subject)?;
    let announced = announce::announce(&fleet, &request)?;
    let lines: Vec<_> = announced.iter().map(ParameterLine::from).collect();
    console.write(&match args.output {
        ListFormat::Table => ShownText::of(&render_table(&announced)),
        ListFormat::Yaml => report::to_yaml(&lines),
        ListFormat::Json => report::to_json(&lines),
    })
}

impl<'a> From<&'a Announcement> for ParameterLine<'a> {
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

fn render_table(announced: &[Announcement]) -> String {
    let mut table = TextTable::new(&["PARAMETER", "VALUE", "ABOUT"]);
    for one in announced {
        let about = one.tooltip.lines().next().unwrap_or_default();
        table.row(vec![
            visible(&one.name).into_owned(),
            clip(&visible(&value_text(one)), VALUE_WIDTH),
            clip(&visible(about), ABOUT_WIDTH),
        ]);
    }
    table.text()
}

fn value_text(announced: &Announcement) -> String {
    match announced.collection_type {
        "array" => announced.array.join(", "),
        "map" => {
            let entries = announced.map.iter().map(|(key, value)| format!("{key}: {value}"));
            entries.collect::<Vec<_>>().join(", ")
        }
        _ => announced.string.clone(),
    }
}
