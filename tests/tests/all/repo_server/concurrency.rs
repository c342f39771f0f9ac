//! Many calls, and a server that ends while some go on.

use std::thread;
use std::time::Duration;

use serde_json::json;

use super::script::{PIECE, alone, example, opening, opening_with, pieces};
use super::{APP, World};
use crate::argo::{Answer, Argo, Plugin};
use crate::cmp;
use crate::hostile::{PATIENT, endless, fleet};

const SITES: [&str; 4] = ["rax-dev-iad3", "rax-dev-dfw3", "rax-dev-ord1", "rax-prod-dfw1"];

/// A call that is half sent for a while, and whole in the end.
fn slow(argo: &Argo, plugin: &Plugin, ms: u64) -> Answer {
    let archive = example();
    let (first, second) = archive.split_at(archive.len() / 2);
    let script = [
        opening(&archive, APP),
        pieces(argo, first, PIECE),
        json!({ "pauseMs": ms }),
        pieces(argo, second, PIECE),
    ];
    plugin.stream(&script, &[])
}

#[test]
fn sixteen_applications_at_once_get_each_their_own() {
    let Some(world) = World::start() else { return };
    let expected = SITES.map(|site| world.ask(&format!("sites/{site}"), &[]));
    thread::scope(|scope| {
        let ask = |n: usize| world.ask(&format!("sites/{}", SITES[n % SITES.len()]), &[]);
        let calls: Vec<_> = (0..16).map(|n| scope.spawn(move || ask(n))).collect();
        for (n, call) in calls.into_iter().enumerate() {
            assert_eq!(call.join().unwrap().texts(), expected[n % SITES.len()].texts(), "{n}");
        }
    });
}

/// One archive, fifty askers: they share what was unpacked and nothing else.
#[test]
fn fifty_calls_of_one_tree_do_not_mix() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let body = pieces(&argo, &archive, PIECE);
    let ask = |site: &str| {
        let app = format!("sites/{site}");
        plugin.stream(&[opening_with(&archive, &app, &[]), body.clone()], &[])
    };
    let expected = SITES.map(ask);
    thread::scope(|scope| {
        let calls: Vec<_> =
            (0..50).map(|n| scope.spawn(move || (n, ask(SITES[n % SITES.len()])))).collect();
        for call in calls {
            let (n, answer) = call.join().unwrap();
            assert_eq!(answer.texts(), expected[n % SITES.len()].texts(), "{n}");
        }
    });
}

#[test]
fn more_calls_than_may_wait_are_refused_at_once_and_can_be_repeated() {
    let limits = format!("{PATIENT}server: {{renders: 1, queue: 1}}\n");
    let Some(world) = World::with(fleet(&endless()), &[], &limits, &[]) else { return };
    thread::scope(|scope| {
        let ask = || world.ask(APP, &["--timeout", "6s"]);
        let calls: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        let answers: Vec<_> = calls.into_iter().map(|call| call.join().unwrap()).collect();
        let busy: Vec<_> =
            answers.iter().filter(|answer| answer.error().contains("ResourceExhausted")).collect();
        assert!(!busy.is_empty() && busy.len() < 6, "{answers:?}");
        for answer in busy {
            answer.says(&["error[", "server", "limits file"]);
        }
    });
}

#[test]
fn a_server_that_is_killed_in_a_call_is_an_error_at_once_and_its_successor_answers() {
    let Some(mut world) = World::with(fleet(&endless()), &[], PATIENT, &[]) else { return };
    let (repo_server, path) = (&world.repo_server, world.fleet.path());
    thread::scope(|scope| {
        let stuck = scope.spawn(move || repo_server.ask(&path, APP, crate::argo::SERVE, &[]));
        world.serve.wait_for_calls(1);
        world.serve.kill();
        let answer = stuck.join().unwrap();
        // Which of the two depends on whether repo-server was still sending.
        let told = ["code = Unavailable", "EOF"].map(|word| answer.error().contains(word));
        assert!(told.contains(&true), "{answer:?}");
        assert!(answer.ms() < 20_000, "{answer:?}");
    });
    assert!(world.serve.server.socket().exists(), "a killed server takes nothing away");
    let _next = world.argo.serve(&[], &[]);
    world.ask(APP, &[]).says(&["error[policy/fuel]"]);
}

#[test]
fn a_signal_to_end_lets_the_running_call_finish() {
    let Some((argo, mut plugin)) = alone("") else { return };
    thread::scope(|scope| {
        let (argo, shared) = (&argo, &plugin);
        let call = scope.spawn(move || slow(argo, shared, 2500));
        shared.wait_for_calls(1);
        shared.server.signal("TERM");
        thread::sleep(Duration::from_millis(200));
        assert!(!shared.server.socket().exists(), "a server that ends must not be found");
        assert_eq!(call.join().unwrap().manifests().len(), 1);
    });
    assert_eq!(
        plugin.server.ended(Duration::from_mins(1)).code(),
        Some(0),
        "{}",
        plugin.server.log()
    );
}

#[test]
fn a_successor_takes_over_while_the_old_server_finishes() {
    let Some((argo, plugin)) = alone("") else { return };
    thread::scope(|scope| {
        let (argo, old) = (&argo, &plugin);
        let call = scope.spawn(move || slow(argo, old, 4000));
        old.wait_for_calls(1);
        old.server.signal("TERM");
        thread::sleep(Duration::from_millis(200));
        let new = argo.serve(&[], &[]);
        assert_eq!(slow(argo, &new, 0).manifests().len(), 1);
        assert_eq!(call.join().unwrap().manifests().len(), 1);
        assert!(new.server.socket().exists(), "the old server took the new one's socket away");
    });
}

#[test]
fn a_socket_behind_which_somebody_answers_is_not_taken() {
    let Some((argo, plugin)) = alone("") else { return };
    let second = cmp().args(["serve", "--socket-dir"]).arg(argo.at("plugins"));
    second.run().failure(3).says(&["error[socket/live]"]);
    assert_eq!(plugin.check().get("health")["status"], "SERVING");
}

#[test]
fn a_second_revision_is_rendered_anew() {
    let Some(world) = World::start() else { return };
    let before = world.ask(APP, &[]);
    let profile = world.fleet.path().join(super::PROFILE);
    let text = std::fs::read_to_string(&profile).unwrap();
    std::fs::write(&profile, text.replace("enabled: true", "enabled: false")).unwrap();
    crate::argo::commit(&world.fleet.path());
    let after = world.ask(APP, &[]);
    assert_eq!(before.manifest()["kind"], "Application");
    assert_eq!(after.manifest()["kind"], "ConfigMap");
    let old = before.get("revision").as_str().unwrap();
    assert_eq!(world.ask(APP, &["--revision", old]).texts(), before.texts());
}
