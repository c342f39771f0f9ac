//! A call is answered before its caller gives up, with what it was doing then.

use std::thread;

use serde_json::json;

use super::script::{alone, example, opening, pieces};
use super::{APP, World};
use crate::argo::{SERVE, commit};
use crate::hostile::{PATIENT, endless, fleet};

#[test]
fn a_render_that_does_not_end_is_answered_before_its_deadline() {
    let Some(world) = World::with(fleet(&endless()), &[], PATIENT, &[]) else { return };
    let answer = world.ask(APP, &["--timeout", "3s"]);
    answer.says(&["error[deadline]", "stage render", "DeadlineExceeded"]);
    assert!(answer.ms() < 3000, "{answer:?}");
}

#[test]
fn other_calls_go_on_meanwhile() {
    let Some(world) = World::with(fleet(&endless()), &[], PATIENT, &[]) else { return };
    let healthy = site_cmp_tests::Scratch::new();
    commit(&healthy.path());
    thread::scope(|scope| {
        let stuck = scope.spawn(|| world.ask(APP, &["--timeout", "6s"]));
        for _ in 0..2 {
            let answer = world.repo_server.ask(&healthy.path(), APP, SERVE, &["--timeout", "5s"]);
            assert_eq!(answer.manifests().len(), 1);
        }
        assert!(!stuck.is_finished());
        stuck.join().unwrap().says(&["error[deadline]"]);
    });
}

/// As from `argocd app diff --local --server-side-generate`, whose calls have no deadline.
#[test]
fn a_call_without_a_deadline_has_the_servers_own() {
    let Some((argo, plugin)) = alone("server: {milliseconds: 700}\n") else { return };
    let archive = example();
    let script =
        [opening(&archive, APP), json!({ "pauseMs": 3000 }), pieces(&argo, &archive, 1024)];
    let answer = plugin.stream(&script, &["--timeout", "0"]);
    answer.says(&["deadline"]);
    assert_eq!(answer.code(), "DeadlineExceeded", "{answer:?}");
}

#[test]
fn a_deadline_in_the_past_is_no_call() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let script = [opening(&archive, APP), pieces(&argo, &archive, 1024)];
    let answer = plugin.stream(&script, &["--timeout", "1ns"]);
    assert_eq!(answer.code(), "DeadlineExceeded", "{answer:?}");
}
