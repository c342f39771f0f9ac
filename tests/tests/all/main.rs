//! site-cmp as its users see it: the real program, on real files, beside real peers.

#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test that cannot go on has failed, and is short rather than fast"
)]

mod argo;
mod bad_input;
mod callers;
mod cases;
mod certs;
mod cluster;
mod crds;
mod differential;
mod differential_jsonnet;
mod differential_value_files;
mod doctor;
mod documents;
mod envoy_configs;
mod errors;
mod example;
mod fleet_check;
mod front_doors;
mod fuzz;
mod global;
mod helm;
mod hostile;
mod hostile_repos;
mod installs;
mod jsonnet;
mod leaks;
mod load;
mod mtls;
mod nautobot;
mod oldest_argocd;
mod parameters;
mod program;
mod promises;
mod queues;
mod render_workers;
mod rebuild;
mod refresh_paths;
mod reference;
mod repo_server;
mod secrets;
mod shown_commands;
mod stamp;
mod stock_server;
mod tidy;
mod understack;
mod value_files;
mod values_as_helm;

use site_cmp_tests::Command;

/// The program under test. It is named `site-cmp`, and so never hands over to another `cmp`.
const BINARY: &str = env!("CARGO_BIN_EXE_site-cmp");

fn cmp() -> Command {
    Command::new(BINARY)
}
