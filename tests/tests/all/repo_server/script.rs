//! Streams of messages straight at a plugin's socket, right and wrong ones.

use serde_json::{Value, json};
use site_cmp_tests::Scratch;

use super::APP;
use super::archive::Archive;
use crate::argo::{Answer, Argo, Plugin};

/// Bytes that repo-server sends in a message.
pub(super) const PIECE: usize = 1024;

/// The plugin that serves itself, alone; none where the peer is missing.
pub(super) fn alone(limits: &str) -> Option<(Argo, Plugin)> {
    let argo = Argo::new()?;
    let limits = argo.file("limits.yaml", format!("tier: lean\n{limits}"));
    let plugin = argo.serve(&["--limits", limits.to_str().unwrap()], &[]);
    Some((argo, plugin))
}

/// The example fleet, packed.
pub(super) fn example() -> Vec<u8> {
    Archive::of(&Scratch::new().path()).packed()
}

/// The first message of a good stream.
pub(super) fn opening(archive: &[u8], folder: &str) -> Value {
    opening_with(archive, folder, &[])
}

/// The same, with variables.
pub(super) fn opening_with(archive: &[u8], folder: &str, env: &[(&str, &str)]) -> Value {
    let entry = |(name, value): &(&str, &str)| json!({ "name": name, "value": value });
    json!({ "metadata": {
        "appName": folder.rsplit('/').next(),
        "appRelPath": folder,
        "checksum": site_render::sha256(archive),
        "size": archive.len(),
        "env": env.iter().map(entry).collect::<Vec<_>>(),
    }})
}

/// The other messages: bytes in pieces.
pub(super) fn pieces(argo: &Argo, bytes: &[u8], piece: usize) -> Value {
    let file = argo.file(&format!("{}.bytes", site_render::sha256(bytes)), bytes);
    json!({ "file": file, "piece": piece })
}

/// Sends an archive as repo-server does, for an application's folder.
pub(super) fn send(argo: &Argo, plugin: &Plugin, archive: &[u8], folder: &str) -> Answer {
    plugin.stream(&[opening(archive, folder), pieces(argo, archive, PIECE)], &[])
}

/// Sends it with variables, for the usual folder.
pub(super) fn send_with(
    argo: &Argo,
    plugin: &Plugin,
    archive: &[u8],
    env: &[(&str, &str)],
) -> Answer {
    plugin.stream(&[opening_with(archive, APP, env), pieces(argo, archive, PIECE)], &[])
}

/// Holds an answer to be a refusal that repo-server would have got to read.
pub(super) fn refused<'a>(answer: &'a Answer, code: &str, words: &[&str]) -> &'a str {
    assert!(answer.get("send_error").is_null(), "the answer came too early: {answer:?}");
    assert_eq!(answer.code(), code, "{answer:?}");
    answer.says(words);
    let error = answer.error();
    assert!(error.starts_with("error["), "{error}");
    assert!(error.len() <= 4096, "{} bytes", error.len());
    error
}
