//! `cmp serve`: a plugin server that speaks Argo CD's own plugin protocol on the plugin socket.
//!
//! The stock server unpacks every call to a disk, starts a process and reads its output. This
//! one renders in processes that stay, writes nothing to a disk, and caches what it has unpacked,
//! parsed and compiled. It reads no content of a repo itself: a render that exceeds a limit is
//! killed and harms no other.

mod call;
mod deadline;
mod service;

mod admission;
mod caller_key;
mod fair_queue;
mod places;
mod call_metadata;
mod counted_answer;
mod receive;
mod stream_error;

mod unpack_job;
mod cached_tree;
mod tree_cache;
mod tree_store;

mod budget;
mod path_set;
mod scope;
mod unpack_permit;
mod unpack;

mod compile_queue;
mod render_lane;
mod worker_pool;
mod render;

#[cfg(any(test, fuzzing))]
pub mod fuzz;

mod log;
mod metrics;
mod metrics_page;
mod preload;
mod acceptor;
mod connection;
mod descriptors;
mod incoming;
mod incoming_call;
mod message_meter;
mod next_byte;
mod open_connections;
mod router;
mod stall_timer;
mod socket;
#[cfg_attr(feature = "otlp", path = "serve/trace/otlp.rs")]
#[cfg_attr(not(feature = "otlp"), path = "serve/trace/none.rs")]
mod trace;
mod version;
mod waiting_stream;

use std::future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use policy_sandbox::CodeStore;
use site_render::finding::Code;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use worker_process::Program;

pub(crate) use log::{Log, LogFormat};
pub(crate) use router::message_bytes;
pub(crate) use socket::{DEFAULT_NAME, Socket};

use crate::codes;
use crate::exit::CommandError;
use crate::render_limits::RenderLimits;
use crate::render_worker::protocol::Start;
use crate::server_limits::ServerLimits;
use admission::Admission;
use budget::Budget;
use compile_queue::CompileQueue;
use incoming::{Incoming, LINGER, Waiting};
use metrics::Metrics;
use open_connections::OpenConnections;
use render_lane::RenderMemory;
use router::build_router;
use service::Server;
use socket::BoundSocket;
use trace::Traces;
use tree_cache::TreeCache;
use worker_pool::WorkerPool;

/// The settings of a server.
pub(crate) struct Settings {
    /// The socket on which the repo-server calls it.
    pub(crate) socket: Socket,
    /// Policies, and fleets with policies, to compile before the socket appears.
    pub(crate) preload: Vec<PathBuf>,
    /// The address of the metrics page; none by default.
    pub(crate) metrics: Option<SocketAddr>,
    /// The time that running calls get after a signal to stop.
    pub(crate) grace: Duration,
    /// Limits of the server.
    pub(crate) limits: ServerLimits,
    /// Limits of a render.
    pub(crate) render: RenderLimits,
    /// The program of the processes that render.
    pub(crate) program: Program,
    /// The settings of those processes.
    pub(crate) start: Start,
    /// The format and level of the log.
    pub(crate) log: Log,
}

/// Threads in addition to those that render and unpack: those that compile and look after workers.
const MORE_THREADS: usize = 8;

/// The time between two looks at idle workers.
const RENEW_INTERVAL: Duration = Duration::from_secs(5);

/// Runs a server until a signal stops it.
pub(crate) fn run(settings: Settings, codes: CodeStore) -> Result<(), CommandError> {
    // Each archive that is being received occupies a thread, which mostly waits. A call sends at
    // most one archive.
    let arriving = settings.limits.renders() + settings.limits.queue;
    let threads = settings.limits.renders() + arriving + MORE_THREADS;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(threads)
        .build()
        .map_err(|error| {
            environment_error(&codes::SERVER_THREADS, format!("cannot start threads: {error}"))
        })?;
    let ended = runtime.block_on(async {
        let traces = Traces::start()?;
        log::start_log(settings.log, &traces);
        serve_until_signal(settings, codes).await
    });
    // Calls that still run have used up their grace period.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

/// Starts everything, opens the socket, waits for a signal, and stops in order.
async fn serve_until_signal(settings: Settings, codes: CodeStore) -> Result<(), CommandError> {
    let mut ends = StopSignals::listen()?;
    let server = build_server(&settings, codes);
    let ready = preload::load_policies(&server.compile_queue, &settings.preload)?;
    let renders = server.limits.renders().max(1);
    server.workers.start_idle(renders).map_err(|error| {
        let message = format!("cannot start a process that renders: {error}");
        environment_error(&codes::RENDER_WORKER, message)
    })?;
    let server = Arc::new(server);
    tokio::spawn(renew_workers(server.clone(), renders));
    let page = metrics_page::serve_metrics(settings.metrics, server.clone()).await?;
    let stall = server.limits.stall();
    let router = build_router(&server, stall).await?;
    let BoundSocket { listener, file } = settings.socket.bind()?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        socket = %settings.socket.path().display(),
        metrics = page.map(|address| address.to_string()),
        policies = ready,
        "serving"
    );
    let (stop, end) = oneshot::channel();
    // The server finishes when the stream of connections ends.
    // The repo-server may pack a repo between two calls of a connection.
    let idle = stall.max(Duration::from_millis(server.limits.milliseconds));
    let calls = server.limits.renders().saturating_add(server.limits.queue);
    let limit = descriptors::most_waiting(server.connections.limit(), calls);
    descriptors::enlarge_table(server.connections.limit() + limit, calls);
    let waiting = Waiting { stall: idle, linger: LINGER, limit };
    let incoming =
        Incoming::new(listener, server.connections.clone(), waiting, end).map_err(|error| {
            let message = format!("cannot accept connections: {error}");
            environment_error(&codes::SERVER_THREADS, message)
        })?;
    let serving = router.serve_with_incoming_shutdown(incoming, future::pending());
    let serving = tokio::spawn(serving);
    ends.next_signal().await;
    // The socket's file is removed first, so that no caller connects to a server that no longer
    // accepts calls.
    drop(file);
    drop(stop);
    tracing::info!("stopping: waiting for running calls");
    drain_calls(serving, &mut ends, settings.grace).await
}

/// Builds the shared state of a server.
fn build_server(settings: &Settings, codes: CodeStore) -> Server {
    let (limits, metrics) = (Arc::new(settings.limits.clone()), Arc::new(Metrics::new()));
    let budget = Budget::new(limits.in_flight_bytes, message_bytes() as u64);
    let connections = descriptors::reserve_descriptors(limits.connections);
    let compile_queue = CompileQueue::new(codes, metrics.clone());
    let (program, start) = (settings.program.clone(), settings.start.clone());
    let render = settings.render.clone();
    Server {
        connections: OpenConnections::new(connections),
        trees: TreeCache::new(limits.clone(), budget.clone()),
        workers: Arc::new(WorkerPool::new(
            program,
            start,
            render,
            compile_queue.clone(),
            metrics.clone(),
        )),
        compile_queue,
        admission: Admission::new(&limits, metrics.clone()),
        render_memory: RenderMemory::default(),
        metrics,
        budget,
        limits,
    }
}

/// Replaces idle workers that keep too much memory, now and then.
async fn renew_workers(server: Arc<Server>, renders: usize) {
    loop {
        tokio::time::sleep(RENEW_INTERVAL).await;
        let server = server.clone();
        // A panic there ends nothing else, and the next turn tries again.
        let _ = tokio::task::spawn_blocking(move || server.workers.renew_idle(renders)).await;
    }
}

/// Waits for running calls until a second signal arrives or the grace period ends.
async fn drain_calls(
    serving: tokio::task::JoinHandle<Result<(), tonic::transport::Error>>,
    ends: &mut StopSignals,
    grace: Duration,
) -> Result<(), CommandError> {
    let served = tokio::select! {
        served = serving => served,
        () = ends.next_signal() => return Ok(()),
        () = tokio::time::sleep(grace) => {
            tracing::warn!("the grace period ended while calls were still running");
            return Ok(());
        }
    };
    match served {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(environment_error(&codes::SERVER_TRANSPORT, error.to_string())),
        Err(error) => Err(environment_error(&codes::SERVER_TRANSPORT, error.to_string())),
    }
}

/// The signals that stop a server.
struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    fn listen() -> Result<Self, CommandError> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| environment_error(&codes::SERVER_SIGNALS, error.to_string()))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal.
    async fn next_signal(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn environment_error(code: &'static Code, message: String) -> CommandError {
    CommandError::environment(code, message)
}
