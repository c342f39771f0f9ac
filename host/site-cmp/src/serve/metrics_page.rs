//! The metrics page, on the address that the operator chooses; without one it is not served.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

use super::environment_error;
use super::service::Server;
use crate::codes;
use crate::exit::CommandError;

/// The format of the page: OpenMetrics 1.0.0.
const FORM: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves the page and returns its address with the port that the system assigned.
pub(super) async fn serve_metrics(
    address: Option<SocketAddr>,
    server: Arc<Server>,
) -> Result<Option<SocketAddr>, CommandError> {
    let Some(address) = address else {
        return Ok(None);
    };
    let refused = |error: std::io::Error| {
        environment_error(
            &codes::SERVER_METRICS,
            format!("cannot listen on {address} for metrics: {error}"),
        )
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let page = move || {
        let server = server.clone();
        async move { ([(CONTENT_TYPE, FORM)], server.metrics_page()) }
    };
    let router = Router::new().route("/metrics", get(page));
    // It ends with the process. An error of the page must not stop the plugin server, so it is
    // not awaited.
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Some(bound))
}
