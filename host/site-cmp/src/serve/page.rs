//! The page of metrics, on an address of the operator's choice and on none by default.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

use super::machine;
use super::service::Server;
use crate::codes;
use crate::exit::CommandError;

/// The form of the page: OpenMetrics 1.0.0.
const FORM: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Listens, and gives the address with the port that it got.
pub(super) async fn listen(
    address: Option<SocketAddr>,
    server: Arc<Server>,
) -> Result<Option<SocketAddr>, CommandError> {
    let Some(address) = address else {
        return Ok(None);
    };
    let refused = |error: std::io::Error| {
        machine(&codes::SERVER_METRICS, format!("cannot listen on {address} for metrics: {error}"))
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let page = move || {
        let server = server.clone();
        async move { ([(CONTENT_TYPE, FORM)], server.page()) }
    };
    let router = Router::new().route("/metrics", get(page));
    // It ends with the process; a fault of its own must not end anything else.
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Some(bound))
}
