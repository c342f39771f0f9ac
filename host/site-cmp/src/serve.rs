//! `cmp serve`: the plugin as a server, which speaks Argo CD's own plugin protocol on the
//! plugin socket.
//!
//! Where the stock server unpacks every call to a disk, starts a process and reads its
//! output, this one keeps what it has unpacked, parsed and compiled, and renders in a
//! thread. A tree arrives, is rendered and answered; nothing is written anywhere.

mod call;
mod deadline;
mod service;

mod admission;
mod receive;

mod flight;
mod kept;
mod trees;

mod archive;
mod budget;
mod scope;
mod turn;
mod unpack;

mod policies;
mod render;

#[cfg(any(test, fuzzing))]
pub mod fuzz;

mod log;
mod metrics;
mod page;
mod preload;
pub(crate) mod proto;
mod refusal;
mod connection;
mod incoming;
mod socket;
#[cfg_attr(feature = "otlp", path = "serve/trace/otlp.rs")]
#[cfg_attr(not(feature = "otlp"), path = "serve/trace/none.rs")]
mod trace;
mod version;

use std::future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use policy_sandbox::Sandbox;
use site_render::finding::Code;
use site_render::jsonnet::Jsonnet;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tonic::transport::Server as Transport;
use tonic::transport::server::Router;

pub(crate) use log::{Log, LogFormat};
pub(crate) use socket::{NAME, Socket};

use crate::codes;
use crate::exit::CommandError;
use crate::globals::variable;
use crate::server_limits::ServerLimits;
use admission::Admission;
use budget::Budget;
use incoming::{Incoming, LINGER};
use metrics::Metrics;
use policies::Arrivals;
use proto::plugin::config_management_plugin_service_server::ConfigManagementPluginServiceServer;
use proto::version::version_service_server::VersionServiceServer;
use service::Server;
use socket::Bound;
use trace::Traces;
use trees::Trees;

/// How a server is run.
pub(crate) struct Settings {
    /// Where repo-server looks for it.
    pub(crate) socket: Socket,
    /// Policies, or fleets whose policies, are ready before the socket is there.
    pub(crate) preload: Vec<PathBuf>,
    /// Where Prometheus may ask; nowhere if not given.
    pub(crate) metrics: Option<SocketAddr>,
    /// How long calls that run may go on after a signal to end.
    pub(crate) grace: Duration,
    /// Limits of the server.
    pub(crate) limits: ServerLimits,
    /// What is told of calls.
    pub(crate) log: Log,
}

/// Argo CD's limit on a message, unless both sides are told another (common/common.go).
const MESSAGE_MIB: usize = 100;

/// Threads beside those that render and unpack: compilations that wait for their turn.
const MORE_THREADS: usize = 40;

/// Serves until a signal ends it.
pub(crate) fn run(
    settings: Settings,
    sandbox: Sandbox,
    jsonnet: Arc<dyn Jsonnet>,
) -> Result<(), CommandError> {
    // An archive that arrives has a thread, which mostly waits; there is one a call at most.
    let arriving = settings.limits.renders() + settings.limits.queue;
    let threads = settings.limits.renders() + arriving + MORE_THREADS;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(threads)
        .build()
        .map_err(|error| {
            machine(&codes::SERVER_THREADS, format!("cannot start threads: {error}"))
        })?;
    let ended = runtime.block_on(async {
        let traces = Traces::start()?;
        log::start(settings.log, &traces);
        serve(settings, sandbox, jsonnet).await
    });
    // Whatever still runs has had its time.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

/// The life of a server, a line a step.
async fn serve(
    settings: Settings,
    sandbox: Sandbox,
    jsonnet: Arc<dyn Jsonnet>,
) -> Result<(), CommandError> {
    let ready = preload::policies(&sandbox, &settings.preload)?;
    let mut ends = Ends::listen()?;
    let server = Arc::new(server(settings.limits, sandbox, jsonnet));
    let page = page::listen(settings.metrics, server.clone()).await?;
    let router = services(&server).await?;
    let Bound { listener, file } = settings.socket.bind()?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        socket = %settings.socket.path().display(),
        metrics = page.map(|address| address.to_string()),
        policies = ready,
        "serving"
    );
    let (stop, end) = oneshot::channel();
    // The end of what comes in is the sign to finish.
    let serving = router
        .serve_with_incoming_shutdown(Incoming::new(listener, end, LINGER), future::pending());
    let serving = tokio::spawn(serving);
    ends.next().await;
    // First the name, so that nobody finds a server that does not take calls.
    drop(file);
    drop(stop);
    tracing::info!("ending: calls that run are finished");
    finish(serving, &mut ends, settings.grace).await
}

fn server(limits: ServerLimits, sandbox: Sandbox, jsonnet: Arc<dyn Jsonnet>) -> Server {
    let (limits, metrics) = (Arc::new(limits), Arc::new(Metrics::new()));
    let budget = Budget::new(limits.in_flight_bytes);
    Server {
        trees: Trees::new(limits.clone(), budget.clone()),
        arrivals: Arrivals::new(sandbox, tokio::runtime::Handle::current(), metrics.clone()),
        admission: Admission::new(&limits, metrics.clone()),
        answer_bytes: message_bytes(),
        jsonnet,
        metrics,
        budget,
        limits,
    }
}

/// All that Argo CD's own plugin server registers.
async fn services(server: &Arc<Server>) -> Result<Router, CommandError> {
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
        machine(&codes::SERVER_REFLECTION, error.to_string())
    };
    Ok(Transport::builder()
        .add_service(plugin)
        .add_service(VersionServiceServer::new(version::Version))
        .add_service(health)
        .add_service(reflection().build_v1().map_err(refused)?)
        .add_service(reflection().build_v1alpha().map_err(refused)?))
}

/// Waits for running calls, until a second signal or the end of the grace.
async fn finish(
    serving: tokio::task::JoinHandle<Result<(), tonic::transport::Error>>,
    ends: &mut Ends,
    grace: Duration,
) -> Result<(), CommandError> {
    let served = tokio::select! {
        served = serving => served,
        () = ends.next() => return Ok(()),
        () = tokio::time::sleep(grace) => {
            tracing::warn!("calls still ran when the grace was over");
            return Ok(());
        }
    };
    match served {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(machine(&codes::SERVER_TRANSPORT, error.to_string())),
        Err(error) => Err(machine(&codes::SERVER_TRANSPORT, error.to_string())),
    }
}

/// The signals that end a server.
struct Ends {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Ends {
    fn listen() -> Result<Self, CommandError> {
        let listen =
            |kind| signal(kind).map_err(|error| machine(&codes::SERVER_SIGNALS, error.to_string()));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The largest message, in bytes, as repo-server is told in the same variable.
fn message_bytes() -> usize {
    let said = variable("ARGOCD_GRPC_MAX_SIZE_MB");
    let said = said.and_then(|value| value.to_str()?.parse::<usize>().ok());
    said.filter(|mib| *mib > 0).unwrap_or(MESSAGE_MIB).saturating_mul(1 << 20)
}

fn machine(code: &'static Code, message: String) -> CommandError {
    CommandError::environment(code, message)
}
