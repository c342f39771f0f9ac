//! Callers on the plugin socket that stall, flood it or send too much. They harm themselves, and
//! the next honest caller is answered.

mod http2;

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;

use site_cmp_tests::{Server, wait_for, write_program};
use tempfile::TempDir;

use crate::{BINARY, cmp};
use http2::{Stream, metadata};

/// A limit on time that no test reaches, in milliseconds.
const NEVER: u64 = 3_600_000;

/// The folder and limits of a server.
struct Operator {
    folder: TempDir,
}

impl Operator {
    fn new(limits: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("limits.yaml"), format!("server: {{{limits}}}\n")).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn serve(&self, binary: &str, env: &[(&str, &str)]) -> Server {
        Server::ours(binary, self.path(), |command| {
            let command = command.env("SITE_CMP_LIMITS", self.path().join("limits.yaml"));
            env.iter().fold(command, |command, (name, value)| command.env(name, value))
        })
    }

    /// An honest call is answered. Its caller waits for as long as it takes.
    fn answers(&self) {
        let health = cmp().args(["health", "--timeout", "600", "--socket-dir"]).arg(self.path());
        health.run().success();
    }
}

/// Waits until a metric has a value.
fn wait_for_metric(server: &Server, name: &str, value: f64) {
    wait_for(&format!("{name} is {value}"), || {
        ((server.metric(name) - value).abs() < 0.5).then_some(())
    });
}

#[test]
fn stalled_streams_leave_places_for_another_project() {
    let operator = Operator::new(&format!(
        "renders: 1, queue: 3, milliseconds: {NEVER}, stallMilliseconds: {NEVER}"
    ));
    let server = operator.serve(BINARY, &[]);
    let stalled: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = Stream::open(server.socket());
            stream.send(&metadata("many"));
            stream
        })
        .collect();
    wait_for_metric(&server, "site_cmp_calls_running", 20.0);
    for _ in 0..3 {
        operator.answers();
    }
    drop(stalled);
}

#[test]
fn a_call_with_many_headers_ends_and_one_of_a_trace_does_not() {
    let operator = Operator::new(&format!("milliseconds: {NEVER}, stallMilliseconds: {NEVER}"));
    let server = operator.serve(BINARY, &[]);
    let names: Vec<_> = (0..300).map(|number| format!("h{number}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    Stream::open_with(server.socket(), &many).wait_for_end();
    let value = "a".repeat(100);
    let of_trace: Vec<_> = names[..40].iter().map(|name| (name.as_str(), value.as_str())).collect();
    let mut stream = Stream::open_with(server.socket(), &of_trace);
    stream.send(&metadata("traced"));
    wait_for_metric(&server, "site_cmp_calls_running", 1.0);
}

#[test]
fn a_stalled_stream_ends_although_its_caller_would_wait() {
    let operator = Operator::new(&format!("milliseconds: {NEVER}, stallMilliseconds: 2000"));
    let server = operator.serve(BINARY, &[]);
    let mut stream = Stream::open(server.socket());
    stream.send(&metadata("one"));
    stream.wait_for_end();
    wait_for("the call's line", || server.log().contains("stream/stalled").then_some(()));
    assert!(server.log().contains("no bytes arrived for 2000 ms"), "{}", server.log());
}

#[test]
fn a_call_ends_at_the_servers_limit_although_its_caller_sends_on() {
    let operator = Operator::new(&format!("milliseconds: 300, stallMilliseconds: {NEVER}"));
    let server = operator.serve(BINARY, &[]);
    let mut stream = Stream::open(server.socket());
    stream.send(&metadata("one"));
    stream.wait_for_end();
    wait_for("the call's line", || server.log().contains("call/deadline").then_some(()));
    assert!(server.log().contains("300 ms allowed"), "{}", server.log());
}

#[test]
fn connections_without_a_call_give_way_and_are_closed() {
    let operator = Operator::new("connections: 8, milliseconds: 2000, stallMilliseconds: 2000");
    let server = operator.serve(BINARY, &[]);
    let halves: Vec<_> = (0..40)
        .map(|n| {
            let connection = UnixStream::connect(server.socket()).unwrap();
            if n % 2 == 0 {
                http2::send_preface(&connection);
            }
            connection
        })
        .collect();
    operator.answers();
    assert!(server.metric("site_cmp_connections") <= 8.0);
    // Their callers stay, and are closed all the same.
    wait_for_metric(&server, "site_cmp_connections", 0.0);
    wait_for_metric(&server, "site_cmp_connections_waiting", 0.0);
    drop(halves);
}

#[test]
fn a_server_with_few_file_descriptors_answers_beside_many_connections() {
    let operator = Operator::new(&format!("stallMilliseconds: {NEVER}"));
    let script = operator.path().join("few-descriptors");
    write_program(&script, format!("#!/bin/sh\nulimit -n 64\nexec '{BINARY}' \"$@\"\n"));
    let server = operator.serve(script.to_str().unwrap(), &[]);
    let halves: Vec<_> = (0..200).map(|_| UnixStream::connect(server.socket()).unwrap()).collect();
    operator.answers();
    assert!(server.metric("site_cmp_connections") <= 32.0);
    let waiting = server.metric("site_cmp_connections_waiting");
    assert!((1.0..=32.0).contains(&waiting), "{waiting}: they have sent nothing");
    drop(halves);
    operator.answers();
}

#[test]
fn a_large_message_is_never_buffered() {
    const MIB: u64 = 1 << 20;
    let operator = Operator::new(&format!(
        "inFlightBytes: {}, milliseconds: {NEVER}, stallMilliseconds: {NEVER}",
        32 * MIB
    ));
    let server = operator.serve(BINARY, &[("ARGOCD_GRPC_MAX_SIZE_MB", "16")]);
    operator.answers();
    let before = server.memory("VmRSS");
    let senders: Vec<_> = (0..10)
        .map(|_| {
            let mut stream = Stream::open(server.socket());
            stream.send(&metadata("many"));
            // All but the last bytes of a message.
            thread::spawn(move || stream.send_part(12 << 20, (12 << 20) - 200))
        })
        .collect();
    let open: Vec<_> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    operator.answers();
    wait_for_metric(&server, "site_cmp_calls_running", 10.0);
    let peak = server.memory("VmHWM");
    assert!(peak < before + 48 * MIB, "from {before} to {peak} bytes");
    drop(open);
}
