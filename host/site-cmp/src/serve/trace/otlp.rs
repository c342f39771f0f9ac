//! Traces by OTLP: one span for each call, in the caller's trace. They are sent only if
//! `OTEL_EXPORTER_OTLP_ENDPOINT` is set; the other variables of OpenTelemetry's exporters take
//! effect too.

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tonic::metadata::MetadataMap;
use tracing::{Span, Subscriber, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::codes;
use crate::exit::CommandError;
use crate::globals::variable;
use crate::serve::environment_error;

/// The exporter of traces, which sends the remaining ones on drop.
pub(super) struct Traces(Option<SdkTracerProvider>);

impl Traces {
    pub(super) fn start() -> Result<Self, CommandError> {
        if variable("OTEL_EXPORTER_OTLP_ENDPOINT").is_none() {
            return Ok(Self(None));
        }
        let exporter = SpanExporter::builder().with_tonic().build().map_err(|error| {
            environment_error(&codes::SERVER_TRACES, format!("cannot send traces: {error}"))
        })?;
        let resource = Resource::builder().with_service_name("site-cmp").build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(Some(provider)))
    }

    pub(super) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let provider = self.0.as_ref()?;
        Some(tracing_opentelemetry::layer().with_tracer(provider.tracer("site-cmp")))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            // The process is ending, so an error cannot be reported.
            let _ = provider.shutdown();
        }
    }
}

/// Returns the span of a call, as a child of the caller's span if it sent one (`traceparent`).
pub(super) fn span(method: &'static str, metadata: &MetadataMap) -> Span {
    let span = info_span!("call", otel.name = method, otel.kind = "server");
    let caller = TraceContextPropagator::new().extract(&Carrier(metadata));
    // It fails without a collector, where no span is exported anyway.
    let _ = span.set_parent(caller);
    span
}

struct Carrier<'a>(&'a MetadataMap);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}
