//! The plugin service: the four RPCs of Argo CD's protocol, of which two bring a tree.
//!
//! A call is answered by the same `render()` as `cmp render` and `cmp generate`. An error or a
//! panic in a call is that call's answer and ends nothing else.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use prost::Message as _;
use tonic::metadata::MetadataMap;
use tonic::{Extensions, Request, Response, Status, Streaming};

use super::admission::{Admission, RenderPermit};
use super::budget::Budget;
use super::call::Call;
use super::compile_queue::CompileQueue;
use super::counted_answer::{ReadLimits, count_answer};
use super::deadline::{CallDeadline, CallStage};
use super::incoming_call::IncomingCall;
use super::metrics::{Levels, Metrics, PROBE};
use super::open_connections::OpenConnections;
use super::receive::{self, Intake, Received};
use super::render;
use super::render_lane::RenderMemory;
use super::trace;
use super::tree_cache::TreeCache;
use super::worker_pool::WorkerPool;
use crate::call_rejection::CallRejection;
use crate::probe::is_probe;
use crate::proto::plugin::config_management_plugin_service_server::ConfigManagementPluginService;
use crate::proto::plugin::{
    AppStreamRequest, CheckPluginConfigurationResponse, ManifestResponse,
    ParametersAnnouncementResponse, RepositoryResponse,
};
use crate::render_worker::panic_message;
use crate::server_limits::ServerLimits;

/// The state that all calls share.
pub(super) struct Server {
    pub(super) trees: TreeCache,
    pub(super) compile_queue: Arc<CompileQueue>,
    pub(super) admission: Admission,
    pub(super) metrics: Arc<Metrics>,
    pub(super) budget: Arc<Budget>,
    pub(super) connections: Arc<OpenConnections>,
    pub(super) limits: Arc<ServerLimits>,
    /// The processes in which calls are rendered.
    pub(super) workers: Arc<WorkerPool>,
    /// The renders that were slow or exceeded a limit a moment ago.
    pub(super) render_memory: RenderMemory,
}

impl Server {
    /// Returns the text of the metrics page.
    pub(super) fn metrics_page(&self) -> String {
        let (trees, tree_bytes) = self.trees.cached_size();
        self.metrics.encode_page(Levels {
            connections: self.connections.count(),
            waiting_connections: self.connections.waiting.number(),
            in_flight_bytes: self.budget.held_bytes(),
            trees,
            tree_bytes,
        })
    }

    /// Answers a call before its deadline; a panic is answered as an error.
    pub(super) async fn answer_call<T, F: Future<Output = Result<Response<T>, CallRejection>>>(
        &self,
        method: &'static str,
        metadata: &MetadataMap,
        work: impl FnOnce(Arc<Call>) -> F,
    ) -> Result<Response<T>, Status> {
        // Probes are counted apart: they say nothing about the calls of the repo-server.
        let method = if is_probe(metadata) { PROBE } else { method };
        let limit = self.limits.longest_call();
        let deadline = CallDeadline::begin(metadata, limit);
        let span = trace::span(method, metadata);
        let call = Arc::new(Call::begin(method, deadline, self.metrics.clone(), span));
        let work = AssertUnwindSafe(work(call.clone())).catch_unwind();
        let result = match tokio::time::timeout_at(deadline.until, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(CallRejection::program_bug(panic_message(&*panic))),
            Err(_late) => Err(call.deadline_error()),
        };
        call.note_result(result.as_ref().err());
        result.map_err(Status::from)
    }

    /// Reads the tree that a call brings. The stream is read to its end even if the call is
    /// rejected.
    async fn receive_tree(
        &self,
        stream: Streaming<AppStreamRequest>,
        incoming: &IncomingCall,
        call: &Call,
    ) -> Result<Received, CallRejection> {
        let (trees, admission, limits) = (&self.trees, &self.admission, &*self.limits);
        let budget = &self.budget;
        let shared = Intake { trees, budget, admission, limits, incoming, call };
        receive::receive_tree(stream, &shared).await
    }

    /// Counts the answer of a call, which keeps its turn until there is room.
    async fn count_answer<T>(
        &self,
        answer: T,
        bytes: u64,
        turn: RenderPermit,
        incoming: &IncomingCall,
        call: &Call,
    ) -> Result<Response<T>, CallRejection> {
        let (stall, longest) = (self.limits.stall(), self.limits.longest_call());
        let limits = (&*self.budget, ReadLimits { stall, longest });
        count_answer(answer, bytes, limits, turn.key(), incoming.connection(), call).await
    }
}

/// Returns the part of a call that was known before its first message.
fn incoming_call(extensions: &Extensions) -> Arc<IncomingCall> {
    extensions.get::<Arc<IncomingCall>>().cloned().unwrap_or_default()
}

#[tonic::async_trait]
impl ConfigManagementPluginService for Arc<Server> {
    async fn generate_manifest(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<ManifestResponse>, Status> {
        let (metadata, extensions, stream) = request.into_parts();
        let work = |call: Arc<Call>| async move {
            let incoming = incoming_call(&extensions);
            let received = self.receive_tree(stream, &incoming, &call).await?;
            let (manifests, turn) = render::render_manifests(self, received, &call).await?;
            let bytes = manifests.iter().map(|manifest| manifest.len() as u64).sum();
            let answer = ManifestResponse { manifests, source_type: String::new() };
            self.count_answer(answer, bytes, turn, &incoming, &call).await
        };
        self.answer_call("GenerateManifest", &metadata, work).await
    }

    async fn check_plugin_configuration(
        &self,
        _: Request<()>,
    ) -> Result<Response<CheckPluginConfigurationResponse>, Status> {
        // Without discovery an Application must name its plugin. With it, Argo CD would render
        // the folder without policies whenever the plugin is away. A render needs no Git
        // credentials.
        Ok(Response::new(CheckPluginConfigurationResponse {
            is_discovery_configured: false,
            provide_git_creds: false,
        }))
    }

    async fn match_repository(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<RepositoryResponse>, Status> {
        let (metadata, extensions, stream) = request.into_parts();
        let work = |call: Arc<Call>| async move {
            call.enter_stage(CallStage::Receive);
            receive::drain_stream(stream, &incoming_call(&extensions)).await?;
            let answer = RepositoryResponse { is_supported: false, is_discovery_enabled: false };
            Ok(Response::new(answer))
        };
        self.answer_call("MatchRepository", &metadata, work).await
    }

    async fn get_parameters_announcement(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<ParametersAnnouncementResponse>, Status> {
        let (metadata, extensions, stream) = request.into_parts();
        let work = |call: Arc<Call>| async move {
            let incoming = incoming_call(&extensions);
            let received = self.receive_tree(stream, &incoming, &call).await?;
            let (parameter_announcements, turn) =
                render::announce_parameters(self, received, &call).await?;
            let answer = ParametersAnnouncementResponse { parameter_announcements };
            let bytes = answer.encoded_len() as u64;
            self.count_answer(answer, bytes, turn, &incoming, &call).await
        };
        self.answer_call("GetParametersAnnouncement", &metadata, work).await
    }
}
