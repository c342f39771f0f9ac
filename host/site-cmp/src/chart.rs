//! Reads a local Helm chart, a folder or an archive: its name, version, default values and
//! schema. An archive is read in memory; nothing is unpacked to a disk.

mod chart_archive;
mod subcharts;

use std::path::Path;
use std::sync::Arc;

use site_render::charts::Chart;
use site_render::finding::Finding;
use site_render::tree::{Tree, TreeError};
use site_render::value::Node;
use site_render::yaml;

use crate::codes;
use crate::folder::Folder;

/// Helm's own limit on a file of a chart.
const FILE_BYTES: u64 = 5 << 20;

/// The files that are read of a chart and of its subcharts, and of the chart alone.
const FILES: [&str; 3] = ["Chart.yaml", "values.yaml", "requirements.yaml"];
const SCHEMA: &str = "values.schema.json";

/// Reads a chart; `may_differ` says that it need not be the one that the environment names.
pub fn read(path: &Path, may_differ: bool) -> Result<Chart, Box<Finding>> {
    let shown = path.to_string_lossy().into_owned();
    let tree: Box<dyn Tree> = if path.is_dir() {
        let folder = Folder::open(path)
            .map_err(|error| chart_error(format!("cannot open the chart {shown}: {error}")))?;
        Box::new(folder)
    } else {
        Box::new(chart_archive::open_archive(path)?)
    };
    let schema = match read_file(tree.as_ref(), &shown, SCHEMA)? {
        Some(bytes) => Some(
            serde_json::from_slice(&bytes)
                .map_err(|error| chart_error(format!("{shown}/{SCHEMA} is not JSON: {error}")))?,
        ),
        None => None,
    };
    let defaults = subcharts::read_defaults(tree.as_ref(), &shown, 0)?;
    Ok(Chart { defaults, schema, location: shown, may_differ })
}

/// Reads a file of a chart, if it exists.
fn read_file(tree: &dyn Tree, chart: &str, name: &str) -> Result<Option<Arc<[u8]>>, Box<Finding>> {
    match tree.read(name, FILE_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(TreeError::Missing) => Ok(None),
        Err(error) => Err(chart_error(format!("{chart}/{name}: {error}"))),
    }
}

/// Parses a YAML file of a chart.
fn read_document(chart: &str, name: &str, bytes: &[u8]) -> Result<Node, Box<Finding>> {
    let file = yaml::decode(&format!("{chart}/{name}"), bytes)?;
    Ok(yaml::read(&file)?.root)
}

/// Returns a non-empty string of Chart.yaml.
fn required_text(about: &Node, key: &str, chart: &str) -> Result<String, Box<Finding>> {
    let value = about.get(key);
    match value.and_then(Node::as_text) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => {
            let place = value.unwrap_or(about).origin.place();
            let message =
                format!("Chart.yaml of {chart} must have a {key} that is a non-empty string");
            Err(Box::new((*chart_error(message)).at(place)))
        }
    }
}

fn chart_error(message: String) -> Box<Finding> {
    Box::new(codes::INPUTS_CHART.finding(message))
}
