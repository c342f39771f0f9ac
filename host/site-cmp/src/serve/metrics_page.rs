//! The metrics page, on the address that the operator chooses; without one it is not served. Its
//! connections use file descriptors that the plugin socket needs, so they are few and short.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::environment_error;
use super::service::Server;
use crate::codes;
use crate::exit::CommandError;

/// The format of the page: OpenMetrics 1.0.0.
const FORM: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The most connections to the page. Further ones wait in the socket's backlog.
const CONNECTIONS: usize = 16;

/// The time of a connection: to send one request, and to read the page.
const LONGEST: Duration = Duration::from_secs(10);

/// The time after which accepting is tried again when it failed.
const RETRY: Duration = Duration::from_secs(1);

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
    tokio::spawn(accept_connections(listener, router));
    Ok(Some(bound))
}

async fn accept_connections(listener: TcpListener, router: Router) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(permit) = room.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve_connection(stream, router.clone(), permit));
            }
            // Most likely no file descriptor is left: accepting at once again would fail again.
            Err(_) => sleep(RETRY).await,
        }
    }
}

/// Serves one request.
async fn serve_connection(stream: TcpStream, router: Router, _permit: OwnedSemaphorePermit) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().keep_alive(false);
    let served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A caller that is late or gone gets no answer.
    let _ = timeout(LONGEST, served).await;
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silent_connections_end_and_leave_room_for_others() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/metrics", get(|| async { "a page" }));
        tokio::spawn(accept_connections(listener, router));
        let start = Instant::now();
        let mut silent = Vec::new();
        for _ in 0..CONNECTIONS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let mut other = TcpStream::connect(address).await.unwrap();
        other.write_all(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        other.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("a page"), "{answer}");
        assert!(start.elapsed() >= LONGEST, "it waited for room");
        for mut stream in silent {
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "it is closed");
        }
    }
}
