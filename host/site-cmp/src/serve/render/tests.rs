use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use policy_sandbox::{CodeStore, Compiler, Limits};
use tonic::metadata::MetadataMap;
use tonic::{Code, Response};
use tracing::Span;
use worker_process::Program;

use super::*;
use crate::render_limits::RenderLimits;
use crate::render_worker::protocol::Start;
use crate::serve::cached_tree::empty_tree;
use crate::serve::caller_key::{CallerKey, key_of};
use crate::serve::deadline::CallDeadline;
use crate::serve::{Log, LogFormat, Settings, Socket, build_server};
use crate::server_limits::ServerLimits;

fn a_server() -> Server {
    server_with(ServerLimits::default())
}

/// A server whose workers do not start.
fn server_with(limits: ServerLimits) -> Server {
    let codes = CodeStore::open(Limits::default(), None, Compiler::InProcess).unwrap();
    let settings = Settings {
        socket: Socket::new(Some("/tmp".into()), "test@v1").unwrap(),
        preload: Vec::new(),
        metrics: None,
        grace: Duration::ZERO,
        limits,
        render: RenderLimits::default(),
        program: Program { path: "/no/such/program".into(), args: Vec::new() },
        start: Start { limits: None, helm: None, helm_variables: Vec::new(), answer_bytes: 0 },
        log: Log { format: LogFormat::Text, quiet: true },
    };
    build_server(&settings, codes)
}

#[tokio::test]
async fn a_late_call_says_in_which_stage_it_was() {
    let server = a_server();
    let mut metadata = MetadataMap::new();
    metadata.insert("grpc-timeout", "50m".parse().unwrap());
    let late = server
        .answer_call("test", &metadata, |call| async move {
            call.enter_stage(CallStage::Compile);
            std::future::pending::<Result<Response<()>, CallRejection>>().await
        })
        .await
        .unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded);
    assert!(late.message().contains("a policy was still being compiled (stage compile, 45 ms"));
}

#[tokio::test]
async fn a_call_that_panics_before_its_thread_is_answered_too() {
    let server = a_server();
    let answer =
        server.answer_call("test", &MetadataMap::new(), |_| async { panic!("eight") }).await;
    let status: tonic::Status = answer.map(|_: tonic::Response<()>| ()).unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    assert!(status.message().contains("eight"));
}

#[tokio::test]
async fn calls_beyond_the_queue_are_refused_and_the_places_come_back() {
    let limits = ServerLimits { renders: 1, queue: 1, ..ServerLimits::default() };
    let server = server_with(limits);
    let admission = &server.admission;
    let admit = || admission.admit_call(&CallerKey::unknown());
    let places = [admit().unwrap(), admit().unwrap()];
    let refused = admit().map(drop).unwrap_err();
    assert_eq!((refused.error_code(), refused.kind.metric_label()), ("server/queue", "busy"));
    let turn = admission.acquire_render(&places[0], Lane::Fast).await.unwrap();
    let waits = admission.acquire_render(&places[1], Lane::Fast);
    assert!(waits.now_or_never().is_none(), "one render at a time");
    drop(turn);
    assert!(admission.acquire_render(&places[1], Lane::Fast).await.is_ok());
    let slow = admission.acquire_render(&places[0], Lane::Slow).await.unwrap();
    assert!(admission.acquire_render(&places[1], Lane::Fast).await.is_ok(), "a lane of its own");
    drop(slow);
    drop(places);
    assert!(admit().is_ok());
}

#[tokio::test]
async fn a_call_that_waits_for_a_render_gives_way_to_a_caller_with_fewer() {
    let limits = ServerLimits { renders: 1, queue: 1, ..ServerLimits::default() };
    let server = server_with(limits);
    let admission = &server.admission;
    let many = [(); 2].map(|()| admission.admit_call(&CallerKey::unknown()).unwrap());
    let turn = admission.acquire_render(&many[0], Lane::Fast).await.unwrap();
    let mut waits = Box::pin(admission.acquire_render(&many[1], Lane::Fast));
    assert!((&mut waits).now_or_never().is_none());
    let one = admission.admit_call(&key_of("one")).unwrap();
    assert_eq!(waits.await.unwrap_err().error_code(), "server/queue");
    drop(turn);
    assert!(admission.acquire_render(&one, Lane::Fast).await.is_ok());
}

#[tokio::test]
async fn a_page_of_metrics_counts_calls_by_their_outcome() {
    let server = Arc::new(a_server());
    let answered =
        server.answer_call("test", &MetadataMap::new(), |_| async { Ok(Response::new(())) }).await;
    assert!(answered.is_ok());
    let refused = CallRejection::malformed_stream(&codes::STREAM_EMPTY, "the stream is empty");
    let _refused = server
        .answer_call("test", &MetadataMap::new(), |_| async { Err::<Response<()>, _>(refused) })
        .await;
    let page = server.metrics_page();
    for line in [
        r#"site_cmp_calls_total{method="test",outcome="ok"} 1"#,
        r#"site_cmp_calls_total{method="test",outcome="malformed"} 1"#,
        r#"site_cmp_refusals_total{code="stream/empty"} 1"#,
        "site_cmp_calls_running 0",
        "site_cmp_in_flight_bytes 0",
    ] {
        assert!(page.lines().any(|other| other == line), "`{line}` is not in:\n{page}");
    }
}

#[tokio::test]
async fn a_worker_that_does_not_start_is_an_error_of_the_environment() {
    let server = Arc::new(a_server());
    let received = Received {
        folder: "sites/probe".to_owned(),
        variables: BTreeMap::new(),
        charge: None,
        digest: [0; 32],
        tree: empty_tree(),
        place: server.admission.admit_call(&CallerKey::unknown()).unwrap(),
    };
    let deadline = CallDeadline::begin(&MetadataMap::new(), Duration::from_mins(1));
    let call = Arc::new(Call::begin("test", deadline, server.metrics.clone(), Span::none()));
    let refused = render_manifests(&server, received, &call).await.unwrap_err();
    assert_eq!(refused.error_code(), "render/worker");
    assert_eq!(tonic::Status::from(refused).code(), Code::Unavailable);
}
