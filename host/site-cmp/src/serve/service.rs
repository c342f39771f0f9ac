//! The plugin service: Argo CD's four questions, of which two bring a tree.
//!
//! An answer is made of the same request and by the same `render()` as that of `cmp
//! render` and `cmp generate`. Whatever goes wrong in a call is that call's answer.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use site_render::jsonnet::Jsonnet;
use tokio::sync::OwnedSemaphorePermit;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use super::admission::Admission;
use super::budget::Budget;
use super::call::Call;
use super::deadline;
use super::metrics::{Levels, Metrics};
use super::policies::Arrivals;
use super::proto::plugin::config_management_plugin_service_server::ConfigManagementPluginService;
use super::proto::plugin::{
    AppStreamRequest, CheckPluginConfigurationResponse, ManifestResponse,
    ParametersAnnouncementResponse, RepositoryResponse,
};
use super::receive::{self, Received};
use super::refusal::Refused;
use super::render;
use super::trace;
use super::trees::Trees;
use crate::server_limits::ServerLimits;

/// What there is once for all calls.
pub(super) struct Server {
    pub(super) trees: Trees,
    pub(super) arrivals: Arc<Arrivals>,
    pub(super) admission: Admission,
    pub(super) metrics: Arc<Metrics>,
    pub(super) budget: Arc<Budget>,
    pub(super) limits: Arc<ServerLimits>,
    /// The largest answer, in bytes.
    pub(super) answer_bytes: usize,
    /// Who evaluates Jsonnet.
    pub(super) jsonnet: Arc<dyn Jsonnet>,
}

impl Server {
    /// The page of metrics.
    pub(super) fn page(&self) -> String {
        let (trees, tree_bytes) = self.trees.size();
        self.metrics.page(Levels { in_flight_bytes: self.budget.held(), trees, tree_bytes })
    }

    /// Answers a call within its time; a panic is an answer too.
    pub(super) async fn answer<T, F: Future<Output = Result<T, Refused>>>(
        &self,
        method: &'static str,
        metadata: &MetadataMap,
        work: impl FnOnce(Arc<Call>) -> F,
    ) -> Result<Response<T>, Status> {
        let otherwise = Duration::from_millis(self.limits.milliseconds);
        let (until, allowed) = deadline::of(metadata, otherwise);
        let span = trace::span(method, metadata);
        let call = Arc::new(Call::begin(method, self.metrics.clone(), span));
        let work = AssertUnwindSafe(work(call.clone())).catch_unwind();
        let result = match tokio::time::timeout_at(until, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(Refused::bug(render::last_words(&*panic))),
            Err(_late) => Err(call.progress.late(allowed)),
        };
        call.end(result.as_ref().err());
        result.map(Response::new).map_err(Status::from)
    }

    /// The tree that a call brings, read to its end even where there is no place for it.
    async fn receive(
        &self,
        mut stream: Streaming<AppStreamRequest>,
        call: &Call,
    ) -> Result<(Received, Option<OwnedSemaphorePermit>), Refused> {
        let (place, refused) = match self.admission.enter() {
            Ok(place) => (Some(place), None),
            Err(refused) => (None, Some(refused)),
        };
        let received =
            receive::receive(&mut stream, &self.trees, &self.limits, call, refused).await?;
        Ok((received, place))
    }
}

#[tonic::async_trait]
impl ConfigManagementPluginService for Arc<Server> {
    async fn generate_manifest(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<ManifestResponse>, Status> {
        let (metadata, _, stream) = request.into_parts();
        let work = |call: Arc<Call>| async move {
            let (received, _place) = self.receive(stream, &call).await?;
            let manifests = render::manifests(self, received, &call).await?;
            Ok(ManifestResponse { manifests, source_type: String::new() })
        };
        self.answer("GenerateManifest", &metadata, work).await
    }

    async fn check_plugin_configuration(
        &self,
        _: Request<()>,
    ) -> Result<Response<CheckPluginConfigurationResponse>, Status> {
        // No discovery: an Application names its plugin, or would be rendered without its
        // policies when the plugin is away. And nothing here may see credentials.
        Ok(Response::new(CheckPluginConfigurationResponse {
            is_discovery_configured: false,
            provide_git_creds: false,
        }))
    }

    async fn match_repository(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<RepositoryResponse>, Status> {
        let (metadata, _, mut stream) = request.into_parts();
        let work = |call: Arc<Call>| async move {
            receive::drain(&mut stream, &call).await?;
            Ok(RepositoryResponse { is_supported: false, is_discovery_enabled: false })
        };
        self.answer("MatchRepository", &metadata, work).await
    }

    async fn get_parameters_announcement(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> Result<Response<ParametersAnnouncementResponse>, Status> {
        let (metadata, _, stream) = request.into_parts();
        let work = |call: Arc<Call>| async move {
            let (received, _place) = self.receive(stream, &call).await?;
            let parameter_announcements = render::announcements(self, received, &call).await?;
            Ok(ParametersAnnouncementResponse { parameter_announcements })
        };
        self.answer("GetParametersAnnouncement", &metadata, work).await
    }
}
