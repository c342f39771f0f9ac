//! Reads and writes the snapshot of a cluster's versions. It contains no time, so a refresh
//! without new versions changes no byte.

use std::collections::BTreeSet;

use super::{FILE, MOST_APIS, is_api, kube_version};
use crate::codes;
use crate::environment::{API_VERSION, check_header};
use crate::fields::Fields;
use crate::files::FleetFiles;
use crate::finding::FindingResult as Result;
use crate::finding::{Finding, Problems, Stage, clip_text};
use crate::gate::Destination;
use crate::keys::CLUSTER;
use crate::node_builder::{list, map, text};
use crate::origin::Location;
use crate::request::Cluster;
use crate::sources;
use crate::tree;
use crate::yaml;

const KIND: &str = "ClusterSnapshot";

/// The first line of a file that we write.
const HEAD: &str =
    "# Written by `cmp cluster snapshot`: run it again instead of editing this file.\n";

/// The longest part of an invalid text that a message shows, in characters.
const MAX_SHOWN: usize = 60;

/// A snapshot of a cluster, as Git holds it.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) cluster: Cluster,
    /// The place of its version.
    pub(super) place: Option<Location>,
    /// The cluster that the profile named when it was written.
    pub(super) destination: Option<Destination>,
    pub(super) warnings: Vec<Finding>,
}

/// Reads the snapshot in a folder of the fleet, if there is one.
pub(super) fn read(
    files: &FleetFiles,
    folder: &str,
) -> std::result::Result<Option<Snapshot>, Problems> {
    let path = format!("{folder}/{FILE}");
    // A profile outside of the fleet may have any name, so its path need not be valid.
    if tree::clean(&path).is_err() {
        return Ok(None);
    }
    let parsed = match sources::read_document(&files.world, files.tree(), &path, &path) {
        Ok(parsed) => parsed,
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(error.into_finding(&path, None).into()),
    };
    let top = Fields::of(&parsed.root, "a snapshot of a cluster", CLUSTER.table, Stage::Inputs)?;
    check_header(&top, KIND, folder.rsplit('/').next().unwrap_or_default())?;
    let (version, place) = read_version(&top)?;
    let mut warnings = parsed.warnings.clone();
    warnings.extend(top.unknown(&[]));
    let cluster = Cluster { kube_version: Some(version), api_versions: read_apis(&top)? };
    let destination = top.text("cluster")?.map(Destination::parse);
    Ok(Some(Snapshot { cluster, place, destination, warnings }))
}

fn read_version(top: &Fields<'_>) -> Result<(String, Option<Location>)> {
    let written = top.required("kubeVersion")?;
    let place = top.place("kubeVersion");
    match kube_version(written) {
        Some(version) => Ok((version.to_owned(), place)),
        None => Err(invalid(format!(
            "`{}` is not a valid version of Kubernetes",
            clip_text(written, MAX_SHOWN)
        ))
        .at(place)
        .hint("write it as the server does, such as 1.33.4")
        .into()),
    }
}

fn read_apis(top: &Fields<'_>) -> Result<Vec<String>> {
    const KEY: &str = "apiVersions";
    let node = top.node().get(KEY).unwrap_or(top.node());
    let texts = top.texts(KEY)?;
    if texts.is_empty() {
        let finding = invalid("`apiVersions` is empty, but every cluster has APIs");
        return Err(finding
            .at(node.origin.key_place())
            .hint("`cmp cluster snapshot` writes the list")
            .into());
    }
    if texts.len() > MOST_APIS {
        let message = format!("{} APIs are more than the {MOST_APIS} allowed", texts.len());
        return Err(invalid(message).at(node.origin.key_place()).into());
    }
    let items = node.as_sequence().unwrap_or_default();
    match texts.iter().zip(items).find(|(api, _)| !is_api(api)) {
        None => Ok(texts.into_iter().map(str::to_owned).collect()),
        Some((api, node)) => {
            Err(invalid(format!("`{}` is not a valid API", clip_text(api, MAX_SHOWN)))
                .at(node.origin.place())
                .hint("write GROUP/VERSION or GROUP/VERSION/KIND, such as apps/v1/Deployment")
                .into())
        }
    }
}

fn invalid(message: impl Into<String>) -> Finding {
    codes::CLUSTER_SNAPSHOT.finding(message)
}

/// Returns the text of a snapshot, with its APIs sorted and without duplicates. A site's names the
/// cluster that the profile names.
pub fn write(
    kube_version: &str,
    apis: &BTreeSet<String>,
    destination: Option<&Destination>,
) -> String {
    let cluster = destination.map(|cluster| ("cluster", text(cluster.as_str())));
    let document = map([("apiVersion", text(API_VERSION)), ("kind", text(KIND))]
        .into_iter()
        .chain(cluster)
        .chain([
            ("kubeVersion", text(kube_version)),
            ("apiVersions", list(apis.iter().map(text))),
        ]));
    format!("{HEAD}{}", yaml::write(&document, &|_| None))
}
