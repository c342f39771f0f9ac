//! A server of a few pages, for clients that are real.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};

/// What stands at a path, if anything does.
type Pages = dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync;

/// Serves pages for as long as the tests run; gives its address.
pub(super) fn serve(pages: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let pages: Arc<Pages> = Arc::new(pages);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = pages.clone();
            thread::spawn(move || answer(&stream, &*pages));
        }
    });
    address
}

/// Answers one request; a client that hangs up has lost interest.
fn answer(mut stream: &TcpStream, pages: &Pages) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = first.split(' ').nth(1).unwrap_or_default();
    let (status, body) = match pages(path.split('?').next().unwrap_or_default()) {
        Some(body) => ("200 OK", body),
        None => ("503 Service Unavailable", unavailable()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
}

fn unavailable() -> Vec<u8> {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure",
        "message": "the server is currently unable to handle the request",
        "reason": "ServiceUnavailable", "code": 503});
    status.to_string().into_bytes()
}

/// An API server with this version and these APIs, named as a snapshot names them.
pub(super) fn api_server(version: &str, apis: &[impl ToString]) -> String {
    let (version, apis) =
        (version.to_owned(), apis.iter().map(ToString::to_string).collect::<Vec<_>>());
    serve(move |path| document(path, &version, &apis).map(|page| page.to_string().into_bytes()))
}

fn document(path: &str, version: &str, apis: &[String]) -> Option<Value> {
    let is_group = |api: &&String| {
        let parts: Vec<&str> = api.split('/').collect();
        parts.len() == 2 && parts[0] != "v1"
    };
    match path {
        "/version" => Some(json!({"major": "1", "minor": "33+", "gitVersion": version})),
        "/api" => Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => {
            let groups: Vec<Value> = apis
                .iter()
                .filter(is_group)
                .map(|api| {
                    let (group, version) = api.split_once('/').unwrap();
                    json!({"name": group, "versions": [{"groupVersion": api, "version": version}]})
                })
                .collect();
            Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
        }
        _ => {
            let group = path.strip_prefix("/apis/").or_else(|| path.strip_prefix("/api/"))?;
            if !apis.iter().any(|api| api == group) {
                return None;
            }
            let below = format!("{group}/");
            let kinds = apis.iter().filter_map(|api| api.strip_prefix(&below));
            let resources: Vec<Value> =
                kinds.map(|kind| json!({"name": kind.to_lowercase(), "namespaced": true, "kind": kind, "verbs": ["list"]})).collect();
            Some(
                json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": resources}),
            )
        }
    }
}
