use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use jsonnet_worker::Evaluator;
use policy_sandbox::{Compiler, Limits, Sandbox};
use tonic::Code;
use tonic::metadata::MetadataMap;

use super::*;
use crate::codes;
use crate::probe::FLEET;
use crate::serve::archive::{Archive, Node};
use crate::serve::build_server;
use crate::serve::cached_tree::CachedTree;
use crate::serve::caller_key::CallerKey;
use crate::serve::places::Places;
use crate::server_limits::ServerLimits;
use tracing::Span;

fn a_server() -> Server {
    let sandbox = Sandbox::new(Limits::default(), None, Compiler::InProcess).unwrap();
    build_server(ServerLimits::default(), sandbox, no_jsonnet())
}

fn no_jsonnet() -> Arc<Evaluator> {
    let limits = jsonnet_worker::Limits::default();
    Arc::new(Evaluator::new("/bin/false".into(), Vec::new(), limits))
}

fn received() -> Received {
    let mut archive = Archive::default();
    for (path, text) in FLEET {
        archive.insert_node(path, Node::File(text.into())).unwrap();
    }
    Received {
        folder: "sites/probe".to_owned(),
        variables: BTreeMap::new(),
        digest: [0; 32],
        tree: Arc::new(CachedTree::new(archive, String::new())),
        place: Arc::new(Places::new(1).take(&CallerKey::unknown()).unwrap()),
    }
}

fn a_call(server: &Server) -> Arc<Call> {
    Arc::new(Call::begin("test", server.metrics.clone(), Span::none()))
}

#[tokio::test]
async fn a_panic_is_its_calls_error_and_nobody_elses() {
    let server = Arc::new(a_server());
    let call = a_call(&server);
    let work: fn(&Server, &PreparedRequest, &Call) -> Result<(), Problems> =
        |_, _, _| panic!("seven");
    let refused = run_on_thread(&server, received(), &call, work).await.unwrap_err();
    assert_eq!(tonic::Status::from(refused.clone()).code(), Code::Internal);
    assert!(refused.first_line().contains("because of a bug: seven"));
    let answer = render_manifests(&server, received(), &call).await.unwrap();
    assert_eq!(answer.len(), 1);
}

#[tokio::test]
async fn a_late_call_says_in_which_stage_it_was() {
    let server = a_server();
    let mut metadata = MetadataMap::new();
    metadata.insert("grpc-timeout", "50m".parse().unwrap());
    let late = server
        .answer_call("test", &metadata, |call| async move {
            call.enter_stage(CallStage::Compile);
            std::future::pending::<Result<(), CallRejection>>().await
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
async fn an_answer_that_grpc_would_not_carry_names_the_variable() {
    let server = Arc::new(Server { answer_bytes: 100, ..a_server() });
    let refused = render_manifests(&server, received(), &a_call(&server)).await.unwrap_err();
    assert_eq!(refused.error_code(), "emit/too-large");
    let status = tonic::Status::from(refused);
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("ARGOCD_GRPC_MAX_SIZE_MB"), "{}", status.message());
    assert!(!status.message().contains("limits file"), "{}", status.message());
}

#[tokio::test]
async fn calls_beyond_the_queue_are_refused_and_the_places_come_back() {
    let limits = ServerLimits { renders: 1, queue: 1, ..ServerLimits::default() };
    let sandbox = Sandbox::new(Limits::default(), None, Compiler::InProcess).unwrap();
    let server = build_server(limits, sandbox, no_jsonnet());
    let admission = &server.admission;
    let admit = || admission.admit_call(&CallerKey::unknown());
    let places = [admit().unwrap(), admit().unwrap()];
    let refused = admit().map(drop).unwrap_err();
    assert_eq!((refused.error_code(), refused.kind.metric_label()), ("server/queue", "busy"));
    let turn = admission.acquire_render(&places[0]).await.unwrap();
    let waits = admission.acquire_render(&places[1]);
    assert!(waits.now_or_never().is_none(), "one render at a time");
    drop(turn);
    assert!(admission.acquire_render(&places[1]).await.is_ok());
    drop(places);
    assert!(admit().is_ok());
}

#[tokio::test]
async fn a_call_that_waits_for_a_render_gives_way_to_a_caller_with_fewer() {
    let limits = ServerLimits { renders: 1, queue: 1, ..ServerLimits::default() };
    let sandbox = Sandbox::new(Limits::default(), None, Compiler::InProcess).unwrap();
    let server = build_server(limits, sandbox, no_jsonnet());
    let admission = &server.admission;
    let many = [(); 2].map(|()| admission.admit_call(&CallerKey::unknown()).unwrap());
    let turn = admission.acquire_render(&many[0]).await.unwrap();
    let mut waits = Box::pin(admission.acquire_render(&many[1]));
    assert!((&mut waits).now_or_never().is_none());
    let project = ("ARGOCD_APP_PROJECT_NAME".to_owned(), "one".to_owned());
    let one = admission.admit_call(&CallerKey::from_variables(&[project].into())).unwrap();
    assert_eq!(waits.await.unwrap_err().error_code(), "server/queue");
    drop(turn);
    assert!(admission.acquire_render(&one).await.is_ok());
}

#[tokio::test]
async fn a_page_of_metrics_counts_calls_by_their_outcome() {
    let server = Arc::new(a_server());
    let answered = server.answer_call("test", &MetadataMap::new(), |_| async { Ok(()) }).await;
    assert!(answered.is_ok());
    let refused = CallRejection::malformed_stream(&codes::STREAM_EMPTY, "the stream is empty");
    let _refused =
        server.answer_call("test", &MetadataMap::new(), |_| async { Err::<(), _>(refused) }).await;
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
