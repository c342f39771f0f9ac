//! The processes in which the server renders: they have limits, are replaced, and end with it.

use std::fs;
use std::time::Duration;

use site_cmp_tests::attack::{Answer, HostileFleet};
use site_cmp_tests::processes::children;
use site_cmp_tests::{Output, Server, wait_for};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{BINARY, cmp};

/// A server with an operator's limits file.
fn server(folder: &TempDir, limits: &str) -> Server {
    let file = folder.path().join("limits.yaml");
    fs::write(&file, limits).unwrap();
    Server::ours(BINARY, folder.path(), |command| command.env("SITE_CMP_LIMITS", file))
}

/// One call that renders a small fleet.
fn call(server: &Server) -> Output {
    let folder = server.socket().parent().unwrap();
    cmp().arg("health").arg("--socket-dir").arg(folder).run()
}

fn kill(id: u32) {
    let killed = std::process::Command::new("kill").args(["-KILL", &id.to_string()]).status();
    assert!(killed.unwrap().success());
}

#[test]
fn a_render_over_its_limit_fails_with_the_limit_and_its_stage() {
    let folder = TempDir::new().unwrap();
    let server = server(&folder, "render: {milliseconds: 0}");
    call(&server).failure(3).says(&[
        "render/limit",
        "more than 0 ms (stage",
        "milliseconds under `render`",
    ]);
    // The same order fails again without a render.
    call(&server).failure(3).says(&["render/limit"]);
}

#[test]
fn a_worker_without_memory_is_an_error_of_its_call() {
    let folder = TempDir::new().unwrap();
    let server = server(&folder, "render: {memoryBytes: 1000000}");
    call(&server).failure(3).says(&["render/"]);
    call(&server).failure(3).says(&["render/"]);
}

#[test]
fn a_killed_worker_is_replaced_and_no_call_notices() {
    let folder = TempDir::new().unwrap();
    let server = server(&folder, "server: {renders: 2}");
    call(&server).success();
    let workers = children(server.id());
    assert_eq!(workers.len(), 2, "{workers:?}");
    workers.into_iter().for_each(kill);
    call(&server).success();
}

#[test]
fn workers_end_with_their_server() {
    let folder = TempDir::new().unwrap();
    let mut server = server(&folder, "server: {renders: 2}");
    let workers = children(server.id());
    assert_eq!(workers.len(), 2, "{workers:?}");
    server.signal("KILL");
    server.ended();
    wait_for("the end of the workers", || {
        let runs = |id: &u32| {
            fs::read_to_string(format!("/proc/{id}/cmdline")).is_ok_and(|line| !line.is_empty())
        };
        (!workers.iter().any(runs)).then_some(())
    });
}

/// The same policy in two repos of two projects.
#[test]
fn a_policy_that_two_projects_need_at_once_is_compiled_once() {
    let folder = TempDir::new().unwrap();
    let server = server(&folder, "server: {renders: 2}");
    // No cache has seen it.
    let value = format!("{}-{:?}", std::process::id(), std::thread::current().id());
    let call = |project: &str| {
        let fleet =
            HostileFleet::setting("/web/name", &value).file("README.md", project.to_owned());
        let mut call = fleet.site_call();
        call.variables.retain(|(name, _)| name != "ARGOCD_APP_PROJECT_NAME");
        call.variables.push(("ARGOCD_APP_PROJECT_NAME".to_owned(), project.to_owned()));
        call
    };
    let calls = ["one", "two", "three"].map(call);
    let answers = Runtime::new().unwrap().block_on(async {
        let tasks = calls.map(|call| {
            let socket = server.socket().to_owned();
            tokio::spawn(async move { call.send(&socket).await })
        });
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers
    });
    for answer in answers {
        assert!(matches!(&answer, Answer::Manifests(all) if all.len() == 1), "{answer:?}");
    }
    assert!((server.metric("site_cmp_policies_compiled_total") - 1.0).abs() < 0.5);
}

#[test]
fn callers_that_do_not_wait_for_their_answer_cost_no_worker() {
    let folder = TempDir::new().unwrap();
    let server = server(&folder, "server: {renders: 2}");
    let workers = children(server.id());
    let runtime = Runtime::new().unwrap();
    let fleet = HostileFleet::setting("/web/name", "short");
    let call = fleet.site_call();
    assert!(matches!(runtime.block_on(call.send(server.socket())), Answer::Manifests(_)));
    for millisecond in 0..30 {
        let mut call = fleet.clone().file("seed", millisecond.to_string()).site_call();
        call.deadline = Duration::from_millis(millisecond % 10);
        runtime.block_on(call.send(server.socket()));
    }
    assert!(matches!(runtime.block_on(call.send(server.socket())), Answer::Manifests(_)));
    assert_eq!(children(server.id()), workers);
}
