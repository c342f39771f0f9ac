//! A call is answered before its caller gives up, with what it was doing then.

use std::thread;

use serde_json::json;

use super::script::{alone, example, opening, pieces};
use super::{APP, World};
use crate::argo::{Answer, SERVE, commit};
use crate::hostile::{PATIENT, endless, fleet};

/// Asks with deadlines that double until one leaves our answer enough time for its way: the
/// time that we keep free grows with the deadline, and how much a machine needs is its own.
fn answered_in_time(world: &World) -> Answer {
    let mut seconds = 3;
    loop {
        let answer = world.ask(APP, &["--timeout", &format!("{seconds}s")]);
        if answer.error().contains("error[call/deadline]") || seconds > 60 {
            return answer;
        }
        assert_eq!(answer.code(), "DeadlineExceeded", "{answer:?}");
        seconds *= 2;
    }
}

#[test]
fn a_render_that_does_not_end_is_answered_before_its_deadline() {
    let Some(world) = World::with(fleet(&endless()), &[], PATIENT, &[]) else { return };
    answered_in_time(&world).says(&["error[call/deadline]", "stage render", "DeadlineExceeded"]);
}

#[test]
fn other_calls_go_on_meanwhile() {
    let limits = format!("{PATIENT}server: {{renders: 2}}\n");
    let Some(world) = World::with(fleet(&endless()), &[], &limits, &[]) else { return };
    let healthy = site_cmp_tests::Scratch::new();
    commit(&healthy.path());
    thread::scope(|scope| {
        let stuck = scope.spawn(|| world.ask(APP, &[]));
        world.serve.wait_for_calls(1);
        for _ in 0..2 {
            let answer = world.repo_server.ask(&healthy.path(), APP, SERVE, &[]);
            assert_eq!(answer.manifests().len(), 1);
        }
        assert!(!stuck.is_finished());
        // Nothing else would end it.
        world.serve.server.signal("KILL");
        stuck.join().unwrap().error();
    });
}

/// As from `argocd app diff --local --server-side-generate`, whose calls have no deadline.
#[test]
fn a_call_without_a_deadline_has_the_servers_own() {
    let Some((_argo, plugin)) = alone("server: {milliseconds: 700}\n") else { return };
    let script = [opening(&example(), APP), json!({ "hold": true })];
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
