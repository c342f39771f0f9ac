//! The probe of a plugin server: one call with a fleet of three small files and one disabled
//! site. It goes through the stream, the unpacking and the render. It needs no policy, because
//! an operator may allow only certain ones.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper_util::rt::TokioIo;
use site_render::sha256;
use tokio::net::UnixStream;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

use crate::codes;
use crate::exit::CommandError;
use crate::proto::plugin::app_stream_request::Request as Part;
use crate::proto::plugin::config_management_plugin_service_client::ConfigManagementPluginServiceClient;
use crate::proto::plugin::{AppStreamRequest, EnvEntry, File, ManifestRequestMetadata};

/// The start of the user agent of a probe, by which the server recognises it.
const USER_AGENT: &str = "site-cmp-health";

/// The files of the fleet, as path and text.
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

/// Sends the call and returns how long the answer took.
pub(crate) fn probe_server(socket: &Path, within: Duration) -> Result<Duration, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| health_error(socket, &error.to_string()))?;
    let archive = pack_fleet().map_err(|error| health_error(socket, &error.to_string()))?;
    let started = Instant::now();
    let answer =
        async { tokio::time::timeout(within, call_server(socket.to_owned(), archive)).await };
    match runtime.block_on(answer) {
        Ok(Ok(manifests)) if is_right(&manifests) => Ok(started.elapsed()),
        Ok(Ok(manifests)) => {
            let message = format!("its answer to the built-in render is wrong: {manifests:?}");
            Err(health_error(socket, &message))
        }
        Ok(Err(status)) => Err(health_error(socket, &status)),
        Err(_late) => {
            Err(health_error(socket, &format!("no answer within {} s", within.as_secs())))
        }
    }
}

/// Returns whether the answer is exactly the ConfigMap of a disabled site.
fn is_right(manifests: &[String]) -> bool {
    let [manifest] = manifests else { return false };
    let manifest: Result<serde_json::Value, _> = serde_json::from_str(manifest);
    manifest.is_ok_and(|object| {
        object["kind"] == "ConfigMap" && object["data"]["reason"] == "site.enabled is false"
    })
}

/// Checks the plugin's configuration and sends the call.
async fn call_server(socket: PathBuf, archive: Vec<u8>) -> Result<Vec<String>, String> {
    let channel = connect_socket(socket).await.map_err(|error| error_chain(&error))?;
    let mut plugin = ConfigManagementPluginServiceClient::new(channel);
    let describe = |status: Status| format!("{:?}: {}", status.code(), status.message());
    let checked = plugin.check_plugin_configuration(()).await.map_err(describe)?.into_inner();
    if checked.is_discovery_configured || checked.provide_git_creds {
        let why = "it asks Argo CD for discovery or Git credentials, so it is another plugin";
        return Err(why.to_owned());
    }
    let answer = plugin.generate_manifest(tokio_stream::iter(call_messages(archive))).await;
    Ok(answer.map_err(describe)?.into_inner().manifests)
}

/// Returns whether a call is a probe.
pub(crate) fn is_probe(metadata: &MetadataMap) -> bool {
    let agent = metadata.get("user-agent").and_then(|agent| agent.to_str().ok());
    agent.is_some_and(|agent| agent.starts_with(USER_AGENT))
}

/// Connects to the plugin socket.
async fn connect_socket(socket: PathBuf) -> Result<Channel, tonic::transport::Error> {
    // tonic needs an address, but the connector ignores it and uses the socket.
    let connector = service_fn(move |_: Uri| {
        let socket = socket.clone();
        async move { UnixStream::connect(socket).await.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://localhost").user_agent(USER_AGENT)?;
    endpoint.connect_with_connector(connector).await
}

/// Returns the messages of the call as the repo-server sends them.
pub(crate) fn call_messages(archive: Vec<u8>) -> [AppStreamRequest; 2] {
    let variable = |name: &str, value: &str| EnvEntry { name: name.into(), value: value.into() };
    // Each probe is another call, for which no worker has kept an answer.
    let number = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let number = number.as_nanos().to_string();
    let metadata = ManifestRequestMetadata {
        app_name: "probe".to_owned(),
        app_rel_path: "sites/probe".to_owned(),
        checksum: sha256(&archive),
        size: i64::try_from(archive.len()).unwrap_or_default(),
        env: vec![variable("ARGOCD_APP_NAME", "probe"), variable("ARGOCD_ENV_PROBE", &number)],
    };
    let file = File { chunk: archive.into() };
    [Part::Metadata(metadata), Part::File(file)]
        .map(|part| AppStreamRequest { request: Some(part) })
}

/// Packs the fleet as the repo-server does.
pub(crate) fn pack_fleet() -> std::io::Result<Vec<u8>> {
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

/// Joins an error with its causes: tonic's own message is only "transport error".
fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

fn health_error(socket: &Path, why: &str) -> CommandError {
    let message = format!("the plugin server on {} is not healthy: {why}", socket.display());
    CommandError::environment(&codes::SERVER_HEALTH, message)
}
