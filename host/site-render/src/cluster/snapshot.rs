//! The file that keeps a cluster's versions: read with places, written without a time, so
//! that a refresh which changes nothing changes no byte.

use std::collections::BTreeSet;

use super::{FILE, MOST_APIS, is_api, kube_version};
use crate::codes;
use crate::environment::{API_VERSION, header};
use crate::fields::Fields;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems, Stage, clip_text};
use crate::node_builder::{list, map, text};
use crate::origin::Place;
use crate::request::Cluster;
use crate::sources;
use crate::tree;
use crate::yaml;

type Result<T> = std::result::Result<T, Box<Finding>>;

const KIND: &str = "ClusterSnapshot";
const KEYS: &[&str] = &["apiVersion", "kind", "metadata", "kubeVersion", "apiVersions"];

/// The first line of a file that we write.
const HEAD: &str = "# What `cmp cluster snapshot` saw: run it again instead of editing this.\n";

/// How much of a wrong text a message shows, in characters.
const SHOWN: usize = 60;

/// What Git keeps of a cluster.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) cluster: Cluster,
    /// Where its version stands.
    pub(super) place: Option<Place>,
    pub(super) warnings: Vec<Finding>,
}

/// The snapshot in a folder of the fleet, if it keeps one.
pub(super) fn read(
    files: &FleetFiles,
    folder: &str,
) -> std::result::Result<Option<Snapshot>, Problems> {
    let path = format!("{folder}/{FILE}");
    // A profile from beside the fleet may be called anything.
    if tree::clean(&path).is_err() {
        return Ok(None);
    }
    let parsed = match sources::read_document(&files.world, files.tree(), &path, &path) {
        Ok(parsed) => parsed,
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(error.into_finding(&path, None).into()),
    };
    let top = Fields::of(&parsed.root, "a snapshot of a cluster", Stage::Inputs)?;
    header(&top, KIND, folder.rsplit('/').next().unwrap_or_default())?;
    let (version, place) = version(&top)?;
    let mut warnings = parsed.warnings.clone();
    warnings.extend(top.unknown(KEYS));
    let cluster = Cluster { kube_version: Some(version), api_versions: apis(&top)? };
    Ok(Some(Snapshot { cluster, place, warnings }))
}

fn version(top: &Fields<'_>) -> Result<(String, Option<Place>)> {
    let said = top.required("kubeVersion")?;
    let place = top.get("kubeVersion").and_then(|node| node.origin.place());
    match kube_version(said) {
        Some(version) => Ok((version.to_owned(), place)),
        None => Err(wrong(format!("`{}` is no version of Kubernetes", clip_text(said, SHOWN)))
            .at(place)
            .hint("write it as the server does, such as 1.33.4")
            .into()),
    }
}

fn apis(top: &Fields<'_>) -> Result<Vec<String>> {
    const KEY: &str = "apiVersions";
    let node = top.node().get(KEY).unwrap_or(top.node());
    let texts = top.texts(KEY)?;
    if texts.is_empty() {
        let finding = wrong("`apiVersions` lists no API, and every cluster has some");
        return Err(finding
            .at(node.origin.key_place())
            .hint("`cmp cluster snapshot` writes the list")
            .into());
    }
    if texts.len() > MOST_APIS {
        let message = format!("{} APIs are more than the {MOST_APIS} allowed", texts.len());
        return Err(wrong(message).at(node.origin.key_place()).into());
    }
    let items = node.as_sequence().unwrap_or_default();
    match texts.iter().zip(items).find(|(api, _)| !is_api(api)) {
        None => Ok(texts.into_iter().map(str::to_owned).collect()),
        Some((api, node)) => Err(wrong(format!("`{}` is no API", clip_text(api, SHOWN)))
            .at(node.origin.place())
            .hint("write GROUP/VERSION or GROUP/VERSION/KIND, such as apps/v1/Deployment")
            .into()),
    }
}

fn wrong(message: impl Into<String>) -> Finding {
    codes::CLUSTER_SNAPSHOT.finding(message)
}

/// The text of a snapshot, its APIs sorted and each once.
pub fn write(kube_version: &str, apis: &BTreeSet<String>) -> String {
    let document = map([
        ("apiVersion", text(API_VERSION)),
        ("kind", text(KIND)),
        ("kubeVersion", text(kube_version)),
        ("apiVersions", list(apis.iter().map(text))),
    ]);
    format!("{HEAD}{}", yaml::write(&document, &|_, _| None))
}
