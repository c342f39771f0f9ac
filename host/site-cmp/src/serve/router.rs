//! The gRPC services on the plugin socket, and the limits of HTTP/2 below them.

use std::sync::Arc;
use std::time::Duration;

use tonic::body::Body;
use tonic::codegen::http::{self, Request};
use tonic::transport::Server as Transport;
use tonic::transport::server::Router;
use tower::layer::util::{Identity, Stack};
use tower::util::{MapRequestLayer, MapResponseLayer};

use super::counted_answer::attach_permit;
use super::message_meter::MessageMeter;
use super::service::Server;
use super::version;
use crate::codes;
use crate::exit::CommandError;
use crate::globals::variable;
use crate::proto;
use crate::proto::plugin::config_management_plugin_service_server::ConfigManagementPluginServiceServer;
use crate::proto::version::version_service_server::VersionServiceServer;

/// Argo CD's default limit on a message (common/common.go of 3.5.7).
const MESSAGE_MIB: usize = 100;

/// The calls that one connection may have at the same time. The repo-server sends one.
const CALLS_OF_A_CONNECTION: u32 = 4;

/// The bytes that a peer may send before they are read, on a connection and in one call. They are
/// not counted, so all connections together must have room for them.
const WINDOW: u32 = 256 << 10;

/// The size of all headers of a call, in bytes, each with 32 more than its name and value (RFC 9113,
/// section 6.5.2). They are not counted either: a call with as many takes about 30 KiB until its stream
/// ends, and 1,024 connections with four such calls 120 MiB. Argo CD's client sends ten headers in less
/// than one KiB; the rest is room for those of a trace.
const HEADER_LIST: u32 = 8 << 10;

/// The layers that count requests and answers.
type Counting<F> = Stack<MapRequestLayer<F>, Stack<MapResponseLayer<Attach>, Identity>>;
type Attach = fn(http::Response<Body>) -> http::Response<Body>;

/// The services with the layers that count their messages.
pub(super) type MeteredRouter<F> = Router<Counting<F>>;

/// Builds the same gRPC services that Argo CD's own plugin server registers. Their messages are
/// counted in the server's budget, and a stream without bytes for `stall` ends.
pub(super) async fn build_router(
    server: &Arc<Server>,
    stall: Duration,
) -> Result<
    MeteredRouter<impl Fn(Request<Body>) -> Request<Body> + Clone + Send + Sync + 'static>,
    CommandError,
> {
    let bytes = message_bytes();
    let plugin = ConfigManagementPluginServiceServer::new(server.clone())
        .max_decoding_message_size(bytes)
        .max_encoding_message_size(bytes);
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<ConfigManagementPluginServiceServer<Arc<Server>>>().await;
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let refused = |error: tonic_reflection::server::Error| {
        CommandError::environment(&codes::SERVER_REFLECTION, error.to_string())
    };
    let longest = server.limits.longest_call();
    let meter = MessageMeter::new(server.budget.clone(), bytes as u64, stall, longest);
    Ok(Transport::builder()
        .max_concurrent_streams(CALLS_OF_A_CONNECTION)
        .initial_connection_window_size(WINDOW)
        .initial_stream_window_size(WINDOW)
        .http2_max_header_list_size(HEADER_LIST)
        .layer(MapResponseLayer::new(attach_permit as Attach))
        .layer(MapRequestLayer::new(move |request| meter.meter(request)))
        .add_service(plugin)
        .add_service(VersionServiceServer::new(version::VersionServer))
        .add_service(health)
        .add_service(reflection().build_v1().map_err(refused)?)
        .add_service(reflection().build_v1alpha().map_err(refused)?))
}

/// Returns the largest message in bytes. The repo-server reads the same variable, so both sides
/// agree.
pub(crate) fn message_bytes() -> usize {
    let value = variable("ARGOCD_GRPC_MAX_SIZE_MB");
    let mib = value.and_then(|value| value.to_str()?.parse::<usize>().ok());
    mib.filter(|mib| *mib > 0).unwrap_or(MESSAGE_MIB).saturating_mul(1 << 20)
}
