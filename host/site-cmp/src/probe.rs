//! One call to a plugin server, as its probe makes it: a fleet of three small files with
//! one site, whose gate is closed. It goes through stream, unpacking, reading and render,
//! and needs no policy, which an operator may not allow.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper_util::rt::TokioIo;
use site_render::sha256;
use tokio::net::UnixStream;
use tonic::Status;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

use crate::codes;
use crate::exit::CommandError;
use crate::serve::proto::plugin::app_stream_request::Request as Part;
use crate::serve::proto::plugin::config_management_plugin_service_client::ConfigManagementPluginServiceClient;
use crate::serve::proto::plugin::{AppStreamRequest, EnvEntry, File, ManifestRequestMetadata};

/// The fleet, as path and text.
pub(crate) const FLEET: [(&str, &str); 3] = [
    ("policies.lock", "version: 1\npolicies: {}\n"),
    (
        "environments/probe/environment.yaml",
        "apiVersion: site-cmp/v1\nkind: Environment\nmetadata: {name: probe}\ncomponents:\n  probe:\n    \
         chart: {name: probe, repository: https://charts.example.net, version: 1.0.0}\n    \
         release: probe\n    namespace: probe\n    project: probe\n",
    ),
    (
        "sites/probe/profile.yaml",
        "apiVersion: site-cmp/v1\nkind: SiteProfile\nmetadata: {name: probe}\nenvironment: probe\nsite: {enabled: false}\n",
    ),
];

/// Asks, and gives how long the answer took.
pub(crate) fn ask(socket: &Path, within: Duration) -> Result<Duration, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| sick(socket, &error.to_string()))?;
    let archive = archive().map_err(|error| sick(socket, &error.to_string()))?;
    let started = Instant::now();
    let asked = async { tokio::time::timeout(within, call(socket.to_owned(), archive)).await };
    match runtime.block_on(asked) {
        Ok(Ok(manifests)) if is_right(&manifests) => Ok(started.elapsed()),
        Ok(Ok(manifests)) => {
            let message = format!("its answer to a canned render is wrong: {manifests:?}");
            Err(sick(socket, &message))
        }
        Ok(Err(status)) => Err(sick(socket, &status)),
        Err(_late) => Err(sick(socket, &format!("no answer within {} s", within.as_secs()))),
    }
}

/// The marker of a closed gate, and nothing else.
fn is_right(manifests: &[String]) -> bool {
    let [manifest] = manifests else { return false };
    let manifest: Result<serde_json::Value, _> = serde_json::from_str(manifest);
    manifest.is_ok_and(|object| {
        object["kind"] == "ConfigMap" && object["data"]["reason"] == "site.enabled is false"
    })
}

async fn call(socket: PathBuf, archive: Vec<u8>) -> Result<Vec<String>, String> {
    let channel = connect(socket).await.map_err(|error| causes(&error))?;
    let mut plugin = ConfigManagementPluginServiceClient::new(channel);
    let said = |status: Status| format!("{:?}: {}", status.code(), status.message());
    let checked = plugin.check_plugin_configuration(()).await.map_err(said)?.into_inner();
    if checked.is_discovery_configured || checked.provide_git_creds {
        return Err("it asks for discovery or credentials, so it is another plugin".to_owned());
    }
    let answer = plugin.generate_manifest(tokio_stream::iter(stream(archive))).await;
    Ok(answer.map_err(said)?.into_inner().manifests)
}

async fn connect(socket: PathBuf) -> Result<Channel, tonic::transport::Error> {
    // The address is nobody's: the connector knows the socket.
    let connector = service_fn(move |_: Uri| {
        let socket = socket.clone();
        async move { UnixStream::connect(socket).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}

/// The messages of the call, as repo-server sends them.
pub(crate) fn stream(archive: Vec<u8>) -> [AppStreamRequest; 2] {
    let variable = |name: &str, value: &str| EnvEntry { name: name.into(), value: value.into() };
    let metadata = ManifestRequestMetadata {
        app_name: "probe".to_owned(),
        app_rel_path: "sites/probe".to_owned(),
        checksum: sha256(&archive),
        size: i64::try_from(archive.len()).unwrap_or_default(),
        env: vec![variable("ARGOCD_APP_NAME", "probe")],
    };
    let file = File { chunk: archive.into() };
    [Part::Metadata(metadata), Part::File(file)]
        .map(|part| AppStreamRequest { request: Some(part) })
}

/// The fleet as repo-server packs it.
pub(crate) fn archive() -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in FLEET {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, text.as_bytes())?;
    }
    let mut packed = builder.into_inner()?;
    packed.flush()?;
    packed.finish()
}

/// An error with its causes: the first of them says but "transport error".
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

fn sick(socket: &Path, why: &str) -> CommandError {
    let message = format!("the plugin server on {} is not well: {why}", socket.display());
    CommandError::environment(&codes::SERVER_HEALTH, message)
}
