//! `cmp certs`: the certificates that a fleet issues, and what of them expires when.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use site_render::finding::{Fault, Finding, Problems};
use site_render::request::Target;

use crate::certs::{self, Judged, Moment, State, Wanted};
use crate::codes;
use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::Operator;
use crate::options::FleetArg;
use crate::output::Console;
use crate::report::{self, visible};
use crate::request_builder::RequestBuilder;
use crate::table::Table;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp certs                                      what every global cluster issues
  cmp certs site-profiles --environment dev -o json
  cmp certs --environment dev --from secrets/    what of it expires when
  cmp certs --environment dev --from secrets/ --now 2027-01-01T00:00:00Z

  A folder for --from holds SECRET.crt, SECRET.pem or SECRET/tls.crt for each Secret, and
  ca.crt, for all or beside tls.crt. This makes one:
  for secret in $(cmp -q certs --environment dev -o json | jq -r '.[].secret'); do
    mkdir -p secrets/$secret
    for part in tls ca; do
      kubectl -n NAMESPACE get secret $secret >secrets/$secret/$part.crt \\
        -o go-template=\"{{index .data \\\"$part.crt\\\" | base64decode}}\"; done; done
";

/// List the certificates that the global clusters issue, and when those at hand expire
///
/// The list is what a render for the global cluster emits, site by site. With --from the
/// certificates in a folder are held to it: the file's name finds the Secret; common name,
/// purpose, key and issuer have to be those asked for. Exits with 1 where one cannot be used:
/// it is expired, not yet valid, missing or another one.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CertsArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// The environment [default: each that has a half on a global cluster]
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
    /// A folder of certificates, as PEM
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// The time to go by, as RFC 3339 [default: the clock's]
    #[arg(long, value_name = "TIME", requires = "from", value_parser = moment)]
    now: Option<Moment>,
    /// How to show them
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: ListName,
}

/// How certificates are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListName {
    /// For people, a line each
    Table,
    /// For programs, one array
    Json,
    /// The same as YAML
    Yaml,
}

/// One certificate for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    environment: &'a str,
    site: Option<&'a str>,
    namespace: &'a str,
    name: &'a str,
    secret: &'a str,
    common_name: &'a str,
    duration: &'a str,
    renew_before: &'a str,
    key: &'a str,
    issuer: &'a str,
    usages: &'a [String],
    #[serde(rename = "isCA")]
    is_ca: bool,
    #[serde(flatten)]
    held: Option<HeldLine<'a>>,
}

/// What is at hand of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HeldLine<'a> {
    state: State,
    why: &'a [String],
    file: Option<&'a str>,
    not_before: Option<String>,
    not_after: Option<String>,
    days_left: Option<i64>,
}

/// Lists.
pub(crate) fn run(
    args: &CertsArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let root = fleet_root::find_fleet(args.fleet.named(), None)?;
    let fleet = RequestBuilder::new(Target::Global).open_fleet(&root, operator, None)?;
    let (wanted, mut findings) = certs::wanted(&fleet, args.environment.as_deref())?;
    let mut rows: Vec<(&Wanted, Option<Judged>)> = wanted.iter().map(|one| (one, None)).collect();
    if let Some(folder) = &args.from {
        findings.extend(ambiguous(&wanted));
        let mut held = certs::read(folder)?;
        held.strangers(&wanted);
        let now = args.now.unwrap_or_else(Moment::now);
        held.ended(now);
        for (one, judged) in &mut rows {
            *judged = Some(certs::judge(one, &held, now));
        }
        findings.extend(held.findings);
    }
    console.print_findings(&findings);
    let is_wrong = findings.iter().any(Finding::is_error);
    if is_wrong && wanted.is_empty() {
        return Err(CommandError::Reported(Problems(findings).fault()));
    }
    match args.output {
        ListName::Table if args.from.is_some() => console.write_styled(&expiry(&rows))?,
        ListName::Table => console.write(&list(&wanted))?,
        ListName::Json => console.write(&report::to_json(&lines(&rows)))?,
        ListName::Yaml => console.write(&report::to_yaml(&lines(&rows)))?,
    }
    let mut judged = rows.iter().filter_map(|(_, judged)| judged.as_ref());
    if is_wrong {
        Err(CommandError::Reported(Problems(findings).fault()))
    } else if judged.all(|judged| judged.state.is_usable()) {
        Ok(())
    } else {
        Err(CommandError::Reported(Fault::Input))
    }
}

fn moment(word: &str) -> Result<Moment, String> {
    Moment::parse(word).ok_or_else(|| "write it as 2026-11-25T04:30:00Z".to_owned())
}

/// A Secret that two environments have: a folder cannot hold both.
fn ambiguous(wanted: &[Wanted]) -> Option<Finding> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let (one, other) = wanted.iter().find_map(|one| {
        let owner = owners.insert(&one.secret, &one.environment);
        owner.filter(|owner| *owner != one.environment).map(|owner| (one, owner))
    })?;
    let message = format!(
        "environments {other} and {} both issue a Secret {}, and a folder holds one",
        one.environment, one.secret
    );
    let finding = codes::CERTS_AMBIGUOUS.finding(message);
    Some(finding.hint("name the environment: --environment ENV"))
}

fn lines<'a>(rows: &'a [(&Wanted, Option<Judged>)]) -> Vec<Line<'a>> {
    let rows = rows.iter().map(|(wanted, judged)| Line {
        environment: &wanted.environment,
        site: wanted.site.as_deref(),
        namespace: &wanted.namespace,
        name: &wanted.name,
        secret: &wanted.secret,
        common_name: &wanted.common_name,
        duration: &wanted.duration,
        renew_before: &wanted.renew_before,
        key: &wanted.key,
        issuer: &wanted.issuer,
        usages: &wanted.usages,
        is_ca: wanted.is_ca,
        held: judged.as_ref().map(|judged| HeldLine {
            state: judged.state,
            why: &judged.why,
            file: judged.file.as_deref(),
            not_before: judged.valid.map(|(begin, _)| begin.to_string()),
            not_after: judged.valid.map(|(_, end)| end.to_string()),
            days_left: judged.days_left,
        }),
    });
    rows.collect()
}

fn list(wanted: &[Wanted]) -> String {
    let mut table = Table::new(&[
        "ENVIRONMENT",
        "SITE",
        "CERTIFICATE",
        "SECRET",
        "CN",
        "LIFETIME",
        "RENEWED",
        "KEY",
        "ISSUER",
    ]);
    for one in wanted {
        let site = one.site.as_deref().unwrap_or("-");
        let (lives, renewed) = (or_default(&one.duration), or_default(&one.renew_before));
        let cells = [
            &one.environment,
            site,
            &one.name,
            &one.secret,
            &one.common_name,
            lives,
            renewed,
            &one.key,
            &one.issuer,
        ];
        table.row(cells.iter().map(|cell| visible(cell).into_owned()).collect());
    }
    table.text()
}

fn or_default(text: &str) -> &str {
    if text.is_empty() { "default" } else { text }
}

fn expiry(rows: &[(&Wanted, Option<Judged>)]) -> String {
    let mut table =
        Table::new(&["ENVIRONMENT", "SITE", "SECRET", "NOT BEFORE", "NOT AFTER", "DAYS", "STATE"]);
    for (wanted, judged) in rows {
        let Some(judged) = judged else { continue };
        let time = |pick: fn((Moment, Moment)) -> Moment| {
            judged.valid.map_or_else(|| "-".to_owned(), |valid| pick(valid).to_string())
        };
        table.row(vec![
            visible(&wanted.environment).into_owned(),
            visible(wanted.site.as_deref().unwrap_or("-")).into_owned(),
            visible(&wanted.secret).into_owned(),
            time(|(begin, _)| begin),
            time(|(_, end)| end),
            judged.days_left.map_or_else(|| "-".to_owned(), |days| days.to_string()),
            state(judged),
        ]);
    }
    table.text()
}

/// The state in its colour, and why it is none that is wanted.
fn state(judged: &Judged) -> String {
    let color = match judged.state {
        State::Ok => 32,
        State::RenewalDue | State::NotYetValid => 33,
        State::Expired | State::Missing | State::Mismatch => 31,
    };
    let word = judged.state.word();
    let why =
        if judged.why.is_empty() { String::new() } else { format!(": {}", judged.why.join("; ")) };
    format!("\u{1b}[{color}m{word}\u{1b}[0m{}", visible(&why))
}
