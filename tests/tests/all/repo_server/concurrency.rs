//! Many calls, and a server that ends while some go on.

use std::thread;

use serde_json::json;

use super::script::{PIECE, alone, example, opening, opening_with, pieces, send};
use super::{APP, World};
use crate::argo::{Answer, Argo, Plugin};
use crate::cmp;
use crate::hostile::{PATIENT, endless, fleet};

const SITES: [&str; 4] = ["rax-dev-iad3", "rax-dev-dfw3", "rax-dev-ord1", "rax-prod-dfw1"];

/// A call that is half sent until the file `go` is there.
fn half_sent(argo: &Argo, plugin: &Plugin) -> Answer {
    let archive = example();
    let (first, second) = archive.split_at(archive.len() / 2);
    let script = [
        opening(&archive, APP),
        pieces(argo, first, PIECE),
        json!({ "until": argo.at("go") }),
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
        // One renders for ever, and one waits for its end.
        let accepted = [(); 2].map(|()| scope.spawn(|| world.ask(APP, &[])));
        world.serve.wait_for_calls(2);
        for _ in 0..4 {
            let words = ["error[server/queue]", "ResourceExhausted", "limits file"];
            world.ask(APP, &[]).says(&words);
        }
        assert!(accepted.iter().all(|call| !call.is_finished()));
        world.serve.server.signal("KILL");
        for call in accepted {
            call.join().unwrap().error();
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
        let call = scope.spawn(move || half_sent(argo, shared));
        shared.wait_for_calls(1);
        shared.server.signal("TERM");
        // A server that ends must not be found.
        shared.wait_for_no_socket();
        assert!(!call.is_finished());
        argo.file("go", "");
        assert_eq!(call.join().unwrap().manifests().len(), 1);
    });
    assert_eq!(plugin.server.ended().code(), Some(0), "{}", plugin.server.log());
}

#[test]
fn a_successor_takes_over_while_the_old_server_finishes() {
    let Some((argo, plugin)) = alone("") else { return };
    thread::scope(|scope| {
        let (argo, old) = (&argo, &plugin);
        let call = scope.spawn(move || half_sent(argo, old));
        old.wait_for_calls(1);
        old.server.signal("TERM");
        old.wait_for_no_socket();
        let new = argo.serve(&[], &[]);
        assert_eq!(send(argo, &new, &example(), APP).manifests().len(), 1);
        assert!(!call.is_finished());
        argo.file("go", "");
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
