//! `cmp certs`: the certificates that a fleet issues, and when they expire.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use site_render::finding::{Fault, Finding, Problems};

use crate::options::FleetArg;
use crate::request_builder::RequestBuilder;
use site_render::request::Target;

use crate::certs::{self, CertState, CertStatus, ExpectedCert, Timestamp};
use crate::codes;
use crate::exit::CommandError;
use crate::fleet_root;
use crate::operator::Operator;
use crate::output::Console;
use crate::report::{self, ShownText, visible};
use crate::table::TextTable;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp certs                                      certificates of all environments
  cmp certs site-profiles --environment dev -o json
  cmp certs --environment dev --from secrets/    compare a folder with dev's certificates
  cmp certs --environment dev --from secrets/ --now 2027-01-01T00:00:00Z

  A folder for --from contains SECRET.crt, SECRET.pem or SECRET/tls.crt for each Secret, and a
  ca.crt for all of them or beside each tls.crt. To create one:
  for secret in $(cmp -q certs --environment dev -o json | jq -r '.[].secret'); do
    mkdir -p secrets/$secret
    for part in tls ca; do
      kubectl -n NAMESPACE get secret $secret >secrets/$secret/$part.crt \\
        -o go-template=\"{{index .data \\\"$part.crt\\\" | base64decode}}\"; done; done
";

/// List the certificates that the global clusters issue, and check a folder of certificates
///
/// Lists the Certificate objects that a render for the global cluster emits, by site. With
/// --from, compares a folder of certificates with them: the file's name selects the Secret, and
/// common name, purpose, key and issuer must match. Exits with code 1 if a certificate is
/// expired, not yet valid, missing or does not match.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CertsArgs {
    #[command(flatten)]
    fleet: FleetArg,
    /// Environment to list [default: all with a `global` section]
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
    /// Folder of certificates in PEM to compare
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Time to compare with, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", requires = "from", value_parser = parse_timestamp)]
    now: Option<Timestamp>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: CertsFormat,
}

/// The formats of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CertsFormat {
    /// Table for people, one line per certificate
    Table,
    /// JSON array
    Json,
    /// YAML list
    Yaml,
}

/// One certificate in JSON and YAML.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CertRecord<'a> {
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
    on_disk: Option<FileRecord<'a>>,
}

/// The comparison with the folder of --from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileRecord<'a> {
    state: CertState,
    why: &'a [String],
    file: Option<&'a str>,
    not_before: Option<String>,
    not_after: Option<String>,
    days_left: Option<i64>,
}

/// Lists the certificates.
pub(crate) fn run(
    args: &CertsArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let root = fleet_root::find_fleet(args.fleet.named(), None)?;
    let fleet = RequestBuilder::new(Target::Global).open_fleet(&root, operator, None)?;
    let (expected, mut findings) = certs::expected_certs(&fleet, args.environment.as_deref())?;
    let mut rows: Vec<(&ExpectedCert, Option<CertStatus>)> =
        expected.iter().map(|one| (one, None)).collect();
    if let Some(folder) = &args.from {
        findings.extend(ambiguous_secret(&expected));
        let mut on_disk = certs::read_folder(folder)?;
        on_disk.note_strangers(&expected);
        let now = args.now.unwrap_or_else(Timestamp::now);
        on_disk.note_expired_authorities(now);
        for (one, status) in &mut rows {
            *status = Some(certs::assess_cert(one, &on_disk, now));
        }
        findings.extend(on_disk.findings);
    }
    console.print_findings(&findings);
    let is_wrong = findings.iter().any(Finding::is_error);
    if is_wrong && expected.is_empty() {
        return Err(CommandError::Reported(Problems(findings).fault()));
    }
    match args.output {
        CertsFormat::Table if args.from.is_some() => {
            console.write_styled(&ShownText::of(&expiry_table(&rows)))?;
        }
        CertsFormat::Table => console.write(&ShownText::of(&list_table(&expected)))?,
        CertsFormat::Json => console.write(&report::to_json(&to_records(&rows)))?,
        CertsFormat::Yaml => console.write(&report::to_yaml(&to_records(&rows)))?,
    }
    let mut status = rows.iter().filter_map(|(_, status)| status.as_ref());
    if is_wrong {
        Err(CommandError::Reported(Problems(findings).fault()))
    } else if status.all(|status| status.state.is_usable()) {
        Ok(())
    } else {
        Err(CommandError::Reported(Fault::Input))
    }
}

/// Parses the value of --now.
fn parse_timestamp(word: &str) -> Result<Timestamp, String> {
    Timestamp::parse(word).ok_or_else(|| "write a time such as 2026-11-25T04:30:00Z".to_owned())
}

/// Reports a Secret that two environments issue, because a folder has room for one of that
/// name.
fn ambiguous_secret(expected: &[ExpectedCert]) -> Option<Finding> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let (one, other) = expected.iter().find_map(|one| {
        let owner = owners.insert(&one.secret, &one.environment);
        owner.filter(|owner| *owner != one.environment).map(|owner| (one, owner))
    })?;
    let message = format!(
        "environments {other} and {} both issue a Secret {}, and a folder can contain only one",
        one.environment, one.secret
    );
    let finding = codes::CERTS_AMBIGUOUS.finding(message);
    Some(finding.hint("select one environment with --environment ENV"))
}

/// Returns the rows in the shape of JSON and YAML.
fn to_records<'a>(rows: &'a [(&ExpectedCert, Option<CertStatus>)]) -> Vec<CertRecord<'a>> {
    let rows = rows.iter().map(|(expected, status)| CertRecord {
        environment: &expected.environment,
        site: expected.site.as_deref(),
        namespace: &expected.namespace,
        name: &expected.name,
        secret: &expected.secret,
        common_name: &expected.common_name,
        duration: &expected.duration,
        renew_before: &expected.renew_before,
        key: &expected.key,
        issuer: &expected.issuer,
        usages: &expected.usages,
        is_ca: expected.is_ca,
        on_disk: status.as_ref().map(|status| FileRecord {
            state: status.state,
            why: &status.why,
            file: status.file.as_deref(),
            not_before: status.valid.map(|(begin, _)| begin.to_string()),
            not_after: status.valid.map(|(_, end)| end.to_string()),
            days_left: status.days_left,
        }),
    });
    rows.collect()
}

/// Returns the table of expected certificates.
fn list_table(expected: &[ExpectedCert]) -> String {
    let mut table = TextTable::new(&[
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
    for one in expected {
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

/// Returns a duration, or `default` if cert-manager chooses it.
fn or_default(text: &str) -> &str {
    if text.is_empty() { "default" } else { text }
}

/// Returns the table of states and dates.
fn expiry_table(rows: &[(&ExpectedCert, Option<CertStatus>)]) -> String {
    let mut table = TextTable::new(&[
        "ENVIRONMENT",
        "SITE",
        "SECRET",
        "NOT BEFORE",
        "NOT AFTER",
        "DAYS",
        "STATE",
    ]);
    for (expected, status) in rows {
        let Some(status) = status else { continue };
        let time = |pick: fn((Timestamp, Timestamp)) -> Timestamp| {
            status.valid.map_or_else(|| "-".to_owned(), |valid| pick(valid).to_string())
        };
        table.row(vec![
            visible(&expected.environment).into_owned(),
            visible(expected.site.as_deref().unwrap_or("-")).into_owned(),
            visible(&expected.secret).into_owned(),
            time(|(begin, _)| begin),
            time(|(_, end)| end),
            status.days_left.map_or_else(|| "-".to_owned(), |days| days.to_string()),
            state_cell(status),
        ]);
    }
    table.text()
}

/// Returns the state in its colour, with the differences.
fn state_cell(status: &CertStatus) -> String {
    let color = match status.state {
        CertState::Ok => 32,
        CertState::RenewalDue | CertState::NotYetValid => 33,
        CertState::Expired | CertState::Missing | CertState::Mismatch => 31,
    };
    let word = status.state.label_text();
    let why =
        if status.why.is_empty() { String::new() } else { format!(": {}", status.why.join("; ")) };
    format!("\u{1b}[{color}m{word}\u{1b}[0m{}", visible(&why))
}
