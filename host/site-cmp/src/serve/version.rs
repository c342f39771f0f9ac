//! The version service, as in Argo CD's own plugin server.

use tonic::{Request, Response, Status};

use crate::proto::version::VersionMessage;
use crate::proto::version::version_service_server::VersionService;

/// The service that returns this program's version.
pub(super) struct VersionServer;

#[tonic::async_trait]
impl VersionService for VersionServer {
    async fn version(&self, _: Request<()>) -> Result<Response<VersionMessage>, Status> {
        Ok(Response::new(VersionMessage {
            version: format!("site-cmp v{}", env!("CARGO_PKG_VERSION")),
            compiler: "rustc".to_owned(),
            platform: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
            ..VersionMessage::default()
        }))
    }
}
