//! A stand-in for traces in a build without the feature `otlp`.

use tonic::metadata::MetadataMap;
use tracing::Span;
use tracing_subscriber::layer::Identity;

use crate::exit::CommandError;

/// The absent exporter of traces.
pub(super) struct Traces;

impl Traces {
    #[expect(clippy::unnecessary_wraps, reason = "with traces it can fail")]
    pub(super) fn start() -> Result<Self, CommandError> {
        Ok(Self)
    }

    #[expect(clippy::unused_self, reason = "with traces it has something to give")]
    pub(super) fn layer(&self) -> Identity {
        Identity::new()
    }
}

/// Returns an empty span.
pub(super) fn span(_method: &'static str, _metadata: &MetadataMap) -> Span {
    Span::none()
}
