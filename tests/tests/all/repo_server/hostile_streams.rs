//! Streams that are not what repo-server sends. Each is read to its end and then refused
//! with a reason: repo-server reads no answer before it has sent all.

use std::thread;

use serde_json::{Value, json};
use site_cmp_tests::Scratch;

use super::APP;
use super::archive::{Archive, noise};
use super::script::{PIECE, alone, example, opening, pieces, refused, send, send_with};

/// The plugin refuses this stream, as malformed.
fn is_refused(script: &[Value], words: &[&str]) {
    let Some((_argo, plugin)) = alone("") else { return };
    refused(&plugin.stream(script, &[]), "InvalidArgument", words);
}

#[test]
fn a_good_stream_gets_the_same_answer_from_both_servers() {
    let Some((argo, plugin)) = alone("") else { return };
    let stock = argo.stock();
    let archive = example();
    let served = send(&argo, &plugin, &archive, APP);
    assert_eq!(served.texts(), send(&argo, &stock, &archive, APP).texts());
    assert!(served.texts()[0].starts_with(r#"{"apiVersion":"#));
}

#[test]
fn pieces_may_have_any_size() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let expected = send(&argo, &plugin, &archive, APP);
    for piece in [256, 1023, 64 << 10, 1 << 20] {
        let script = [opening(&archive, APP), pieces(&argo, &archive, piece)];
        assert_eq!(plugin.stream(&script, &[]).texts(), expected.texts(), "{piece}");
    }
    // Not all of it byte by byte: HTTP/2 takes more than some thousand such frames that
    // wait to be read for an attack.
    let (first, rest) = archive.split_at(100);
    let script = [
        opening(&archive, APP),
        json!({ "chunk": "" }),
        pieces(&argo, first, 1),
        pieces(&argo, rest, PIECE),
        json!({ "chunk": "" }),
    ];
    assert_eq!(plugin.stream(&script, &[]).texts(), expected.texts());
}

#[test]
fn a_message_may_be_larger_than_grpc_allows_unless_told() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = Archive::of(&Scratch::new().path());
    let archive = archive.file("noise", &noise(6 << 20)).packed();
    assert!(archive.len() > 6 << 20);
    let script = [opening(&archive, APP), pieces(&argo, &archive, 8 << 20)];
    plugin.stream(&script, &[]).texts();
}

#[test]
fn the_size_that_is_claimed_decides_nothing() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    for size in [0, -1, i64::MAX] {
        let mut metadata = opening(&archive, APP);
        metadata["metadata"]["size"] = json!(size);
        plugin.stream(&[metadata, pieces(&argo, &archive, PIECE)], &[]).texts();
    }
}

#[test]
fn a_stream_begins_with_metadata() {
    is_refused(&[], &["error[stream/"]);
    is_refused(&[json!({ "chunk": "aGVsbG8=" })], &["error[stream/metadata]"]);
    is_refused(&[json!({ "chunk": "aGVsbG8=" }), opening(b"hello", APP)], &["metadata"]);
    is_refused(&[json!({ "empty": true })], &["error[stream/"]);
}

#[test]
fn after_the_metadata_come_pieces_alone() {
    is_refused(&[opening(b"", APP), opening(b"", APP)], &["error[stream/message]"]);
    is_refused(&[opening(b"", APP), json!({ "empty": true })], &["error[stream/"]);
}

#[test]
fn the_bytes_must_have_the_checksum() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let good = site_render::sha256(&archive);
    for wrong in ["", "abc", &"0".repeat(64), &good[1..], &"é".repeat(32)] {
        let mut metadata = opening(&archive, APP);
        metadata["metadata"]["checksum"] = json!(wrong);
        let answer = plugin.stream(&[metadata, pieces(&argo, &archive, PIECE)], &[]);
        refused(&answer, "InvalidArgument", &["error[stream/checksum]"]);
    }
    refused(&plugin.stream(&[opening(&archive, APP)], &[]), "InvalidArgument", &["checksum"]);
}

/// Both begin while the other goes on: what was unpacked of one is looked for by the other.
#[test]
fn a_caller_that_lies_about_its_checksum_changes_nobodys_answer() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let profile = format!("{APP}/profile.yaml");
    let closed = Scratch::new().changed(&profile, "enabled: true", "enabled: false");
    let lie = Archive::of(&closed.path()).packed();
    let until = json!({ "until": argo.at("go") });
    let lying = [opening(&archive, APP), pieces(&argo, &lie, PIECE), until];
    thread::scope(|scope| {
        let liar = scope.spawn(|| plugin.stream(&lying, &[]));
        plugin.wait_for_calls(1);
        let honest = send(&argo, &plugin, &archive, APP);
        match honest.code() {
            "OK" => assert_eq!(honest.manifest()["kind"], "Application"),
            _ => assert!(refused(&honest, "Unavailable", &["checksum"]).contains("try again")),
        }
        argo.file("go", "");
        refused(&liar.join().unwrap(), "InvalidArgument", &["error[stream/checksum]"]);
    });
    assert_eq!(send(&argo, &plugin, &archive, APP).manifest()["kind"], "Application");
}

#[test]
fn callers_that_stall_do_not_hold_up_others() {
    let Some((argo, plugin)) = alone("") else { return };
    let stalled = |n: u8| {
        let archive = vec![n; 100];
        [opening(&archive, APP), json!({ "until": argo.at("go") })]
    };
    thread::scope(|scope| {
        let plugin = &plugin;
        let calls: Vec<_> =
            (0..4).map(|n| scope.spawn(move || plugin.stream(&stalled(n), &[]))).collect();
        plugin.wait_for_calls(4);
        let answer = send(&argo, plugin, &example(), APP);
        assert_eq!(answer.manifests().len(), 1);
        assert!(calls.iter().all(|call| !call.is_finished()));
        argo.file("go", "");
    });
}

#[test]
fn a_tree_that_is_known_is_not_given_to_who_does_not_send_it() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    send(&argo, &plugin, &archive, APP).texts();
    let answer = plugin.stream(&[opening(&archive, APP), json!({ "chunk": "aGVsbG8=" })], &[]);
    refused(&answer, "InvalidArgument", &["error[stream/checksum]"]);
    let answer = plugin.stream(&[opening(&archive, APP)], &[]);
    refused(&answer, "InvalidArgument", &["error[stream/checksum]"]);
}

#[test]
fn an_application_stays_in_its_archive() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    for path in ["..", "../x", "sites/../../x", "../../../../etc"] {
        let answer = send(&argo, &plugin, &archive, path);
        let error = refused(&answer, "InvalidArgument", &["error[stream/app-path]", path]);
        argo.is_not_named_in(error);
    }
}

#[test]
fn a_folder_that_is_not_in_the_archive_is_named() {
    let Some((argo, plugin)) = alone("") else { return };
    let answer = send(&argo, &plugin, &example(), "sites/no-such-site");
    assert_ne!(answer.code(), "OK");
    answer.says(&["no-such-site"]);
    let answer = send(&argo, &plugin, &example(), "/etc");
    assert_ne!(answer.code(), "OK");
    argo.is_not_named_in(answer.error());
}

#[test]
fn a_refusal_waits_until_all_is_sent() {
    let Some((argo, plugin)) = alone("") else { return };
    let much = noise(16 << 20);
    let script = [opening(&much, APP), opening(&much, APP), pieces(&argo, &much, PIECE)];
    refused(&plugin.stream(&script, &[]), "InvalidArgument", &["error[stream/"]);
    // Not an archive at all: that is seen in the first piece.
    refused(&send(&argo, &plugin, &much, APP), "InvalidArgument", &["error[stream/archive]"]);
    refused(&send(&argo, &plugin, &much, "../x"), "InvalidArgument", &["error[stream/"]);
}

#[test]
fn variables_of_odd_names_do_no_harm() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let expected = send_with(&argo, &plugin, &archive, &[]);
    let odd = [
        ("", "nobody's"),
        ("A=B", "c"),
        ("A\nB", "c"),
        ("PARAM_SITE", "other"),
        ("ARGOCD_ENV_EMPTY", ""),
        ("NUL", "a\0b"),
        ("ARGOCD_ENV_SITE", "overruled"),
        ("ARGOCD_ENV_SITE", "rax-dev-iad3"),
    ];
    assert_eq!(send_with(&argo, &plugin, &archive, &odd).texts(), expected.texts());
}

#[test]
fn a_caller_that_goes_away_leaves_nothing_behind() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let half = &archive[..archive.len() / 2];
    let begun = [opening(&archive, APP), pieces(&argo, half, PIECE)];
    for n in 0..3 {
        let go = format!("go-{n}");
        let leave = [json!({ "until": argo.at(&go) }), json!({ "abandon": true })];
        let script = [&begun[..], &leave].concat();
        thread::scope(|scope| {
            let call = scope.spawn(|| plugin.stream(&script, &[]));
            plugin.wait_for_calls(1);
            argo.file(&go, "");
            assert_eq!(call.join().unwrap().code(), "Canceled");
        });
        plugin.wait_for_calls(0);
    }
    // The thread that unpacked what came may be a moment behind.
    plugin.wait_for_metric("site_cmp_in_flight_bytes", 0.0);
    // The same tree, begun three times and never finished, can be finished now.
    send(&argo, &plugin, &archive, APP).texts();
    let outcomes: Vec<_> = plugin.calls("GenerateManifest");
    let outcomes: Vec<_> = outcomes.iter().map(|call| call["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["cancelled", "cancelled", "cancelled", "ok"]);
}

#[test]
fn a_caller_that_dies_is_no_malformed_stream() {
    let Some((_argo, plugin)) = alone("") else { return };
    let archive = example();
    let script = [opening(&archive, APP), json!({ "hold": true })];
    let mut caller = plugin.start_stream(&script, &[]);
    plugin.wait_for_calls(1);
    caller.kill().unwrap();
    caller.wait().unwrap();
    plugin.wait_for_calls(0);
    let calls = plugin.calls("GenerateManifest");
    assert_eq!(calls[0]["outcome"], "cancelled");
    assert_eq!(calls[0]["code"], "stream/cancelled");
}

#[test]
fn a_stream_that_stalls_ends_at_its_deadline() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let script = [opening(&archive, APP), json!({ "hold": true })];
    let answer = plugin.stream(&script, &["--timeout", "1s"]);
    assert_eq!(answer.code(), "DeadlineExceeded", "{answer:?}");
    send(&argo, &plugin, &archive, APP).texts();
}
