//! The version service, as Argo CD's own plugin server has it: what runs here.

use tonic::{Request, Response, Status};

use super::proto::version::VersionMessage;
use super::proto::version::version_service_server::VersionService;

/// Answers with this program's version.
pub(super) struct Version;

#[tonic::async_trait]
impl VersionService for Version {
    async fn version(&self, _: Request<()>) -> Result<Response<VersionMessage>, Status> {
        Ok(Response::new(VersionMessage {
            version: format!("site-cmp v{}", env!("CARGO_PKG_VERSION")),
            compiler: "rustc".to_owned(),
            platform: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
            ..VersionMessage::default()
        }))
    }
}
