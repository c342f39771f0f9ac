//! The protocol below the calls: names of sockets, headers, services.

use std::path::PathBuf;
use std::process::Command as Process;

use serde_json::json;
use site_cmp_tests::{Command, Server, peer};

use super::APP;
use super::script::{alone, example, opening, pieces};
use crate::BINARY;

const CLIENT: &str = include_str!("client.py");

/// A Python that can import grpc: named by `SITE_CMP_PYTHON`, else the one on `PATH`.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("SITE_CMP_PYTHON").unwrap_or_else(|| "python3".into());
    let imports = Process::new(&named).args(["-c", "import grpc"]).output();
    let found = imports.is_ok_and(|output| output.status.success());
    let how = "pip install grpcio, and name that Python in SITE_CMP_PYTHON";
    peer("Python with grpc", found.then(|| PathBuf::from(named)), how)
}

/// gRPC in C, and so in Python, percent-encodes a socket's path into the authority as Go's
/// does: a client in Rust does not, and shows nothing of it.
#[test]
fn a_client_that_encodes_the_path_as_its_authority_is_answered() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::ours(BINARY, folder.path(), |command| command);
    let archive = folder.path().join("fleet.tgz");
    std::fs::write(&archive, example()).unwrap();

    let client =
        Command::new(python).args(["-c", CLIENT]).arg(server.socket()).arg(&archive).arg(APP);
    let said = client.run().success().stdout;
    assert!(said.starts_with("configuration: b''\n"), "{said}");
    let application = r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"Application""#;
    assert!(said.contains(application), "{said}");
}

#[test]
fn it_offers_all_that_argo_cds_own_server_offers() {
    let Some((argo, plugin)) = alone("") else { return };
    let ours = plugin.check();
    let stock = argo.stock().check();
    assert_eq!(ours.get("configuration")["isDiscoveryConfigured"], false);
    assert_eq!(ours.get("configuration")["provideGitCreds"], false);
    assert_eq!(ours.get("health")["status"], "SERVING");
    assert_eq!(ours.get("version")["code"], "OK");
    let services = ours.get("reflection")["services"].as_array().unwrap().clone();
    for service in stock.get("reflection")["services"].as_array().unwrap() {
        // The older reflection is for clients of before 2023; Argo CD is none of them.
        if service != "grpc.reflection.v1alpha.ServerReflection" {
            assert!(services.contains(service), "{service} is not in {services:?}");
        }
    }
}

#[test]
fn headers_that_it_does_not_know_are_passed_over() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let script = [opening(&archive, APP), pieces(&argo, &archive, 1024)];
    let headers = [
        "--header",
        "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "--header",
        "x-nobody-knows=this",
    ];
    plugin.stream(&script, &headers).texts();
}

#[test]
fn a_match_is_never_asked_for_and_is_no() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let script = [opening(&archive, APP), pieces(&argo, &archive, 1024)];
    let answer = plugin.stream(&script, &["--method", "MatchRepository"]);
    assert_eq!(answer.get("isSupported"), false, "{answer:?}");
    assert_eq!(answer.get("isDiscoveryEnabled"), false, "{answer:?}");
    let stock = argo.stock().stream(&script, &["--method", "MatchRepository"]);
    assert_eq!(stock.get("isSupported"), false, "{stock:?}");
}

#[test]
fn parameters_are_announced_over_a_stream_too_and_only_from_inside() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let method = ["--method", "GetParametersAnnouncement"];
    let script = [opening(&archive, APP), pieces(&argo, &archive, 1024)];
    let answer = plugin.stream(&script, &method);
    assert_eq!(answer.get("parameters")[0]["name"], "site", "{answer:?}");
    let script = [opening(&archive, "../x"), pieces(&argo, &archive, 1024)];
    super::script::refused(&plugin.stream(&script, &method), "InvalidArgument", &["app-path"]);
    let script = [json!({ "empty": true })];
    super::script::refused(&plugin.stream(&script, &method), "InvalidArgument", &["stream/"]);
}
